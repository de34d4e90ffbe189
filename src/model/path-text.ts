import type { Packets } from '../net/flow.ts';
import { PROTOCOL_NUMBERS } from '../net/flow.ts';
import { isPrivateAddress } from './lookup.ts';
import type { PathRecorder } from './path-result.ts';
import { publicAddressOf } from './public-addresses.ts';
import type { NetworkInterface, RouteTable } from './records.ts';
import type { World } from './world.ts';

/** Writes down that no route leads from the interface's subnet to where the packets go, and what is missing. */
export function stopForNoRoute(
  record: PathRecorder,
  world: World,
  eni: NetworkInterface,
  table: RouteTable | undefined,
  packets: Packets,
): void {
  const name =
    table === undefined
      ? 'The subnet has no route table'
      : `${capital(describeTable(table, eni.subnetId))} has no route to ${packets.destination}`;
  if (isPrivateAddress(packets.destination)) {
    record.stop(
      'route',
      'no-route',
      `${name}: another network's private address is not reached without a peering.`,
      undefined,
    );
    return;
  }
  const [gateway] = world.internetGateways.where('vpcId', eni.vpcId);
  if (gateway === undefined) {
    record.stop(
      'internet gateway',
      'no-internet-gateway',
      `The VPC ${eni.vpcId} has no internet gateway.`,
      `aws ec2 attach-internet-gateway --vpc-id ${eni.vpcId} --internet-gateway-id IGW_ID`,
    );
  }
  const hasPublicAddress = publicAddressOf(world, eni) !== undefined;
  const target = hasPublicAddress
    ? `--gateway-id ${gateway?.internetGatewayId ?? 'IGW_ID'}`
    : '--nat-gateway-id NAT_GATEWAY_ID';
  record.stop(
    'route',
    'no-route',
    `${name}.`,
    `aws ec2 create-route --route-table-id ${table?.routeTableId ?? 'RTB_ID'} --destination-cidr-block 0.0.0.0/0 ${target}`,
  );
}

export function describeTable(table: RouteTable, subnetId: string): string {
  const isOwn = table.associations.some((association) => association.subnetId === subnetId);
  return `the ${isOwn ? '' : 'main '}route table ${table.routeTableId} of subnet ${subnetId}`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The permission in the aws CLI's shorthand. */
export function permissionOf({ protocol, ports }: Packets, peer: string): string {
  const names = Object.entries(PROTOCOL_NUMBERS).find(([, number]) => number === protocol);
  const isIcmp = protocol === PROTOCOL_NUMBERS['icmp'];
  const range = isIcmp ? 'FromPort=8,ToPort=-1' : `FromPort=${ports.first},ToPort=${ports.last}`;
  return `IpProtocol=${names?.[0] ?? protocol},${range},IpRanges=[{CidrIp=${peer}/32}]`;
}
