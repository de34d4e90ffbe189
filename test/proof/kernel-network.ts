import { INSIDE } from '../../src/fabric/world/world.ts';
import type { NetworkDriver } from '../../src/plan/driver.ts';
import type { Machine } from '../../src/plan/machine.ts';
import { AgentWorld } from '../support/agent-world.ts';
import { Prober } from './prober.ts';

/** Plans in the kernel, one after the other, and a prober among their machines. */
export class KernelNetwork {
  readonly prober: Prober;
  readonly #world: AgentWorld;
  readonly #driver: NetworkDriver;
  #machines: ReadonlyMap<string, Machine> = new Map();

  private constructor(world: AgentWorld, driver: NetworkDriver) {
    this.#world = world;
    this.#driver = driver;
    this.prober = new Prober((command) => world.enter(command), INSIDE.application);
  }

  static async start(): Promise<KernelNetwork> {
    const world = await AgentWorld.start();
    try {
      return new KernelNetwork(world, await world.freshDriver());
    } catch (error) {
      await world.end();
      throw error;
    }
  }

  /** Makes the kernel hold exactly these machines; what is there already is changed, and its connections go on. */
  async change(machines: readonly Machine[]): Promise<void> {
    const wanted = new Map(machines.map((machine) => [machine.name, machine]));
    for (const name of this.#machines.keys()) if (!wanted.has(name)) await this.#driver.delete(name);
    for (const machine of machines) {
      // As the control room does: only what is planned anew is touched.
      const before = this.#machines.get(machine.name);
      if (JSON.stringify(before) !== JSON.stringify(machine)) await this.#driver.update(machine);
    }
    this.#machines = wanted;
  }

  /** The same, with all that was asked before forgotten, and whatever comes to an address of theirs seen and answered. */
  async replace(machines: readonly Machine[]): Promise<void> {
    await this.prober.close();
    await this.change(machines);
    this.forget();
    this.prober.serve(new Map(machines.map((machine) => [machine.name, addressesOf(machine)])));
  }

  /** All machines forget the connections that they track, and whom they have asked for in vain, with what waits for an answer. */
  forget(): void {
    this.prober.forget(this.#machines.keys());
  }

  async end(): Promise<void> {
    await this.prober.end();
    await this.#world.end();
  }
}

function addressesOf({ links, ipv6 }: Machine): string[] {
  const texts = [
    ...links.flatMap(({ addresses }) => addresses),
    ...(ipv6?.addresses ?? []).map(({ address }) => address),
  ];
  return texts.map((text) => text.split('/')[0] ?? '');
}
