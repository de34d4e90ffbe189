import { parseIpv4 } from '../net/address.ts';
import { hasAddress, parseCidr } from '../net/cidr.ts';
import {
  ECHO_REPLY,
  ECHO_REQUEST,
  hasPorts,
  ICMPV6,
  ICMPV6_ECHO_REPLY,
  type Packets,
  type PortRange,
  protocolNumberOf,
} from '../net/flow.ts';
import { containsIpv6, isIpv6 } from '../net/ipv6.ts';
import { ipv4BlocksOf, ipv6BlocksOfList } from './prefix-lists.ts';
import type { NetworkAcl, NetworkAclEntry, NetworkInterface, SecurityGroupRule } from './records.ts';
import type { World } from './world.ts';

/** What a network ACL says of packets: each port may be decided by another entry, so there can be several answers. */
export interface AclVerdict {
  /** All of the ports are let through, none, or some. */
  readonly extent: 'all' | 'none' | 'some';
  /** The entries that decided, in the order of their numbers; 32767 is the `*` entry. */
  readonly deciding: readonly {
    readonly ruleNumber: number;
    readonly isAllowed: boolean;
    readonly ports: PortRange;
  }[];
}

const ICMP = 1;
const EVERYTHING: PortRange = { first: 0, last: 65535 };

/**
 * Evaluates an ACL's entries in the order of their numbers, the first match wins, for each port (semantics S62, S68). An entry
 * about blocks of one IP version says nothing about packets of the other.
 */
export function evaluateAcl(acl: NetworkAcl, isEgress: boolean, packets: Packets): AclVerdict {
  const address = isEgress ? packets.destination : packets.source;
  const entries = acl.entries
    .filter((entry) => entry.isEgress === isEgress && entry.ruleNumber < 32767)
    .toSorted((a, b) => a.ruleNumber - b.ruleNumber);
  let open: PortRange[] = [packets.ports];
  const deciding: { ruleNumber: number; isAllowed: boolean; ports: PortRange }[] = [];
  for (const entry of entries) {
    if (!isInBlock(address, entry.cidrBlock ?? entry.ipv6CidrBlock ?? '')) continue;
    const matched = portsOf(entry, packets);
    if (matched === undefined) continue;
    const rest: PortRange[] = [];
    for (const range of open) {
      const first = Math.max(range.first, matched.first);
      const last = Math.min(range.last, matched.last);
      if (first > last) {
        rest.push(range);
        continue;
      }
      deciding.push({
        ruleNumber: entry.ruleNumber,
        isAllowed: entry.ruleAction === 'allow',
        ports: { first, last },
      });
      if (range.first < first) rest.push({ first: range.first, last: first - 1 });
      if (range.last > last) rest.push({ first: last + 1, last: range.last });
    }
    open = rest;
  }
  for (const ports of open) deciding.push({ ruleNumber: 32767, isAllowed: false, ports });
  const allowed = deciding.filter(({ isAllowed }) => isAllowed).length;
  return { extent: allowed === deciding.length ? 'all' : allowed === 0 ? 'none' : 'some', deciding };
}

/** Whether packets have ICMP's type and code: each IP version has a protocol of its own for it. */
function isIcmp({ protocol, source }: Packets): boolean {
  return protocol === (isIpv6(source) ? ICMPV6 : ICMP);
}

function portsOf(entry: NetworkAclEntry, packets: Packets): PortRange | undefined {
  const { protocol } = packets;
  if (entry.protocol === '-1') return EVERYTHING;
  if (Number(entry.protocol) !== protocol) return undefined;
  if (isIcmp(packets)) return icmpPorts(entry.icmpTypeCode?.type ?? -1, entry.icmpTypeCode?.code ?? -1);
  if (entry.portRange === undefined || !hasPorts(protocol)) return EVERYTHING;
  return { first: entry.portRange.from, last: entry.portRange.to };
}

function icmpPorts(type: number, code: number): PortRange {
  if (type === -1) return EVERYTHING;
  return code === -1
    ? { first: type * 256, last: type * 256 + 255 }
    : { first: type * 256 + code, last: type * 256 + code };
}

/**
 * The rule of one of the interface's security groups that lets the packets through; undefined when none does. Rules of
 * all groups are united (semantics S74), and a reference means the members' private and IPv6 addresses (S78), but not what
 * an appliance of the VPC has passed on in their name (S79).
 */
