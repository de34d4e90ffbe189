import type { VpcEndpointService } from './endpoint-service-records.ts';
import { endpointOfInterface, isEndpointOpen } from './interface-endpoints.ts';
import type { LoadBalancer } from './load-balancer-records.ts';
import { loadBalancerOf } from './load-balancing.ts';
import type { NetworkInterface, VpcEndpoint } from './records.ts';
import type { World } from './world.ts';

/** An interface in its world. */
export interface PlacedInterface {
  readonly world: World;
  readonly eni: NetworkInterface;
}

/** An endpoint service and the world of the account that offers it. */
export interface PlacedService {
  readonly world: World;
  readonly service: VpcEndpointService;
}

/** The service of somebody's own that an endpoint leads to; undefined for AWS's services, and once it is deleted. */
export function serviceOfEndpoint(
  worlds: readonly World[],
  { scope }: World,
  { serviceName, serviceOwnerId }: VpcEndpoint,
): PlacedService | undefined {
  if (serviceOwnerId === undefined) return undefined;
  const world = worlds.find(
    (each) => each.scope.account === serviceOwnerId && each.scope.region === scope.region,
  );
  const [service] = world?.vpcEndpointServices.where('serviceName', serviceName) ?? [];
  return world === undefined || service === undefined ? undefined : { world, service };
}

/** The load balancers of a service that are there, in the order in which it names them. */
export function loadBalancersOfService({ world, service }: PlacedService): readonly LoadBalancer[] {
  return service.networkLoadBalancerArns.flatMap((arn) => world.loadBalancers.get(arn) ?? []);
}

/** The nodes of a service's load balancers. */
export function nodesOfService(placed: PlacedService): readonly NetworkInterface[] {
  return loadBalancersOfService(placed)
    .flatMap(({ networkInterfaceIds }) => networkInterfaceIds)
    .flatMap((id) => placed.world.networkInterfaces.get(id) ?? []);
}

/**
 * The node that an endpoint's interface hands packets to: that of its own zone, of the first load balancer that has one
 * there. Undefined where there is none, and for an endpoint that is not open.
 */
export function nodeBehindEndpoint(
  worlds: readonly World[],
  world: World,
  eni: NetworkInterface,
): PlacedInterface | undefined {
  const endpoint = endpointOfInterface(world, eni);
  if (endpoint === undefined || !isEndpointOpen(endpoint)) return undefined;
  const placed = serviceOfEndpoint(worlds, world, endpoint);
  if (placed === undefined) return undefined;
  const node = nodesOfService(placed).find(
    ({ availabilityZone }) => availabilityZone === eni.availabilityZone,
  );
  return node === undefined ? undefined : { world: placed.world, eni: node };
}

/** The endpoints' interfaces that hand packets to a node, of VPCs of any account, by ordinal. */
export function endpointsBeforeNode(
  worlds: readonly World[],
  world: World,
  node: NetworkInterface,
): readonly PlacedInterface[] {
  const balancer = loadBalancerOf(world, node);
  if (balancer === undefined) return [];
  return world.vpcEndpointServices
    .where('networkLoadBalancerArns', balancer.loadBalancerArn)
    .flatMap((service) => endpointsOfService(worlds, { world, service }))
    .flatMap(({ world: consumer, endpoint }) =>
      endpoint.networkInterfaceIds
        .flatMap((id) => consumer.networkInterfaces.get(id) ?? [])
        .map((eni): PlacedInterface => ({ world: consumer, eni })),
    )
    .filter((placed) => nodeBehindEndpoint(worlds, placed.world, placed.eni)?.eni === node)
    .toSorted((a, b) => a.eni.ordinal - b.eni.ordinal);
}

/** The endpoints that lead to a service, of any account of its region. */
export function endpointsOfService(
  worlds: readonly World[],
  { world, service }: PlacedService,
): readonly { readonly world: World; readonly endpoint: VpcEndpoint }[] {
  return worlds
    .filter(({ scope }) => scope.region === world.scope.region)
    .flatMap((each) =>
      each.vpcEndpoints
        .where('serviceName', service.serviceName)
        .map((endpoint) => ({ world: each, endpoint })),
    );
}
