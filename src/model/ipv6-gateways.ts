import { describeResource } from './display-names.ts';
import type { World } from './world.ts';

/** A gateway by which IPv6 packets leave a VPC for the Internet. */
export interface Ipv6Gateway {
  readonly id: string;
  /** Whether it lets in only answers to what it took out (semantics S45). */
  readonly isEgressOnly: boolean;
}

/** The internet gateway that is attached to a VPC, or its egress-only one. */
export function gatewayOf(world: World, vpcId: string, isPublic: boolean): Ipv6Gateway | undefined {
  const id = isPublic
    ? world.internetGateways.where('vpcId', vpcId)[0]?.internetGatewayId
    : world.egressOnlyInternetGateways.where('vpcId', vpcId)[0]?.egressOnlyInternetGatewayId;
  return id === undefined ? undefined : { id, isEgressOnly: !isPublic };
}

/** A gateway as people say it: `main (igw-…)`, `egress-only internet gateway out (eigw-…)`. */
export function describeGateway(world: World, { id, isEgressOnly }: Ipv6Gateway): string {
  return isEgressOnly
    ? `egress-only internet gateway ${describeResource(world.egressOnlyInternetGateways.get(id), id)}`
    : describeResource(world.internetGateways.get(id), id);
}
