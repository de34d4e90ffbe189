import { createHash } from 'node:crypto';
import { declareProperties, invalidProperty } from '../properties.ts';
import type { RecordType, ResourceContext } from '../resource-type.ts';
import { keptType } from './kept.ts';

/** Nothing is logged into it, and nothing in it can be read: there is no CloudWatch here. */
const logGroup = keptType({
  name: 'AWS::Logs::LogGroup',
  properties: declareProperties({
    DataProtectionPolicy: 'Json',
    KmsKeyId: 'String',
    DeletionProtectionEnabled: 'Boolean',
    FieldIndexPolicies: 'List',
    LogGroupClass: 'String',
    LogGroupName: 'String replace',
    ResourcePolicyDocument: 'Json',
    RetentionInDays: 'Integer',
    Tags: 'List',
  }),
  attributes: ['Arn'],
  nameProperty: 'LogGroupName',
  attributesOf: ({ action: { region, account } }, name) => ({
    Arn: `arn:aws:logs:${region}:${account}:log-group:${name}:*`,
  }),
});

/** No image can be pushed to it. */
const repository = keptType({
  name: 'AWS::ECR::Repository',
  properties: declareProperties({
    EmptyOnDelete: 'Boolean',
    EncryptionConfiguration: 'Map replace',
    ImageScanningConfiguration: 'Map',
    ImageTagMutability: 'String',
    ImageTagMutabilityExclusionFilters: 'List',
    LifecyclePolicy: 'Map',
    RepositoryName: 'String replace',
    RepositoryPolicyText: 'Json',
    Tags: 'List',
  }),
  attributes: ['Arn', 'RepositoryUri'],
  nameProperty: 'RepositoryName',
  nameOf: ({ placement }) => placement.generatedName.toLowerCase(),
  attributesOf: ({ action: { region, account } }, name) => ({
    Arn: `arn:aws:ecr:${region}:${account}:repository/${name}`,
    RepositoryUri: `${account}.dkr.ecr.${region}.amazonaws.com/${name}`,
  }),
});

/** It encrypts nothing. */
const key = keptType({
  name: 'AWS::KMS::Key',
  properties: declareProperties({
    BypassPolicyLockoutSafetyCheck: 'Boolean',
    Description: 'String',
    EnableKeyRotation: 'Boolean',
    Enabled: 'Boolean',
    KeyPolicy: 'Json',
    KeySpec: 'String',
    KeyUsage: 'String',
    MultiRegion: 'Boolean',
    Origin: 'String',
    PendingWindowInDays: 'Integer',
    RotationPeriodInDays: 'Integer',
    Tags: 'List',
  }),
  attributes: ['Arn', 'KeyId'],
  nameOf: ({ action }) => uuidOf(action.newId('key')),
  attributesOf: ({ action: { region, account } }, id) => ({
    Arn: `arn:aws:kms:${region}:${account}:key/${id}`,
    KeyId: id,
  }),
});

/** An id of KMS's form. */
function uuidOf(unique: string): string {
  const digits = createHash('sha256').update(unique).digest('hex');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}

const alias = keptType({
  name: 'AWS::KMS::Alias',
  properties: declareProperties({ AliasName: 'String! replace', TargetKeyId: 'String!' }),
  attributes: [],
  nameProperty: 'AliasName',
});

/** The custom resources whose functions CDK writes into templates, and which Cloudcroft does itself. */
const PROVIDED =
  /^Custom(?:VpcRestrictDefaultSG|S3AutoDeleteObjects)CustomResourceProviderHandler[0-9A-F]{8}$/;

/** The function of such a custom resource is kept and never run; another one is refused, for nothing would run it. */
const lambdaFunction = keptType({
  name: 'AWS::Lambda::Function',
  properties: declareProperties({
    Code: 'Map!',
    Role: 'String!',
    Architectures: 'List',
    Description: 'String',
    Environment: 'Map',
    FunctionName: 'String replace',
    Handler: 'String',
    LoggingConfig: 'Map',
    MemorySize: 'Integer',
    Runtime: 'String',
    Tags: 'List',
    Timeout: 'Integer',
  }),
  attributes: ['Arn'],
  nameProperty: 'FunctionName',
  check({ placement: { logicalId } }: ResourceContext) {
    if (PROVIDED.test(logicalId)) return;
    throw invalidProperty(
      'Cloudcroft runs no Lambda functions. It keeps those that CDK makes for Custom::VpcRestrictDefaultSG and Custom::S3AutoDeleteObjects, and does their work itself.',
    );
  },
  attributesOf: ({ action: { region, account } }, name) => ({
    Arn: `arn:aws:lambda:${region}:${account}:function:${name}`,
  }),
});

/** What other services have, kept and not acted on. */
export const keptServiceTypes: readonly RecordType[] = [logGroup, repository, key, alias, lambdaFunction];
