import type { Packets } from '../net/flow.ts';
import { describeResource } from './display-names.ts';
import { type InterfaceEnd, isPrivateAddress, isWorldsPublicAddress } from './flow-endpoints.ts';
import {
  associateAddress,
  attachInternetGateway,
  isMendedByAttaching,
  routeToInternetGateway,
} from './mends.ts';
import { capitalize, checkGroups, crossEdge, type Walk } from './path-gates.ts';
import { describeRoute, describeTable, findRouteFor } from './route-lookup.ts';
import { isRouteActive, routeTableOf } from './routes.ts';
import type { StageName } from './stages.ts';

/** On the Internet: at a public server, or before the VPC whose public address is meant. */
export function arriveOnInternet(walk: Walk, packets: Packets): void {
  const { record, flow } = walk;
  const { destination } = flow;
  if (destination.kind === 'interface') {
    enterVpc(walk, destination, packets.source);
    return;
  }
  if (isPrivateAddress(packets.destination)) {
    const sentence = `The Internet does not route ${packets.destination}: it is a private address.`;
    record.stop('internet_gateway', 'private-address', { sentence, objectIds: [] });
    walk.forgetReplies();
    return;
  }
  if (isWorldsPublicAddress(packets.destination)) {
    const sentence = `No interface has the public address ${packets.destination}.`;
    record.stop('internet_gateway', 'no-such-address', { sentence, objectIds: [] });
    walk.forgetReplies();
    return;
  }
  const passed = `${packets.destination} is reached through the Internet, from ${packets.source}.`;
  if (demandPublicHost(walk, 'internet_gateway', packets.destination)) record.pass('deliver', passed);
}

/** Whether anyone of the simulated Internet answers at an address. */
export function demandPublicHost({ flow, record }: Walk, stage: StageName, address: string): boolean {
  if (flow.publicHosts?.has(address) ?? true) return true;
  const sentence = `Nobody has ${address} on the simulated Internet: it has a few hosts only, such as 8.8.8.8 and example.com.`;
  record.stop(stage, 'no-such-address', { sentence, objectIds: [] });
  return false;
}

/** In by the VPC's internet gateway, from an address of the Internet (semantics S36–S38). */
export function enterVpc(walk: Walk, end: InterfaceEnd, source: string): void {
  const { world, eni, privateAddress, publicAddress } = end;
  const { protocol, ports } = walk.flow;
  demandPublicAddress(walk, end);
  const [gateway] = world.internetGateways.where('vpcId', eni.vpcId);
  if (gateway === undefined) stopForNoGateway(walk, end);
  else if (publicAddress !== undefined) {
    const id = gateway.internetGatewayId;
    const because = `${describeResource(gateway, id)} turns ${publicAddress} into ${privateAddress}.`;
    walk.record.pass('internet_gateway', because, id);
    walk.onReply(() => {
      const back = `${describeResource(gateway, id)} turns ${privateAddress} back into ${publicAddress}.`;
      walk.record.pass('internet_gateway', back, id);
    });
  }
  const packets = { protocol, ports, source, destination: privateAddress };
  if (eni.interfaceType !== 'nat_gateway') walk.onReply(() => demandWayBack(walk, end, source));
  crossEdge(walk, world, eni.subnetId, false, packets);
  receive(walk, end, packets);
}

function demandPublicAddress({ record }: Walk, end: InterfaceEnd): void {
  const { world, eni, label, privateAddress, publicAddress, asked } = end;
  if (publicAddress === undefined) {
    record.stop('internet_gateway', 'no-public-address', {
      sentence: `${label} has no public address, and the Internet does not route its private one, ${privateAddress}: it is reached from within the VPC only.`,
      mend: associateAddress(world, eni),
      objectIds: [eni.networkInterfaceId],
    });
  } else if (asked === 'private-address') {
    record.stop('internet_gateway', 'private-address', {
      sentence: `The Internet does not route ${privateAddress}, a private address; ${label} is reached at ${publicAddress}.`,
      objectIds: [eni.networkInterfaceId],
    });
  }
}

