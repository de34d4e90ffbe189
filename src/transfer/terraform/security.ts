import type { NetworkAcl, NetworkAclEntry, SecurityGroup, SecurityGroupRule } from '../../model/records.ts';
import { peeringsOfRule } from '../connections.ts';
import { inSelection, isDefaultGroup } from '../selection.ts';
import type { Document } from './document.ts';
import { type Block, type Body, raw, type Value } from './hcl.ts';
import { listRef } from './networks.ts';

/** Names security groups, network ACLs and prefix lists. */
export function nameSecurity(document: Document): void {
  const { selection, world } = document;
  for (const group of inSelection(selection, world.securityGroups)) {
    if (isDefaultGroup(group)) document.bring(group.groupId, group.vpcId, 'default_security_group_id');
    else document.name('aws_security_group', group.groupId, undefined, group.groupName);
  }
  for (const acl of inSelection(selection, world.networkAcls)) {
    if (!acl.isDefault) document.name('aws_network_acl', acl.networkAclId, acl, nameBySubnet(document, acl));
  }
  for (const list of world.prefixLists.values()) {
    if (list.ownerId !== 'AWS')
      document.name('aws_ec2_managed_prefix_list', list.prefixListId, undefined, list.prefixListName);
  }
}

function nameBySubnet(document: Document, { associations }: NetworkAcl): string | undefined {
  const [first] = associations;
  return first === undefined ? undefined : document.nameOf(first.subnetId);
}

/** Writes them. */
export function writeSecurity(document: Document): void {
  const { selection, world } = document;
  for (const list of world.prefixLists.values()) {
    if (list.ownerId === 'AWS') continue;
    document.add(list.prefixListId, [
      ['name', list.prefixListName],
      ['address_family', list.addressFamily],
      ['max_entries', list.maxEntries],
      document.tags(list),
      ...list.entries.map(
        ({ cidr, description }): Block => ({
          block: 'entry',
          body: [
            ['cidr', cidr],
            ['description', description],
          ],
        }),
      ),
    ]);
  }
  for (const group of inSelection(selection, world.securityGroups)) writeGroup(document, group);
  for (const acl of inSelection(selection, world.networkAcls)) writeAcl(document, acl);
}

function writeGroup(document: Document, group: SecurityGroup): void {
  const rules = [...document.world.securityGroupRules.where('groupId', group.groupId)].toSorted((a, b) =>
    a.securityGroupRuleId < b.securityGroupRuleId ? -1 : 1,
  );
  if (isDefaultGroup(group)) {
    writeDefaultGroup(document, group, rules);
    return;
  }
  document.add(group.groupId, [
    ['name', group.groupName],
    ['description', group.description],
    ['vpc_id', document.ref(group.vpcId)],
    document.tags(group),
  ]);
  for (const rule of rules) {
    const type = rule.isEgress ? 'aws_vpc_security_group_egress_rule' : 'aws_vpc_security_group_ingress_rule';
    document.addUnnamed(
      type,
      `${document.nameOf(group.groupId)}_${nameOfTraffic(rule)}`,
      ruleBody(document, rule),
    );
  }
}

function nameOfTraffic({ ipProtocol, fromPort, toPort }: SecurityGroupRule): string {
  if (ipProtocol === '-1') return 'all';
  if (fromPort === -1) return ipProtocol;
  return fromPort === toPort ? `${ipProtocol}_${fromPort}` : `${ipProtocol}_${fromPort}_${toPort}`;
}

function ruleBody(document: Document, rule: SecurityGroupRule): Body {
  const { peer, ipProtocol, fromPort, toPort } = rule;
  const hasPorts = ['tcp', 'udp', 'icmp', 'icmpv6'].includes(ipProtocol);
  const peerings = peeringsOfRule(document.selection, rule);
  return [
    ['security_group_id', document.ref(rule.groupId)],
    ['description', rule.description],
    ['ip_protocol', ipProtocol],
    ['from_port', hasPorts ? fromPort : undefined],
    ['to_port', hasPorts ? toPort : undefined],
    ['cidr_ipv4', peer.kind === 'cidr' ? peer.cidrBlock : undefined],
    ['cidr_ipv6', peer.kind === 'cidr-ipv6' ? peer.cidrBlock : undefined],
    ['referenced_security_group_id', peer.kind === 'group' ? groupRef(document, rule, peer) : undefined],
    ['prefix_list_id', peer.kind === 'prefix-list' ? listRef(document, peer.prefixListId) : undefined],
    ['depends_on', peerings.length === 0 ? undefined : peerings.map((id) => raw(document.address(id)))],
    document.tags(rule),
  ];
}

