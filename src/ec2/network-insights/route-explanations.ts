import type { Explanation } from '@aws-sdk/client-ec2';
import type { Flow } from '../../model/flow-endpoints.ts';
import { isInBlock } from '../../model/gates.ts';
import type { Obstacle } from '../../model/path-result.ts';
import type { Route, RouteTable } from '../../model/records.ts';
import { blocksOfRoute } from '../../model/route-lookup.ts';
import { isPeeringOpen, routeTableOf } from '../../model/routes.ts';
import { findAttachment } from '../../model/transit-gateway-routes.ts';
import { cidrOf } from '../../net/cidr.ts';
import type { Atlas } from './atlas.ts';
import type { PathEnds } from './ends.ts';
import { showRoute, showTransitRoute } from './shapes.ts';

/** What an obstacle stands in the way of. */
export interface Question {
  readonly ends: PathEnds;
  readonly flow: Flow;
}

/**
 * A table without a route there: AWS names the destination, the table and the VPC. Where the table has a route to the very
 * gateway, but to other addresses, that route is named instead.
 */
export function explainNoRoute(
  atlas: Atlas,
  obstacle: Obstacle,
  question: Question | undefined,
): Explanation {
  const subnetId = obstacle.particulars?.subnetId ?? firstOf(obstacle, 'subnet-');
  const tableId = firstOf(obstacle, 'rtb-');
  const table = atlas.record((world) => world.routeTables, tableId);
  const wanted = obstacle.isReply ? question?.ends.from : question?.ends.to;
  const route = table?.routes.find(({ target }) => target.kind !== 'local' && target.id === wanted);
  const shared = {
    RouteTable: atlas.componentOf(tableId),
    ...vpcOf(atlas, table?.vpcId ?? atlas.vpcIdOfSubnet(subnetId)),
  };
  if (wanted !== undefined && route !== undefined) {
    return { ExplanationCode: 'CANNOT_ROUTE', ...shared, RouteTableRoute: showRoute(route, 'active') };
  }
  const peeringId = firstOf(obstacle, 'pcx-');
  return {
    ExplanationCode: 'NO_ROUTE_TO_DESTINATION',
    Destination: destinationOf(atlas, obstacle, question),
    ...shared,
    ...(tableId === undefined ? { ...addressesOf(obstacle), Subnet: atlas.componentOf(subnetId) } : {}),
    ...(peeringId === undefined ? {} : { VpcPeeringConnection: atlas.component(peeringId) }),
  };
}

/** What the packets, or the replies, are for: the gateway that is an end of the path, an instance or an interface. */
function destinationOf(atlas: Atlas, { isReply }: Obstacle, question: Question | undefined) {
  if (question === undefined) return undefined;
  const { ends, flow } = question;
  const gateway = isReply ? ends.from : ends.to;
  const end = isReply ? flow.source : flow.destination;
  if (gateway !== undefined || end.kind === 'outside') return atlas.componentOf(gateway);
  return atlas.component(end.instance?.instanceId ?? end.eni.networkInterfaceId);
}

/**
 * Why packets that get through do not pass the gateway at the end of the path: the table where they begin has no route to it,
 * one to other addresses, or one that another route beats. Undefined where they begin at no table.
 */
export function explainOtherWay(atlas: Atlas, { ends, flow }: Question): Explanation | undefined {
  const { source, destination } = flow;
  if (source.kind !== 'interface' || ends.to === undefined) return undefined;
  const table = routeTableOf(source.world, source.eni.subnetId);
  if (table === undefined) return undefined;
  const address = destination.kind === 'outside' ? destination.address : destination.privateAddress;
  const shared = { RouteTable: atlas.component(table.routeTableId), ...vpcOf(atlas, table.vpcId) };
  const routes = table.routes.filter(({ target }) => target.kind !== 'local' && target.id === ends.to);
  const [first] = routes;
  if (first === undefined) {
    const Destination = atlas.component(ends.to);
    return { ExplanationCode: 'NO_ROUTE_TO_DESTINATION', Destination, ...shared };
  }
  const lengthOf = (route: Route): number =>
    Math.max(
      -1,
      ...blocksOfRoute(source.world, route)
        .filter((block) => isInBlock(address, block))
        .map((block) => cidrOf(block).prefixLength),
    );
  const route = routes.find((each) => lengthOf(each) >= 0) ?? first;
  return {
    ExplanationCode: codeOfBeaten(table, route, lengthOf),
    ...shared,
    RouteTableRoute: showRoute(route, 'active'),
  };
}

function codeOfBeaten(table: RouteTable, route: Route, lengthOf: (route: Route) => number): string {
  const own = lengthOf(route);
  if (own < 0) return 'CANNOT_ROUTE';
  const longest = Math.max(...table.routes.map((each) => lengthOf(each)));
  return longest > own ? 'MORE_SPECIFIC_ROUTE' : 'HIGHER_PRIORITY_ROUTE';
}

