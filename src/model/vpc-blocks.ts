import { isIpv6 } from '../net/ipv6.ts';
import { isInBlock } from './gates.ts';
import { ipv6BlocksOf } from './ipv6-addressing.ts';
import type { Vpc } from './records.ts';
import type { World } from './world.ts';

/** The IPv4 blocks that a VPC has now: the primary one and those associated later, without those that are gone. */
export function blocksOfVpc(vpc: Vpc): string[] {
  return vpc.cidrBlockAssociations
    .filter(({ state }) => state === 'associated' || state === 'associating')
    .map(({ cidrBlock }) => cidrBlock);
}

/** Whether one of the VPC's blocks holds the address: then its own `local` route leads there. */
export function isInVpc(world: World, vpcId: string, address: string): boolean {
  const vpc = world.vpcs.get(vpcId);
  if (vpc === undefined) return false;
  const blocks = isIpv6(address) ? ipv6BlocksOf(vpc) : blocksOfVpc(vpc);
  return blocks.some((block) => isInBlock(address, block));
}
