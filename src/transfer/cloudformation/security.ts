import { ipv6BlocksOf } from '../../model/ipv6-addressing.ts';
import type { NetworkAcl, NetworkAclEntry, SecurityGroup, SecurityGroupRule } from '../../model/records.ts';
import { peeringsOfRule } from '../connections.ts';
import { inSelection, isDefaultGroup } from '../selection.ts';
import { listRef } from './networks.ts';
import type { Json, Properties, Template } from './template.ts';

/** Names security groups, network ACLs and prefix lists. */
export function nameSecurity(template: Template): void {
  const { selection, world } = template;
  for (const group of inSelection(selection, world.securityGroups)) {
    if (isDefaultGroup(group)) template.bring(group.groupId, group.vpcId, 'DefaultSecurityGroup');
    else template.name('SecurityGroup', group.groupId, undefined, group.groupName, 'GroupId');
  }
  for (const acl of inSelection(selection, world.networkAcls)) {
    if (isUsual(acl)) template.bring(acl.networkAclId, acl.vpcId, 'DefaultNetworkAcl');
    else template.name('NetworkAcl', acl.networkAclId, acl);
  }
  for (const list of world.prefixLists.values()) {
    if (list.ownerId !== 'AWS')
      template.name('PrefixList', list.prefixListId, undefined, list.prefixListName, 'PrefixListId');
  }
}

/** Writes them. */
export function writeSecurity(template: Template): void {
  const { selection, world } = template;
  for (const list of world.prefixLists.values()) {
    if (list.ownerId === 'AWS') continue;
    template.add(list.prefixListId, 'AWS::EC2::PrefixList', {
      PrefixListName: list.prefixListName,
      AddressFamily: list.addressFamily,
      MaxEntries: list.maxEntries,
      Entries: list.entries.map(({ cidr, description }) => ({
        Cidr: cidr,
        ...(description === undefined ? {} : { Description: description }),
      })),
      Tags: template.tags(list),
    });
  }
  for (const group of inSelection(selection, world.securityGroups)) writeGroup(template, group);
  for (const acl of inSelection(selection, world.networkAcls)) writeAcl(template, acl);
}

/** What CloudFormation is given for a group that lets nothing out: else it lets out everything. */
const NOTHING_OUT = [{ IpProtocol: 'icmp', FromPort: 252, ToPort: 86, CidrIp: '255.255.255.255/32' }];

function writeGroup(template: Template, group: SecurityGroup): void {
  const rules = [...template.world.securityGroupRules.where('groupId', group.groupId)].toSorted((a, b) =>
    a.securityGroupRuleId < b.securityGroupRuleId ? -1 : 1,
  );
  if (isDefaultGroup(group)) {
    if (!hasUsualRules(template, group, rules)) {
      template.tell(
        `The default group of ${template.logicalId(group.vpcId)} has other rules than usual: in the stack it has the usual ones.`,
      );
    }
    return;
  }
  const open = rules.filter(isToEverywhere);
  const vpc = template.world.vpcs.get(group.vpcId);
  const isWithIpv6 = vpc !== undefined && ipv6BlocksOf(vpc).length > 0;
  const isUsual = !isWithIpv6 && open.length === 1 && open[0]?.description === undefined;
  template.add(group.groupId, 'AWS::EC2::SecurityGroup', {
    GroupName: group.groupName,
    GroupDescription: group.description,
    VpcId: template.ref(group.vpcId),
    SecurityGroupEgress: isUsual ? undefined : open.length === 0 ? NOTHING_OUT : open.map(inlineRule),
    Tags: template.tags(group),
  });
  // Rules are resources of their own: groups may name each other.
  for (const rule of rules) {
    if (isToEverywhere(rule)) continue;
    const kind = rule.isEgress ? 'Egress' : 'Ingress';
    const wish = `${template.logicalId(group.groupId)} ${rule.ipProtocol === '-1' ? 'All' : `${rule.ipProtocol} ${rule.fromPort === -1 ? '' : rule.fromPort}`}`;
    template.addUnnamed(
      kind,
      wish,
      `AWS::EC2::SecurityGroup${kind}`,
      ruleProperties(template, rule),
      peeringsOfRule(template.selection, rule).map((id) => template.logicalId(id)),
    );
  }
}

/** Whether a default group lets in what is of it, lets out everything, and no more (semantics S76). */
function hasUsualRules(
  template: Template,
  { groupId, vpcId }: SecurityGroup,
  rules: readonly SecurityGroupRule[],
): boolean {
  const vpc = template.world.vpcs.get(vpcId);
  const count = vpc !== undefined && ipv6BlocksOf(vpc).length > 0 ? 3 : 2;
  const isFromItself = ({ isEgress, ipProtocol, peer }: SecurityGroupRule): boolean =>
    !isEgress && ipProtocol === '-1' && peer.kind === 'group' && peer.groupId === groupId;
  return rules.length === count && rules.every((rule) => isFromItself(rule) || isToEverywhere(rule));
}

