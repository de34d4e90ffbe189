import type { VpcPeeringConnection, VpcPeeringSide } from '../model/peering-records.ts';
import type { Transaction } from './store.ts';

/** What both copies of a peering connection have in common and may change. */
export type PeeringChange = Partial<Pick<VpcPeeringConnection, 'requester' | 'accepter' | 'status'>>;

/** How long each side still sees a peering connection that is over, in milliseconds. */
export type PeeringVisibility = (side: VpcPeeringSide) => number;

/**
 * Changes a peering connection in the worlds of both sides. With `visibility` it is over at `now`, and vanishes from each
 * world after that time.
 */
export function changePeering(
  tx: Transaction,
  { vpcPeeringConnectionId, requester, accepter }: VpcPeeringConnection,
  change: PeeringChange,
  over?: { readonly now: Date; readonly visibility: PeeringVisibility },
): void {
  for (const side of [requester, accepter]) {
    const world = tx.transactionOf(side);
    const copy = world?.vpcPeeringConnections.get(vpcPeeringConnectionId);
    if (world === undefined || copy === undefined) continue;
    const end = over === undefined ? undefined : over.now.getTime() + over.visibility(side);
    world.vpcPeeringConnections.put({
      ...copy,
      ...change,
      ...(end === undefined ? {} : { visibleUntil: new Date(end).toISOString() }),
    });
  }
}
