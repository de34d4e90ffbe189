import { formatIpv4 } from '../net/address.ts';
import { cidrOf } from '../net/cidr.ts';
import type { World } from './world.ts';

/** Services that every subnet has, whatever its gates say (semantics S67): their names by their addresses. */
const LINK_LOCAL_SERVICES: Readonly<Record<string, string>> = {
  '169.254.169.254': 'instance metadata',
  '169.254.169.253': 'VPC DNS',
};

/** The service that answers at an address within a VPC: `VPC DNS` at the VPC's base plus two (S6). */
export function amazonServiceAt(world: World, vpcId: string, address: string): string | undefined {
  const vpc = world.vpcs.get(vpcId);
  const plusTwo = vpc === undefined ? undefined : formatIpv4(cidrOf(vpc.cidrBlock).first + 2);
  return address === plusTwo ? 'VPC DNS' : LINK_LOCAL_SERVICES[address];
}
