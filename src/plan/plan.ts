import type { World } from '../model/world.ts';
import { type PublicServers, planInternet, planLaptop, planServices } from './edge.ts';
import { planInterfaces } from './interfaces.ts';
import type { Machine } from './machine.ts';
import type { FindWorld } from './peering.ts';
import { type PresentVpc, presentInterfaces, standingOf } from './presence.ts';
import { planRouter } from './router.ts';
import { planTransitGateway } from './transit.ts';

/**
 * The machines of one VPC: its router, and one for each instance and gateway; none when no interface is present.
 * In `worlds` are the VPCs that it is peered with or joined to by endpoints: those not found there are not linked.
 */
export function planVpc(world: World, vpcId: string, worlds: readonly World[] = []): Machine[] {
  const findWorld: FindWorld = ({ account, region }) =>
    worlds.find(({ scope }) => scope.account === account && scope.region === region);
  const vpc = world.vpcs.get(vpcId);
  const router = vpc === undefined ? undefined : planRouter(world, vpc, findWorld);
  if (router === undefined) return [];
  const byMachine = Map.groupBy(presentInterfaces(world, vpcId), (eni) => standingOf(world, eni).machine);
  return [
    router,
    ...[...byMachine].map(([name, interfaces]) => planInterfaces(world, name, interfaces, worlds)),
  ];
}

/** The machines that stand outside every VPC. */
export function planEdge(worlds: Iterable<World>, servers: PublicServers): Machine[] {
  const vpcs: PresentVpc[] = [];
  for (const world of worlds) {
    for (const vpc of world.vpcs.values()) {
      if (presentInterfaces(world, vpc.vpcId).length > 0) vpcs.push({ world, vpc });
    }
  }
  // Ordinals are the installation's: one order, whichever VPC or world was made, or loaded, first.
  vpcs.sort((a, b) => a.vpc.ordinal - b.vpc.ordinal);
  return [planInternet(vpcs, servers), planServices(vpcs, servers), planLaptop()];
}

/** Every machine of all worlds: what the incremental plans must add up to (invariant 4). */
export function planAll(worlds: Iterable<World>, servers: PublicServers): Machine[] {
  const all = [...worlds];
  const routers = all.flatMap((world) =>
    [...world.vpcs.values()].flatMap((vpc) => planVpc(world, vpc.vpcId, all)),
  );
  const transit = all.flatMap((world) =>
    [...world.transitGateways.values()].flatMap(({ transitGatewayId }) =>
      planTransitGateway(world, transitGatewayId),
    ),
  );
  return [...planEdge(all, servers), ...routers, ...transit];
}
