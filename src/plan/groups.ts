import { untrackedPortsOf } from '../model/connection-tracking.ts';
import type { NetworkInterface, SecurityGroupRule } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { protocolNumberOf } from '../net/flow.ts';
import { type AddressFamily, IPV4 } from './family.ts';
import { type AddressField, compileGate, type GateRule, renderRange } from './matches.ts';
import { linkName } from './places.ts';
import { presentInterfaces } from './presence.ts';
import type { NftChain, NftMap, NftMapElement, NftSet } from './ruleset.ts';

/** A reference does not mean what an appliance passes on in a member's name: the member's own link must bring it (S79). */
const sentByOwner = ({ nft }: AddressFamily): string => `iifname . ${nft} saddr @interface_addresses `;

/** The stateful gates at a VPC's interfaces. */
export interface GroupPlan {
  readonly sets: readonly NftSet[];
  readonly maps: readonly NftMap[];
  readonly chains: readonly NftChain[];
  /** Router-side link of an interface → the chain of its security groups. */
  readonly egress: readonly NftMapElement[];
  readonly ingress: readonly NftMapElement[];
}

interface Direction {
  readonly isEgress: boolean;
  readonly suffix: 'out' | 'in';
  readonly field: AddressField;
}

const DIRECTIONS: readonly Direction[] = [
  { isEgress: true, suffix: 'out', field: 'daddr' },
  { isEgress: false, suffix: 'in', field: 'saddr' },
];

/**
 * The security groups of all interfaces present in the VPC (semantics S74–S80). Interfaces with the same groups share
 * their chains, and the rules of several groups are united by looking a packet up in each group's maps in turn.
 */
export function planSecurityGroups(world: World, vpcId: string, family: AddressFamily = IPV4): GroupPlan {
  const sets = new Map<string, NftSet>();
  const maps = new Map<string, NftMap>();
  const chains = new Map<string, NftChain>();
  const egress: NftMapElement[] = [];
  const ingress: NftMapElement[] = [];
  for (const eni of presentInterfaces(world, vpcId)) {
    if (family.addressesOf(eni).length === 0) continue;
    const link = `"${linkName('v', eni.networkInterfaceId)}"`;
    if (eni.interfaceType === 'nat_gateway' || eni.interfaceType === 'network_load_balancer') {
      // These have no security groups (S53): their gate is open by name, not by absence.
      egress.push({ key: link, value: 'return', comment: eni.networkInterfaceId });
      ingress.push({ key: link, value: 'return', comment: eni.networkInterfaceId });
      continue;
    }
    const chainBase = chainNameOf(eni);
    for (const direction of DIRECTIONS) {
      const name = `${chainBase}_${direction.suffix}`;
      if (!chains.has(name))
        chains.set(name, planChain({ world, family, sets, maps }, name, eni.groupIds, direction));
      const element = { key: link, value: `goto ${name}`, comment: eni.networkInterfaceId };
      (direction.isEgress ? egress : ingress).push(element);
    }
  }
  const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
  return {
    sets: [...sets.values()].sort(byName),
    maps: [...maps.values()].sort(byName),
    chains: [...chains.values()].sort(byName),
    egress,
    ingress,
  };
}

/** Five groups' ids fit nft's names (127 characters); an interface with more has chains of its own. */
function chainNameOf(eni: NetworkInterface): string {
  const groupIds = eni.groupIds.toSorted();
  return groupIds.length >= 1 && groupIds.length <= 5 ? groupIds.join('.') : eni.networkInterfaceId;
}

/** What the chains of a VPC are planned from, and the sets and maps that they share. */
interface Workbench {
  readonly world: World;
  readonly family: AddressFamily;
  readonly sets: Map<string, NftSet>;
  readonly maps: Map<string, NftMap>;
}

function planChain(
  { world, family, sets, maps }: Workbench,
  name: string,
  groupIds: readonly string[],
  direction: Direction,
): NftChain {
  const rules: string[] = [];
  const untracked = planUntracked(world, family, name, groupIds, direction);
  if (untracked.set !== undefined) sets.set(untracked.set.name, untracked.set);
  rules.push(...untracked.rules);
  for (const groupId of groupIds.toSorted()) {
    const group = planGroup(world, family, groupId, direction);
    for (const set of group.sets) sets.set(set.name, set);
    for (const map of group.maps) maps.set(map.name, map);
    rules.push(...group.rules);
  }
  rules.push(
    `counter drop comment "no ${direction.isEgress ? 'egress' : 'ingress'} rule of ${groupIds.toSorted().join(', ').slice(0, 90)}"`,
  );
  return { name, rules };
}

