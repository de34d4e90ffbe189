import type { NetworkInterface, VpcEndpoint } from './records.ts';
import type { World } from './world.ts';

/** The ports at which the services of AWS answer at an interface endpoint: HTTPS, and HTTP where the service has it. */
export const ENDPOINT_PORTS: readonly number[] = [80, 443];

/** The endpoint that an interface was made for; undefined for every other interface, and once the endpoint is gone. */
export function endpointOfInterface(world: World, eni: NetworkInterface): VpcEndpoint | undefined {
  if (eni.interfaceType !== 'vpc_endpoint') return undefined;
  return world.vpcEndpoints
    .where('vpcId', eni.vpcId)
    .find(({ networkInterfaceIds }) => networkInterfaceIds.includes(eni.networkInterfaceId));
}

/** Whether an endpoint's interfaces carry packets, or are about to. */
export function isEndpointOpen({ state }: VpcEndpoint): boolean {
  return state === 'pending' || state === 'available';
}
