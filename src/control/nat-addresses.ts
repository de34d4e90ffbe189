import { isNatAddressOpen } from '../model/nat-gateways.ts';
import type { NatGateway, NatGatewaySecondaryAddress } from '../model/records.ts';
import type { World } from '../model/world.ts';
import type { NetworkDriver } from '../plan/driver.ts';
import { standingOf } from '../plan/presence.ts';
import type { Store, Transaction } from '../state/store.ts';
import { releaseAddress } from './addresses.ts';
import { Loop } from './loop.ts';
import type { NetworkControl } from './network.ts';

/** How often connections by an address that is taken away are counted. */
const LOOK_MILLISECONDS = 1000;

/** Packets get through a gateway, and connections begin by all of its addresses that were on their way (semantics S50). */
export function completeNatGateway(tx: Transaction, gateway: NatGateway): void {
  const { state, secondaryAddresses = [] } = gateway;
  const isOpening = secondaryAddresses.some(isOnItsWay);
  if (state !== 'pending' && !(state === 'available' && isOpening)) return;
  tx.natGateways.put({
    ...gateway,
    state: 'available',
    ...(isOpening
      ? {
          secondaryAddresses: secondaryAddresses.map((address) =>
            isOnItsWay(address) ? { ...address, status: 'succeeded' } : address,
          ),
        }
      : {}),
  });
}

/** Whether control has work to do for a gateway's addresses. */
export function hasUnfinishedAddresses({ secondaryAddresses = [] }: NatGateway): boolean {
  return secondaryAddresses.some((address) => address.status !== 'succeeded');
}

function isOnItsWay(address: NatGatewaySecondaryAddress): boolean {
  return isNatAddressOpen(address) && address.status !== 'succeeded';
}

/** What draining needs from control. */
interface DrainOptions {
  readonly store: Store;
  readonly driver: NetworkDriver;
  readonly network: NetworkControl;
  readonly clock: () => Date;
  readonly onFailure: (name: string, error: unknown, attempt: number) => void;
}

/**
 * Addresses that are taken from NAT gateways: no connection begins by them any more, and each is let go when those that
 * stand have ended, or its time is over (semantics S60).
 */
export class NatDrain {
  readonly #options: DrainOptions;
  readonly #loop: Loop;
  readonly #looks = new Map<string, NodeJS.Timeout>();
  #isClosed = false;

  constructor(options: DrainOptions) {
    this.#options = options;
    this.#loop = new Loop((name) => this.#drain(name), options.onFailure);
  }

  /** Looks after the gateway's addresses, if any is being taken away. */
  wake({ scope }: World, { natGatewayId, secondaryAddresses = [] }: NatGateway): void {
    if (secondaryAddresses.every(isNatAddressOpen)) return;
    this.#loop.wake(`${scope.account}/${scope.region}/${natGatewayId}`);
  }

  /** Resolves when nothing can be done at once: connections that stand are not waited for. */
  idle(): Promise<void> {
    return this.#loop.idle();
  }

  close(): void {
    this.#isClosed = true;
    for (const look of this.#looks.values()) clearTimeout(look);
    this.#looks.clear();
    this.#loop.close();
  }

  async #drain(name: string): Promise<void> {
    const { store, driver, network, clock } = this.#options;
    const [account = '', region = '', natGatewayId = ''] = name.split('/');
    const world = store.world({ account, region });
    const gateway = world?.natGateways.get(natGatewayId);
    if (world === undefined || gateway?.state !== 'available') return;
    // Until the rules have changed, connections still begin by them.
    await network.converged(world, gateway.vpcId);
    const draining = (gateway.secondaryAddresses ?? []).filter((address) => !isNatAddressOpen(address));
    const eni = world.networkInterfaces.get(gateway.networkInterfaceId ?? '');
    const ended = new Set<string>();
    for (const { privateIp, drainsUntil } of draining) {
      const isOver = drainsUntil === undefined || Date.parse(drainsUntil) <= clock().getTime();
      const isUsed =
        !isOver &&
        eni !== undefined &&
        (await driver.hasConnections(standingOf(world, eni).machine, privateIp));
      if (!isUsed) ended.add(privateIp);
    }
    if (ended.size > 0) store.transact(world.scope, (tx) => letGo(tx, natGatewayId, ended));
    if (ended.size < draining.length) this.#lookLater(name);
  }

  #lookLater(name: string): void {
    if (this.#isClosed) return;
    clearTimeout(this.#looks.get(name));
    const look = setTimeout(() => this.#loop.wake(name), LOOK_MILLISECONDS);
    look.unref();
    this.#looks.set(name, look);
  }
}

/** The gateway has the addresses no longer, nor has its interface; Elastic IPs stay allocated. */
function letGo(tx: Transaction, natGatewayId: string, ended: ReadonlySet<string>): void {
  const gateway = tx.natGateways.get(natGatewayId);
  if (gateway?.state !== 'available') return;
  const { secondaryAddresses = [], networkInterfaceId = '' } = gateway;
  const gone = secondaryAddresses.filter(
    (address) => ended.has(address.privateIp) && !isNatAddressOpen(address),
  );
  for (const { allocationId } of gone) {
    const address = tx.addresses.get(allocationId ?? '');
    if (address !== undefined) releaseAddress(tx, address);
  }
  const eni = tx.networkInterfaces.get(networkInterfaceId);
  if (eni !== undefined) {
    const left = new Set(gone.map(({ privateIp }) => privateIp));
    const privateIpAddresses = eni.privateIpAddresses.filter((address) => !left.has(address));
    tx.networkInterfaces.put({ ...eni, privateIpAddresses });
  }
  const kept = secondaryAddresses.filter((address) => !gone.includes(address));
  tx.natGateways.put({ ...gateway, secondaryAddresses: kept });
}
