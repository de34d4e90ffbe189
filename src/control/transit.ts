import { isAttachmentOpen } from '../model/transit-gateway-routes.ts';
import type { World } from '../model/world.ts';
import type { Change, Transaction } from '../state/store.ts';

const TABLES: ReadonlySet<string> = new Set([
  'transitGateways',
  'transitGatewayRouteTables',
  'transitGatewayVpcAttachments',
]);

/** The transit gateways whose machine a change may alter: it is one's own, or of a VPC that is attached to one. */
export function transitGatewaysTouchedBy(
  world: World,
  change: Change,
  touchedVpcIds: readonly string[],
): readonly string[] {
  const touched = new Set<string>(ownGateways(change));
  for (const vpcId of touchedVpcIds) {
    for (const attachment of world.transitGatewayVpcAttachments.where('vpcId', vpcId)) {
      if (isAttachmentOpen(attachment)) touched.add(attachment.transitGatewayId);
    }
  }
  return [...touched];
}

/** The transit gateways for which a change began something that control is to complete. */
export function unfinishedTransitGateways(change: Change): readonly string[] {
  return change.after === undefined ? [] : ownGateways(change);
}

function ownGateways({ table, before, after }: Change): readonly string[] {
  if (!TABLES.has(table)) return [];
  return [before, after].flatMap((record) =>
    record !== undefined && 'transitGatewayId' in record ? [record.transitGatewayId] : [],
  );
}

/** Everything of a transit gateway that only waited for packets to follow is now what it was to become. */
export function completeTransitGateway(tx: Transaction, transitGatewayId: string): void {
  const gateway = tx.transitGateways.get(transitGatewayId);
  if (gateway?.state === 'pending') tx.transitGateways.put({ ...gateway, state: 'available' });
  if (gateway?.state === 'deleting') tx.transitGateways.put({ ...gateway, state: 'deleted' });
  for (const table of tx.transitGatewayRouteTables.where('transitGatewayId', transitGatewayId)) {
    if (table.state === 'pending') tx.transitGatewayRouteTables.put({ ...table, state: 'available' });
    if (table.state === 'deleting') tx.transitGatewayRouteTables.put({ ...table, state: 'deleted' });
  }
  for (const attachment of tx.transitGatewayVpcAttachments.where('transitGatewayId', transitGatewayId)) {
    const { association, propagations, state, ...rest } = attachment;
    const isChanging =
      state === 'pending' ||
      state === 'modifying' ||
      state === 'deleting' ||
      (association !== undefined && association.state !== 'associated') ||
      propagations.some((each) => each.state !== 'enabled');
    if (!isChanging || state === 'deleted') continue;
    if (state === 'deleting') {
      for (const id of rest.networkInterfaceIds) tx.networkInterfaces.delete(id);
    }
    tx.transitGatewayVpcAttachments.put({
      ...rest,
      networkInterfaceIds: state === 'deleting' ? [] : rest.networkInterfaceIds,
      state: state === 'deleting' ? 'deleted' : 'available',
      ...(association === undefined || association.state === 'disassociating'
        ? {}
        : { association: { ...association, state: 'associated' } }),
      propagations: propagations
        .filter((each) => each.state !== 'disabling')
        .map((each) => ({ ...each, state: 'enabled' })),
    });
  }
}