/**
 * Two VPCs that nothing joins, so that there is no use in looking further; undefined where a peering connection, a transit
 * gateway or an endpoint does, or where the public address is asked about.
 */
export function explainDisconnected(atlas: Atlas, { flow }: Question): Explanation | undefined {
  const { source, destination } = flow;
  if (source.kind !== 'interface' || destination.kind !== 'interface') return undefined;
  const [from, to] = [source.eni.vpcId, destination.eni.vpcId];
  if (from === to || destination.asked === 'public-address') return undefined;
  const isPeered = source.world.vpcPeeringConnections
    .where('vpcIds', from)
    .some((peering) => isPeeringOpen(peering) && peering.vpcIds.includes(to));
  const isJoined = [...source.world.transitGateways.values()].some(
    ({ transitGatewayId: id }) =>
      findAttachment(source.world, id, from) !== undefined &&
      findAttachment(destination.world, id, to) !== undefined,
  );
  if (isPeered || isJoined) return undefined;
  return {
    ExplanationCode: 'DISCONNECTED_VPCS',
    SourceVpc: atlas.component(from),
    DestinationVpc: atlas.component(to),
  };
}

/** A route to what is gone or out of order. */
export function explainDeadRoute(atlas: Atlas, obstacle: Obstacle): Explanation {
  const route = obstacle.particulars?.route;
  const tableId = firstOf(obstacle, 'rtb-');
  if (tableId === undefined) {
    const [id] = obstacle.objectIds;
    return { ExplanationCode: 'BAD_STATE', Component: atlas.componentOf(id) };
  }
  return {
    ExplanationCode: 'BAD_STATE_ROUTE',
    RouteTable: atlas.component(tableId),
    ...(route === undefined ? {} : { RouteTableRoute: showRoute(route, 'blackhole') }),
    ...vpcOf(atlas, atlas.record((world) => world.routeTables, tableId)?.vpcId),
  };
}

/** A transit gateway's table: none, none of its routes, or a dead one. */
export function explainTransit(atlas: Atlas, obstacle: Obstacle): Explanation {
  const { particulars } = obstacle;
  const tableId = firstOf(obstacle, 'tgw-rtb-');
  const gateway = obstacle.objectIds[0];
  const attachment = particulars?.transit?.fromAttachmentId;
  const route = particulars?.transit === undefined ? undefined : showTransitRoute(particulars.transit);
  const common = {
    TransitGateway: atlas.componentOf(gateway),
    TransitGatewayAttachment: atlas.componentOf(attachment),
  };
  if (tableId === undefined) return { ExplanationCode: 'TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION', ...common };
  return {
    ExplanationCode: route === undefined ? 'TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT' : 'TGW_RTB_BAD_STATE_ROUTE',
    ...common,
    TransitGatewayRouteTable: atlas.component(tableId),
    ...(route === undefined ? {} : { TransitGatewayRouteTableRoute: route }),
  };
}

/** What a peering connection or a transit gateway leads to has another address, or is another VPC's. */
export function explainOtherVpc(
  atlas: Atlas,
  obstacle: Obstacle,
  question: Question | undefined,
): Explanation {
  const peeringId = firstOf(obstacle, 'pcx-');
  if (peeringId !== undefined) {
    const peering = atlas.record((world) => world.vpcPeeringConnections, peeringId);
    return {
      ExplanationCode: 'PCX_REQUIRES_ADDRESS_IN_VPC_CIDR',
      VpcPeeringConnection: atlas.component(peeringId),
      ...addressesOf(obstacle),
      SourceVpc: atlas.componentOf(peering?.requester.vpcId),
      DestinationVpc: atlas.componentOf(peering?.accepter.vpcId),
    };
  }
  const gateway = obstacle.objectIds.find((id) => /^tgw-(?!rtb|attach)/.test(id));
  if (gateway !== undefined) {
    return {
      ExplanationCode: 'NO_POSSIBLE_DESTINATION',
      TransitGateway: atlas.component(gateway),
      ...addressesOf(obstacle),
      DestinationVpc: atlas.componentOf(firstOf(obstacle, 'vpc-')),
    };
  }
  return {
    ...explainNoRoute(atlas, obstacle, question),
    DestinationVpc: atlas.componentOf(firstOf(obstacle, 'vpc-')),
  };
}

/** The first of an obstacle's objects of a kind, by the prefix of its id. */
export function firstOf({ objectIds }: Obstacle, prefix: string): string | undefined {
  return objectIds.find((id) => id.startsWith(prefix));
}

/** The address that the packets are for, as a block. */
export function addressesOf({ particulars }: Obstacle): Pick<Explanation, 'Addresses'> {
  const destination = particulars?.packets?.destination;
  return destination === undefined ? {} : { Addresses: [`${destination}/32`] };
}

/** A VPC, where one is known. */
export function vpcOf(atlas: Atlas, vpcId: string | undefined): Pick<Explanation, 'Vpc'> {
  return vpcId === undefined ? {} : { Vpc: atlas.component(vpcId) };
}
