import type { Compute, InstanceSpec, NetworkDriver } from '../../plan/driver.ts';
import type { Machine } from '../../plan/machine.ts';

/** Machines as records in memory: carries no packets, but can be asked what it was told. For tests. */
export class MemoryDriver implements NetworkDriver {
  readonly machines = new Map<string, Machine>();
  /** The names updated and deleted so far, in order: `update vpc-…`, `delete eni-…`. */
  readonly log: string[] = [];
  #failure: string | undefined;

  /** Makes the next update or delete fail with this message. */
  failNext(message: string): void {
    this.#failure = message;
  }

  async list(): Promise<readonly string[]> {
    return [...this.machines.keys()].sort();
  }

  async update(machine: Machine): Promise<void> {
    this.#failIfTold();
    this.log.push(`update ${machine.name}`);
    this.machines.set(machine.name, structuredClone(machine));
  }

  async delete(name: string): Promise<void> {
    this.#failIfTold();
    this.log.push(`delete ${name}`);
    this.machines.delete(name);
  }

  #failIfTold(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw new Error(failure);
  }
}

/** Instances as records in memory. For tests. */
export class MemoryCompute implements Compute {
  readonly instances = new Map<
    string,
    { readonly spec: InstanceSpec; state: 'running' | 'stopped'; boots: number }
  >();

  async list(): Promise<{ instanceId: string; state: 'running' | 'stopped' }[]> {
    return [...this.instances].map(([instanceId, { state }]) => ({ instanceId, state }));
  }

  async start(spec: InstanceSpec): Promise<void> {
    const boots = this.instances.get(spec.instanceId)?.boots ?? 0;
    this.instances.set(spec.instanceId, { spec, state: 'running', boots: boots + 1 });
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