/** What the groups let through without tracking it: looked up first, and marked for as long as the connection lasts. */
function planUntracked(
  world: World,
  family: AddressFamily,
  chain: string,
  groupIds: readonly string[],
  direction: Direction,
) {
  const allRules = groupIds.flatMap((groupId) => world.securityGroupRules.where('groupId', groupId));
  const ports = untrackedPortsOf(allRules, direction.isEgress, family.everywhere);
  if (ports.length === 0) return { set: undefined, rules: [] };
  const elements = ports.map(({ protocol, first, last }) => `${protocol} . ${renderRange({ first, last })}`);
  const set: NftSet = {
    name: `${chain}_untracked`,
    type: 'inet_proto . inet_service',
    isInterval: true,
    elements,
  };
  return { set, rules: [`meta l4proto . th dport @${set.name} goto untracked_${direction.suffix}`] };
}

function planGroup(world: World, family: AddressFamily, groupId: string, direction: Direction) {
  const rules = world.securityGroupRules
    .where('groupId', groupId)
    .filter((rule) => rule.isEgress === direction.isEgress)
    .toSorted((a, b) => (a.securityGroupRuleId < b.securityGroupRuleId ? -1 : 1));
  const gate = compileGate(
    `${groupId}_${direction.suffix}`,
    direction.field,
    rules.flatMap((rule) => blockRulesOf(world, family, rule)),
    family,
  );
  const sets: NftSet[] = [];
  const references: string[] = [];
  for (const rule of rules) {
    if (rule.peer.kind !== 'group') continue;
    const set = membersOf(world, family, rule.peer.groupId);
    sets.push(set);
    const isAnySender = direction.isEgress || !isOfSameVpc(world, groupId, rule.peer.groupId);
    const sender = isAnySender ? '' : sentByOwner(family);
    references.push(
      `${family.nft} ${direction.field} @${set.name} ${sender}${matchOf(rule, family)}return comment "${rule.securityGroupRuleId}"`,
    );
  }
  return { sets, maps: gate.maps, rules: [...gate.lookups, ...references] };
}

/** A rule about addresses as gate rules: one for a block, one for each entry of a prefix list. */
function blockRulesOf(world: World, family: AddressFamily, rule: SecurityGroupRule): GateRule[] {
  const protocol = protocolOf(rule);
  const isIcmp = protocol === family.icmp.number;
  return blocksOf(world, family, rule).map((cidrBlock) => ({
    protocol,
    ports: isIcmp || rule.fromPort === -1 ? undefined : { first: rule.fromPort, last: rule.toPort },
    icmp: isIcmp ? { type: rule.fromPort, code: rule.toPort } : undefined,
    cidrBlock,
    verdict: 'return',
    comment: rule.securityGroupRuleId,
  }));
}

function blocksOf(world: World, family: AddressFamily, { peer }: SecurityGroupRule): string[] {
  switch (peer.kind) {
    case 'cidr':
      return family === IPV4 ? [peer.cidrBlock] : [];
    case 'cidr-ipv6':
      return family === IPV4 ? [] : [peer.cidrBlock];
    case 'prefix-list':
      return family.blocksOfPrefixList(world, peer.prefixListId);
    case 'group':
      return [];
  }
}

function isOfSameVpc(world: World, groupId: string, otherId: string): boolean {
  return world.securityGroups.get(groupId)?.vpcId === world.securityGroups.get(otherId)?.vpcId;
}

/** The set of the addresses of a group's members in the VPC: what a reference to it means (semantics S78). */
function membersOf(world: World, family: AddressFamily, groupId: string): NftSet {
  const elements = world.networkInterfaces
    .where('groupIds', groupId)
    .filter((eni) => eni.attachment !== undefined)
    .flatMap((eni) => family.addressesOf(eni))
    .toSorted();
  return { name: `${groupId}_members`, type: family.addressType, isInterval: false, elements };
}

function protocolOf(rule: SecurityGroupRule): number | undefined {
  return rule.ipProtocol === '-1' ? undefined : protocolNumberOf(rule.ipProtocol);
}

/** A referencing rule's protocol and ports in nft's words, with a space behind; nothing when all traffic is meant. */
function matchOf(rule: SecurityGroupRule, { icmp }: AddressFamily): string {
  const protocol = protocolOf(rule);
  if (protocol === undefined) return '';
  const { fromPort, toPort } = rule;
  if (protocol === icmp.number) {
    if (fromPort === -1) return `meta l4proto ${icmp.word} `;
    const first = fromPort * 256 + (toPort === -1 ? 0 : toPort);
    const last = fromPort * 256 + (toPort === -1 ? 255 : toPort);
    return first === last
      ? `meta l4proto ${icmp.word} th sport ${first} `
      : `meta l4proto ${icmp.word} th sport ${first}-${last} `;
  }
  const hasPorts = (protocol === 6 || protocol === 17) && fromPort !== -1;
  if (!hasPorts) return `meta l4proto ${protocol} `;
  const name = protocol === 6 ? 'tcp' : 'udp';
  return fromPort === toPort ? `${name} dport ${fromPort} ` : `${name} dport ${fromPort}-${toPort} `;
}
