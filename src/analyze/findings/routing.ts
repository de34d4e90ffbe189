import { describeResource } from '../../model/display-names.ts';
import { attachInternetGateway, replaceTarget } from '../../model/mends.ts';
import type { Route, RouteTable } from '../../model/records.ts';
import { describeRoute } from '../../model/route-lookup.ts';
import { destinationOf, isRouteActive } from '../../model/routes.ts';
import type { World } from '../../model/world.ts';
import { begin, EVERYWHERE, EVERYWHERE_IPV6, ownVpcs, subnetsOf, tableName } from './common.ts';
import type { Finding, FindingRule } from './finding.ts';

/** Mistakes in route tables. */
export const ROUTING_RULES: readonly FindingRule[] = [
  {
    id: 'blackhole-route',
    severity: 'error',
    title: 'A route leads to nothing',
    why: 'The target of the route is gone, detached or stopped. Packets that take it are dropped in silence.',
    find: (world) =>
      [...world.routeTables.values()].flatMap((table) =>
        table.routes
          .filter((route) => !isRouteActive(world, table, route))
          .map((route) => ({
            sentence: `${begin(tableName(table))} has ${describeRoute(world, route)}, and nothing takes packets there.`,
            objectIds: [table.routeTableId],
            mend: replaceTarget(world, table, route) ?? deleteRoute(table, route),
          })),
      ),
  },
  {
    id: 'main-table-to-internet',
    severity: 'warning',
    title: 'The main route table leads to the Internet',
    why: 'A subnet without a table of its own uses the main one: the next subnet that somebody makes is public by accident.',
    find: (world) =>
      mainTables(world).flatMap((table) =>
        toInternet(table).map((route) => ({
          sentence: `${begin(tableName(table))} is the main one of its VPC and has ${describeRoute(world, route)}.`,
          objectIds: [table.routeTableId],
          mend: deleteRoute(table, route),
        })),
      ),
  },
  {
    id: 'unused-route-table',
    severity: 'advice',
    title: 'A route table that no subnet uses',
    why: 'It changes nothing, and whoever reads it may think that it does.',
    find: (world) =>
      [...world.routeTables.values()]
        .filter(({ associations }) => associations.length === 0)
        .map((table) => ({
          sentence: `${begin(tableName(table))} is associated with no subnet.`,
          objectIds: [table.routeTableId],
          mend: `aws ec2 delete-route-table --route-table-id ${table.routeTableId}`,
        })),
  },
  {
    id: 'appliance-checks-addresses',
    severity: 'error',
    title: 'A route to an appliance that drops what is not its own',
    why: 'An interface takes only packets that are addressed to it, unless its source/destination check is off. A NAT or firewall instance must have it off.',
    find: (world) => [...world.routeTables.values()].flatMap((table) => findCheckedAppliances(world, table)),
  },
  {
    id: 'asymmetric-appliance-route',
    severity: 'warning',
    title: 'Traffic passes an appliance one way only',
    why: 'Packets between two subnets go through an appliance, and come back without it. A stateful firewall drops or misreads such connections.',
    find: (world) => [...world.routeTables.values()].flatMap((table) => findOneWayAppliances(world, table)),
  },
  {
    id: 'internet-gateway-without-route',
    severity: 'warning',
    title: 'An internet gateway that no route leads to',
    why: 'The gateway alone connects nothing: a subnet is public only when its route table leads there.',
    find: (world) =>
      [...world.internetGateways.values()].flatMap((gateway) => {
        const { internetGatewayId, vpcId } = gateway;
        const tables = vpcId === undefined ? [] : world.routeTables.where('vpcId', vpcId);
        const isUsed = tables.some((table) =>
          table.routes.some(
            ({ target }) => target.kind === 'internet-gateway' && target.id === internetGatewayId,
          ),
        );
        if (vpcId === undefined || isUsed) return [];
        const sentence = `Internet gateway ${describeResource(gateway, internetGatewayId)} is attached to ${vpcId}, and no route table leads to it.`;
        return [{ sentence, objectIds: [internetGatewayId, vpcId] }];
      }),
  },
  {
    id: 'egress-only-gateway-without-route',
    severity: 'warning',
    title: 'An egress-only internet gateway that no route leads to',
    why: 'The gateway alone takes nothing out: the route table of a subnet must lead ::/0 there.',
    find: (world) =>
      [...world.egressOnlyInternetGateways.values()]
        .filter(({ egressOnlyInternetGatewayId: id, vpcId }) =>
          world.routeTables
            .where('vpcId', vpcId)
            .every(({ routes }) => routes.every(({ target }) => !('id' in target) || target.id !== id)),
        )
        .map((gateway) => {
          const id = gateway.egressOnlyInternetGatewayId;
          return {
            sentence: `No route table of ${gateway.vpcId} leads to egress-only internet gateway ${describeResource(gateway, id)}.`,
            objectIds: [id, gateway.vpcId],
          };
        }),
  },
  {
    id: 'detached-internet-gateway',
    severity: 'advice',
    title: 'An internet gateway that is attached to no VPC',
    why: 'It carries nothing.',
    find: (world) =>
      [...world.internetGateways.values()]
        .filter(({ vpcId }) => vpcId === undefined)
        .map((gateway) => ({
          sentence: `Internet gateway ${describeResource(gateway, gateway.internetGatewayId)} is attached to no VPC.`,
          objectIds: [gateway.internetGatewayId],
          mend: mendDetached(world, gateway.internetGatewayId),
        })),
  },
];

