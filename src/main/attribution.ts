import type { Attribution } from '../region/api.ts';
import { SERVICE_PREFIXES, type ServicePrefix } from '../region/prefixes.ts';
import type { ToldView } from './told-view.ts';

const PREFIXES: ReadonlyMap<string, ServicePrefix> = new Map(
  SERVICE_PREFIXES.map((prefix) => [prefix.serverAddress, prefix]),
);

/** The service of a managed prefix list that answers at an address; undefined for any other address. */
export function findPrefixAt(serverAddress: string): ServicePrefix | undefined {
  return PREFIXES.get(serverAddress);
}

/**
 * Who asks: an interface endpoint is known by the address it calls at; without one, an interface by its service address, with the
 * gateway endpoint on its way to the service; or whoever came over the Internet, or by the machine's own socket.
 */
export function attributionOf(told: ToldView, remoteAddress: string, localAddress: string): Attribution {
  if (remoteAddress === '') return { sourceAddress: '127.0.0.1' };
  const endpoint = told.endpointAt(localAddress);
  if (endpoint !== undefined) {
    const { vpcEndpointId, vpcId } = endpoint;
    return { sourceAddress: remoteAddress, vpcEndpointId, vpcId };
  }
  const caller = told.find(remoteAddress);
  if (caller === undefined) return { sourceAddress: remoteAddress };
  const prefix = findPrefixAt(localAddress);
  const vpcEndpointId = prefix === undefined ? undefined : caller.endpoints[prefix.prefixListName];
  const { privateIpAddress, eniId, vpcId } = caller.guest;
  return {
    sourceAddress: privateIpAddress,
    eniId,
    ...(vpcEndpointId === undefined ? {} : { vpcEndpointId, vpcId }),
  };
}
