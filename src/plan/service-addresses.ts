import type { NetworkInterface } from '../model/records.ts';
import { formatIpv4, parseIpv4 } from '../net/address.ts';
import { SERVICE_NETWORK_FIRST } from './places.ts';

/** The service address of an interface: by it the services know the caller, whatever its VPC's blocks are. */
export function serviceAddressOf(eni: NetworkInterface): string {
  return formatIpv4((parseIpv4(SERVICE_NETWORK_FIRST) ?? 0) + eni.ordinal);
}
