import type { VpcEndpointService } from '../model/endpoint-service-records.ts';
import { loadBalancersOfService, nodesOfService } from '../model/private-link.ts';
import type { Scope, World } from '../model/world.ts';
import type { Transaction } from '../state/store.ts';
import type { ActionContext } from './action.ts';
import { AwsError } from './errors.ts';

/** There is no endpoint service of this name, or not for this account. */
export function noSuchService(name: string): AwsError {
  return new AwsError('InvalidServiceName', `The Vpc Endpoint Service '${name}' does not exist`);
}

/** Whether a service takes endpoints' packets: `Available` once all its load balancers carry them. */
export function stateOfService(world: World, service: VpcEndpointService): 'Pending' | 'Available' {
  const balancers = loadBalancersOfService({ world, service });
  const isWhole = balancers.length === service.networkLoadBalancerArns.length;
  const isThere = balancers.length > 0 && balancers.every(({ state }) => state === 'active');
  return isWhole && isThere ? 'Available' : 'Pending';
}

/** The zones in which a service has a load balancer's node, by name. */
export function zonesOfService(world: World, service: VpcEndpointService): string[] {
  const zones = nodesOfService({ world, service }).map(({ availabilityZone }) => availabilityZone);
  return [...new Set(zones)].toSorted();
}

/** A service and the account and region that offer it. */
export interface OfferedService {
  readonly service: VpcEndpointService;
  readonly scope: Scope;
  readonly zones: readonly string[];
}

/** The services of accounts in this region that the asking account may make endpoints to: its own, and those allowed. */
export function offeredServices({ tx, account, region, caller }: ActionContext): readonly OfferedService[] {
  const found: OfferedService[] = [];
  for (const world of tx.allWorlds()) {
    if (world.scope.region !== region) continue;
    for (const service of world.vpcEndpointServices.values()) {
      const isAllowed = service.allowedPrincipals.some(
        ({ principal }) =>
          principal === '*' || principal === `arn:aws:iam::${account}:root` || principal === caller.arn,
      );
      if (world.scope.account === account || isAllowed) {
        found.push({ service, scope: world.scope, zones: zonesOfService(world, service) });
      }
    }
  }
  return found;
}

/** The endpoints, of any account of the region, that were made to these services. */
export function connectionsOf(tx: Transaction, serviceNames: readonly string[]) {
  const found: {
    readonly endpoint: ReturnType<World['vpcEndpoints']['where']>[number];
    readonly scope: Scope;
  }[] = [];
  for (const world of tx.allWorlds()) {
    if (world.scope.region !== tx.scope.region) continue;
    for (const name of serviceNames) {
      for (const endpoint of world.vpcEndpoints.where('serviceName', name)) {
        found.push({ endpoint, scope: world.scope });
      }
    }
  }
  return found;
}
