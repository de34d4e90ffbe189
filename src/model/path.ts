import type { Packets } from '../net/flow.ts';
import { amazonServiceAt } from './amazon-services.ts';
import { describeResource } from './display-names.ts';
import { type Flow, type InterfaceEnd, isIpv6Flow } from './flow-endpoints.ts';
import { arriveOnInternet, demandRunning, enterVpc } from './path-arrival.ts';
import { passAppliance, sendOn } from './path-departure.ts';
import { checkGroups } from './path-gates.ts';
import { followIpv6 } from './path-ipv6.ts';
import { isSameVpc } from './path-local.ts';
import type { Path } from './path-result.ts';
import { followReplies } from './path-return.ts';
import { Walk } from './path-walk.ts';

/**
 * Follows a flow from source to destination, and its replies back, through every gate it meets, as the data plane does.
 * What stops it is an obstacle; the walk goes on behind it as if it were mended, so that all obstacles are told at once.
 * Of a load balancer's targets, and of a NAT gateway's addresses, any may be chosen: the path is the first one that is not
 * whole, if any.
 */
export function tracePath(flow: Flow): Path {
  let walk = new Walk(flow);
  const first = follow(walk);
  let path = first;
  let choices = walk.nextChoices();
  const isOneOfSeveral = choices !== undefined;
  while (path.isAllowed && choices !== undefined) {
    walk = new Walk(flow, choices);
    path = follow(walk);
    choices = walk.nextChoices();
  }
  const told = path.isAllowed ? first : path;
  return isOneOfSeveral ? { ...told, isOneOfSeveral } : told;
}

function follow(walk: Walk): Path {
  const { flow } = walk;
  const { source, destination } = flow;
  if (isIpv6Flow(flow)) {
    followIpv6(walk);
    return walk.record.result();
  }
  if (source.kind === 'interface') leave(walk, source);
  else if (destination.kind === 'interface') enterVpc(walk, destination, source.address);
  else arriveOnInternet(walk, packetsOf(flow, source.address, destination.address));
  for (let onward = walk.takeOnward(); onward !== undefined; onward = walk.takeOnward()) {
    if ('through' in onward) passAppliance(walk, undefined, onward.through, onward.packets);
    else sendOn(walk, onward.from, onward.packets);
  }
  followReplies(walk);
  return walk.record.result();
}

/** The address that the source's packets are sent to: within a VPC the private one, elsewhere the public one. */
export function addressedTo({ source, destination }: Flow): string {
  if (destination.kind === 'outside') return destination.address;
  const isInside = source.kind === 'interface' && isSameVpc(source, destination);
  const byPublic = destination.asked === 'public-address' || (destination.asked === 'name' && !isInside);
  return byPublic ? (destination.publicAddress ?? destination.privateAddress) : destination.privateAddress;
}

function packetsOf({ protocol, ports }: Flow, source: string, destination: string): Packets {
  return { protocol, ports, source, destination };
}

/** Whether a private address is one of the sender's own: whatever rules there are, none is asked. */
function isItself({ source, destination }: Flow, address: string): boolean {
  if (source.kind !== 'interface' || destination.kind !== 'interface') return false;
  const isSameInstance = source.instance !== undefined && source.instance === destination.instance;
  return isSameInstance && address === destination.privateAddress;
}

function leave(walk: Walk, source: InterfaceEnd): void {
  const { record, flow } = walk;
  const { world, eni, label, privateAddress } = source;
  demandRunning(walk, source, 'source_check');
  const packets = packetsOf(flow, privateAddress, addressedTo(flow));
  const own = `${label} sends from its own address, ${privateAddress}.`;
  const sourcePorts = walk.clientPorts;
  record.at({ packets, sourcePorts }).pass('source_check', own, eni.networkInterfaceId);
  if (isItself(walk.flow, packets.destination)) {
    record.pass('deliver', `${packets.destination} is ${label}’s own: the packets never leave it.`);
    return;
  }
  const service = amazonServiceAt(world, eni.vpcId, packets.destination);
  if (service !== undefined) {
    reachService(walk, source, service);
    return;
  }
  checkGroups(walk, source, true, packets);
  sendOn(walk, source, packets);
}

function reachService(walk: Walk, { world, eni, label }: InterfaceEnd, service: string): void {
  const { record } = walk;
  const vpc = world.vpcs.get(eni.vpcId);
  if (service === 'VPC DNS' && vpc?.enableDnsSupport !== true) {
    record.stop('deliver', 'dns-support-off', {
      sentence: `The DNS resolver of ${describeResource(vpc, eni.vpcId)} is off: enableDnsSupport is false.`,
      mend: `aws ec2 modify-vpc-attribute --vpc-id ${eni.vpcId} --enable-dns-support`,
      objectIds: [eni.vpcId],
    });
    return;
  }
  const exempt = 'no route table, security group or network ACL is asked';
  record.pass('route', `${service} is part of every subnet: ${exempt}.`, eni.subnetId);
  record.pass('deliver', `${service} answers ${label}.`);
}
