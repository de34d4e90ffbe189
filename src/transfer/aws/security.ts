import type { NetworkAclEntry, RulePeer, SecurityGroupRule } from '../../model/records.ts';
import type { Dump } from './dump.ts';
import { type Item, optional, ShapeError } from './item.ts';
import { madeUpDigits, type Target } from './target.ts';

/** Security groups, their rules, and network ACLs. */
export function importSecurity(dump: Dump, target: Target): void {
  dump.each('SecurityGroups', (item) =>
    target.securityGroups.put({
      groupId: item.id('GroupId'),
      groupName: item.text('GroupName') ?? item.id('GroupId'),
      description: item.text('Description') ?? '',
      vpcId: item.id('VpcId'),
      tags: item.tags(),
    }),
  );
  dump.each('SecurityGroupRules', (item) => target.securityGroupRules.put(readRule(target, item)));
  dump.each('SecurityGroups', (item) => importPermissions(dump, target, item));
  dump.each('NetworkAcls', (item) =>
    target.networkAcls.put({
      networkAclId: item.id('NetworkAclId'),
      vpcId: item.id('VpcId'),
      isDefault: item.flag('IsDefault'),
      entries: item.items('Entries').map(readEntry),
      associations: item.items('Associations').map((each) => ({
        networkAclAssociationId: each.id('NetworkAclAssociationId'),
        subnetId: each.id('SubnetId'),
      })),
      tags: item.tags(),
    }),
  );
}

function readRule(target: Target, item: Item): SecurityGroupRule {
  return {
    securityGroupRuleId: item.id('SecurityGroupRuleId'),
    groupId: item.id('GroupId'),
    isEgress: item.flag('IsEgress'),
    ...readTraffic(item),
    peer: readPeer(target, item),
    ...optional('description', item.text('Description')),
    tags: item.tags(),
  };
}

/** Protocol and ports, of a rule or a permission. */
function readTraffic(item: Item): Pick<SecurityGroupRule, 'ipProtocol' | 'fromPort' | 'toPort'> {
  const ipProtocol = item.need('IpProtocol').toLowerCase();
  if (!/^(?:-1|tcp|udp|icmp|icmpv6|[0-9]{1,3})$/.test(ipProtocol)) {
    throw new ShapeError(`${item.place}.IpProtocol is "${ipProtocol}", which is no protocol.`);
  }
  const [fromPort, toPort] = [item.number('FromPort') ?? -1, item.number('ToPort') ?? -1];
  for (const port of [fromPort, toPort]) {
    if (!Number.isInteger(port) || port < -1 || port > 65_535)
      throw new ShapeError(`${item.place} has the port ${port}.`);
  }
  return { ipProtocol: NAMES[ipProtocol] ?? ipProtocol, fromPort, toPort };
}

/** AWS itself gives these by name. */
const NAMES: Readonly<Record<string, string>> = { '6': 'tcp', '17': 'udp', '1': 'icmp', '58': 'icmpv6' };

function readPeer(target: Target, item: Item): RulePeer {
  const cidrBlock = item.cidr('CidrIpv4');
  if (cidrBlock !== undefined) return { kind: 'cidr', cidrBlock };
  const ipv6 = item.ipv6Cidr('CidrIpv6');
  if (ipv6 !== undefined) return { kind: 'cidr-ipv6', cidrBlock: ipv6 };
  const prefixListId = item.reference('PrefixListId');
  if (prefixListId !== undefined) return { kind: 'prefix-list', prefixListId };
  const group = item.item('ReferencedGroupInfo');
  if (group !== undefined) return readGroup(target, group);
  throw new ShapeError(`${item.place} does not say whom it lets through.`);
}

function readGroup(target: Target, item: Item): RulePeer {
  return { kind: 'group', groupId: item.id('GroupId'), userId: item.text('UserId') ?? target.scope.account };
}

/** The rules of a group that `describe-security-group-rules` was not asked about: without their own ids. */
function importPermissions(dump: Dump, target: Target, item: Item): void {
  const groupId = item.id('GroupId');
  if (target.securityGroupRules.where('groupId', groupId).length > 0) return;
  const rules = [
    ...item.items('IpPermissions').flatMap((each) => readPermission(target, each, false)),
    ...item.items('IpPermissionsEgress').flatMap((each) => readPermission(target, each, true)),
  ];
  for (const [index, rule] of rules.entries()) {
    const securityGroupRuleId = `sgr-${madeUpDigits(`${groupId} ${index}`)}`;
    target.securityGroupRules.put({ securityGroupRuleId, groupId, ...rule, tags: [] });
  }
  if (rules.length > 0) {
    dump.report.tell(
      'assumed',
      'Rules of security groups have made-up ids: theirs are in the reply of describe-security-group-rules only.',
    );
  }
}

type BareRule = Omit<SecurityGroupRule, 'securityGroupRuleId' | 'groupId' | 'tags'>;

function readPermission(target: Target, item: Item, isEgress: boolean): BareRule[] {
  const traffic = readTraffic(item);
  const peers: (readonly [Item, RulePeer])[] = [
    ...item
      .items('IpRanges')
      .map((each): readonly [Item, RulePeer] => [
        each,
        { kind: 'cidr', cidrBlock: each.must('CidrIp', (range) => range.cidr('CidrIp')) },
      ]),
    ...item
      .items('Ipv6Ranges')
      .map((each): readonly [Item, RulePeer] => [
        each,
        { kind: 'cidr-ipv6', cidrBlock: each.must('CidrIpv6', (range) => range.ipv6Cidr('CidrIpv6')) },
      ]),
    ...item
      .items('PrefixListIds')
      .map((each): readonly [Item, RulePeer] => [
        each,
        { kind: 'prefix-list', prefixListId: each.id('PrefixListId') },
      ]),
    ...item
      .items('UserIdGroupPairs')
      .map((each): readonly [Item, RulePeer] => [each, readGroup(target, each)]),
  ];
  return peers.map(([each, peer]) => ({
    isEgress,
    ...traffic,
    peer,
    ...optional('description', each.text('Description')),
  }));
}

function readEntry(item: Item): NetworkAclEntry {
  const ports = item.item('PortRange');
  const icmp = item.item('IcmpTypeCode');
  const protocol = item.need('Protocol');
  if (!/^(?:-1|[0-9]{1,3})$/.test(protocol)) {
    throw new ShapeError(`${item.place}.Protocol is "${protocol}", not a number.`);
  }
  return {
    ruleNumber: item.must('RuleNumber', (entry) => entry.number('RuleNumber')),
    isEgress: item.flag('Egress'),
    protocol,
    ruleAction: item.must('RuleAction', (entry) => entry.word('RuleAction', ['allow', 'deny'])),
    ...optional('cidrBlock', item.cidr('CidrBlock')),
    ...optional('ipv6CidrBlock', item.ipv6Cidr('Ipv6CidrBlock')),
    ...(icmp === undefined
      ? {}
      : { icmpTypeCode: { type: icmp.number('Type') ?? -1, code: icmp.number('Code') ?? -1 } }),
    ...(ports === undefined
      ? {}
      : { portRange: { from: ports.number('From') ?? 0, to: ports.number('To') ?? 65_535 } }),
  };
}
