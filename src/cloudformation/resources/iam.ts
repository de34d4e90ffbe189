import { createHash } from 'node:crypto';
import type { ValueMap } from '../../template/value.ts';
import { declareProperties, PropertyReader } from '../properties.ts';
import type { RecordType, ResourceContext } from '../resource-type.ts';
import { keptType } from './kept.ts';

/** An id of IAM's form, one for each ARN: `AROA` and 17 characters. */
export function uniqueId(prefix: string, arn: string): string {
  return `${prefix}${createHash('sha256').update(arn).digest('hex').toUpperCase().slice(0, 17)}`;
}

function arnOf({ action }: ResourceContext, kind: string, name: string, properties: ValueMap): string {
  const path = new PropertyReader(properties).text('Path') ?? '/';
  return `arn:aws:iam::${action.account}:${kind}${path}${name}`;
}

/** Instances get the credentials of a role by the name of their profile; what its policies say is not evaluated. */
const role = keptType({
  name: 'AWS::IAM::Role',
  properties: declareProperties({
    AssumeRolePolicyDocument: 'Json!',
    Description: 'String',
    ManagedPolicyArns: 'List',
    MaxSessionDuration: 'Integer',
    Path: 'String replace',
    PermissionsBoundary: 'String',
    Policies: 'List',
    RoleName: 'String replace',
    Tags: 'List',
  }),
  attributes: ['Arn', 'RoleId'],
  nameProperty: 'RoleName',
  attributesOf(context, name, properties) {
    const arn = arnOf(context, 'role', name, properties);
    return { Arn: arn, RoleId: uniqueId('AROA', arn) };
  },
});

const policy = keptType({
  name: 'AWS::IAM::Policy',
  properties: declareProperties({
    PolicyName: 'String!',
    PolicyDocument: 'Json!',
    Groups: 'List',
    Roles: 'List',
    Users: 'List',
  }),
  attributes: ['Id'],
  attributesOf: (_, name) => ({ Id: name }),
});

/** A managed policy is known by its ARN. */
const managedPolicy = keptType({
  name: 'AWS::IAM::ManagedPolicy',
  properties: declareProperties({
    PolicyDocument: 'Json!',
    Description: 'String replace',
    Groups: 'List',
    ManagedPolicyName: 'String replace',
    Path: 'String replace',
    Roles: 'List',
    Users: 'List',
  }),
  attributes: [
    'AttachmentCount',
    'DefaultVersionId',
    'IsAttachable',
    'PermissionsBoundaryUsageCount',
    'PolicyArn',
    'PolicyId',
  ],
  nameOf(context, properties) {
    const name = new PropertyReader(properties).text('ManagedPolicyName') ?? context.placement.generatedName;
    return arnOf(context, 'policy', name, properties);
  },
  attributesOf(_, arn, properties) {
    const read = new PropertyReader(properties);
    const attached = ['Groups', 'Roles', 'Users'].flatMap((name) => read.texts(name)).length;
    return {
      AttachmentCount: attached,
      DefaultVersionId: 'v1',
      IsAttachable: true,
      PermissionsBoundaryUsageCount: 0,
      PolicyArn: arn,
      PolicyId: uniqueId('ANPA', arn),
    };
  },
});

const instanceProfile = keptType({
  name: 'AWS::IAM::InstanceProfile',
  properties: declareProperties({
    Roles: 'List!',
    InstanceProfileName: 'String replace',
    Path: 'String replace',
  }),
  attributes: ['Arn'],
  nameProperty: 'InstanceProfileName',
  attributesOf: (context, name, properties) => ({
    Arn: arnOf(context, 'instance-profile', name, properties),
  }),
});

/** What IAM has, kept and not acted on. */
export const iamTypes: readonly RecordType[] = [role, policy, managedPolicy, instanceProfile];
