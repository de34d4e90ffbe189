import { isPeeringOpen } from '../model/routes.ts';
import type { World } from '../model/world.ts';
import type { NetworkDriver } from '../plan/driver.ts';
import type { PublicServers } from '../plan/edge.ts';
import type { Machine } from '../plan/machine.ts';
import { planEdge, planVpc } from '../plan/plan.ts';
import { planTransitGateway } from '../plan/transit.ts';
import type { Change, Store } from '../state/store.ts';
import { Loop } from './loop.ts';
import { Pace } from './pace.ts';
import { type PlacedVpc, vpcsJoinedTo } from './service-links.ts';
import { vpcsTouchedBy } from './touched.ts';
import { transitGatewaysTouchedBy } from './transit.ts';

/** The name by which the machines outside every VPC are woken. */
const EDGE = 'edge';

/**
 * Keeps the machines as the world says. A commit wakes the VPCs it touched and the edge; each is planned whole, compared
 * with what was last applied, and only the machines that differ are handed to the driver.
 */
export class NetworkControl {
  readonly #store: Store;
  readonly #driver: NetworkDriver;
  readonly #servers: PublicServers;
  readonly #loop: Loop;
  /** By owner, then by machine: what was last applied, as text. */
  readonly #applied = new Map<string, Map<string, string>>();
  readonly #edgePace = new Pace();

  constructor(
    store: Store,
    driver: NetworkDriver,
    servers: PublicServers,
    onFailure: (name: string, error: unknown, attempt: number) => void,
  ) {
    this.#store = store;
    this.#driver = driver;
    this.#servers = servers;
    this.#loop = new Loop((name) => this.#converge(name), onFailure);
  }

  /** Plans everything, whatever is there already, and then removes the machines that no world knows (invariant 7). */
  async start(): Promise<void> {
    const found = await this.#driver.list();
    this.#loop.wake(EDGE);
    for (const world of this.#store.worlds()) {
      for (const vpc of world.vpcs.values()) this.#loop.wake(keyOf(world, vpc.vpcId));
      for (const gateway of world.transitGateways.values()) {
        this.#loop.wake(keyOf(world, gateway.transitGatewayId));
      }
    }
    await this.#loop.idle();
    const applied = new Set([...this.#applied.values()].flatMap((machines) => [...machines.keys()]));
    for (const name of found) {
      if (!applied.has(name)) await this.#driver.delete(name);
    }
  }

  /** Wakes what the changes touched. */
  notice(changes: readonly Change[]): void {
    const worlds = [...this.#store.worlds()];
    const known = new Set<string>();
    for (const change of changes) {
      const world = this.#store.world(change.scope);
      if (world === undefined) continue;
      const touched = vpcsTouchedBy(world, change);
      if (isSeenFromOutside(world, change, touched)) this.#loop.wake(EDGE);
      const fresh = touched.filter((vpcId) => !known.has(keyOf(world, vpcId)));
      for (const vpcId of fresh) {
        known.add(keyOf(world, vpcId));
        if (!this.#hasMachines(world, vpcId)) continue;
        this.#loop.wake(keyOf(world, vpcId));
        for (const peer of peersOf(world, vpcId)) this.#loop.wake(peer);
        this.#wakeAll(vpcsJoinedTo(worlds, { world, vpcId }));
      }
      for (const id of transitGatewaysTouchedBy(world, change, fresh)) {
        this.#loop.wake(keyOf(world, id));
        // Their routers' ends come and go with the gateway.
        for (const { vpcId } of world.transitGatewayVpcAttachments.where('transitGatewayId', id)) {
          this.#loop.wake(keyOf(world, vpcId));
        }
      }
    }
  }

  /** Resolves when the machines of the VPC or transit gateway, and those outside, are as the world says. */
  async converged(world: World, vpcId: string): Promise<void> {
    await this.#loop.settled(keyOf(world, vpcId));
    await this.#loop.settled(EDGE);
  }

  /** Resolves when nothing is left to do. */
  idle(): Promise<void> {
    return this.#loop.idle();
  }

  close(): void {
    this.#loop.close();
  }

  /** Whether a VPC has machines, or is to have some: without an interface it has none, and no other knows of it. */
  #hasMachines(world: World, vpcId: string): boolean {
    return this.#applied.has(keyOf(world, vpcId)) || world.networkInterfaces.where('vpcId', vpcId).length > 0;
  }

  #wakeAll(vpcs: readonly PlacedVpc[]): void {
    for (const { world, vpcId } of vpcs) this.#loop.wake(keyOf(world, vpcId));
  }

  async #converge(owner: string): Promise<void> {
    if (owner === EDGE) await this.#edgePace.turn();
    const wanted = owner === EDGE ? this.#edgePace.run(() => this.#plan(owner)) : this.#plan(owner);
    const names = new Set(wanted.map(({ machine }) => machine.name));
    const machines = this.#applied.get(owner) ?? new Map<string, string>();
    this.#applied.set(owner, machines);
    for (const { machine, text } of wanted) {
      if (machines.get(machine.name) === text) continue;
      const before = machines.get(machine.name) ?? '';
      await this.#driver.update(machine);
      machines.set(machine.name, text);
      for (const peer of joinedTo(before).difference(joinedTo(text))) this.#forget(peer);
    }
    for (const name of [...machines.keys()]) {
      if (names.has(name)) continue;
      const text = machines.get(name) ?? '';
      await this.#driver.delete(name);
      machines.delete(name);
      if (name.startsWith('vpc-') || name.startsWith('tgw-') || joinedTo(text).size > 0) {
        this.#forgetLinksTo(name);
      }
    }
    if (machines.size === 0) this.#applied.delete(owner);
  }

  /** An end of a link went with the other, which was dropped before its own owner knew: it is compared anew. */
  #forget(name: string): void {
    for (const [owner, machines] of this.#applied) {
      if (!machines.has(name)) continue;
      machines.set(name, '');
      this.#loop.wake(owner);
    }
  }

