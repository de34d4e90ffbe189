import { formatIpv4, parseIpv4 } from '../net/address.ts';
import { cidrOf } from '../net/cidr.ts';
import { parseIpv6 } from '../net/ipv6.ts';
import { nameTagOf } from './display-names.ts';
import { endAt, type FlowEnd, type InterfaceEnd } from './flow-endpoints.ts';
import { findNearMisses } from './near-misses.ts';
import { publicAddressOf } from './public-addresses.ts';
import type { Instance } from './records.ts';
import type { World } from './world.ts';

/** The user's own computer, in RFC 5737's second documentation block. */
const LAPTOP_ADDRESS = '198.51.100.10';
/** Any computer of the Internet, in RFC 5737's third. */
const STRANGER_ADDRESS = '203.0.113.7';
/** A server of the Internet that everybody knows. */
const SERVER_ADDRESS = '8.8.8.8';

const WORDS = ['laptop', 'internet', 's3'];

/**
 * The two ends that a question names: an instance, an interface, a gateway or a load balancer by its id, name or address; `laptop`,
 * `internet`, `s3`. Of several that share a private address or a name, the one in the other end's VPC is meant. Throws
 * with a sentence for people when a word names nothing, or more than one thing.
 */
export function findEnds(
  worlds: readonly World[],
  source: string,
  destination: string,
): { readonly source: FlowEnd; readonly destination: FlowEnd } {
  const sources = findCandidates(worlds, source, STRANGER_ADDRESS);
  const destinations = findCandidates(worlds, destination, SERVER_ADDRESS);
  return {
    source: chooseOne(worlds, source, sources, destinations),
    destination: chooseOne(worlds, destination, destinations, sources),
  };
}

function findCandidates(worlds: readonly World[], word: string, internet: string): FlowEnd[] {
  if (word === 'laptop') return [outside(LAPTOP_ADDRESS, 'laptop')];
  if (word === 'internet') {
    return [{ kind: 'outside', address: internet, label: `the Internet (${internet})`, block: '0.0.0.0/0' }];
  }
  if (word === 's3') return worlds.flatMap(serversOfS3);
  return parseIpv4(word) === undefined ? findByName(worlds, word) : findByAddress(worlds, word);
}

function outside(address: string, label: string): FlowEnd {
  return { kind: 'outside', address, label, block: `${address}/32` };
}

/** S3 answers at the first address of its block, after the network's own. */
function serversOfS3(world: World): FlowEnd[] {
  const [list] = world.prefixLists.where('prefixListName', `com.amazonaws.${world.scope.region}.s3`);
  const [entry] = list?.entries ?? [];
  if (entry === undefined) return [];
  const address = formatIpv4(cidrOf(entry.cidr).first + 1);
  return [{ kind: 'outside', address, label: `S3 (${address})`, block: entry.cidr }];
}

function findByAddress(worlds: readonly World[], address: string): FlowEnd[] {
  const found: FlowEnd[] = [];
  for (const world of worlds) {
    for (const eni of world.networkInterfaces.where('privateIpAddresses', address)) {
      found.push(endAt(world, eni, 'private-address', address));
    }
    for (const eni of world.networkInterfaces.values()) {
      const own = eni.privateIpAddresses.find((each) => publicAddressOf(world, eni, each) === address);
      if (own !== undefined) found.push(endAt(world, eni, 'public-address', own));
    }
    const [spare] = world.addresses.where('publicIp', address);
    if (spare !== undefined && spare.networkInterfaceId === undefined) {
      throw new Error(
        `${address} is the Elastic IP ${spare.allocationId}, but it is associated with nothing: aws ec2 associate-address puts it to use.`,
      );
    }
  }
  return found.length === 0 ? [outside(address, address)] : found;
}

