import {
  describePackets,
  describePorts,
  ECHO_REPLY,
  hasPorts,
  ICMPV6,
  ICMPV6_ECHO_REPLY,
  type Packets,
  type PortRange,
  PROTOCOL_NUMBERS,
} from '../net/flow.ts';
import { isIpv6 } from '../net/ipv6.ts';
import { describeResource } from './display-names.ts';
import type { InterfaceEnd } from './flow-endpoints.ts';
import { type AclVerdict, evaluateAcl, findGroupRule, findRuleForIpv4, likeIpv4 } from './gates.ts';
import { authorizeGroup, createAclEntry, deleteAclEntry } from './mends.ts';
import type { Walk } from './path-walk.ts';
import type { NetworkAcl, NetworkInterface, SecurityGroupRule } from './records.ts';
import type { World } from './world.ts';

/** The network ACL of a subnet; undefined is a missing referent, which lets nothing through (semantics S65). */
export function networkAclOf(world: World, subnetId: string): NetworkAcl | undefined {
  const vpcId = world.subnets.get(subnetId)?.vpcId;
  if (vpcId === undefined) return undefined;
  return world.networkAcls
    .where('vpcId', vpcId)
    .find(({ associations }) => associations.some((association) => association.subnetId === subnetId));
}

/** Packets cross a subnet's edge (semantics S62). */
export function crossEdge(
  walk: Walk,
  world: World,
  subnetId: string,
  isEgress: boolean,
  packets: Packets,
): void {
  checkAcl(walk, world, subnetId, isEgress, packets, false);
}

/** Replies cross a subnet's edge, by rules of their own: network ACLs remember nothing (semantics S63). */
export function crossEdgeBack(
  walk: Walk,
  world: World,
  subnetId: string,
  isEgress: boolean,
  replies: Packets,
): void {
  checkAcl(walk, world, subnetId, isEgress, replies, true);
}

/** What answers packets: from where they went to where they came from, to the client's own ports. */
export function replyTo({ protocol, source, destination, ports }: Packets, clientPorts: PortRange): Packets {
  const back = ECHO_REPLIES.get(protocol) ?? (hasPorts(protocol) ? clientPorts : ports);
  return { protocol, source: destination, destination: source, ports: back };
}

const ECHO_REPLIES: ReadonlyMap<number | undefined, PortRange> = new Map([
  [PROTOCOL_NUMBERS['icmp'], ECHO_REPLY],
  [ICMPV6, ICMPV6_ECHO_REPLY],
]);

function checkAcl(
  walk: Walk,
  world: World,
  subnetId: string,
  isEgress: boolean,
  packets: Packets,
  isReply: boolean,
): void {
  const { record } = walk;
  const stage = isEgress ? 'network_acl_out' : 'network_acl_in';
  const disposition = isReply ? 'network-acl-reply' : 'network-acl';
  const subnet = `subnet ${describeResource(world.subnets.get(subnetId), subnetId)}`;
  const acl = networkAclOf(world, subnetId);
  if (acl === undefined) {
    const sentence = `${capitalize(subnet)} has no network ACL, so nothing crosses its edge.`;
    record.at({ packets, subnetId }).stop(stage, disposition, { sentence, objectIds: [subnetId] });
    return;
  }
  const name = `network ACL ${describeResource(acl, acl.networkAclId)}`;
  const objectIds = [acl.networkAclId, subnetId];
  const verdict = evaluateAcl(acl, isEgress, packets);
  const ruleNumbers = [...new Set(verdict.deciding.map(({ ruleNumber }) => ruleNumber))];
  const gate = record.at({ packets, subnetId, ruleNumbers });
  const way = `${isEgress ? 'out of' : 'into'} ${subnet}`;
  const refusing = verdict.deciding.find(({ isAllowed }) => !isAllowed);
  if (refusing === undefined) {
    const rules = ruleNumbers.join(', ');
    const what = isReply ? 'the reply' : 'it';
    gate.pass(stage, `rule ${rules} of ${name} lets ${what} ${way}.`, ...objectIds);
    return;
  }
  const peer = walk.blockOf(isEgress ? packets.destination : packets.source);
  const later = findLaterAllow(acl, isEgress, packets, refusing.ruleNumber);
  const rule = `rule ${refusing.ruleNumber === 32767 ? '*' : refusing.ruleNumber}`;
  const refusal = record.at({ packets, subnetId, ruleNumbers: [refusing.ruleNumber] });
  refusal.stop(stage, disposition, {
    sentence: `${sentenceOf(verdict, rule, name, way, packets, isReply)}${
      later === undefined ? '' : ` Rule ${later} would allow it, but the lowest number decides.`
    }${hintAtIpv4Entry(acl, isEgress, packets, refusing.ruleNumber)}`,
    mend:
      later === undefined
        ? createAclEntry(acl, isEgress, packets, peer, refusing.ruleNumber)
        : deleteAclEntry(acl, isEgress, refusing.ruleNumber),
    objectIds,
  });
}

