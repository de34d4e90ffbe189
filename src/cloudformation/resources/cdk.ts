import { declareProperties, PropertyReader } from '../properties.ts';
import type { RecordType, ResourceContext } from '../resource-type.ts';
import { unlessGone } from './steps.ts';

/** What CDK writes into templates for its makers' statistics: here, nobody reads it. */
const metadata: RecordType = {
  kind: 'record',
  name: 'AWS::CDK::Metadata',
  properties: declareProperties({ Analytics: 'String', Modules: 'String' }),
  attributes: [],
  create: ({ placement }) => placement.generatedName,
  update: () => {},
  delete: () => {},
};

/**
 * Takes the rules of a VPC's default group, and gives them back when it is deleted: what the Lambda function does that CDK puts
 * into a template for `restrictDefaultSecurityGroup`, done here without it.
 * https://github.com/aws/aws-cdk/tree/main/packages/%40aws-cdk/custom-resource-handlers/lib/aws-ec2/restrict-default-security-group-handler
 */
const restrictDefaultGroup: RecordType = {
  kind: 'record',
  name: 'Custom::VpcRestrictDefaultSG',
  properties: declareProperties({
    ServiceToken: 'String! replace',
    ServiceTimeout: 'Integer',
    DefaultSecurityGroupId: 'String!',
    Account: 'String',
  }),
  attributes: [],
  create(context, properties) {
    takeRules(context, new PropertyReader(properties).demand('DefaultSecurityGroupId'));
    return context.placement.generatedName;
  },
  /** Of another VPC: that one's group loses its rules, and the first has its own again. */
  update(context, _id, before, after) {
    const was = new PropertyReader(before).demand('DefaultSecurityGroupId');
    const is = new PropertyReader(after).demand('DefaultSecurityGroupId');
    if (was !== is) giveRules(context, was);
    takeRules(context, is);
  },
  delete(context, _id, properties) {
    giveRules(context, new PropertyReader(properties).demand('DefaultSecurityGroupId'));
  },
};

function initialRules(GroupId: string) {
  return {
    ingress: { GroupId, IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId }] }] },
    egress: { GroupId, IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] },
  };
}

function takeRules(context: ResourceContext, groupId: string): void {
  // Of a group that is not there, nothing can be taken: this says so.
  context.call('DescribeSecurityGroups', { GroupIds: [groupId] });
  const { ingress, egress } = initialRules(groupId);
  unlessGone(() => context.call('RevokeSecurityGroupIngress', ingress));
  unlessGone(() => context.call('RevokeSecurityGroupEgress', egress));
}

/** A rule that the group has got again by other hands stays as it is. */
function giveRules(context: ResourceContext, groupId: string): void {
  const { tx } = context.action;
  if (tx.securityGroups.get(groupId) === undefined) return;
  const { ingress, egress } = initialRules(groupId);
  const present = tx.securityGroupRules.where('groupId', groupId).filter((rule) => rule.ipProtocol === '-1');
  const hasOwn = present.some(
    ({ isEgress, peer }) => !isEgress && peer.kind === 'group' && peer.groupId === groupId,
  );
  const hasAll = present.some(
    ({ isEgress, peer }) => isEgress && peer.kind === 'cidr' && peer.cidrBlock === '0.0.0.0/0',
  );
  if (!hasOwn) context.call('AuthorizeSecurityGroupIngress', ingress);
  if (!hasAll) context.call('AuthorizeSecurityGroupEgress', egress);
}

/** What CDK puts into templates by itself. */
export const cdkTypes: readonly RecordType[] = [metadata, restrictDefaultGroup];