function groupRef(
  document: Document,
  rule: SecurityGroupRule,
  peer: { groupId: string; userId: string },
): Value {
  if (peer.userId !== document.world.scope.account) return `${peer.userId}/${peer.groupId}`;
  if (document.world.securityGroups.get(peer.groupId) === undefined) {
    document.tell(`A rule of ${document.nameOf(rule.groupId)} names ${peer.groupId}, which is gone.`);
  }
  return document.ref(peer.groupId);
}

/** The group that a VPC comes with is taken over only where its rules are others than those it comes with. */
function writeDefaultGroup(
  document: Document,
  group: SecurityGroup,
  rules: readonly SecurityGroupRule[],
): void {
  const isUsual = rules.length >= 2 && rules.every((rule) => rule.ipProtocol === '-1' && isUsualPeer(rule));
  if (isUsual) return;
  document.addUnnamed('aws_default_security_group', document.nameOf(group.vpcId), [
    ['vpc_id', document.ref(group.vpcId)],
    document.tags(group),
    ...rules.map(
      (rule): Block => ({ block: rule.isEgress ? 'egress' : 'ingress', body: inlineRule(document, rule) }),
    ),
  ]);
}

function isUsualPeer({ groupId, isEgress, peer }: SecurityGroupRule): boolean {
  if (peer.kind === 'group') return !isEgress && peer.groupId === groupId;
  return (
    isEgress &&
    (peer.kind === 'cidr' || peer.kind === 'cidr-ipv6') &&
    ['0.0.0.0/0', '::/0'].includes(peer.cidrBlock)
  );
}

function inlineRule(
  document: Document,
  { peer, groupId, ipProtocol, fromPort, toPort, description }: SecurityGroupRule,
): Body {
  const isAll = ipProtocol === '-1';
  const isSelf = peer.kind === 'group' && peer.groupId === groupId;
  return [
    ['description', description],
    ['protocol', ipProtocol],
    ['from_port', isAll ? 0 : fromPort],
    ['to_port', isAll ? 0 : toPort],
    ['self', isSelf ? true : undefined],
    ['cidr_blocks', peer.kind === 'cidr' ? [peer.cidrBlock] : undefined],
    ['ipv6_cidr_blocks', peer.kind === 'cidr-ipv6' ? [peer.cidrBlock] : undefined],
    ['security_groups', peer.kind === 'group' && !isSelf ? [document.ref(peer.groupId)] : undefined],
    ['prefix_list_ids', peer.kind === 'prefix-list' ? [listRef(document, peer.prefixListId)] : undefined],
  ];
}

function writeAcl(document: Document, acl: NetworkAcl): void {
  const entries = acl.entries.filter(({ ruleNumber }) => ruleNumber < 32_767);
  const subnets = document.refs(acl.associations.map(({ subnetId }) => subnetId));
  const blocks = entries.map(
    (entry): Block => ({ block: entry.isEgress ? 'egress' : 'ingress', body: entryBody(entry) }),
  );
  if (!acl.isDefault) {
    document.add(acl.networkAclId, [
      ['vpc_id', document.ref(acl.vpcId)],
      ['subnet_ids', subnets],
      document.tags(acl),
      ...blocks,
    ]);
    return;
  }
  const isUsual =
    entries.length >= 2 &&
    entries.every((entry) => entry.ruleAction === 'allow' && entry.protocol === '-1' && isWhole(entry));
  if (isUsual) return;
  document.addUnnamed('aws_default_network_acl', document.nameOf(acl.vpcId), [
    ['default_network_acl_id', raw(`${document.address(acl.vpcId)}.default_network_acl_id`)],
    ['subnet_ids', subnets],
    document.tags(acl),
    ...blocks,
  ]);
}

function isWhole({ cidrBlock, ipv6CidrBlock }: NetworkAclEntry): boolean {
  return cidrBlock === '0.0.0.0/0' || ipv6CidrBlock === '::/0';
}

function entryBody(entry: NetworkAclEntry): Body {
  return [
    ['rule_no', entry.ruleNumber],
    ['action', entry.ruleAction],
    ['protocol', entry.protocol],
    ['cidr_block', entry.cidrBlock],
    ['ipv6_cidr_block', entry.ipv6CidrBlock],
    ['from_port', entry.portRange?.from ?? 0],
    ['to_port', entry.portRange?.to ?? 0],
    ['icmp_type', entry.icmpTypeCode?.type],
    ['icmp_code', entry.icmpTypeCode?.code],
  ];
}