function findByName(worlds: readonly World[], word: string): InterfaceEnd[] {
  const found: InterfaceEnd[] = [];
  for (const world of worlds) {
    for (const instance of world.instances.values()) {
      if (instance.instanceId !== word && nameTagOf(instance) !== word) continue;
      if (instance.state !== 'terminated') found.push(...endOf(world, instance));
      else if (instance.instanceId === word) throw new Error(`The instance ${word} is terminated.`);
    }
    for (const endpoint of world.vpcEndpoints.values()) {
      if (endpoint.vpcEndpointId !== word && nameTagOf(endpoint) !== word) continue;
      // Each of its interfaces serves the same; one is asked about by its own id or address.
      const [first] = endpoint.networkInterfaceIds;
      const eni = first === undefined ? undefined : world.networkInterfaces.get(first);
      if (eni !== undefined) found.push(endAt(world, eni, 'name'));
    }
    for (const { loadBalancerArn, loadBalancerName, networkInterfaceIds } of world.loadBalancers.values()) {
      if (loadBalancerArn !== word && loadBalancerName !== word) continue;
      const [first] = networkInterfaceIds;
      const eni = first === undefined ? undefined : world.networkInterfaces.get(first);
      if (eni !== undefined) found.push(endAt(world, eni, 'name'));
    }
    for (const eni of world.networkInterfaces.values()) {
      const [gateway] = world.natGateways.where('networkInterfaceId', eni.networkInterfaceId);
      const names = [
        eni.networkInterfaceId,
        nameTagOf(eni),
        gateway?.natGatewayId,
        gateway && nameTagOf(gateway),
      ];
      if (names.includes(word)) found.push(endAt(world, eni, 'name'));
    }
  }
  return found;
}

function endOf(world: World, { instanceId, subnetId }: Instance): InterfaceEnd[] {
  const eni = world.networkInterfaces
    .where('subnetId', subnetId)
    .find(({ attachment }) => attachment?.instanceId === instanceId && attachment.deviceIndex === 0);
  return eni === undefined ? [] : [endAt(world, eni, 'name')];
}

function chooseOne(
  worlds: readonly World[],
  word: string,
  candidates: readonly FlowEnd[],
  others: readonly FlowEnd[],
): FlowEnd {
  const [first, second] = candidates;
  if (first === undefined) throw new Error(describeUnknown(worlds, word));
  if (second === undefined) return first;
  const near = candidates.filter((candidate) => others.some((other) => isNear(worlds, candidate, other)));
  const [nearest, nextNearest] = near;
  if (nearest !== undefined && nextNearest === undefined) return nearest;
  // The same server by another region's name: the first region that is used stands for all.
  if (first.kind === 'outside') return nearest ?? first;
  const ids = candidates.map((end) => (end.kind === 'interface' ? end.eni.networkInterfaceId : end.address));
  throw new Error(`"${word}" means ${candidates.length} things: ${ids.join(', ')}. Say which by its id.`);
}

/** Whether two ends stand in one VPC; for S3, in one region. */
function isNear(worlds: readonly World[], one: FlowEnd, other: FlowEnd): boolean {
  if (other.kind !== 'interface') return false;
  if (one.kind === 'interface') return one.eni.vpcId === other.eni.vpcId && one.world === other.world;
  return worlds.some((world) => world === other.world && serversOfS3(world).some((end) => isSame(end, one)));
}

function isSame(one: FlowEnd, other: FlowEnd): boolean {
  return one.kind === 'outside' && other.kind === 'outside' && one.address === other.address;
}

function describeUnknown(worlds: readonly World[], word: string): string {
  if (parseIpv6(word) !== undefined) {
    return `${word} is an IPv6 address: Cloudcroft keeps IPv6 addresses and rules, and carries IPv4 packets only. Ask about the IPv4 address.`;
  }
  const names = worlds.flatMap((world) => [
    ...[...world.instances.values()]
      .filter(({ state }) => state !== 'terminated')
      .flatMap((instance) => [nameTagOf(instance) ?? instance.instanceId, instance.instanceId]),
    ...[...world.networkInterfaces.values()].map(({ networkInterfaceId }) => networkInterfaceId),
    ...[...world.natGateways.values()].map(({ natGatewayId }) => natGatewayId),
  ]);
  const near = findNearMisses(word, [...WORDS, ...names]);
  const hint = near.length > 0 ? `Did you mean ${near.join(' or ')}?` : listOf(names);
  return `"${word}" is no instance, interface, Name tag or address here. ${hint}`;
}

function listOf(names: readonly string[]): string {
  const some = [...new Set([...WORDS, ...names.filter((name) => !name.startsWith('eni-'))])].slice(0, 8);
  return `There are ${some.join(', ')}, and addresses.`;
}
