import {
  type EndpointName,
  type EndpointNames,
  isOfferedService,
  namesOfEndpoint,
  shortNameOf,
} from '../model/endpoint-dns.ts';
import { namesOfLoadBalancer } from '../model/load-balancer-dns.ts';
import type { VpcEndpoint } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { serviceAddressOf } from '../plan/service-addresses.ts';

/** An endpoint as the world's servers are told of it, in JSON. */
export interface ToldEndpoint {
  readonly vpcEndpointId: string;
  readonly vpcId: string;
  readonly ownerId: string;
  readonly region: string;
  /** `s3`, `ecr.api`; of somebody's own service the last part of its name. */
  readonly service: string;
  readonly policyDocument: string;
  /** By service address: the addresses at which its interfaces call AWS's services; none of an endpoint to another. */
  readonly interfaces: readonly string[];
  readonly names: EndpointNames;
}

/** The endpoints that carry packets now, gateway and interface, of all worlds. */
export function endpointViewOf(worlds: Iterable<World>): ToldEndpoint[] {
  return [...worlds].flatMap((world) =>
    [...world.vpcEndpoints.values()]
      .filter(({ state }) => state === 'pending' || state === 'available')
      .map((endpoint) => tellEndpoint(world, endpoint)),
  );
}

/** The names of all worlds' load balancers. */
export function balancerNamesOf(worlds: Iterable<World>): EndpointName[] {
  return [...worlds].flatMap((world) =>
    [...world.loadBalancers.values()].flatMap((balancer) => namesOfLoadBalancer(world, balancer)),
  );
}

function tellEndpoint(world: World, endpoint: VpcEndpoint): ToldEndpoint {
  const { vpcEndpointId, vpcId, serviceName, policyDocument, networkInterfaceIds } = endpoint;
  return {
    vpcEndpointId,
    vpcId,
    ownerId: world.scope.account,
    region: world.scope.region,
    service: shortNameOf(serviceName),
    policyDocument,
    interfaces: isOfferedService(serviceName)
      ? []
      : networkInterfaceIds.flatMap((id) => world.networkInterfaces.get(id) ?? []).map(serviceAddressOf),
    names: namesOfEndpoint(world, endpoint),
  };
}
