import { isOfferedService } from '../model/endpoint-dns.ts';
import { endpointOfInterface } from '../model/interface-endpoints.ts';
import { publicAddressOf } from '../model/public-addresses.ts';
import type { NetworkInterface, Vpc } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { isIpv6 } from '../net/ipv6.ts';
import { planServicesEnd } from './endpoints.ts';
import { egressOnlyEnds, planInternetIpv6, planLaptopIpv6 } from './ipv6/edge.ts';
import { type KernelRoute, type Link, MAIN_TABLE, type Machine } from './machine.ts';
import { metadataHops } from './metadata-hops.ts';
import {
  FAR_MAC,
  INTERNET,
  INTERNET_GATEWAY_LINK,
  INTERNET_MTU,
  IPV6_ROUTER_SYSCTLS,
  LAPTOP,
  LAPTOP_ADDRESS,
  LAPTOP_GATEWAY,
  LAPTOP_MAC,
  linkName,
  METADATA_ADDRESS,
  NEAR_END,
  RESOLVER_ADDRESS,
  RESOLVER_PLUS_TWO_ADDRESS,
  ROUTER_MAC,
  ROUTER_SYSCTLS,
  SERVICES,
  SERVICES_LINK,
  VPC_MTU,
} from './places.ts';
import { type PresentVpc, presentInterfaces } from './presence.ts';
import { serviceAddressesOf, serviceAddressOf } from './service-addresses.ts';

/** The public addresses that are there whatever the user makes. */
export interface PublicServers {
  /** Addresses of the simulated Internet's servers, of both families: 8.8.8.8, whois, the package index. */
  readonly internet: readonly string[];
  /** Addresses of the regions' services, S3 first of all: IPv4 only. */
  readonly services: readonly string[];
}

/** Where the Internet and the services meet, apart from any VPC. */
const SERVICES_SIDE = '169.254.2.2';
const INTERNET_SIDE = '169.254.2.1';
const INTERNET_LINK = 'internet';

const EDGE_SYSCTLS: Readonly<Record<string, string>> = {
  ...ROUTER_SYSCTLS,
  'net/ipv4/conf/default/proxy_arp': '0',
};

/** The Internet: knows which VPC each public address lives in, carries nothing from or to private addresses. */
export function planInternet(vpcs: readonly PresentVpc[], servers: PublicServers): Machine {
  const withGateway = vpcs.filter(
    ({ world, vpc }) => world.internetGateways.where('vpcId', vpc.vpcId).length > 0,
  );
  const routes: KernelRoute[] = [{ table: MAIN_TABLE, destination: '0.0.0.0/0', type: 'blackhole' }];
  for (const address of servers.services) {
    routes.push({
      table: MAIN_TABLE,
      destination: `${address}/32`,
      type: 'unicast',
      via: SERVICES_SIDE,
      device: SERVICES_LINK,
      isOnlink: true,
    });
  }
  for (const { world, vpc } of withGateway) {
    for (const eni of presentInterfaces(world, vpc.vpcId)) {
      for (const privateAddress of eni.privateIpAddresses) {
        const address = publicAddressOf(world, eni, privateAddress);
        if (address === undefined) continue;
        routes.push({
          table: MAIN_TABLE,
          destination: `${address}/32`,
          type: 'unicast',
          via: NEAR_END,
          device: linkName('i', vpc.vpcId),
          isOnlink: true,
        });
      }
    }
  }
  const addresses = servers.internet.filter((address) => !isIpv6(address));
  const ipv6Addresses = servers.internet.filter(isIpv6);
  return {
    name: INTERNET,
    sysctls: { ...EDGE_SYSCTLS, ...IPV6_ROUTER_SYSCTLS },
    links: [
      { name: 'lo', addresses: addresses.map((address) => `${address}/32`), neighbours: [] },
      {
        name: LAPTOP,
        peer: { machine: LAPTOP, name: 'eth0' },
        mac: FAR_MAC,
        mtu: INTERNET_MTU,
        addresses: [`${LAPTOP_GATEWAY}/24`],
        neighbours: [],
      },
      {
        name: SERVICES_LINK,
        peer: { machine: SERVICES, name: INTERNET_LINK },
        mac: FAR_MAC,
        mtu: INTERNET_MTU,
        addresses: [],
        neighbours: [{ address: SERVICES_SIDE, mac: ROUTER_MAC }],
      },
      ...withGateway.map(({ vpc }) => internetGatewayEnd(vpc)),
      ...egressOnlyEnds(vpcs),
    ],
    routes,
    rules: [],
    ruleset: undefined,
    ipv6: planInternetIpv6(vpcs, ipv6Addresses),
  };
}

