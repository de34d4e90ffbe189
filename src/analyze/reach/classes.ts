import { endAt, type InterfaceEnd } from '../../model/flow-endpoints.ts';
import type { NetworkInterface } from '../../model/records.ts';
import { isServiceInterface } from '../../model/service-interfaces.ts';
import type { World } from '../../model/world.ts';
import { type AddressKinds, type KindId, numberOf } from './kinds.ts';

/** Interfaces that no rule, route or state tells apart: what one of them reaches, and what reaches it, holds for all. */
export interface InterfaceClass {
  readonly world: World;
  readonly vpcId: string;
  readonly subnetId: string;
  /** Ascending. */
  readonly groupIds: readonly string[];
  /** The kind of their private addresses. */
  readonly kind: KindId;
  /** Whether their instances run, or the services that hold them. */
  readonly isRunning: boolean;
  /** Whether they are instances' own, and no route leads to them: then only rules and entries decide within a VPC. */
  readonly isPlain: boolean;
  /** Never empty. */
  readonly members: readonly NetworkInterface[];
}

/** The interfaces of instances that are not terminated, of endpoints, load balancers and other services, in classes. */
export function classify(worlds: readonly World[], kinds: AddressKinds): InterfaceClass[] {
  const classes = new Map<string, InterfaceClass & { readonly members: NetworkInterface[] }>();
  for (const [index, world] of worlds.entries()) {
    const forwarders = findForwarders(world);
    for (const eni of world.networkInterfaces.values()) {
      const [address] = eni.privateIpAddresses;
      const isCounted = isInstances(world, eni) || isService(eni) || isServiceInterface(eni);
      if (address === undefined || !isCounted) continue;
      const end = endAt(world, eni, 'name');
      const isPlain = eni.interfaceType === 'interface' && !forwarders.has(eni.networkInterfaceId);
      const groupIds = eni.groupIds.toSorted();
      const kind = kinds.kindOf(numberOf(address));
      const isRunning = end.instance?.state === 'running' || isServiceInterface(eni);
      const key = [
        index,
        eni.subnetId,
        groupIds.join(),
        kind,
        kindOfPublic(end, kinds),
        isRunning,
        isPlain ? '' : eni.networkInterfaceId,
      ].join(' ');
      const known = classes.get(key);
      if (known !== undefined) known.members.push(eni);
      else {
        const { vpcId, subnetId } = eni;
        classes.set(key, { world, vpcId, subnetId, groupIds, kind, isRunning, isPlain, members: [eni] });
      }
    }
  }
  return [...classes.values()];
}

function isInstances(world: World, { attachment, interfaceType }: NetworkInterface): boolean {
  const instance = world.instances.get(attachment?.instanceId ?? '');
  return interfaceType === 'interface' && instance !== undefined && instance.state !== 'terminated';
}

/** What stands behind these is fetched from; a NAT gateway is reached by nobody, and asks nobody. */
function isService({ interfaceType }: NetworkInterface): boolean {
  return interfaceType === 'vpc_endpoint' || interfaceType === 'network_load_balancer';
}

function kindOfPublic({ publicAddress }: InterfaceEnd, kinds: AddressKinds): string {
  return publicAddress === undefined ? '' : String(kinds.kindOf(numberOf(publicAddress)));
}

/** The interfaces that routes lead to: they are told apart from all others. */
function findForwarders(world: World): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { routes } of world.routeTables.values()) {
    for (const { target } of routes) if (target.kind === 'network-interface') found.add(target.id);
  }
  return found;
}
