import { formatIpv4, parseIpv4 } from '../net/address.ts';
import { cidrOf } from '../net/cidr.ts';
import { formatIpv6, parseIpv6 } from '../net/ipv6.ts';
import { nameTagOf } from './display-names.ts';
import { endAt, type FlowEnd, type InterfaceEnd } from './flow-endpoints.ts';
import { ipv6BlocksOf } from './ipv6-addressing.ts';
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

/** The same three for IPv6: two of RFC 3849's documentation block, apart from VPCs' pool, and the same server. */
const LAPTOP_IPV6 = '2001:db8:1::10';
const STRANGER_IPV6 = '2001:db8:2::7';
const SERVER_IPV6 = '2001:4860:4860::8888';

const WORDS = ['laptop', 'internet', 's3'];

/**
 * The two ends that a question names: an instance, an interface, a gateway or a load balancer by its id, name or address; `laptop`,
 * `internet`, `s3`. Of several that share a private address or a name, the one in the other end's VPC is meant. The ends are
 * of IPv6 when `isIpv6` says so, when a word is an IPv6 address, and when an end has no other: then a name means the first IPv6
 * address of what it names. Throws with a sentence for people when a word names nothing, or more than one thing, and when an
 * end has no address of the IP version.
 */
export function findEnds(
  worlds: readonly World[],
  source: string,
  destination: string,
  isIpv6 = false,
): Ends {
  const ends = findIpv4Ends(worlds, source, destination);
  const words = [source, destination];
  const hasIpv6 = words.some((word) => parseIpv6(word) !== undefined);
  const hasOnlyIpv6 = [ends.source, ends.destination].some(
    (end) => end.kind === 'interface' && end.eni.privateIpAddresses.length === 0,
  );
  if (!isIpv6 && !hasIpv6 && !hasOnlyIpv6) return ends;
  return {
    source: atIpv6(source, ends.source, STRANGER_IPV6),
    destination: atIpv6(destination, ends.destination, SERVER_IPV6),
  };
}

interface Ends {
  readonly source: FlowEnd;
  readonly destination: FlowEnd;
}

function findIpv4Ends(worlds: readonly World[], source: string, destination: string): Ends {
  const sources = findCandidates(worlds, source, STRANGER_ADDRESS);
  const destinations = findCandidates(worlds, destination, SERVER_ADDRESS);
  return {
    source: chooseOne(worlds, source, sources, destinations),
    destination: chooseOne(worlds, destination, destinations, sources),
  };
}

/** What a word names, by IPv6. */
function atIpv6(word: string, end: FlowEnd, internet: string): FlowEnd {
  if (parseIpv6(word) !== undefined) return end;
  if (word === 'laptop') return outside(LAPTOP_IPV6, 'laptop');
  if (word === 'internet') {
    return { kind: 'outside', address: internet, label: `the Internet (${internet})`, block: '::/0' };
  }
  if (word === 's3') throw new Error('S3 is reached by IPv4 only.');
  if (end.kind === 'outside' || parseIpv4(word) !== undefined) {
    throw new Error(
      `${word} is an IPv4 address, and the question is about IPv6: packets are of one or the other. Give both ends by IPv6 addresses, or by names.`,
    );
  }
  const { world, eni, label } = end;
  const [address] = eni.ipv6Addresses;
  if (address !== undefined) return endAt(world, eni, 'name', address);
  const subnet = world.subnets.get(eni.subnetId);
  throw new Error(
    subnet === undefined || ipv6BlocksOf(subnet).length > 0
      ? `${label} has no IPv6 address: aws ec2 assign-ipv6-addresses --network-interface-id ${eni.networkInterfaceId} --ipv6-address-count 1 gives it one.`
      : `${label} has no IPv6 address, and its subnet ${eni.subnetId} has no IPv6 block to take one from: aws ec2 associate-subnet-cidr-block gives it one of the VPC’s.`,
  );
}

function findCandidates(worlds: readonly World[], word: string, internet: string): FlowEnd[] {
  if (word === 'laptop') return [outside(LAPTOP_ADDRESS, 'laptop')];
  if (word === 'internet') {
    return [{ kind: 'outside', address: internet, label: `the Internet (${internet})`, block: '0.0.0.0/0' }];
  }
  if (word === 's3') return worlds.flatMap(serversOfS3);
  if (parseIpv4(word) !== undefined) return findByAddress(worlds, word);
  const ipv6 = parseIpv6(word);
  return ipv6 === undefined ? findByName(worlds, word) : findByIpv6Address(worlds, formatIpv6(ipv6));
}

function outside(address: string, label: string): FlowEnd {
  const length = parseIpv4(address) === undefined ? 128 : 32;
  return { kind: 'outside', address, label, block: `${address}/${length}` };
}

function findByIpv6Address(worlds: readonly World[], address: string): FlowEnd[] {
  const found = worlds.flatMap((world) =>
    world.networkInterfaces
      .where('ipv6Addresses', address)
      .map((eni) => endAt(world, eni, 'private-address', address)),
  );
  return found.length === 0 ? [outside(address, address)] : found;
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
