import { endpointsOfService, loadBalancersOfService, serviceOfEndpoint } from '../model/private-link.ts';
import type { World } from '../model/world.ts';
import type { Change } from '../state/store.ts';

/** A VPC in its world. */
export interface PlacedVpc {
  readonly world: World;
  readonly vpcId: string;
}

/**
 * The VPCs that endpoint services join to a VPC: those of the load balancers that its endpoints lead to, and those of the
 * endpoints that lead to its own load balancers.
 */
export function vpcsJoinedTo(worlds: readonly World[], { world, vpcId }: PlacedVpc): readonly PlacedVpc[] {
  const providers = world.vpcEndpoints.where('vpcId', vpcId).flatMap((endpoint) => {
    const placed = serviceOfEndpoint(worlds, world, endpoint);
    return placed === undefined
      ? []
      : loadBalancersOfService(placed).map((balancer) => ({ world: placed.world, vpcId: balancer.vpcId }));
  });
  const consumers = world.loadBalancers
    .where('vpcId', vpcId)
    .flatMap(({ loadBalancerArn }) =>
      world.vpcEndpointServices.where('networkLoadBalancerArns', loadBalancerArn),
    )
    .flatMap((service) => consumersOf(worlds, world, service));
  return [...providers, ...consumers];
}

/** The VPCs of the endpoints that lead to a service which a change made, altered or removed. */
export function vpcsJoinedBy(
  worlds: readonly World[],
  world: World,
  { before, after }: Change,
): readonly PlacedVpc[] {
  return [before, after].flatMap((record) =>
    record !== undefined && 'serviceId' in record ? consumersOf(worlds, world, record) : [],
  );
}

function consumersOf(
  worlds: readonly World[],
  world: World,
  service: Parameters<typeof endpointsOfService>[1]['service'],
): readonly PlacedVpc[] {
  return endpointsOfService(worlds, { world, service }).map((each) => ({
    world: each.world,
    vpcId: each.endpoint.vpcId,
  }));
}
