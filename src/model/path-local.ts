import type { Packets } from '../net/flow.ts';
import { describeResource } from './display-names.ts';
import type { InterfaceEnd } from './flow-endpoints.ts';
import { isInBlock } from './gates.ts';
import { receive } from './path-arrival.ts';
import { crossEdge } from './path-gates.ts';
import type { Departure, Walk } from './path-walk.ts';
import type { NetworkInterface } from './records.ts';
import { findRouteFor } from './route-lookup.ts';
import { routeTableOf } from './routes.ts';
import { isInVpc } from './vpc-blocks.ts';
import type { World } from './world.ts';

/** Whether an address lies in the interface's own subnet: there no route table is asked (semantics S31). */
export function isInOwnSubnet({ world, eni }: Departure, address: string): boolean {
  const subnet = world.subnets.get(eni.subnetId);
  return subnet?.cidrBlock !== undefined && isInBlock(address, subnet.cidrBlock);
}

/** Whether the subnet's route table leads to an address by `local`: a more specific route may not (semantics S24). */
export function isRoutedLocally(from: Departure, address: string): boolean {
  const { world, eni } = from;
  if (isInOwnSubnet(from, address)) return true;
  const table = routeTableOf(world, eni.subnetId);
  if (table === undefined) return isInVpc(world, eni.vpcId, address);
  const target = findRouteFor(world, table, address)?.target;
  return target === undefined || target.kind === 'local';
}

/** From one interface of the VPC to another, by the `local` route. */
export function crossLocally(walk: Walk, from: Departure, destination: InterfaceEnd, packets: Packets): void {
  const { world, eni } = from;
  const { record } = walk;
  const target = destination.eni.subnetId;
  if (eni.subnetId === target) {
    const subnet = describeResource(world.subnets.get(target), target);
    record.pass('route', `both are in subnet ${subnet}: no network ACL is asked.`, target);
  } else {
    crossEdge(walk, world, eni.subnetId, true, packets);
    const table = routeTableOf(world, eni.subnetId);
    const id = table?.routeTableId ?? '';
    const route = table === undefined ? undefined : findRouteFor(world, table, packets.destination);
    const gate = record.at({ packets, subnetId: eni.subnetId, ...(route === undefined ? {} : { route }) });
    const leads = `the local route of ${describeResource(table, id)} leads to every subnet of the VPC.`;
    gate.pass('route', leads, id);
    crossEdge(walk, world, target, false, packets);
  }
  receive(walk, destination, packets);
}

/** Whether two interfaces stand in one VPC of one world. */
export function isSameVpc(
  one: { readonly world: World; readonly eni: NetworkInterface },
  other: { readonly world: World; readonly eni: NetworkInterface },
): boolean {
  return one.world === other.world && one.eni.vpcId === other.eni.vpcId;
}

/** Nobody in the VPC has the address. */
export function stopForNobody(walk: Walk, { eni }: Departure, packets: Packets): void {
  const { destination } = packets;
  walk.record.at({ packets }).stop('route', 'no-such-address', {
    sentence: `${destination} belongs to the VPC, but no interface has it.`,
    objectIds: [eni.vpcId],
  });
}
