import { instanceNameOf } from '../model/dns-names.ts';
import type { Instance, Vpc } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { formatIpv4 } from '../net/address.ts';
import { cidrOf } from '../net/cidr.ts';
import type { Compute, InstanceSpec } from '../plan/driver.ts';
import type { Change, Store, Transaction } from '../state/store.ts';
import { markFailed, markRunning, markShutDownFromInside, markStopped, markTerminated } from './lifecycle.ts';
import { Loop } from './loop.ts';
import type { NetworkControl } from './network.ts';

/** An instance that cannot be started after this many tries is given up, as AWS does. */
const MOST_START_ATTEMPTS = 3;

/** Brings every instance to the state it is on the way to: once its packets flow, its processes are started, and so on. */
export class InstanceControl {
  readonly #store: Store;
  readonly #compute: Compute;
  readonly #network: NetworkControl;
  readonly #clock: () => Date;
  readonly #loop: Loop;

  constructor(
    store: Store,
    compute: Compute,
    network: NetworkControl,
    clock: () => Date,
    onFailure: (name: string, error: unknown, attempt: number) => void,
  ) {
    this.#store = store;
    this.#compute = compute;
    this.#network = network;
    this.#clock = clock;
    this.#loop = new Loop(
      (name) => this.#converge(name),
      (name, error, attempt) => {
        onFailure(name, error, attempt);
        if (attempt >= MOST_START_ATTEMPTS) this.#giveUp(name, error);
      },
    );
  }

  /** Takes up every instance where it was left, and removes the disks of those the state does not know. */
  async start(): Promise<void> {
    const found = await this.#compute.list();
    const known = new Set<string>();
    const running = new Set(
      found.filter(({ state }) => state === 'running').map(({ instanceId }) => instanceId),
    );
    for (const world of this.#store.worlds()) {
      for (const instance of world.instances.values()) {
        known.add(instance.instanceId);
        if (instance.state === 'terminated') continue;
        // What ran when the daemon died and does not run now, was ended together with its world: it boots again.
        if (
          instance.state === 'running' &&
          !running.has(instance.instanceId) &&
          !isAnalysedOnly(world, instance)
        )
          this.#bootAgain(world, instance);
        this.#loop.wake(keyOf(world, instance.instanceId));
      }
    }
    for (const { instanceId } of found) {
      if (!known.has(instanceId)) await this.#compute.remove(instanceId);
    }
  }

  /** Wakes the instances that the changes touched. */
  notice(changes: readonly Change[]): void {
    for (const { table, id, scope } of changes) {
      if (table === 'instances') this.#loop.wake(`${scope.account}/${scope.region}/${id}`);
    }
  }

  /** To be called when an instance's first process ended by itself. */
  noticeExit(instanceId: string): void {
    for (const world of this.#store.worlds()) {
      if (world.instances.get(instanceId) === undefined) continue;
      this.#store.transact(world.scope, (tx) => markShutDownFromInside(tx, instanceId, this.#clock()));
    }
  }

  idle(): Promise<void> {
    return this.#loop.idle();
  }

  close(): void {
    this.#loop.close();
  }

  async #converge(name: string): Promise<void> {
    const { world, instance } = this.#find(name);
    if (world === undefined || instance === undefined) {
      // Forgotten while it ran, as by a reset.
      await this.#compute.remove(name.slice(name.lastIndexOf('/') + 1));
      return;
    }
    const { instanceId } = instance;
    switch (instance.state) {
      case 'pending':
        await this.#start(world, instance);
        return;
      case 'running':
        if (instance.bootsDone < instance.bootsWanted) {
          await this.#compute.stop(instanceId);
          await this.#start(world, instance);
        }
        return;
      case 'stopping':
        await this.#compute.stop(instanceId);
        this.#write(world, (tx) => markStopped(tx, instanceId));
        return;
      case 'shutting-down':
        await this.#compute.remove(instanceId);
        this.#write(world, (tx) => markTerminated(tx, instanceId, this.#clock()));
        return;
      case 'stopped':
      case 'terminated':
        return;
    }
  }

  async #start(world: World, instance: Instance): Promise<void> {
    if (!isAnalysedOnly(world, instance)) {
      const spec = specOf(world, instance);
      await this.#network.converged(world, instance.vpcId);
      await this.#compute.start(spec);
    }
    this.#write(world, (tx) => markRunning(tx, instance.instanceId, instance.bootsWanted));
  }

  #bootAgain(world: World, { instanceId }: Instance): void {
    this.#write(world, (tx) => {
      const instance = tx.instances.get(instanceId);
      if (instance !== undefined) tx.instances.put({ ...instance, bootsWanted: instance.bootsWanted + 1 });
    });
  }

  #giveUp(name: string, error: unknown): void {
    const { world, instance } = this.#find(name);
    if (world === undefined || instance === undefined) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.#write(world, (tx) => markFailed(tx, instance.instanceId, reason));
  }

  #find(name: string): { world: World | undefined; instance: Instance | undefined } {
    const [account = '', region = '', instanceId = ''] = name.split('/');
    const world = this.#store.world({ account, region });
    return { world, instance: world?.instances.get(instanceId) };
  }

  #write(world: World, action: (tx: Transaction) => void): void {
    this.#store.transact(world.scope, action);
  }
}

/** Whether the instance counts as running without any process: its VPC was imported to be asked about. */
function isAnalysedOnly(world: World, { vpcId }: Instance): boolean {
  return world.vpcs.get(vpcId)?.isAnalysedOnly === true;
}

function keyOf(world: World, instanceId: string): string {
  return `${world.scope.account}/${world.scope.region}/${instanceId}`;
}

/** What the fabric must know to run an instance: all of it follows from the world. */
export function specOf(world: World, instance: Instance): InstanceSpec {
  const eni = [...world.networkInterfaces.where('vpcId', instance.vpcId)].find(
    ({ attachment }) => attachment?.instanceId === instance.instanceId && attachment.deviceIndex === 0,
  );
  const [address] = eni?.privateIpAddresses ?? [];
  const vpc = world.vpcs.get(instance.vpcId);
  if (eni === undefined || address === undefined || vpc === undefined) {
    throw new Error(`${instance.instanceId} has no network interface`);
  }
  const name = instanceNameOf(world.scope.region, instance, address);
  const dot = name.indexOf('.');
  return {
    instanceId: instance.instanceId,
    namespace: eni.networkInterfaceId,
    hostname: name.slice(0, dot),
    domain: dhcpValuesOf(world, vpc, 'domain-name').join(' ') || name.slice(dot + 1),
    nameservers: nameserversOf(world, vpc),
    timeServers: dhcpValuesOf(world, vpc, 'ntp-servers'),
    ...(world.images.get(instance.imageId) === undefined ? {} : { imageId: instance.imageId }),
    authorizedKeys: instance.publicKey === undefined ? [] : [instance.publicKey],
  };
}

/** What the DHCP option set of a VPC says of an option; nothing where it has none (semantics S95). */
function dhcpValuesOf(world: World, vpc: Vpc, option: string): readonly string[] {
  const set = world.dhcpOptions.get(vpc.dhcpOptionsId);
  return set?.configurations.find(({ key }) => key === option)?.values ?? [];
}

/** `AmazonProvidedDNS` is the VPC's own resolver, its base plus two; without servers there is none at all. */
function nameserversOf(world: World, vpc: Vpc): readonly string[] {
  const own = formatIpv4(cidrOf(vpc.cidrBlock).first + 2);
  return dhcpValuesOf(world, vpc, 'domain-name-servers').map((server) =>
    server === 'AmazonProvidedDNS' ? own : server,
  );
}
