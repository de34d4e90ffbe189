import { isPrivateAddress, isWorldsPublicAddress } from '../../model/flow-endpoints.ts';
import { isInBlock } from '../../model/gates.ts';
import { VPC_IPV6_POOL } from '../../model/ipv6-addressing.ts';
import { ipv6BlocksOfRoute } from '../../model/route-lookup.ts';
import type { World } from '../../model/world.ts';
import { formatIpv6, overlapsIpv6, parseIpv6Cidr } from '../../net/ipv6.ts';

/** Any computer of the Internet by IPv6: the first that is asked about where nothing tells it from others. */
const STRANGER = '2001:db8:2::7/128';
/** Blocks whose addresses nobody on the Internet has: unspecified and embedded ones, multicast (RFC 6890). */
const NOBODYS = ['::/8', 'ff00::/8'];
/** The private networks and VPCs' own blocks, as places where a kind of address begins. */
const NOT_STRANGERS = ['fc00::/7', 'fe80::/10', VPC_IPV6_POOL];

/**
 * What `strangersIn` is for IPv4: addresses of a block that are on the Internet, one of every kind that a rule, route or list of the
 * worlds tells from another.
 */
export function ipv6StrangersIn(worlds: readonly World[], block: string): readonly string[] {
  const told = [...new Set(worlds.flatMap(blocksOf))].filter((each) => overlapsIpv6(each, block));
  const starts = [STRANGER, block, ...NOBODYS, ...NOT_STRANGERS, ...told].flatMap(boundsOf);
  const kinds = new Map<string, string>();
  for (const address of new Set(starts)) {
    if (!isInBlock(address, block) || !isStranger(address)) continue;
    const kind = told.map((each) => (isInBlock(address, each) ? '1' : '0')).join('');
    if (!kinds.has(kind)) kinds.set(kind, address);
  }
  return [...kinds.values()];
}

/** The first address of a block, and the first behind it. */
function boundsOf(block: string): string[] {
  const cidr = parseIpv6Cidr(block);
  if (cidr === undefined) return [];
  const behind = cidr.first + (1n << BigInt(128 - cidr.prefixLength));
  return [cidr.first, ...(behind < 1n << 128n ? [behind] : [])].map(formatIpv6);
}

function isStranger(address: string): boolean {
  const isNobodys = NOBODYS.some((each) => isInBlock(address, each));
  return !isNobodys && !isPrivateAddress(address) && !isWorldsPublicAddress(address);
}

/** Every IPv6 block that something of a world speaks of. */
function blocksOf(world: World): string[] {
  return [
    ...[...world.securityGroupRules.values()].flatMap(({ peer }) =>
      peer.kind === 'cidr-ipv6' ? [peer.cidrBlock] : [],
    ),
    ...[...world.networkAcls.values()].flatMap(({ entries }) =>
      entries.flatMap(({ ipv6CidrBlock }) => ipv6CidrBlock ?? []),
    ),
    ...[...world.routeTables.values()].flatMap(({ routes }) =>
      routes.flatMap((route) => ipv6BlocksOfRoute(world, route)),
    ),
    ...[...world.prefixLists.values()].flatMap(({ addressFamily, entries }) =>
      addressFamily === 'IPv6' ? entries.map(({ cidr }) => cidr) : [],
    ),
  ];
}
