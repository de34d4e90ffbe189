import { describeResource } from '../../model/display-names.ts';
import { ipv6BlocksOf } from '../../model/ipv6-addressing.ts';
import type { VpcPeeringConnection } from '../../model/peering-records.ts';
import type { RouteTable } from '../../model/records.ts';
import { blocksOfRoute, ipv6BlocksOfRoute } from '../../model/route-lookup.ts';
import { blocksOfVpc } from '../../model/vpc-blocks.ts';
import type { World } from '../../model/world.ts';
import { cidrOf, overlaps } from '../../net/cidr.ts';
import { overlapsIpv6 } from '../../net/ipv6.ts';
import { ownVpcs, tableName } from './common.ts';
import type { Finding, FindingRule } from './finding.ts';

/** Mistakes between VPCs: peering connections and transit gateways. */
export const CONNECTION_RULES: readonly FindingRule[] = [
  {
    id: 'peering-not-accepted',
    severity: 'error',
    title: 'A peering connection that waits to be accepted',
    why: 'It carries nothing until the other side accepts it, and expires after seven days.',
    find: (world) =>
      connections(world, 'pending-acceptance')
        .filter(
          ({ accepter }) =>
            accepter.account === world.scope.account && accepter.region === world.scope.region,
        )
        .map((connection) => ({
          sentence: `Peering connection ${nameOf(connection)} waits to be accepted.`,
          objectIds: [connection.vpcPeeringConnectionId],
          mend: `aws ec2 accept-vpc-peering-connection --vpc-peering-connection-id ${connection.vpcPeeringConnectionId}`,
        })),
  },
  {
    id: 'peering-without-route',
    severity: 'error',
    title: 'A side of a peering connection has no route to it',
    why: 'Each side needs a route to the other\u2019s block: without it packets, or the answers to them, have no way.',
    find: (world, worlds) =>
      connections(world, 'active').flatMap((each) => findMissingRoute(world, worlds, each)),
  },
  {
    id: 'overlapping-vpcs',
    severity: 'advice',
    title: 'Two VPCs with overlapping blocks',
    why: 'They can never be peered, and a transit gateway cannot tell them apart. Blocks are chosen once.',
    find: (world) => {
      const vpcs = ownVpcs(world);
      return vpcs.flatMap((one, index) =>
        vpcs.slice(index + 1).flatMap((other) => {
          const shared = blocksOfVpc(one).find((block) =>
            blocksOfVpc(other).some((each) => overlaps(cidrOf(block), cidrOf(each))),
          );
          if (shared === undefined) return [];
          const sentence = `VPC ${describeResource(one, one.vpcId)} and VPC ${describeResource(other, other.vpcId)} overlap in ${shared}.`;
          return [{ sentence, objectIds: [one.vpcId, other.vpcId] }];
        }),
      );
    },
  },
  {
    id: 'transit-gateway-attachment-without-route',
    severity: 'error',
    title: 'A VPC attached to a transit gateway that has no route to it',
    why: 'The attachment alone sends nothing: the route tables of the VPC\u2019s subnets must lead to the transit gateway.',
    find: (world) =>
      [...world.transitGatewayVpcAttachments.values()]
        .filter(({ state }) => state === 'available')
        .filter(
          ({ vpcId, transitGatewayId }) =>
            !hasRouteTo(world.routeTables.where('vpcId', vpcId), transitGatewayId),
        )
        .map((attachment) => ({
          sentence: `VPC ${attachment.vpcId} is attached to ${attachment.transitGatewayId} (${attachment.transitGatewayAttachmentId}), and none of its route tables leads there.`,
          objectIds: [attachment.transitGatewayAttachmentId, attachment.vpcId],
        })),
  },
];

function connections(
  world: World,
  code: VpcPeeringConnection['status']['code'],
): readonly VpcPeeringConnection[] {
  return [...world.vpcPeeringConnections.values()].filter(({ status }) => status.code === code);
}

/** On this world's side only: the other side's own world says it of itself. */
function findMissingRoute(
  world: World,
  worlds: readonly World[],
  connection: VpcPeeringConnection,
): Finding[] {
  const { vpcPeeringConnectionId: id, requester, accepter } = connection;
  return [
    [requester, accepter],
    [accepter, requester],
  ].flatMap(([own, far]) => {
    if (own?.account !== world.scope.account || own.region !== world.scope.region || far === undefined)
      return [];
    const farVpc = worlds
      .find(({ scope }) => scope.account === far.account && scope.region === far.region)
      ?.vpcs.get(far.vpcId);
    const tables = world.routeTables.where('vpcId', own.vpcId);
    const block = farVpc === undefined ? undefined : blocksOfVpc(farVpc)[0];
    const ipv6Blocks = farVpc === undefined ? [] : ipv6BlocksOf(farVpc);
    const isLed = tables.some(({ routes }) =>
      routes.some((route) => isTo(route.target, id) && isAbout(world, route, block, ipv6Blocks)),
    );
    if (isLed || block === undefined) return [];
    const main = tables.find(({ associations }) => associations.some(({ isMain }) => isMain));
    const where = main === undefined ? own.vpcId : `${own.vpcId} (${tableName(main)} and the others)`;
    return [
      {
        sentence: `No route table of ${where} leads to ${block} by peering connection ${nameOf(connection)}.`,
        objectIds: [id, own.vpcId],
        mend:
          main === undefined
            ? undefined
            : `aws ec2 create-route --route-table-id ${main.routeTableId} --destination-cidr-block ${block} --vpc-peering-connection-id ${id}`,
      },
    ];
  });
}

type Route = RouteTable['routes'][number];

function isTo(target: Route['target'], id: string): boolean {
  return 'id' in target && target.id === id;
}

function isAbout(
  world: World,
  route: Route,
  block: string | undefined,
  ipv6Blocks: readonly string[],
): boolean {
  const isByIpv4 =
    block !== undefined && blocksOfRoute(world, route).some((each) => overlaps(cidrOf(each), cidrOf(block)));
  return (
    isByIpv4 ||
    ipv6BlocksOfRoute(world, route).some((each) => ipv6Blocks.some((own) => overlapsIpv6(each, own)))
  );
}

function hasRouteTo(tables: readonly RouteTable[], id: string): boolean {
  return tables.some(({ routes }) => routes.some(({ target }) => isTo(target, id)));
}

function nameOf(connection: VpcPeeringConnection): string {
  return describeResource(connection, connection.vpcPeeringConnectionId);
}
