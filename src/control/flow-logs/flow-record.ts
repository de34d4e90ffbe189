import type { FlowLog } from '../../model/flow-log-records.ts';
import { isInBlock } from '../../model/gates.ts';
import { ipv4BlocksOf } from '../../model/prefix-lists.ts';
import type { NetworkInterface } from '../../model/records.ts';
import { findRouteFor } from '../../model/route-lookup.ts';
import { routeTableOf } from '../../model/routes.ts';
import type { World } from '../../model/world.ts';
import { isIpv6 } from '../../net/ipv6.ts';
import type { FlowCount } from '../../plan/flow-logs.ts';

/** What one line tells of: packets of one flow, or that there were none, or that some were not counted. */
export interface FlowRecord {
  readonly eni: NetworkInterface;
  readonly status: 'OK' | 'NODATA' | 'SKIPDATA';
  /** Absent unless the status is OK. */
  readonly flow?: FlowTotal | undefined;
  /** Unix milliseconds. */
  readonly start: number;
  readonly end: number;
}

/** Counts of one flow, added up. */
export type FlowTotal = Omit<FlowCount, 'since' | 'last' | 'ordinal'>;

/** What AWS writes where a field has no value. */
const NONE = '-';

/** The version that brought a field, where it is not 2. */
const VERSIONS: readonly (readonly [version: number, fields: readonly string[]])[] = [
  [3, ['vpc-id', 'subnet-id', 'instance-id', 'tcp-flags', 'type', 'pkt-srcaddr', 'pkt-dstaddr']],
  [4, ['region', 'az-id', 'sublocation-type', 'sublocation-id']],
  [5, ['pkt-src-aws-service', 'pkt-dst-aws-service', 'flow-direction', 'traffic-path']],
  [
    7,
    [
      ...['ecs-cluster-arn', 'ecs-cluster-name', 'ecs-container-instance-arn', 'ecs-container-instance-id'],
      ...['ecs-container-id', 'ecs-second-container-id', 'ecs-service-name', 'ecs-task-definition-arn'],
      ...['ecs-task-arn', 'ecs-task-id'],
    ],
  ],
  [8, ['reject-reason']],
  [9, ['resource-id']],
  [10, ['encryption-status']],
];

/** The fields of a flow log's records, in order. */
export function fieldsOf({ logFormat }: Pick<FlowLog, 'logFormat'>): string[] {
  return [...logFormat.matchAll(/\$\{([^}]*)\}/g)].map(([, field = '']) => field);
}

/** The lines of a file: the names of the fields first, as AWS writes them to buckets. `zoneIdOf` knows zones' ids. */
export function renderFile(
  world: World,
  flowLog: FlowLog,
  records: readonly FlowRecord[],
  zoneIdOf: (zone: string) => string,
): string {
  const fields = fieldsOf(flowLog);
  const version = String(Math.max(2, ...fields.map(versionOf)));
  const lines = records.map((record) =>
    fields.map((field) => textOf(field, { world, flowLog, record, version, zoneIdOf })).join(' '),
  );
  return `${[fields.join(' '), ...lines].join('\n')}\n`;
}

function versionOf(field: string): number {
  return VERSIONS.find(([, fields]) => fields.includes(field))?.[0] ?? 2;
}

interface Context {
  readonly world: World;
  readonly flowLog: FlowLog;
  readonly record: FlowRecord;
  readonly version: string;
  readonly zoneIdOf: (zone: string) => string;
}

function textOf(field: string, context: Context): string {
  const { world, flowLog, record, version, zoneIdOf } = context;
  const { eni, status, flow, start, end } = record;
  switch (field) {
    case 'version':
      return version;
    case 'account-id':
      return world.scope.account;
    case 'interface-id':
      return eni.networkInterfaceId;
    case 'start':
      return String(Math.floor(start / 1000));
    case 'end':
      return String(Math.floor(end / 1000));
    case 'log-status':
      return status;
    case 'vpc-id':
      return eni.vpcId;
    case 'subnet-id':
      return eni.subnetId;
    case 'instance-id':
      return eni.attachment?.instanceId ?? NONE;
    case 'region':
      return world.scope.region;
    case 'az-id':
      return zoneIdOf(eni.availabilityZone);
    case 'resource-id':
      return flowLog.resourceId;
    default:
      return flow === undefined ? NONE : textOfFlow(field, world, eni, flow);
  }
}

