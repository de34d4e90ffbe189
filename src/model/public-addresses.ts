import { formatIpv4 } from '../net/address.ts';
import { type Cidr, cidrOf, sizeOf } from '../net/cidr.ts';
import type { NetworkInterface } from './records.ts';
import type { World } from './world.ts';

/**
 * All public addresses come from RFC 2544's benchmark range: no network on the real Internet has it, so a command typed
 * in the wrong shell cannot reach a stranger.
 */
const PUBLIC_RANGE = cidrOf('198.18.0.0/15');

/** Each region has a /20 of it: 4,094 addresses, and room for 32 regions and more. */
const POOL_PREFIX_LENGTH = 20;

/** The pool of a region, by its place in the list of regions. The last ones share when there are more than fit. */
export function publicPoolOf(regionIndex: number): Cidr {
  const size = 2 ** (32 - POOL_PREFIX_LENGTH);
  const pools = sizeOf(PUBLIC_RANGE) / size;
  return { first: PUBLIC_RANGE.first + (regionIndex % pools) * size, prefixLength: POOL_PREFIX_LENGTH };
}

/**
 * A public address of the pool that nobody has, looking on from a random `start` (0 up to the pool's size); undefined
 * when the pool is used up. Its first and last address stay unused.
 */
export function findFreePublicAddress(
  worlds: Iterable<World>,
  pool: Cidr,
  start: number,
): string | undefined {
  const all = [...worlds];
  const usable = sizeOf(pool) - 2;
  for (let step = 0; step < usable; step++) {
    const address = formatIpv4(pool.first + 1 + ((start + step) % usable));
    if (!all.some((world) => isPublicAddressTaken(world, address))) return address;
  }
  return undefined;
}

function isPublicAddressTaken(world: World, address: string): boolean {
  return (
    world.addresses.where('publicIp', address).length > 0 ||
    world.networkInterfaces.where('autoAssignedPublicIp', address).length > 0
  );
}

/**
 * The public address of one of an interface's private ones, of the primary when none is said: the Elastic IP associated
 * with it; for the primary else what it was automatically assigned (semantics S39).
 */
export function publicAddressOf(
  world: World,
  eni: NetworkInterface,
  privateAddress: string | undefined = eni.privateIpAddresses[0],
): string | undefined {
  const address = world.addresses
    .where('networkInterfaceId', eni.networkInterfaceId)
    .find(({ privateIpAddress }) => privateIpAddress === privateAddress);
  if (address !== undefined) return address.publicIp;
  return privateAddress === eni.privateIpAddresses[0] ? eni.autoAssignedPublicIp : undefined;
}