  /** With a machine the far ends of its links went: who had one is compared anew, even if it is to have it again. */
  #forgetLinksTo(gone: string): void {
    for (const [owner, machines] of this.#applied) {
      for (const [name, text] of machines) {
        if (!text.includes(`"machine":"${gone}"`)) continue;
        machines.set(name, '');
        this.#loop.wake(owner);
      }
    }
  }

  /** The machines of an owner, and each as text, to be compared. */
  #plan(owner: string): { readonly machine: Machine; readonly text: string }[] {
    return this.#planMachines(owner).map((machine) => ({ machine, text: JSON.stringify(machine) }));
  }

  #planMachines(owner: string): Machine[] {
    if (owner === EDGE) return planEdge(this.#store.worlds(), this.#servers);
    const [account, region, vpcId] = owner.split('/');
    if (account === undefined || region === undefined || vpcId === undefined) return [];
    const world = this.#store.world({ account, region });
    if (world !== undefined && vpcId.startsWith('tgw-')) return planTransitGateway(world, vpcId);
    return world === undefined ? [] : planVpc(world, vpcId, [...this.#store.worlds()]);
  }
}

/** Whether the machines outside every VPC may look different after a change: of a VPC they know its interfaces only. */
function isSeenFromOutside(world: World, { table }: Change, touched: readonly string[]): boolean {
  if (table === 'networkInterfaces') return true;
  return touched.some((vpcId) => world.networkInterfaces.where('vpcId', vpcId).length > 0);
}

/** The names of the VPCs whose routers may be linked to a VPC's: what they are depends on it. */
function peersOf(world: World, vpcId: string): string[] {
  return world.vpcPeeringConnections
    .where('vpcIds', vpcId)
    .filter(isPeeringOpen)
    .map(({ requester, accepter }) => (requester.vpcId === vpcId ? accepter : requester))
    .map((peer) => `${peer.account}/${peer.region}/${peer.vpcId}`);
}

/** The machines besides routers that one, as text, is linked to: an endpoint's interface to a load balancer's node. */
function joinedTo(text: string): ReadonlySet<string> {
  if (text.startsWith('{"name":"vpc-') || !text.includes('"machine":"eni-')) return new Set();
  return new Set([...text.matchAll(/"machine":"(eni-[^"]*)"/g)].map(([, name = '']) => name));
}

function keyOf(world: World, vpcId: string): string {
  return `${world.scope.account}/${world.scope.region}/${vpcId}`;
}
