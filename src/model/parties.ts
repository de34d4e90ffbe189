import { parseIpv4 } from '../net/address.ts';
import { isPrivateAddress } from './lookup.ts';
import { publicAddressOf } from './public-addresses.ts';
import type { NetworkInterface } from './records.ts';
import type { World } from './world.ts';

/** An interface at one end of a path. */
export interface InterfaceParty {
  readonly kind: 'interface';
  readonly world: World;
  readonly eni: NetworkInterface;
  /** The address it is spoken to by. */
  readonly address: string;
  /** Whether that address is its public one. */
  readonly isPublic: boolean;
}

/** Something outside every VPC. */
export interface OutsideParty {
  readonly kind: 'outside';
  readonly label: string;
  readonly address: string;
}

export type Party = InterfaceParty | OutsideParty;

/** RFC 5737's second documentation block is the laptop's home. */
const LAPTOP_ADDRESS = '198.51.100.10';
/** Anyone else on the Internet, and a well-known server there. */
const STRANGER_ADDRESS = '203.0.113.7';
const SERVER_ADDRESS = '8.8.8.8';

/** Nobody is called that; the message says what may be. */
export class UnknownPartyError extends Error {}

/**
 * The party a word names: an instance or interface by id, an instance by its Name tag, anything by its address, `laptop`,
 * `internet`, `s3`. Instances that are terminated are passed over. Throws an UnknownPartyError with what is near.
 */
export function findParty(
  worlds: readonly World[],
  word: string,
  role: 'source' | 'destination',
  near?: Party,
): Party {
  if (word === 'laptop') return { kind: 'outside', label: 'the laptop', address: LAPTOP_ADDRESS };
  if (word === 'internet') {
    return role === 'source'
      ? { kind: 'outside', label: 'the Internet', address: STRANGER_ADDRESS }
      : { kind: 'outside', label: 'the Internet', address: SERVER_ADDRESS };
  }
  if (word === 's3' || word === 'dynamodb') return findService(worlds, word, near);
  const found = findInterface(worlds, word, near);
  if (found !== undefined) return found;
  if (parseIpv4(word) !== undefined) {
    if (isPrivateAddress(word)) throw new UnknownPartyError(`Nothing has the private address ${word} now.`);
    return { kind: 'outside', label: word, address: word };
  }
  const names = knownNames(worlds);
  const hint =
    names.length === 0 ? 'There is no instance yet.' : `There are: ${names.slice(0, 8).join(', ')}.`;
  throw new UnknownPartyError(
    `"${word}" is no instance, interface, Name tag or address here. ${hint} Besides: laptop, internet, s3.`,
  );
}

function findService(worlds: readonly World[], service: string, near: Party | undefined): Party {
  const world = near?.kind === 'interface' ? near.world : worlds[0];
  const name = `com.amazonaws.${world?.scope.region}.${service}`;
  const [list] = world?.prefixLists.where('prefixListName', name) ?? [];
  const [entry] = list?.entries ?? [];
  if (entry === undefined) throw new UnknownPartyError(`There is no ${service} in this region.`);
  const base = entry.cidr.split('/')[0] ?? '';
  return { kind: 'outside', label: `${service} (${name})`, address: base.replace(/\.0$/, '.1') };
}

function findInterface(
  worlds: readonly World[],
  word: string,
  near: Party | undefined,
): InterfaceParty | undefined {
  // Of two private addresses that are the same, the one in the source's own VPC is meant.
  const own = near?.kind === 'interface' ? near : undefined;
  const matches: InterfaceParty[] = [];
  for (const world of worlds) {
    for (const eni of world.networkInterfaces.values()) {
      const match = matchInterface(world, eni, word);
      if (match !== undefined) matches.push(match);
    }
  }
  return matches.find(({ eni }) => eni.vpcId === own?.eni.vpcId) ?? matches[0];
}

function matchInterface(world: World, eni: NetworkInterface, word: string): InterfaceParty | undefined {
  const instanceId = eni.attachment?.instanceId;
  const instance = instanceId === undefined ? undefined : world.instances.get(instanceId);
  const name = instance?.tags.find(({ key }) => key === 'Name')?.value;
  const [privateAddress = ''] = eni.privateIpAddresses;
  const publicAddress = publicAddressOf(world, eni);
  const base = { kind: 'interface', world, eni } as const;
  if (word === publicAddress) return { ...base, address: word, isPublic: true };
  if (eni.privateIpAddresses.includes(word)) return { ...base, address: word, isPublic: false };
  const isNamed = word === eni.networkInterfaceId || word === instanceId || word === name;
  const isGateway = world.natGateways
    .where('networkInterfaceId', eni.networkInterfaceId)
    .some(({ natGatewayId }) => natGatewayId === word);
  return isNamed || isGateway ? { ...base, address: privateAddress, isPublic: false } : undefined;
}

/** The destination as the source would speak to it: by the private address within a VPC, else by the public one. */
export function seenFrom(source: Party, destination: Party): Party {
  if (destination.kind !== 'interface' || destination.isPublic) return destination;
  const isSameVpc =
    source.kind === 'interface' &&
    source.world === destination.world &&
    source.eni.vpcId === destination.eni.vpcId;
  const publicAddress = publicAddressOf(destination.world, destination.eni);
  if (isSameVpc || publicAddress === undefined) return destination;
  return { ...destination, address: publicAddress, isPublic: true };
}

/** What a party is called in sentences: an instance by its name, with its id. */
export function labelOf(party: Party): string {
  if (party.kind === 'outside') return party.label;
  const { world, eni } = party;
  const instanceId = eni.attachment?.instanceId;
  if (eni.interfaceType === 'nat_gateway') {
    const [gateway] = world.natGateways.where('networkInterfaceId', eni.networkInterfaceId);
    return `the NAT gateway ${gateway?.natGatewayId ?? eni.networkInterfaceId}`;
  }
  if (instanceId === undefined) return eni.networkInterfaceId;
  const name = world.instances.get(instanceId)?.tags.find(({ key }) => key === 'Name')?.value;
  return name === undefined ? instanceId : `${name} (${instanceId})`;
}

function knownNames(worlds: readonly World[]): string[] {
  return worlds.flatMap((world) =>
    [...world.instances.values()]
      .filter(({ state }) => state !== 'terminated')
      .map(({ instanceId, tags }) => tags.find(({ key }) => key === 'Name')?.value ?? instanceId),
  );
}