function deleteRoute({ routeTableId }: RouteTable, route: Route): string {
  const { kind } = route.destination;
  const option =
    kind === 'prefix-list'
      ? '--destination-prefix-list-id'
      : kind === 'cidr-ipv6'
        ? '--destination-ipv6-cidr-block'
        : '--destination-cidr-block';
  return `aws ec2 delete-route --route-table-id ${routeTableId} ${option} ${destinationOf(route)}`;
}

function mainTables(world: World): readonly RouteTable[] {
  return ownVpcs(world).flatMap(({ vpcId }) =>
    world.routeTables
      .where('vpcId', vpcId)
      .filter(({ associations }) => associations.some(({ isMain }) => isMain)),
  );
}

function toInternet({ routes }: RouteTable): readonly Route[] {
  return routes.filter(
    (route) =>
      route.target.kind === 'internet-gateway' &&
      [EVERYWHERE, EVERYWHERE_IPV6].includes(destinationOf(route)),
  );
}

/** To a VPC that could use it, or away. */
function mendDetached(world: World, internetGatewayId: string): string {
  const vpc = ownVpcs(world).find(({ vpcId }) => world.internetGateways.where('vpcId', vpcId).length === 0);
  return vpc === undefined
    ? `aws ec2 delete-internet-gateway --internet-gateway-id ${internetGatewayId}`
    : attachInternetGateway(world, vpc.vpcId);
}

function findCheckedAppliances(world: World, table: RouteTable): Finding[] {
  return table.routes.flatMap((route) => {
    const { target } = route;
    const eni = target.kind === 'network-interface' ? world.networkInterfaces.get(target.id) : undefined;
    if (eni === undefined || !eni.sourceDestCheck) return [];
    return [
      {
        sentence: `${begin(tableName(table))} has ${describeRoute(world, route)}, and the source/destination check of that interface is on.`,
        objectIds: [table.routeTableId, eni.networkInterfaceId],
        mend: `aws ec2 modify-network-interface-attribute --network-interface-id ${eni.networkInterfaceId} --no-source-dest-check`,
      },
    ];
  });
}

/** A route to another subnet's block by an appliance, where that subnet has no such route back. */
function findOneWayAppliances(world: World, table: RouteTable): Finding[] {
  return table.routes.flatMap((route) => {
    const { target, destination } = route;
    if (target.kind !== 'network-interface' || destination.kind !== 'cidr') return [];
    const far = world.subnets
      .where('vpcId', table.vpcId)
      .find(({ cidrBlock }) => cidrBlock === destination.cidrBlock);
    if (far === undefined) return [];
    const back = [...world.routeTables.where('vpcId', table.vpcId)].find((each) =>
      subnetsOf(world, each).includes(far),
    );
    const near = subnetsOf(world, table);
    const missing = near.find(
      ({ cidrBlock }) =>
        cidrBlock !== undefined && back?.routes.some((each) => destinationOf(each) === cidrBlock) !== true,
    );
    if (back === undefined || missing === undefined) return [];
    return [
      {
        sentence: `${begin(tableName(table))} has ${describeRoute(world, route)}, and ${tableName(back)} sends the answers to ${missing.cidrBlock} straight back.`,
        objectIds: [table.routeTableId, back.routeTableId, target.id],
        mend: `aws ec2 create-route --route-table-id ${back.routeTableId} --destination-cidr-block ${missing.cidrBlock} --network-interface-id ${target.id}`,
      },
    ];
  });
}
