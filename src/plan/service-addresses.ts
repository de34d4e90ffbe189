import type { NetworkInterface } from '../model/records.ts';
import { formatIpv4, parseIpv4 } from '../net/address.ts';
import { SERVICE_NETWORK_FIRST } from './places.ts';

/** Where the service addresses of private addresses besides the primary ones begin: the upper half of 100.64.0.0/10. */
const OTHERS_FIRST = (parseIpv4(SERVICE_NETWORK_FIRST) ?? 0) + 2 ** 21;
/** How many of an interface's other addresses have one, and of how many interfaces there is room for. */
const MOST_OTHERS = 16;
const MOST_INTERFACES = 2 ** 21 / MOST_OTHERS;

/** The service address of an interface: by it the services know the caller, whatever its VPC's blocks are. */
export function serviceAddressOf(eni: NetworkInterface): string {
  return formatIpv4((parseIpv4(SERVICE_NETWORK_FIRST) ?? 0) + eni.ordinal);
}

/** A private address and the one by which the services know what comes from it. */
export interface ServiceAddress {
  readonly privateAddress: string;
  readonly serviceAddress: string;
}

/** The service addresses of all private addresses of an interface, the primary one's first. Beyond 17 they have none. */
export function serviceAddressesOf(eni: NetworkInterface): ServiceAddress[] {
  const [primary, ...others] = eni.privateIpAddresses;
  if (primary === undefined) return [];
  const first = OTHERS_FIRST + eni.ordinal * MOST_OTHERS;
  const numbered = eni.ordinal < MOST_INTERFACES ? others.slice(0, MOST_OTHERS) : [];
  return [
    { privateAddress: primary, serviceAddress: serviceAddressOf(eni) },
    ...numbered.map((privateAddress, index) => ({
      privateAddress,
      serviceAddress: formatIpv4(first + index),
    })),
  ];
}
