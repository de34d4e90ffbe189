import { describeResource } from '../../model/display-names.ts';
import { flowLogObstacle } from '../../model/flow-logs.ts';
import type { World } from '../../model/world.ts';
import type { Finding, FindingRule } from './finding.ts';

/** What would do something at AWS and does nothing here, whatever state it shows. No mistake of the user's own. */
export const KEPT_ONLY_RULES: readonly FindingRule[] = [
  {
    id: 'kept-and-not-carried',
    severity: 'advice',
    title: 'Something that works at AWS and is only kept here',
    why: 'The API answers as AWS does, `attached` and `available`; but Cloudcroft carries no IPv6 packet, makes no tunnel and writes no flow record but as plain text to buckets. A test of it here proves nothing.',
    find: (world) => [...findIpv6(world), ...findVpnGateways(world), ...findFlowLogs(world)],
  },
];

function findIpv6(world: World): Finding[] {
  const vpcs = [...world.vpcs.values()]
    .filter(({ ipv6CidrBlockAssociations }) =>
      ipv6CidrBlockAssociations.some(({ state }) => state === 'associated'),
    )
    .map((vpc) => ({
      sentence: `VPC ${describeResource(vpc, vpc.vpcId)} has an IPv6 block: no IPv6 packet is carried here.`,
      objectIds: [vpc.vpcId],
    }));
  const gateways = [...world.egressOnlyInternetGateways.values()].map((gateway) => {
    const id = gateway.egressOnlyInternetGatewayId;
    return {
      sentence: `Egress-only internet gateway ${describeResource(gateway, id)} carries nothing here: it is for IPv6.`,
      objectIds: [id, gateway.vpcId],
    };
  });
  return [...vpcs, ...gateways];
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
