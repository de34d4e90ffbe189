import type { NatGateway } from '../model/records.ts';
import type { Scope } from '../model/world.ts';
import type { Compute, NetworkDriver } from '../plan/driver.ts';
import type { PublicServers } from '../plan/edge.ts';
import type { Change, Store } from '../state/store.ts';
import { completeAnalysis, unfinishedAnalyses, unfinishedAnalysis } from './analyses.ts';
import { purgeExpired } from './expiry.ts';
import { InstanceControl } from './instances.ts';
import { completePeerings, completeVpc } from './lifecycle.ts';
import { Loop } from './loop.ts';
import { hasUnfinishedAddresses, NatDrain } from './nat-addresses.ts';
import { NetworkControl } from './network.ts';
import { vpcsJoinedBy, vpcsJoinedTo } from './service-links.ts';
import { completeTransitGateway, unfinishedTransitGateways } from './transit.ts';

/** What control needs from its surroundings. */
export interface ControlOptions {
  readonly store: Store;
  readonly driver: NetworkDriver;
  readonly compute: Compute;
  readonly servers: PublicServers;
  readonly clock: () => Date;
  /** Told of work that failed and will be tried again. */
  readonly onFailure: (name: string, error: unknown, attempt: number) => void;
}

/** How often what has been deleted for an hour is looked for. */
const EXPIRY_MILLISECONDS = 60_000;

/** The loops that make the machines and processes follow the world, and write back what has come true. */
export class Control {
  readonly #store: Store;
  readonly #clock: () => Date;
  readonly #network: NetworkControl;
  readonly #instances: InstanceControl;
  readonly #completion: Loop;
  readonly #natDrain: NatDrain;
  readonly #stopWatching: () => void;
  readonly #expiry: NodeJS.Timeout;

  constructor({ store, driver, compute, servers, clock, onFailure }: ControlOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#network = new NetworkControl(store, driver, servers, onFailure);
    this.#instances = new InstanceControl(store, compute, this.#network, clock, onFailure);
    this.#completion = new Loop((name) => this.#complete(name), onFailure);
    this.#natDrain = new NatDrain({ store, driver, network: this.#network, clock, onFailure });
    this.#stopWatching = store.watch((changes) => this.#notice(changes));
    this.#expiry = setInterval(() => purgeExpired(store, clock()), EXPIRY_MILLISECONDS);
    this.#expiry.unref();
  }

  /** Takes the network up as it was left. Resolves when it stands. */
  startNetwork(): Promise<void> {
    return this.#network.start();
  }

  /** Takes up every instance and gateway where it was left. Resolves when each was looked at. */
  async startInstances(): Promise<void> {
    await this.#instances.start();
    for (const world of this.#store.worlds()) {
      for (const vpc of world.vpcs.values()) {
        this.#completion.wake(`${world.scope.account}/${world.scope.region}/${vpc.vpcId}`);
      }
      for (const gateway of world.natGateways.values()) this.#natDrain.wake(world, gateway);
      for (const { transitGatewayId } of world.transitGateways.values()) {
        this.#completion.wake(`${world.scope.account}/${world.scope.region}/${transitGatewayId}`);
      }
      for (const id of unfinishedAnalyses(world)) {
        this.#completion.wake(`${world.scope.account}/${world.scope.region}/${id}`);
      }
    }
  }

  /** To be called when an instance's first process ended by itself. */
  noticeExit(instanceId: string): void {
    this.#instances.noticeExit(instanceId);
  }

  /** Resolves when the world and the fabric agree. */
  async idle(): Promise<void> {
    await this.#network.idle();
    await this.#instances.idle();
    await this.#completion.idle();
    await this.#natDrain.idle();
    await this.#network.idle();
  }

  /** Begins no more work. */
  close(): void {
    clearInterval(this.#expiry);
    this.#stopWatching();
    this.#network.close();
    this.#instances.close();
    this.#completion.close();
    this.#natDrain.close();
  }

  #notice(changes: readonly Change[]): void {
    this.#network.notice(changes);
    this.#instances.notice(changes);
    for (const change of changes) {
      const { scope, table, after } = change;
      for (const id of unfinishedTransitGateways(change)) {
        this.#completion.wake(`${scope.account}/${scope.region}/${id}`);
      }
      const analysis = unfinishedAnalysis(change);
      if (analysis !== undefined) this.#completion.wake(`${scope.account}/${scope.region}/${analysis}`);
      if (table === 'vpcEndpointServices' || table === 'loadBalancers') this.#noticeService(change);
      if (table === 'vpcPeeringConnections' && after !== undefined && 'vpcIds' in after) {
        const isUnfinished = after.status.code === 'provisioning' || after.status.code === 'deleting';
        const world = this.#store.world(scope);
        for (const vpcId of isUnfinished ? after.vpcIds : []) {
          if (world?.vpcs.get(vpcId) === undefined) continue;
          this.#completion.wake(`${scope.account}/${scope.region}/${vpcId}`);
        }
        continue;
      }
      if (table !== 'natGateways' && table !== 'vpcEndpoints') continue;
      if (after === undefined || !('vpcId' in after) || !('state' in after)) continue;
      const isUnfinished = after.state === 'pending' || after.state === 'deleting';
      if (!isUnfinished && !('natGatewayId' in after && this.#noticeAddresses(scope, after))) continue;
      this.#completion.wake(`${scope.account}/${scope.region}/${after.vpcId}`);
    }
  }

  /** Whether addresses of a NAT gateway wait for the network. */
  #noticeAddresses(scope: Scope, gateway: NatGateway): boolean {
    const world = this.#store.world(scope);
    if (world === undefined || !hasUnfinishedAddresses(gateway)) return false;
    this.#natDrain.wake(world, gateway);
    return true;
  }

  /** Endpoints wait for the load balancers of their service. */
  #noticeService(change: Change): void {
    const world = this.#store.world(change.scope);
    if (world === undefined) return;
    const worlds = [...this.#store.worlds()];
    const own = change.after !== undefined && 'vpcId' in change.after ? [change.after.vpcId] : [];
    const waiting = [
      ...vpcsJoinedBy(worlds, world, change),
      ...own.flatMap((vpcId) => [{ world, vpcId }, ...vpcsJoinedTo(worlds, { world, vpcId })]),
    ];
    for (const { world: there, vpcId } of waiting) {
      this.#completion.wake(`${there.scope.account}/${there.scope.region}/${vpcId}`);
    }
  }

  async #complete(name: string): Promise<void> {
    const [account = '', region = '', vpcId = ''] = name.split('/');
    const world = this.#store.world({ account, region });
    if (world === undefined) return;
    await this.#network.converged(world, vpcId);
    for (const joined of vpcsJoinedTo([...this.#store.worlds()], { world, vpcId })) {
      await this.#network.converged(joined.world, joined.vpcId);
    }
    const attached = world.transitGatewayVpcAttachments.where('transitGatewayId', vpcId);
    for (const each of attached) await this.#network.converged(world, each.vpcId);
    for (const peering of world.vpcPeeringConnections.where('vpcIds', vpcId)) {
      for (const side of [peering.requester, peering.accepter]) {
        const peer = this.#store.world(side);
        if (peer !== undefined) await this.#network.converged(peer, side.vpcId);
      }
    }
    this.#store.transact(world.scope, (tx) => {
      completeVpc(tx, vpcId, this.#clock());
      completePeerings(tx, vpcId);
      completeTransitGateway(tx, vpcId);
      completeAnalysis(tx, vpcId, this.#clock());
    });
  }
}
