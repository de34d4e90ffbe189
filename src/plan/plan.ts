import type { World } from '../model/world.ts';
import { type PresentVpc, type PublicServers, planInternet, planLaptop, planServices } from './edge.ts';
import { planInterface } from './interfaces.ts';
import type { Machine } from './machine.ts';
import { presentInterfaces } from './presence.ts';
import { planRouter } from './router.ts';

/** The machines of one VPC: its router and one for each interface present; none when no interface is. */
export function planVpc(world: World, vpcId: string): Machine[] {
  const vpc = world.vpcs.get(vpcId);
  const router = vpc === undefined ? undefined : planRouter(world, vpc);
  if (router === undefined) return [];
  return [router, ...presentInterfaces(world, vpcId).map((eni) => planInterface(world, eni))];
}

/** The machines that stand outside every VPC. */
export function planEdge(worlds: Iterable<World>, servers: PublicServers): Machine[] {
  const vpcs: PresentVpc[] = [];
  for (const world of worlds) {
    for (const vpc of world.vpcs.values()) {
      if (presentInterfaces(world, vpc.vpcId).length > 0) vpcs.push({ world, vpc });
    }
  }
  return [planInternet(vpcs, servers), planServices(vpcs, servers), planLaptop()];
}

/** Every machine of all worlds: what the incremental plans must add up to (invariant 4). */
export function planAll(worlds: Iterable<World>, servers: PublicServers): Machine[] {
  const all = [...worlds];
  const routers = all.flatMap((world) =>
    [...world.vpcs.values()].flatMap((vpc) => planVpc(world, vpc.vpcId)),
  );
  return [...planEdge(all, servers), ...routers];
}