export function findGroupRule(
  world: World,
  eni: NetworkInterface,
  isEgress: boolean,
  packets: Packets,
  isPassedOn = false,
): SecurityGroupRule | undefined {
  const isMember = ({ vpcId, attachment }: NetworkInterface): boolean =>
    attachment !== undefined && (isEgress || !isPassedOn || vpcId !== eni.vpcId);
  for (const groupId of eni.groupIds) {
    for (const rule of world.securityGroupRules.where('groupId', groupId)) {
      if (rule.isEgress === isEgress && isRuleFor(world, rule, isEgress, packets, isMember)) return rule;
    }
  }
  return undefined;
}

function isRuleFor(
  world: World,
  rule: SecurityGroupRule,
  isEgress: boolean,
  packets: Packets,
  isMember: (eni: NetworkInterface) => boolean,
): boolean {
  const ports = rulePorts(rule, packets);
  if (ports === undefined || ports.first > packets.ports.first || ports.last < packets.ports.last)
    return false;
  const address = isEgress ? packets.destination : packets.source;
  const { peer } = rule;
  switch (peer.kind) {
    case 'cidr':
    case 'cidr-ipv6':
      return isInBlock(address, peer.cidrBlock);
    case 'prefix-list': {
      const blocksOf = isIpv6(address) ? ipv6BlocksOfList : ipv4BlocksOf;
      return blocksOf(world, peer.prefixListId).some((block) => isInBlock(address, block));
    }
    case 'group':
      return world.networkInterfaces
        .where('groupIds', peer.groupId)
        .some((member) => isMember(member) && addressesOf(member, address).includes(address));
  }
}

/** An interface's addresses of the IP version that an address is of. */
function addressesOf({ privateIpAddresses, ipv6Addresses }: NetworkInterface, like: string) {
  return isIpv6(like) ? ipv6Addresses : privateIpAddresses;
}

function rulePorts(rule: SecurityGroupRule, packets: Packets): PortRange | undefined {
  const { protocol } = packets;
  if (rule.ipProtocol === '-1') return EVERYTHING;
  if (protocolNumberOf(rule.ipProtocol) !== protocol) return undefined;
  if (isIcmp(packets)) return icmpPorts(rule.fromPort, rule.toPort);
  return !hasPorts(protocol) || rule.fromPort === -1
    ? EVERYTHING
    : { first: rule.fromPort, last: rule.toPort };
}

/** Any computer of the Internet, in RFC 5737's third block. */
const IPV4_STRANGER = '203.0.113.7';

/** The packets of IPv4 that do what these of IPv6 do: what people mostly meant with a rule that says nothing about these. */
export function likeIpv4({ protocol, ports }: Packets): Packets {
  const isReply = ports.first === ICMPV6_ECHO_REPLY.first;
  const ping = { protocol: ICMP, ports: isReply ? ECHO_REPLY : ECHO_REQUEST };
  return {
    source: IPV4_STRANGER,
    destination: IPV4_STRANGER,
    ...(protocol === ICMPV6 ? ping : { protocol, ports }),
  };
}

/**
 * A rule of the interface's groups that would let packets through if it were about IPv6: one for IPv4 blocks, or one for
 * IPv4's ICMP.
 */
export function findRuleForIpv4(
  world: World,
  eni: NetworkInterface,
  isEgress: boolean,
  packets: Packets,
): SecurityGroupRule | undefined {
  const alike = likeIpv4(packets);
  const address = isEgress ? packets.destination : packets.source;
  const rules = eni.groupIds
    .flatMap((groupId) => world.securityGroupRules.where('groupId', groupId))
    .filter((rule) => {
      const ports = rule.isEgress === isEgress ? rulePorts(rule, alike) : undefined;
      const { peer } = rule;
      const isAbout =
        peer.kind === 'cidr' || (peer.kind === 'cidr-ipv6' && isInBlock(address, peer.cidrBlock));
      return (
        isAbout && ports !== undefined && ports.first <= alike.ports.first && ports.last >= alike.ports.last
      );
    });
  return rules.find(({ peer }) => peer.kind === 'cidr' && peer.cidrBlock === '0.0.0.0/0') ?? rules[0];
}

/** Whether the address lies in the block; never in one of the other family. */
export function isInBlock(address: string, cidrBlock: string): boolean {
  if (isIpv6(address)) return cidrBlock.includes(':') && containsIpv6(cidrBlock, `${address}/128`);
  const parsed = parseIpv4(address);
  const cidr = parseCidr(cidrBlock);
  return parsed !== undefined && cidr !== undefined && hasAddress(cidr, parsed);
}
