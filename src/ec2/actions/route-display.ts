import type { Route as WireRoute } from '@aws-sdk/client-ec2';
import type { Route, RouteTable } from '../../model/records.ts';
import { isRouteActive } from '../../model/routes.ts';
import type { World } from '../../model/world.ts';
import type { FilterTable, FilterValue } from '../filters.ts';

/** A route as a reply shows it; whether it is a blackhole is computed now (semantics S28). */
export function showRoute(world: World, table: RouteTable, route: Route): WireRoute {
  const { destination } = route;
  return {
    DestinationCidrBlock: destination.kind === 'cidr' ? destination.cidrBlock : undefined,
    DestinationIpv6CidrBlock: destination.kind === 'cidr-ipv6' ? destination.ipv6CidrBlock : undefined,
    DestinationPrefixListId: destination.kind === 'prefix-list' ? destination.prefixListId : undefined,
    ...showTarget(world, route),
    Origin: route.origin,
    State: isRouteActive(world, table, route) ? 'active' : 'blackhole',
  };
}

function showTarget(world: World, { target }: Route): WireRoute {
  const shown = showTargetId(target);
  if (target.kind !== 'network-interface') return shown;
  const attachment = world.networkInterfaces.get(target.id)?.attachment;
  return {
    ...shown,
    InstanceId: attachment?.instanceId,
    InstanceOwnerId: attachment?.instanceId === undefined ? undefined : attachment.instanceOwnerId,
  };
}

/** The member of a reply's route that names its target. */
export function showTargetId(target: Route['target']) {
  switch (target.kind) {
    case 'local':
      return { GatewayId: 'local' };
    case 'internet-gateway':
    case 'vpc-endpoint':
    case 'vpn-gateway':
      return { GatewayId: target.id };
    case 'vpc-peering-connection':
      return { VpcPeeringConnectionId: target.id };
    case 'egress-only-internet-gateway':
      return { EgressOnlyInternetGatewayId: target.id };
    case 'transit-gateway':
      return { TransitGatewayId: target.id };
    case 'nat-gateway':
      return { NatGatewayId: target.id };
    case 'network-interface':
      return { NetworkInterfaceId: target.id };
  }
}

function eachRoute(read: (route: WireRoute) => string | undefined) {
  return (table: RouteTable, world: World): FilterValue =>
    table.routes.map((route) => read(showRoute(world, table, route)));
}

/** The filters of DescribeRouteTables on a table's routes. */
export const routeFilters: FilterTable<RouteTable> = {
  'route.destination-cidr-block': eachRoute((route) => route.DestinationCidrBlock),
  'route.destination-ipv6-cidr-block': eachRoute((route) => route.DestinationIpv6CidrBlock),
  'route.destination-prefix-list-id': eachRoute((route) => route.DestinationPrefixListId),
  'route.egress-only-internet-gateway-id': eachRoute((route) => route.EgressOnlyInternetGatewayId),
  'route.gateway-id': eachRoute((route) => route.GatewayId),
  'route.instance-id': eachRoute((route) => route.InstanceId),
  'route.nat-gateway-id': eachRoute((route) => route.NatGatewayId),
  'route.transit-gateway-id': eachRoute((route) => route.TransitGatewayId),
  'route.origin': eachRoute((route) => route.Origin),
  'route.state': eachRoute((route) => route.State),
  'route.vpc-peering-connection-id': eachRoute((route) => route.VpcPeeringConnectionId),
};
