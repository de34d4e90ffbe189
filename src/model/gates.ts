import { parseIpv4 } from '../net/address.ts';
import { hasAddress, parseCidr } from '../net/cidr.ts';
import { hasPorts, type Packets, type PortRange, protocolNumberOf } from '../net/flow.ts';
import { containsIpv6, isIpv6 } from '../net/ipv6.ts';
import { ipv4BlocksOf } from './prefix-lists.ts';
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

/** Evaluates an ACL's entries in the order of their numbers, the first match wins, for each port (semantics S62, S68). */
export function evaluateAcl(acl: NetworkAcl, isEgress: boolean, packets: Packets): AclVerdict {
  const address = isEgress ? packets.destination : packets.source;
  const entries = acl.entries
    .filter(
      (entry) => entry.isEgress === isEgress && entry.ruleNumber !== 32767 && entry.cidrBlock !== undefined,
    )
    .toSorted((a, b) => a.ruleNumber - b.ruleNumber);
  let open: PortRange[] = [packets.ports];
  const deciding: { ruleNumber: number; isAllowed: boolean; ports: PortRange }[] = [];
  for (const entry of entries) {
    if (!isInBlock(address, entry.cidrBlock ?? '')) continue;
    const matched = portsOf(entry, packets.protocol);
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

function portsOf(entry: NetworkAclEntry, protocol: number): PortRange | undefined {
  if (entry.protocol === '-1') return EVERYTHING;
  if (Number(entry.protocol) !== protocol) return undefined;
  if (protocol === ICMP) return icmpPorts(entry.icmpTypeCode?.type ?? -1, entry.icmpTypeCode?.code ?? -1);
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
 * all groups are united (semantics S74), and a reference means the members' private addresses (S78), but not what an
 * appliance of the VPC has passed on in their name (S79).
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
  const ports = rulePorts(rule, packets.protocol);
  if (ports === undefined || ports.first > packets.ports.first || ports.last < packets.ports.last)
    return false;
  const address = isEgress ? packets.destination : packets.source;
  const { peer } = rule;
  switch (peer.kind) {
    case 'cidr':
      return isInBlock(address, peer.cidrBlock);
    case 'cidr-ipv6':
      return false;
    case 'prefix-list':
      return ipv4BlocksOf(world, peer.prefixListId).some((block) => isInBlock(address, block));
    case 'group':
      return world.networkInterfaces
        .where('groupIds', peer.groupId)
        .some((member) => isMember(member) && member.privateIpAddresses.includes(address));
  }
}

function rulePorts(rule: SecurityGroupRule, protocol: number): PortRange | undefined {
  if (rule.ipProtocol === '-1') return EVERYTHING;
  if (protocolNumberOf(rule.ipProtocol) !== protocol) return undefined;
  if (protocol === ICMP) return icmpPorts(rule.fromPort, rule.toPort);
  return !hasPorts(protocol) || rule.fromPort === -1
    ? EVERYTHING
    : { first: rule.fromPort, last: rule.toPort };
}

/** Whether the address lies in the block; never in one of the other family. */
export function isInBlock(address: string, cidrBlock: string): boolean {
  if (isIpv6(address)) return cidrBlock.includes(':') && containsIpv6(cidrBlock, `${address}/128`);
  const parsed = parseIpv4(address);
  const cidr = parseCidr(cidrBlock);
  return parsed !== undefined && cidr !== undefined && hasAddress(cidr, parsed);
}