/** Why an entry that people take for one of all packets does not help packets of IPv6. */
function hintAtIpv4Entry(acl: NetworkAcl, isEgress: boolean, packets: Packets, refusing: number): string {
  if (!isIpv6(packets.source) || refusing !== 32767) return '';
  const { extent, deciding } = evaluateAcl(acl, isEgress, likeIpv4(packets));
  const [entry] = deciding;
  return extent === 'all' && entry !== undefined
    ? ` Rule ${entry.ruleNumber} is about IPv4: IPv6 needs a rule of its own.`
    : '';
}

/** The rule that would let all of the packets through if the refusing one were not there. */
function findLaterAllow(
  acl: NetworkAcl,
  isEgress: boolean,
  packets: Packets,
  refusing: number,
): number | undefined {
  if (refusing === 32767) return undefined;
  const entries = acl.entries.filter((entry) => entry.isEgress !== isEgress || entry.ruleNumber !== refusing);
  const { extent, deciding } = evaluateAcl({ ...acl, entries }, isEgress, packets);
  return extent === 'all' ? deciding[0]?.ruleNumber : undefined;
}

function sentenceOf(
  { extent, deciding }: AclVerdict,
  rule: string,
  name: string,
  way: string,
  packets: Packets,
  isReply: boolean,
): string {
  const what = describePackets(packets);
  if (!isReply) return `${capitalize(rule)} of ${name} denies ${what} ${way}.`;
  const stateless = 'Network ACLs are stateless: a reply needs a rule of its own.';
  if (extent === 'none')
    return `${capitalize(rule)} of ${name} denies the reply (${what}) ${way}. ${stateless}`;
  const allowed = deciding.filter(({ isAllowed }) => isAllowed).map(({ ports }) => describePorts(ports));
  return (
    `${capitalize(name)} lets only some replies ${way}: they go to any of the client’s ports ` +
    `${describePorts(packets.ports)}, allowed are ${allowed.join(', ')}, ${rule} denies the rest. ${stateless}`
  );
}

/** The security groups of one end: a rule of any of them must allow the first packet (semantics S74). */
export function checkGroups(walk: Walk, end: InterfaceEnd, isEgress: boolean, packets: Packets): void {
  const { world, eni, label } = end;
  const gate = walk.record.at({ packets, networkInterfaceId: eni.networkInterfaceId });
  const stage = isEgress ? 'egress_security_group' : 'ingress_security_group';
  const rule = findGroupRule(world, eni, isEgress, packets, walk.isPassedOn);
  const way = isEgress ? 'out' : 'in';
  if (rule !== undefined) {
    const group = describeGroup(world, rule.groupId);
    const sentence = `${rule.securityGroupRuleId} of ${group} lets it ${way}: ${describeRule(world, rule)}.`;
    gate.pass(stage, `rule ${sentence}`, rule.groupId, rule.securityGroupRuleId);
    return;
  }
  const peer = isEgress ? packets.destination : packets.source;
  const groups = eni.groupIds.map((groupId) => describeGroup(world, groupId)).join(' and ');
  const [groupId] = eni.groupIds;
  gate.stop(stage, isEgress ? 'egress-security-group' : 'ingress-security-group', {
    sentence: `No ${isEgress ? 'outbound' : 'inbound'} rule of ${label}’s ${groups} allows ${describePackets(packets)} ${isEgress ? 'to' : 'from'} ${peer}.${hintAt(walk, end, isEgress, packets)}`,
    mend:
      groupId === undefined ? undefined : authorizeGroup(groupId, isEgress, packets, peerOf(walk, end, peer)),
    objectIds: eni.groupIds,
  });
}