/** What a group lets out by itself, if nobody says otherwise: all of IPv4, and of IPv6 where the VPC has it. */
function isToEverywhere({ isEgress, ipProtocol, peer }: SecurityGroupRule): boolean {
  if (!isEgress || ipProtocol !== '-1') return false;
  return (
    (peer.kind === 'cidr' && peer.cidrBlock === '0.0.0.0/0') ||
    (peer.kind === 'cidr-ipv6' && peer.cidrBlock === '::/0')
  );
}

function inlineRule({ peer, description }: SecurityGroupRule): Json {
  return {
    IpProtocol: '-1',
    ...(peer.kind === 'cidr' ? { CidrIp: peer.cidrBlock } : {}),
    ...(peer.kind === 'cidr-ipv6' ? { CidrIpv6: peer.cidrBlock } : {}),
    ...(description === undefined ? {} : { Description: description }),
  };
}

function ruleProperties(template: Template, rule: SecurityGroupRule): Properties {
  const { peer, isEgress, ipProtocol, fromPort, toPort } = rule;
  const hasPorts = ['tcp', 'udp', 'icmp', 'icmpv6'].includes(ipProtocol);
  const [group, list] = isEgress
    ? ['DestinationSecurityGroupId', 'DestinationPrefixListId']
    : ['SourceSecurityGroupId', 'SourcePrefixListId'];
  const isForeign = peer.kind === 'group' && peer.userId !== template.world.scope.account;
  return {
    GroupId: template.ref(rule.groupId),
    Description: rule.description,
    IpProtocol: ipProtocol,
    FromPort: hasPorts ? fromPort : undefined,
    ToPort: hasPorts ? toPort : undefined,
    CidrIp: peer.kind === 'cidr' ? peer.cidrBlock : undefined,
    CidrIpv6: peer.kind === 'cidr-ipv6' ? peer.cidrBlock : undefined,
    [group]: peer.kind !== 'group' ? undefined : isForeign ? peer.groupId : template.ref(peer.groupId),
    SourceSecurityGroupOwnerId: isForeign && !isEgress ? peer.userId : undefined,
    [list]: peer.kind === 'prefix-list' ? listRef(template, peer.prefixListId) : undefined,
  };
}

/** Whether it is the ACL that a VPC comes with, unchanged: it lets everything pass. */
function isUsual({ isDefault, entries }: NetworkAcl): boolean {
  return (
    isDefault && entries.filter(({ ruleNumber }) => ruleNumber < 32_767).every(isOpen) && entries.some(isOpen)
  );
}

function isOpen({ ruleAction, protocol, cidrBlock, ipv6CidrBlock }: NetworkAclEntry): boolean {
  return (
    ruleAction === 'allow' && protocol === '-1' && (cidrBlock === '0.0.0.0/0' || ipv6CidrBlock === '::/0')
  );
}

function writeAcl(template: Template, acl: NetworkAcl): void {
  if (isUsual(acl)) return;
  const name = template.logicalId(acl.networkAclId);
  if (acl.isDefault) template.tell(`${name} is no default network ACL: its subnets are associated with it.`);
  template.add(acl.networkAclId, 'AWS::EC2::NetworkAcl', {
    VpcId: template.ref(acl.vpcId),
    Tags: template.tags(acl),
  });
  for (const entry of acl.entries) {
    if (entry.ruleNumber >= 32_767) continue;
    template.addUnnamed(
      'Entry',
      `${name} ${entry.isEgress ? 'Out' : 'In'} ${entry.ruleNumber}`,
      'AWS::EC2::NetworkAclEntry',
      {
        NetworkAclId: template.ref(acl.networkAclId),
        RuleNumber: entry.ruleNumber,
        Egress: entry.isEgress ? true : undefined,
        Protocol: Number(entry.protocol),
        RuleAction: entry.ruleAction,
        CidrBlock: entry.cidrBlock,
        Ipv6CidrBlock: entry.ipv6CidrBlock,
        PortRange:
          entry.portRange === undefined ? undefined : { From: entry.portRange.from, To: entry.portRange.to },
        Icmp:
          entry.icmpTypeCode === undefined
            ? undefined
            : { Type: entry.icmpTypeCode.type, Code: entry.icmpTypeCode.code },
      },
    );
  }
  for (const { subnetId } of acl.associations) {
    template.addUnnamed(
      'NetworkAclAssociation',
      template.logicalId(subnetId),
      'AWS::EC2::SubnetNetworkAclAssociation',
      {
        SubnetId: template.ref(subnetId),
        NetworkAclId: template.ref(acl.networkAclId),
      },
    );
  }
}