/** A VPC without an internet gateway has no way from or to the Internet. */
export function stopForNoGateway(
  { record }: Walk,
  { world, eni }: Pick<InterfaceEnd, 'world' | 'eni'>,
): void {
  record.stop('internet_gateway', 'no-internet-gateway', {
    sentence: `VPC ${describeResource(world.vpcs.get(eni.vpcId), eni.vpcId)} has no internet gateway attached.`,
    mend: attachInternetGateway(world, eni.vpcId),
    objectIds: [eni.vpcId],
  });
}

/** At the interface: its security groups, and whether anyone is there. */
export function receive(walk: Walk, end: InterfaceEnd, packets: Packets): void {
  const { record } = walk;
  const { eni, label } = end;
  if (eni.interfaceType === 'nat_gateway') {
    record.stop('nat_gateway', 'unsolicited', {
      sentence: `${label} is a NAT gateway: it lets in only answers to what began behind it.`,
      objectIds: [eni.networkInterfaceId],
    });
    walk.forgetReplies();
    return;
  }
  checkGroups(walk, end, false, packets);
  const own = `it is addressed to ${label}’s own ${packets.destination}.`;
  record.pass('destination_check', own, eni.networkInterfaceId);
  if (demandRunning(walk, end, 'deliver'))
    record.pass('deliver', `${label} gets it.`, eni.networkInterfaceId);
}

/** Whether someone is there: an instance that does not run sends nothing and gets nothing. */
export function demandRunning({ record }: Walk, end: InterfaceEnd, stage: StageName): boolean {
  const { eni, instance, label } = end;
  if (instance?.state === 'running') return true;
  record.stop(stage, 'not-running', {
    sentence:
      instance === undefined
        ? `${label} is attached to no running instance.`
        : `${label} is ${instance.state}.`,
    mend: startLine(instance),
    objectIds: [instance?.instanceId ?? eni.networkInterfaceId],
  });
  return false;
}

function startLine(instance: InterfaceEnd['instance']): string | undefined {
  if (instance?.state === 'stopped') return `aws ec2 start-instances --instance-ids ${instance.instanceId}`;
  if (instance?.state !== 'pending') return undefined;
  return `aws ec2 wait instance-running --instance-ids ${instance.instanceId}`;
}

/** A reply must leave by the internet gateway that the packets came by: else the subnet is not public (S32). */
function demandWayBack({ record }: Walk, end: InterfaceEnd, source: string): void {
  const { world, eni } = end;
  const table = routeTableOf(world, eni.subnetId);
  if (table === undefined) {
    const sentence = `The VPC of ${eni.subnetId} has no route table.`;
    record.stop('route', 'no-route', { sentence, objectIds: [eni.subnetId] });
    return;
  }
  const name = describeTable(world, table, eni.subnetId);
  const objectIds = [table.routeTableId];
  const route = findRouteFor(world, table, source);
  const mend = routeToInternetGateway(world, table);
  if (route?.target.kind === 'internet-gateway') {
    const isUp = isRouteActive(world, table, route) || isMendedByAttaching(world, eni.vpcId, route.target.id);
    if (isUp) record.pass('route', `${name} has ${describeRoute(world, route)} for the reply.`, ...objectIds);
    else {
      const sentence = `${capitalize(name)} has ${describeRoute(world, route)} for the reply, a blackhole: that gateway is not attached here.`;
      record.stop('route', 'blackhole', { sentence, mend, objectIds });
    }
    return;
  }
  const instead =
    route === undefined
      ? `has no route to ${source}`
      : `sends ${source} by ${describeRoute(world, route)}, not to the internet gateway it came by`;
  record.stop('route', 'no-route', {
    sentence: `${capitalize(name)} ${instead}: the reply cannot leave.`,
    mend,
    objectIds,
  });
}
