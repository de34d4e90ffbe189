import type { Address } from '../model/records.ts';
import type { Transaction } from '../state/store.ts';

/** Elastic IPs stay allocated when what they were associated with goes (semantics S41). */
export function releaseAddresses(tx: Transaction, networkInterfaceId: string): void {
  for (const address of tx.addresses.where('networkInterfaceId', networkInterfaceId)) {
    releaseAddress(tx, address);
  }
}

/** The address is associated with nothing any more. */
export function releaseAddress(tx: Transaction, address: Address): void {
  const { associationId: _a, networkInterfaceId: _n, privateIpAddress: _p, ...free } = address;
  tx.addresses.put(free);
}