/** Replies pass the security groups of an interface without a rule (semantics S80). */
export function passGroupsBack(
  { record, replyPorts: sourcePorts }: Walk,
  eni: NetworkInterface,
  isEgress: boolean,
  replies: Packets,
): void {
  const stage = isEgress ? 'egress_security_group' : 'ingress_security_group';
  const gate = record.at({ packets: replies, sourcePorts, networkInterfaceId: eni.networkInterfaceId });
  gate.pass(stage, 'security groups remember the connection: the reply needs no rule.', ...eni.groupIds);
}

/** What an interface sent to itself by its public address, and what security groups cannot tell from the answer to it. */
export function passGroupsAsReply({ record }: Walk, { eni, label }: InterfaceEnd, packets: Packets): void {
  const what = `${describePackets(packets)} from ${packets.source} is what answers to ${label}’s own packets look like`;
  record.pass('ingress_security_group', `${what}: it needs no rule.`, ...eni.groupIds);
}

/** Why a rule that names the other's group does not help: its members come by a public address, or by an appliance. */
function hintAt(
  { flow, isPassedOn }: Walk,
  { world, eni }: InterfaceEnd,
  isEgress: boolean,
  packets: Packets,
): string {
  if (isIpv6(packets.source)) return hintAtIpv4Rule(world, eni, isEgress, packets);
  const other = isEgress ? flow.destination : flow.source;
  if (other.kind !== 'interface' || other.eni.privateIpAddresses.length === 0) return '';
  const address = isEgress ? { destination: other.privateAddress } : { source: other.privateAddress };
  const rule = findGroupRule(world, eni, isEgress, { ...packets, ...address });
  if (rule?.peer.kind !== 'group') return '';
  const meaning =
    isPassedOn && !isEgress
      ? 'which means what its members send, not what an appliance passes on'
      : 'which means private addresses only';
  return ` Rule ${rule.securityGroupRuleId} names the group ${rule.peer.groupId}, ${meaning}.`;
}

/** Why a rule that people take for one of all packets does not help packets of IPv6. */
function hintAtIpv4Rule(world: World, eni: NetworkInterface, isEgress: boolean, packets: Packets): string {
  const rule = findRuleForIpv4(world, eni, isEgress, packets);
  if (rule === undefined) return '';
  const meaning =
    rule.peer.kind === 'cidr'
      ? 'which means IPv4 only: IPv6 needs a rule of its own'
      : 'which is IPv4’s: a ping by IPv6 is icmpv6';
  return ` Rule ${rule.securityGroupRuleId} says ${describeRule(world, rule)}, ${meaning}.`;
}

/** The other end's group where both are in one VPC and it is met by its private address, else its block. */
function peerOf(walk: Walk, end: InterfaceEnd, address: string): string {
  const { source, destination } = walk.flow;
  const other = source === end ? destination : source;
  const [groupId] = other.kind === 'interface' ? other.eni.groupIds : [];
  const isInside =
    !walk.isPassedOn &&
    other.kind === 'interface' &&
    other.eni.vpcId === end.eni.vpcId &&
    other.privateAddress === address;
  return isInside && groupId !== undefined ? groupId : walk.blockOf(address);
}

function describeGroup(world: World, groupId: string): string {
  const name = world.securityGroups.get(groupId)?.groupName;
  return `security group ${name === undefined ? groupId : `${name} (${groupId})`}`;
}

/** A rule's own terms: `tcp 22 from 0.0.0.0/0`. */
function describeRule(
  world: World,
  { ipProtocol, fromPort, toPort, peer, isEgress }: SecurityGroupRule,
): string {
  const protocol = ipProtocol === '-1' ? 'all traffic' : ipProtocol;
  const ports =
    ipProtocol === '-1' || fromPort === -1 || ipProtocol.startsWith('icmp')
      ? ''
      : ` ${describePorts({ first: fromPort, last: toPort })}`;
  const whom =
    peer.kind === 'group'
      ? `members of ${describeGroup(world, peer.groupId)}`
      : peer.kind === 'prefix-list'
        ? (world.prefixLists.get(peer.prefixListId)?.prefixListName ?? peer.prefixListId)
        : peer.cidrBlock;
  return `${protocol}${ports} ${isEgress ? 'to' : 'from'} ${whom}`;
}

/** The text with its first letter large. */
export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