function internetGatewayEnd(vpc: Vpc): Link {
  return {
    name: linkName('i', vpc.vpcId),
    peer: { machine: vpc.vpcId, name: INTERNET_GATEWAY_LINK },
    mac: FAR_MAC,
    mtu: INTERNET_MTU,
    alias: vpc.vpcId,
    addresses: [],
    neighbours: [{ address: NEAR_END, mac: ROUTER_MAC }],
  };
}

/** The services: reached from each VPC by a link of its own, and from the Internet by their public addresses. */
export function planServices(vpcs: readonly PresentVpc[], servers: PublicServers): Machine {
  const routes: KernelRoute[] = [
    {
      table: MAIN_TABLE,
      destination: '0.0.0.0/0',
      type: 'unicast',
      via: INTERNET_SIDE,
      device: INTERNET_LINK,
      isOnlink: true,
    },
  ];
  const endpoints = vpcs.flatMap(({ world, vpc }) =>
    presentInterfaces(world, vpc.vpcId).filter((eni) => leadsToAmazon(world, eni)),
  );
  const ends = endpoints.map(planServicesEnd);
  const own = [
    ...[METADATA_ADDRESS, RESOLVER_ADDRESS, RESOLVER_PLUS_TWO_ADDRESS, ...servers.services],
    ...endpoints.map(serviceAddressOf),
  ];
  for (const { world, vpc } of vpcs) {
    for (const eni of presentInterfaces(world, vpc.vpcId)) {
      if (endpoints.includes(eni)) continue;
      for (const { serviceAddress } of serviceAddressesOf(eni)) {
        routes.push({
          table: MAIN_TABLE,
          destination: `${serviceAddress}/32`,
          type: 'unicast',
          via: NEAR_END,
          device: linkName('s', vpc.vpcId),
          isOnlink: true,
        });
      }
    }
  }
  return {
    name: SERVICES,
    // The servers listen at an endpoint's address as soon as they hear of it, whether it is there already or not.
    sysctls: { ...EDGE_SYSCTLS, 'net/ipv4/ip_forward': '0', 'net/ipv4/ip_nonlocal_bind': '1' },
    links: [
      { name: 'lo', addresses: own.map((address) => `${address}/32`), neighbours: [] },
      {
        name: INTERNET_LINK,
        peer: { machine: INTERNET, name: SERVICES_LINK },
        mac: ROUTER_MAC,
        mtu: INTERNET_MTU,
        addresses: [],
        neighbours: [{ address: INTERNET_SIDE, mac: FAR_MAC }],
      },
      ...vpcs.map(({ vpc }) => servicesEnd(vpc)),
      ...ends.map(({ link }) => link),
    ],
    routes: [...routes, ...ends.map(({ route }) => route)],
    rules: ends.map(({ rule }) => rule),
    ruleset: metadataHops(),
  };
}

/** Whether an interface is of an endpoint to a service of AWS: those of accounts stand behind load balancers. */
function leadsToAmazon(world: World, eni: NetworkInterface): boolean {
  const endpoint = endpointOfInterface(world, eni);
  return endpoint !== undefined && !isOfferedService(endpoint.serviceName);
}

function servicesEnd(vpc: Vpc): Link {
  return {
    name: linkName('s', vpc.vpcId),
    peer: { machine: vpc.vpcId, name: SERVICES_LINK },
    mac: FAR_MAC,
    mtu: VPC_MTU,
    alias: vpc.vpcId,
    addresses: [],
    neighbours: [{ address: NEAR_END, mac: ROUTER_MAC }],
  };
}

/** The user's computer: an ordinary host behind nothing. */
export function planLaptop(): Machine {
  return {
    name: LAPTOP,
    sysctls: { 'net/ipv4/ping_group_range': '0 65535' },
    links: [
      { name: 'lo', addresses: [], neighbours: [] },
      {
        name: 'eth0',
        peer: { machine: INTERNET, name: LAPTOP },
        mac: LAPTOP_MAC,
        mtu: INTERNET_MTU,
        addresses: [`${LAPTOP_ADDRESS}/24`],
        neighbours: [],
      },
    ],
    routes: [
      { table: MAIN_TABLE, destination: '0.0.0.0/0', type: 'unicast', via: LAPTOP_GATEWAY, device: 'eth0' },
    ],
    rules: [],
    ruleset: undefined,
    ipv6: planLaptopIpv6(),
  };
}