function textOfFlow(field: string, world: World, eni: NetworkInterface, flow: FlowTotal): string {
  // The interface's own side is told by its primary address, whatever address the packets had (semantics S123).
  const isOfIpv6 = isIpv6(flow.source);
  const [own = NONE] = isOfIpv6 ? eni.ipv6Addresses : eni.privateIpAddresses;
  switch (field) {
    case 'srcaddr':
      return flow.isEgress ? own : flow.source;
    case 'dstaddr':
      return flow.isEgress ? flow.destination : own;
    case 'pkt-srcaddr':
      return flow.source;
    case 'pkt-dstaddr':
      return flow.destination;
    case 'srcport':
      return String(flow.sourcePort);
    case 'dstport':
      return String(flow.destinationPort);
    case 'protocol':
      return String(flow.protocol);
    case 'packets':
      return String(flow.packets);
    case 'bytes':
      return String(flow.bytes);
    case 'action':
      return flow.isRejected ? 'REJECT' : 'ACCEPT';
    case 'tcp-flags':
      return String(flow.tcpFlags);
    case 'type':
      return isOfIpv6 ? 'IPv6' : 'IPv4';
    case 'pkt-src-aws-service':
      return serviceAt(world, flow.source);
    case 'pkt-dst-aws-service':
      return serviceAt(world, flow.destination);
    case 'flow-direction':
      return flow.isEgress ? 'egress' : 'ingress';
    case 'traffic-path':
      return flow.isEgress && !flow.isRejected ? trafficPathOf(world, eni, flow.destination) : NONE;
    default:
      return NONE;
  }
}

/** The service of AWS that has an address, of those whose prefix lists the region has. */
function serviceAt(world: World, address: string): string {
  const list = [...world.prefixLists.values()].find(
    ({ ownerId, prefixListId }) =>
      ownerId === 'AWS' && ipv4BlocksOf(world, prefixListId).some((block) => isInBlock(address, block)),
  );
  return list?.prefixListName.split('.').at(-1)?.toUpperCase() ?? NONE;
}

/** By what egress traffic leaves, by AWS's numbers. */
function trafficPathOf(world: World, eni: NetworkInterface, address: string): string {
  const table = routeTableOf(world, eni.subnetId);
  const route = table === undefined ? undefined : findRouteFor(world, table, address);
  switch (route?.target.kind) {
    case undefined:
      return NONE;
    case 'internet-gateway':
      return '8';
    case 'vpc-endpoint':
      return '7';
    case 'vpn-gateway':
      return '3';
    case 'vpc-peering-connection': {
      const peering = world.vpcPeeringConnections.get(route.target.id);
      return peering?.requester.region === peering?.accepter.region ? '4' : '5';
    }
    default:
      return '1';
  }
}

/** Where in a bucket a file goes: AWS's path, with the hour, and with names, where the flow log asks for them. */
export function keyOf(
  { account, region }: World['scope'],
  { flowLogId, logDestination = '', destinationOptions }: FlowLog,
  end: number,
  hash: string,
): string {
  const folder = logDestination.replace(/^arn:[^:]*:s3:::[^/]+\/?/, '').replace(/\/$/, '');
  const time = new Date(end).toISOString();
  const [year = '', month = '', day = ''] = time.slice(0, 10).split('-');
  const hour = time.slice(11, 13);
  const isHive = destinationOptions?.hiveCompatiblePartitions === true;
  const parts = isHive
    ? [
        `aws-account-id=${account}`,
        'aws-service=vpcflowlogs',
        `aws-region=${region}`,
        `year=${year}`,
        `month=${month}`,
        `day=${day}`,
        ...(destinationOptions?.perHourPartition === true ? [`hour=${hour}`] : []),
      ]
    : [
        account,
        'vpcflowlogs',
        region,
        year,
        month,
        day,
        ...(destinationOptions?.perHourPartition === true ? [hour] : []),
      ];
  const stamp = `${year}${month}${day}T${hour}${time.slice(14, 16)}Z`;
  const name = `${account}_vpcflowlogs_${region}_${flowLogId}_${stamp}_${hash}.log.gz`;
  return [...(folder === '' ? [] : [folder]), 'AWSLogs', ...parts, name].join('/');
}
