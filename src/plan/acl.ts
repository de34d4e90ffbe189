import type { NetworkAcl, NetworkAclEntry } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { type AddressFamily, IPV4 } from './family.ts';
import { compileGate, type GateRule } from './matches.ts';
import type { NftChain, NftMap, NftMapElement } from './ruleset.ts';

/** The stateless gates at the edges of a VPC's subnets. */
export interface AclPlan {
  readonly maps: readonly NftMap[];
  readonly chains: readonly NftChain[];
  /** Link group of a subnet → the chain of its network ACL. */
  readonly outgoing: readonly NftMapElement[];
  readonly incoming: readonly NftMapElement[];
}

/** Every network ACL of the VPC that a subnet uses, and which subnet uses which (semantics S61–S69). */
export function planNetworkAcls(world: World, vpcId: string, family: AddressFamily = IPV4): AclPlan {
  const maps: NftMap[] = [];
  const chains: NftChain[] = [];
  const outgoing: NftMapElement[] = [];
  const incoming: NftMapElement[] = [];
  const acls = world.networkAcls
    .where('vpcId', vpcId)
    .toSorted((a, b) => (a.networkAclId < b.networkAclId ? -1 : 1));
  for (const acl of acls) {
    if (acl.associations.length === 0) continue;
    for (const isEgress of [true, false]) {
      const name = `${acl.networkAclId}_${isEgress ? 'out' : 'in'}`;
      const gate = compileGate(
        name,
        isEgress ? 'daddr' : 'saddr',
        gateRulesOf(acl, isEgress, family),
        family,
      );
      maps.push(...gate.maps);
      chains.push({ name, rules: [...gate.lookups, `counter drop comment "${acl.networkAclId} rule *"`] });
    }
    for (const { subnetId } of acl.associations) {
      const subnet = world.subnets.get(subnetId);
      if (subnet === undefined) continue;
      const key = String(subnet.ordinal);
      outgoing.push({ key, value: `goto ${acl.networkAclId}_out`, comment: subnetId });
      incoming.push({ key, value: `goto ${acl.networkAclId}_in`, comment: subnetId });
    }
  }
  return { maps, chains, outgoing, incoming };
}

function gateRulesOf(acl: NetworkAcl, isEgress: boolean, family: AddressFamily): GateRule[] {
  return acl.entries
    .filter((entry) => entry.isEgress === isEgress)
    .toSorted((a, b) => a.ruleNumber - b.ruleNumber)
    .flatMap((entry) => gateRuleOf(acl, entry, family));
}

function gateRuleOf(acl: NetworkAcl, entry: NetworkAclEntry, family: AddressFamily): GateRule[] {
  const cidrBlock = family === IPV4 ? entry.cidrBlock : entry.ipv6CidrBlock;
  // The `*` entry is the drop at the end of the chain.
  if (cidrBlock === undefined || entry.ruleNumber === 32767) return [];
  const { portRange, icmpTypeCode } = entry;
  return [
    {
      protocol: entry.protocol === '-1' ? undefined : Number(entry.protocol),
      ports: portRange === undefined ? undefined : { first: portRange.from, last: portRange.to },
      icmp: icmpTypeCode === undefined ? undefined : { type: icmpTypeCode.type, code: icmpTypeCode.code },
      cidrBlock,
      verdict: entry.ruleAction === 'allow' ? 'return' : 'drop',
      comment: `${acl.networkAclId} rule ${entry.ruleNumber}`,
    },
  ];
}
