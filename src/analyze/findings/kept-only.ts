import { describeResource } from '../../model/display-names.ts';
import { flowLogObstacle } from '../../model/flow-logs.ts';
import { describeRoute, ipv6BlocksOfRoute } from '../../model/route-lookup.ts';
import type { World } from '../../model/world.ts';
import { begin, tableName } from './common.ts';
import type { Finding, FindingRule } from './finding.ts';

/** What would do something at AWS and does nothing here, whatever state it shows. No mistake of the user's own. */
export const KEPT_ONLY_RULES: readonly FindingRule[] = [
  {
    id: 'kept-and-not-carried',
    severity: 'advice',
    title: 'Something that works at AWS and is only kept here',
    why: 'The API answers as AWS does, `attached` and `available`; but Cloudcroft carries no IPv6 by appliances, makes no tunnel, and writes no flow record but as plain text to buckets. A test of it here proves nothing.',
    find: (world) => [...findIpv6Routes(world), ...findVpnGateways(world), ...findFlowLogs(world)],
  },
];

/** Targets that take IPv6 at AWS, and here do not. */
const TARGETS_WITHOUT_IPV6: ReadonlySet<string> = new Set([
  'network-interface',
  'nat-gateway',
  'vpc-endpoint',
  'vpn-gateway',
]);

function findIpv6Routes(world: World): Finding[] {
  return [...world.routeTables.values()].flatMap((table) =>
    table.routes
      .filter((route) => ipv6BlocksOfRoute(world, route).length > 0)
      .filter(({ target }) => TARGETS_WITHOUT_IPV6.has(target.kind))
      .map((route) => ({
        sentence: `${begin(tableName(table))} has ${describeRoute(world, route)}: IPv6 is carried by internet gateways, egress-only ones, peering and transit gateways only.`,
        objectIds: [table.routeTableId, ...('id' in route.target ? [route.target.id] : [])],
      })),
  );
}

function findVpnGateways(world: World): Finding[] {
  return [...world.vpnGateways.values()]
    .filter(({ state }) => state !== 'deleted')
    .map((gateway) => ({
      sentence: `VPN gateway ${describeResource(gateway, gateway.vpnGatewayId)} carries nothing here: no tunnel is made.`,
      objectIds: [gateway.vpnGatewayId, ...(gateway.vpcId === undefined ? [] : [gateway.vpcId])],
    }));
}

function findFlowLogs(world: World): Finding[] {
  return [...world.flowLogs.values()]
    .filter((log) => flowLogObstacle(log) !== undefined)
    .map((log) => ({
      sentence: `Flow log ${describeResource(log, log.flowLogId)} gets no record here: only plain text to a bucket is written.`,
      objectIds: [log.flowLogId, log.resourceId],
    }));
}
