import type { EndpointName } from './endpoint-dns.ts';
import type { LoadBalancer } from './load-balancer-records.ts';
import { publicAddressOf } from './public-addresses.ts';
import type { World } from './world.ts';

/**
 * The names of a load balancer, of all of it and of each zone, known to everybody: an internal one's stand for private
 * addresses, an internet-facing one's for public ones.
 */
export function namesOfLoadBalancer(world: World, balancer: LoadBalancer): readonly EndpointName[] {
  const { dnsName, scheme, networkInterfaceIds } = balancer;
  const nodes = networkInterfaceIds
    .flatMap((id) => world.networkInterfaces.get(id) ?? [])
    .flatMap((eni) => {
      const address = scheme === 'internal' ? eni.privateIpAddresses[0] : publicAddressOf(world, eni);
      return address === undefined ? [] : [{ zone: eni.availabilityZone, address }];
    });
  return [
    { name: dnsName, addresses: nodes.map(({ address }) => address) },
    ...nodes.map(({ zone, address }) => ({ name: `${zone}.${dnsName}`, addresses: [address] })),
  ];
}
