import { changePeering } from '../state/peering.ts';
import type { Store } from '../state/store.ts';

/** Terminated instances and deleted gateways stay visible for about an hour (semantics S48). */
const VISIBLE_MILLISECONDS = 3_600_000;
/** A peering request that nobody answered stays visible for two days (semantics S109). */
const EXPIRED_VISIBLE_MILLISECONDS = 172_800_000;
/** AWS answers a repeated client token for at least a day. */
const TOKEN_MILLISECONDS = 86_400_000;

/** Removes what has been terminated or deleted long enough that AWS would no longer show it. */
export function purgeExpired(store: Store, now: Date): void {
  const isExpired = (time: string | undefined): boolean =>
    time !== undefined && now.getTime() - Date.parse(time) > VISIBLE_MILLISECONDS;
  for (const world of store.worlds()) {
    const instances = [...world.instances.values()].filter(
      ({ state, terminateTime }) => state === 'terminated' && isExpired(terminateTime),
    );
    const gateways = [...world.natGateways.values()].filter(
      ({ state, deleteTime, createTime }) =>
        (state === 'deleted' && isExpired(deleteTime)) ||
        (state === 'failed' && isExpired(deleteTime ?? createTime)),
    );
    const endpoints = [...world.vpcEndpoints.values()].filter(
      ({ state, deleteTime }) => state === 'deleted' && isExpired(deleteTime),
    );
    const tokens = [...world.clientTokens.values()].filter(
      ({ createTime }) => now.getTime() - Date.parse(createTime) > TOKEN_MILLISECONDS,
    );
    const peerings = [...world.vpcPeeringConnections.values()];
    const unanswered = peerings.filter(
      ({ status, expirationTime }) =>
        status.code === 'pending-acceptance' && Date.parse(expirationTime) <= now.getTime(),
    );
    const past = peerings.filter(
      ({ visibleUntil }) => visibleUntil !== undefined && Date.parse(visibleUntil) <= now.getTime(),
    );
    const ownRouters = [...world.vpnGateways.values(), ...world.customerGateways.values()].filter(
      ({ state, deleteTime }) => state === 'deleted' && isExpired(deleteTime),
    );
    const transit = [
      ...world.transitGateways.values(),
      ...world.transitGatewayRouteTables.values(),
      ...world.transitGatewayVpcAttachments.values(),
    ].filter(({ state, deleteTime }) => state === 'deleted' && isExpired(deleteTime));
    const found = [transit, instances, gateways, endpoints, tokens, unanswered, past, ownRouters];
    if (found.every(({ length }) => length === 0)) continue;
    store.transact(world.scope, (tx) => {
      for (const { instanceId } of instances) tx.instances.delete(instanceId);
      for (const record of transit) {
        if ('transitGatewayAttachmentId' in record) {
          tx.transitGatewayVpcAttachments.delete(record.transitGatewayAttachmentId);
        } else if ('transitGatewayRouteTableId' in record) {
          tx.transitGatewayRouteTables.delete(record.transitGatewayRouteTableId);
        } else tx.transitGateways.delete(record.transitGatewayId);
      }
      for (const { natGatewayId } of gateways) tx.natGateways.delete(natGatewayId);
      for (const { tokenId } of tokens) tx.clientTokens.delete(tokenId);
      for (const { vpcEndpointId } of endpoints) tx.vpcEndpoints.delete(vpcEndpointId);
      for (const gateway of ownRouters) {
        if ('vpnGatewayId' in gateway) tx.vpnGateways.delete(gateway.vpnGatewayId);
        else tx.customerGateways.delete(gateway.customerGatewayId);
      }
      for (const { vpcPeeringConnectionId } of past) tx.vpcPeeringConnections.delete(vpcPeeringConnectionId);
      for (const peering of unanswered) {
        const status = { code: 'expired' as const, message: 'Expired' };
        changePeering(tx, peering, { status }, { now, visibility: () => EXPIRED_VISIBLE_MILLISECONDS });
      }
    });
  }
}
