import { isOfferedService } from '../model/endpoint-dns.ts';
import { loadBalancerOf } from '../model/load-balancing.ts';
import { nodeBehindEndpoint } from '../model/private-link.ts';
import type { Instance, NatGateway, VpcEndpoint } from '../model/records.ts';
import { changePeering } from '../state/peering.ts';
import type { Transaction } from '../state/store.ts';
import { releaseAddresses } from './addresses.ts';
import { completeNatGateway } from './nat-addresses.ts';

/** The instance carries packets and its first process runs. */
export function markRunning(tx: Transaction, instanceId: string, bootsDone: number): void {
  const instance = tx.instances.get(instanceId);
  if (instance === undefined) return;
  if (instance.state !== 'pending' && instance.state !== 'running') return;
  tx.instances.put({ ...withoutReason(instance), state: 'running', bootsDone, stateTransitionReason: '' });
}

/** The instance's processes are gone; its automatically assigned public address goes too (semantics S39). */
export function markStopped(tx: Transaction, instanceId: string): void {
  const instance = tx.instances.get(instanceId);
  if (instance?.state !== 'stopping') return;
  for (const eni of interfacesOf(tx, instanceId)) {
    const { autoAssignedPublicIp: _released, ...kept } = eni;
    tx.networkInterfaces.put(kept);
  }
  tx.instances.put({ ...instance, state: 'stopped', bootsDone: instance.bootsWanted });
}

/** The instance and its disk are gone: interfaces made with it are deleted, Elastic IPs let go (semantics S44). */
export function markTerminated(tx: Transaction, instanceId: string, now: Date): void {
  const instance = tx.instances.get(instanceId);
  if (instance?.state !== 'shutting-down') return;
  for (const eni of interfacesOf(tx, instanceId)) {
    releaseAddresses(tx, eni.networkInterfaceId);
    if (eni.attachment?.deleteOnTermination === false) {
      const { attachment: _detached, autoAssignedPublicIp: _released, ...kept } = eni;
      tx.networkInterfaces.put(kept);
    } else {
      tx.networkInterfaces.delete(eni.networkInterfaceId);
    }
  }
  tx.instances.put({ ...instance, state: 'terminated', terminateTime: now.toISOString() });
}

/** The instance could not be started: AWS terminates it and says why. */
export function markFailed(tx: Transaction, instanceId: string, reason: string): void {
  const instance = tx.instances.get(instanceId);
  if (instance?.state !== 'pending') return;
  tx.instances.put({
    ...instance,
    state: 'shutting-down',
    stateTransitionReason: 'Server.InternalError',
    stateReason: { code: 'Server.InternalError', message: `Server.InternalError: ${reason}` },
  });
}

/** The instance's first process ended by itself: someone in it called for a shutdown, or it died. */
export function markShutDownFromInside(tx: Transaction, instanceId: string, now: Date): void {
  const instance = tx.instances.get(instanceId);
  if (instance?.state !== 'running') return;
  const isTerminated = instance.instanceInitiatedShutdownBehavior === 'terminate';
  tx.instances.put({
    ...instance,
    state: isTerminated ? 'shutting-down' : 'stopping',
    stateTransitionReason: `User initiated shutdown (${awsTime(now)})`,
    stateReason: {
      code: 'Client.InstanceInitiatedShutdown',
      message: 'Client.InstanceInitiatedShutdown: Instance initiated shutdown',
    },
  });
}

/** Whether packets get through all of an endpoint: AWS's services are there, those of accounts need load balancers. */
function isServed(tx: Transaction, endpoint: VpcEndpoint): boolean {
  if (!isOfferedService(endpoint.serviceName)) return true;
  const worlds = [...tx.allWorlds()];
  const interfaces = endpoint.networkInterfaceIds.flatMap((id) => tx.networkInterfaces.get(id) ?? []);
  return interfaces.every((eni) => {
    const node = nodeBehindEndpoint(worlds, tx, eni);
    return node !== undefined && loadBalancerOf(node.world, node.eni)?.state === 'active';
  });
}

/** Everything in the VPC that only waited for packets to follow the world is now what it was to become. */
export function completeVpc(tx: Transaction, vpcId: string, now: Date): void {
  for (const gateway of tx.natGateways.where('vpcId', vpcId)) {
    completeNatGateway(tx, gateway);
    if (gateway.state === 'deleting') markNatGatewayDeleted(tx, gateway, now);
  }
  for (const balancer of tx.loadBalancers.where('vpcId', vpcId)) {
    if (balancer.state === 'provisioning') tx.loadBalancers.put({ ...balancer, state: 'active' });
  }
  for (const endpoint of tx.vpcEndpoints.where('vpcId', vpcId)) {
    if (endpoint.state === 'pending' && isServed(tx, endpoint)) {
      tx.vpcEndpoints.put({ ...endpoint, state: 'available' });
    }
    if (endpoint.state === 'deleting') {
      for (const id of endpoint.networkInterfaceIds) tx.networkInterfaces.delete(id);
      tx.vpcEndpoints.put({
        ...endpoint,
        state: 'deleted',
        networkInterfaceIds: [],
        deleteTime: now.toISOString(),
      });
    }
  }
}

/** The link of a VPC's peering connections is there, or is gone, in the routers of both sides. */
export function completePeerings(tx: Transaction, vpcId: string): void {
  for (const peering of tx.vpcPeeringConnections.where('vpcIds', vpcId)) {
    const { code, message } = peering.status;
    if (code === 'provisioning')
      changePeering(tx, peering, { status: { code: 'active', message: 'Active' } });
    if (code === 'deleting') changePeering(tx, peering, { status: { code: 'deleted', message } });
  }
}

function markNatGatewayDeleted(tx: Transaction, gateway: NatGateway, now: Date): void {
  const { networkInterfaceId } = gateway;
  if (networkInterfaceId !== undefined) {
    releaseAddresses(tx, networkInterfaceId);
    tx.networkInterfaces.delete(networkInterfaceId);
  }
  tx.natGateways.put({ ...gateway, state: 'deleted', deleteTime: now.toISOString() });
}

function interfacesOf(tx: Transaction, instanceId: string) {
  return [...tx.networkInterfaces.values()].filter((eni) => eni.attachment?.instanceId === instanceId);
}

function withoutReason(instance: Instance): Instance {
  const { stateReason: _reason, ...kept } = instance;
  return kept;
}

/** `2026-11-23 21:00:00 GMT`, as AWS writes times inside sentences. */
function awsTime(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} GMT`;
}
