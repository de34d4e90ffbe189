import type { Compute, InstanceSpec, NetworkDriver } from '../../plan/driver.ts';
import type { Ipv6Stack, KernelRoute, Link, Machine } from '../../plan/machine.ts';

/** A machine as the kernel has one that was made for its end of a link only. */
const BARE: Omit<Machine, 'name'> = { sysctls: {}, links: [], routes: [], rules: [], ruleset: undefined };

/**
 * Machines as records in memory: carries no packets, but keeps them as a kernel would, both ends of a link included. For
 * tests.
 */
export class MemoryDriver implements NetworkDriver {
  readonly machines = new Map<string, Machine>();
  /** The names updated and deleted so far, in order: `update vpc-…`, `delete eni-…`. */
  readonly log: string[] = [];
  /** The addresses that connections come from, as tests say. */
  readonly connected = new Set<string>();
  #failures: string[] = [];

  /** Makes the next update or delete fail with this message; called several times, as many of them. */
  failNext(message: string): void {
    this.#failures.push(message);
  }

  async list(): Promise<readonly string[]> {
    return [...this.machines.keys()].sort();
  }

  async update(machine: Machine): Promise<void> {
    this.#failIfTold();
    this.log.push(`update ${machine.name}`);
    const before = this.machines.get(machine.name);
    const kept = new Set(machine.links.map(pairOf));
    for (const { peer, ...link } of before?.links ?? []) {
      if (peer !== undefined && !kept.has(pairOf({ ...link, peer }))) this.#unlink(peer.machine, peer.name);
    }
    for (const link of machine.links) if (link.peer !== undefined) this.#pair(machine.name, link, link.peer);
    // As the kernel does, after the links are there: what is half-done then stays.
    const routes = [...machine.routes, ...(machine.ipv6?.routes ?? [])];
    const misled = routes.find((route) => !leadsOver(machine.links, route));
    if (misled !== undefined) throw new Error(`${machine.name}: Cannot find device "${misled.device}"`);
    this.machines.set(machine.name, structuredClone(machine));
  }

  async delete(name: string): Promise<void> {
    this.#failIfTold();
    this.log.push(`delete ${name}`);
    for (const { peer } of this.machines.get(name)?.links ?? []) {
      if (peer !== undefined) this.#unlink(peer.machine, peer.name);
    }
    this.machines.delete(name);
  }

  async hasConnections(name: string, address: string): Promise<boolean> {
    return this.machines.has(name) && this.connected.has(address);
  }

  /** Makes the far end of a link if it is not there, in a machine that is made if it is not there. */
  #pair(name: string, link: Link, peer: NonNullable<Link['peer']>): void {
    const other = this.machines.get(peer.machine) ?? { ...BARE, name: peer.machine };
    const end = { name: peer.name, peer: { machine: name, name: link.name }, addresses: [], neighbours: [] };
    const found = other.links.find(({ name: known }) => known === peer.name);
    if (found !== undefined && pairOf(found) === pairOf(end)) return;
    const rest = other.links.filter((known) => known !== found);
    this.machines.set(peer.machine, { ...other, links: [...rest, end] });
  }

  /** With a link its far end goes, and what stood on it. */
  #unlink(name: string, link: string): void {
    const machine = this.machines.get(name);
    if (machine === undefined) return;
    const links = machine.links.filter((known) => known.name !== link);
    const routes = machine.routes.filter((route) => route.device !== link);
    const { ipv6 } = machine;
    const stack = ipv6 === undefined ? {} : { ipv6: withoutLink(ipv6, link) };
    this.machines.set(name, { ...machine, links, routes, ...stack });
  }

  #failIfTold(): void {
    const failure = this.#failures.shift();
    if (failure !== undefined) throw new Error(failure);
  }
}

function pairOf({ name, peer }: Pick<Link, 'name'> & { readonly peer?: Link['peer'] }): string {
  return `${name} ${peer?.machine} ${peer?.name}`;
}

function leadsOver(links: readonly Link[], { device }: KernelRoute): boolean {
  return device === undefined || links.some(({ name }) => name === device);
}

function withoutLink(stack: Ipv6Stack, link: string): Ipv6Stack {
  return {
    ...stack,
    addresses: stack.addresses.filter((address) => address.link !== link),
    neighbours: stack.neighbours.filter((neighbour) => neighbour.link !== link),
    routes: stack.routes.filter((route) => route.device !== link),
  };
}

/** Instances as records in memory. For tests. */
export class MemoryCompute implements Compute {
  readonly instances = new Map<
    string,
    { readonly spec: InstanceSpec; state: 'running' | 'stopped'; boots: number }
  >();
  #failures: string[] = [];

  /** Makes the next start fail with this message; called several times, as many of them. */
  failNextStart(message: string): void {
    this.#failures.push(message);
  }

  async list(): Promise<{ instanceId: string; state: 'running' | 'stopped' }[]> {
    return [...this.instances].map(([instanceId, { state }]) => ({ instanceId, state }));
  }

  async start(spec: InstanceSpec): Promise<void> {
    const failure = this.#failures.shift();
    if (failure !== undefined) throw new Error(failure);
    const known = this.instances.get(spec.instanceId);
    if (known?.state === 'running') return;
    this.instances.set(spec.instanceId, { spec, state: 'running', boots: (known?.boots ?? 0) + 1 });
  }

  async stop(instanceId: string): Promise<void> {
    const instance = this.instances.get(instanceId);
    if (instance !== undefined) instance.state = 'stopped';
  }

  async remove(instanceId: string): Promise<void> {
    this.instances.delete(instanceId);
  }

  async consoleOutput(instanceId: string): Promise<string> {
    return this.instances.has(instanceId) ? `${instanceId} booted\n` : '';
  }
}
