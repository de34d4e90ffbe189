import { formatIpv4, parseIpv4 } from '../net/address.ts';
import { hasAddress, lastOf } from '../net/cidr.ts';
import { ipv4BlocksOf, isReservedAddress } from './addressing.ts';
import type { Subnet } from './records.ts';
import type { World } from './world.ts';

/**
 * The lowest private addresses of the subnet that nothing has, and that are not among `others`: `count` of them, or fewer
 * when the subnet has no more (semantics S4).
 */
export function findFreePrivateAddresses(
  world: World,
  subnet: Subnet,
  count: number,
  others: readonly string[] = [],
): string[] {
  const [cidr] = ipv4BlocksOf(subnet);
  if (cidr === undefined) return [];
  const used = usedAddresses(world, subnet).union(new Set(others));
  const free: string[] = [];
  for (let address = cidr.first + 4; address < lastOf(cidr) && free.length < count; address++) {
    const text = formatIpv4(address);
    if (!used.has(text)) free.push(text);
  }
  return free;
}

/** Why an address cannot be given to an interface of the subnet. */
export type AddressObstacle = 'not an address' | 'not in the subnet' | 'reserved' | 'in use';

/** What stands against giving the address to an interface of the subnet; undefined when nothing does. */
export function findAddressObstacle(world: World, subnet: Subnet, text: string): AddressObstacle | undefined {
  const address = parseIpv4(text);
  if (address === undefined) return 'not an address';
  const [cidr] = ipv4BlocksOf(subnet);
  if (cidr === undefined || !hasAddress(cidr, address)) return 'not in the subnet';
  if (isReservedAddress(cidr, address)) return 'reserved';
  return usedAddresses(world, subnet).has(text) ? 'in use' : undefined;
}

function usedAddresses(world: World, subnet: Subnet): Set<string> {
  return new Set(
    world.networkInterfaces.where('subnetId', subnet.subnetId).flatMap((eni) => eni.privateIpAddresses),
  );
}
