import { describe, expect, it } from 'vitest';
import { runTypeCase, type TypeCase } from '../../../test/support/type-cases.ts';

const NAME = /^Net-Thing-1A2B3C4D5E6F$/;
const IAM = 'arn:aws:iam::123456789012';
const POLICY = { Version: '2012-10-17', Statement: [] };

/** What is kept of a resource, by its name. */
const keptOf =
  (type: string): NonNullable<TypeCase['update']>[1] =>
  ({ region }, id) =>
    JSON.parse(region.world.keptResources.get(`${type} ${id}`)?.properties ?? 'null');

const CASES: readonly TypeCase[] = [
  {
    type: 'AWS::IAM::Role',
    given: () => ({ AssumeRolePolicyDocument: POLICY, Path: '/ops/' }),
    id: NAME,
    attributes: () => ({
      Arn: `${IAM}:role/ops/Net-Thing-1A2B3C4D5E6F`,
      RoleId: expect.stringMatching(/^AROA[0-9A-F]{17}$/),
    }),
    update: [
      () => ({ Description: 'another' }),
      keptOf('AWS::IAM::Role'),
      { AssumeRolePolicyDocument: POLICY, Path: '/ops/', Description: 'another' },
    ],
    replaces: [{ RoleName: 'mine' }, { Path: '/' }],
  },
  {
    type: 'AWS::IAM::Policy',
    given: () => ({ PolicyName: 'p', PolicyDocument: POLICY, Roles: ['r'] }),
    id: NAME,
    attributes: (id) => ({ Id: id }),
  },
  {
    type: 'AWS::IAM::ManagedPolicy',
    given: () => ({ PolicyDocument: POLICY, Roles: ['r'] }),
    id: /^arn:aws:iam::123456789012:policy\/Net-Thing-1A2B3C4D5E6F$/,
    attributes: (id) => ({
      AttachmentCount: 1,
      DefaultVersionId: 'v1',
      IsAttachable: true,
      PermissionsBoundaryUsageCount: 0,
      PolicyArn: id,
      PolicyId: expect.stringMatching(/^ANPA[0-9A-F]{17}$/),
    }),
  },
  {
    type: 'AWS::IAM::InstanceProfile',
    given: () => ({ Roles: ['r'] }),
    id: NAME,
    attributes: () => ({ Arn: `${IAM}:instance-profile/Net-Thing-1A2B3C4D5E6F` }),
  },
  {
    type: 'AWS::Logs::LogGroup',
    given: () => ({ LogGroupName: '/vpc/flows', RetentionInDays: '7' }),
    id: /^\/vpc\/flows$/,
    attributes: () => ({ Arn: 'arn:aws:logs:us-east-1:123456789012:log-group:/vpc/flows:*' }),
    replaces: [{ LogGroupName: '/other' }],
  },
  {
    type: 'AWS::ECR::Repository',
    given: () => ({}),
    id: /^net-thing-1a2b3c4d5e6f$/,
    attributes: (id) => ({
      Arn: `arn:aws:ecr:us-east-1:123456789012:repository/${id}`,
      RepositoryUri: `123456789012.dkr.ecr.us-east-1.amazonaws.com/${id}`,
    }),
  },
  {
    type: 'AWS::KMS::Key',
    given: () => ({ KeyPolicy: POLICY }),
    id: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    attributes: (id) => ({ Arn: `arn:aws:kms:us-east-1:123456789012:key/${id}`, KeyId: id }),
  },
  {
    type: 'AWS::KMS::Alias',
    given: () => ({ AliasName: 'alias/a', TargetKeyId: 'k' }),
    id: /^alias\/a$/,
    replaces: [{ AliasName: 'alias/b' }],
  },
  {
    type: 'AWS::Lambda::Function',
    logicalId: 'CustomVpcRestrictDefaultSGCustomResourceProviderHandlerDC833E5E',
    given: () => ({ Code: { S3Bucket: 'b', S3Key: 'k' }, Role: 'r', Handler: '__entrypoint__.handler' }),
    id: NAME,
    attributes: () => ({
      Arn: 'arn:aws:lambda:us-east-1:123456789012:function:Net-Thing-1A2B3C4D5E6F',
    }),
  },
  {
    type: 'AWS::SSM::Parameter',
    countsVersions: true,
    given: () => ({ Name: '/cdk-bootstrap/hnb659fds/version', Type: 'String', Value: 28, Tags: { a: 'b' } }),
    id: /^\/cdk-bootstrap\/hnb659fds\/version$/,
    attributes: () => ({ Type: 'String', Value: '28' }),
    update: [
      () => ({ Value: '29' }),
      ({ region }, id) => {
        const parameter = region.world.parameters.get(id);
        return [parameter?.value, parameter?.version, parameter?.tags.map(({ key }) => key)];
      },
      ['29', 2, ['team', 'aws:cloudformation:stack-name', 'a']],
    ],
    replaces: [{ Name: '/other' }],
  },
  {
    type: 'AWS::CDK::Metadata',
    given: () => ({ Analytics: 'v2:deflate64:H4sI' }),
    id: NAME,
  },
  {
    type: 'Custom::VpcRestrictDefaultSG',
    given: ({ defaultGroup = '' }) => ({
      ServiceToken: 'arn:aws:lambda:us-east-1:123456789012:function:f',
      DefaultSecurityGroupId: defaultGroup,
      Account: '123456789012',
    }),
    id: NAME,
    update: [
      () => ({ Account: '123456789012', ServiceTimeout: 10 }),
      ({ region }, _, { defaultGroup = '' }) =>
        region.world.securityGroupRules
          .where('groupId', defaultGroup)
          .filter(({ peer }) => peer.kind !== 'cidr-ipv6'),
      [],
    ],
  },
];

describe('a resource of each type that is kept is made, changed and deleted, and leaves nothing', () => {
  it.each(CASES)('$type', runTypeCase);
});
