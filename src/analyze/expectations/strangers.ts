import { isPrivateAddress, isWorldsPublicAddress } from '../../model/flow-endpoints.ts';
import type { World } from '../../model/world.ts';
import { formatIpv4, type Ipv4 } from '../../net/address.ts';
import { type Cidr, cidrOf, hasAddress, lastOf, overlaps, parseCidr } from '../../net/cidr.ts';

/** Any computer of the Internet, in RFC 5737's third block: the first that is asked about where nothing tells it from others. */
const STRANGER = cidrOf('203.0.113.7/32').first;
/** Blocks whose addresses nobody on the Internet has: this network, multicast and reserved (RFC 6890). */
const NOBODYS: readonly Cidr[] = ['0.0.0.0/8', '224.0.0.0/3'].map(cidrOf);

/**
 * Addresses of a block that are on the Internet, one of every kind: two addresses that no rule, route or list of the worlds tells
 * apart are of one kind, so what holds for these holds for the whole block. Blocks of `asked` are told apart too.
 */
export function strangersIn(
  worlds: readonly World[],
  block: Cidr,
  asked: readonly Cidr[] = [],
): readonly string[] {
  const told = [...worlds.flatMap(blocksOf), ...asked].filter((each) => overlaps(each, block));
  const cuts = [block, ...NOBODYS, ...NOT_STRANGERS, ...told];
  const starts = [STRANGER, ...new Set(cuts.flatMap((cut) => [cut.first, lastOf(cut) + 1]))];
  const kinds = new Map<string, string>();
  for (const start of starts) {
    const address = formatIpv4(start);
    if (!hasAddress(block, start) || !isStranger(start, address)) continue;
    const kind = told.map((each) => (hasAddress(each, start) ? '1' : '0')).join('');
    if (!kinds.has(kind)) kinds.set(kind, address);
  }
  return [...kinds.values()];
}

/** The private networks and the worlds' own public addresses, as places where a kind of address begins. */
const NOT_STRANGERS: readonly Cidr[] = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '127.0.0.0/8',
  '198.18.0.0/15',
].map(cidrOf);

function isStranger(start: Ipv4, address: string): boolean {
  const isSomebodys = !NOBODYS.some((each) => hasAddress(each, start));
  return isSomebodys && !isPrivateAddress(address) && !isWorldsPublicAddress(address);
}

/** Every block that something of a world speaks of. */
function blocksOf(world: World): Cidr[] {
  const texts = [
    ...[...world.securityGroupRules.values()].flatMap(({ peer }) =>
      peer.kind === 'cidr' ? [peer.cidrBlock] : [],
    ),
    ...[...world.networkAcls.values()].flatMap(({ entries }) =>
      entries.flatMap(({ cidrBlock }) => cidrBlock ?? []),
    ),
    ...[...world.routeTables.values()].flatMap(({ routes }) =>
      routes.flatMap(({ destination }) => (destination.kind === 'cidr' ? [destination.cidrBlock] : [])),
    ),
    ...[...world.prefixLists.values()].flatMap(({ entries }) => entries.map(({ cidr }) => cidr)),
  ];
  return [...new Set(texts)].flatMap((text) => parseCidr(text) ?? []);
}
