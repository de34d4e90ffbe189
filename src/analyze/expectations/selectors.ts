import { nameTagOf } from '../../model/display-names.ts';
import { isInBlock } from '../../model/gates.ts';
import { findNearMisses } from '../../model/near-misses.ts';
import type { NetworkInterface, Taggable } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import { parseIpv4 } from '../../net/address.ts';
import { type Cidr, hasAddress, parseCidr } from '../../net/cidr.ts';
import { canonicalIpv6Cidr } from '../../net/ipv6.ts';
import { strangersIn } from './strangers.ts';
import { ipv6StrangersIn } from './strangers-ipv6.ts';

/** The whole Internet. */
const EVERYWHERE: Cidr = { first: 0, prefixLength: 0 };

/**
 * The words that a selector stands for, each of them one end of a flow as `croft explain` takes it: `tag:KEY=VALUE`, `subnet:`,
 * `group:` or `vpc:` with an id or Name (an id may stand alone), a CIDR block, or a single end. A block or `internet` that
 * connections come from stands for one address of every kind that a rule tells from another. Throws with a sentence when it
 * stands for nothing. By IPv6 a set stands for what has an IPv6 address, and a block for the addresses in it.
 */
export function expandSelector(
  worlds: readonly World[],
  selector: string,
  isSource: boolean,
  isIpv6 = false,
): readonly string[] {
  if (isIpv6) return expandByIpv6(worlds, selector, isSource);
  if (selector === 'internet') return isSource ? strangersIn(worlds, EVERYWHERE) : [selector];
  const block = selector.includes('/') ? parseCidr(selector) : undefined;
  const found = block === undefined ? findSet(worlds, selector) : findInBlock(worlds, block, isSource);
  if (found === undefined) return [selector];
  if (found.length > 0) return found;
  throw new Error(`"${selector}" stands for nothing here that packets come from or go to.`);
}

function expandByIpv6(worlds: readonly World[], selector: string, isSource: boolean): readonly string[] {
  if (selector === 'internet') return isSource ? ipv6StrangersIn(worlds, '::/0') : [selector];
  const block = canonicalIpv6Cidr(selector);
  const found =
    block === undefined
      ? findSet(worlds, selector)?.filter((id) => hasIpv6(worlds, id))
      : findInIpv6Block(worlds, block, isSource);
  if (found === undefined) return [selector];
  if (found.length > 0) return found;
  throw new Error(`"${selector}" stands for nothing here that IPv6 packets come from or go to.`);
}

function hasIpv6(worlds: readonly World[], networkInterfaceId: string): boolean {
  return worlds.some(
    (world) => (world.networkInterfaces.get(networkInterfaceId)?.ipv6Addresses.length ?? 0) > 0,
  );
}

function findInIpv6Block(worlds: readonly World[], block: string, isSource: boolean): readonly string[] {
  const inside = worlds.flatMap((world) =>
    [...world.networkInterfaces.values()].flatMap(({ ipv6Addresses }) =>
      ipv6Addresses.filter((address) => isInBlock(address, block)),
    ),
  );
  return inside.length > 0 || !isSource ? inside : ipv6StrangersIn(worlds, block);
}

/** The interfaces of a set; undefined for a selector that means a single end. */
function findSet(worlds: readonly World[], selector: string): readonly string[] | undefined {
  const [, kind, rest = ''] = /^(tag|subnet|group|vpc):(.*)$/.exec(selector) ?? [];
  if (kind === 'tag') return findTagged(worlds, rest);
  if (kind === 'subnet' || selector.startsWith('subnet-')) {
    const id = demandId(worlds, 'subnet', kind === undefined ? selector : rest);
    return interfacesWhere(worlds, ({ subnetId }) => subnetId === id);
  }
  if (kind === 'group' || selector.startsWith('sg-')) {
    const id = demandId(worlds, 'group', kind === undefined ? selector : rest);
    return interfacesWhere(worlds, ({ groupIds }) => groupIds.includes(id));
  }
  if (kind === 'vpc' || selector.startsWith('vpc-')) {
    const id = demandId(worlds, 'vpc', kind === undefined ? selector : rest);
    return interfacesWhere(worlds, ({ vpcId }) => vpcId === id);
  }
  return undefined;
}

function findInBlock(worlds: readonly World[], block: Cidr, isSource: boolean): readonly string[] {
  const inside = interfacesWhere(worlds, ({ privateIpAddresses }) =>
    privateIpAddresses.some((address) => hasAddress(block, parseIpv4(address) ?? -1)),
  );
  return inside.length > 0 || !isSource ? inside : strangersIn(worlds, block);
}

/** Instances have tags of their own and those of their interfaces; `*` and `?` stand for any characters. */
function findTagged(worlds: readonly World[], text: string): readonly string[] {
  const [, key = '', value = ''] = /^([^=]+)=(.*)$/.exec(text) ?? [];
  if (key === '') throw new Error(`"tag:${text}" is no tag: it is tag:KEY=VALUE.`);
  const escaped = value.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const pattern = new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
  const isTagged = (taggable: Taggable | undefined): boolean =>
    taggable?.tags.some((tag) => tag.key === key && pattern.test(tag.value)) === true;
  return interfacesWhere(
    worlds,
    (eni, world) => isTagged(eni) || isTagged(world.instances.get(eni.attachment?.instanceId ?? '')),
  );
}

/** Of instances that are not terminated, by their interfaces. */
function interfacesWhere(
  worlds: readonly World[],
  isWanted: (eni: NetworkInterface, world: World) => boolean,
): readonly string[] {
  return worlds.flatMap((world) =>
    [...world.networkInterfaces.values()]
      .filter((eni) => world.instances.get(eni.attachment?.instanceId ?? '') !== undefined)
      .filter((eni) => isWanted(eni, world))
      .map(({ networkInterfaceId }) => networkInterfaceId),
  );
}

/** By id, Name tag or, of a group, its own name. */
function demandId(worlds: readonly World[], kind: 'subnet' | 'group' | 'vpc', word: string): string {
  const known = worlds.flatMap((world) => namesOf(world, kind));
  const ids = [...new Set(known.filter(({ names }) => names.includes(word)).map(({ id }) => id))];
  const [id] = ids;
  if (id !== undefined && ids.length === 1) return id;
  if (ids.length > 1) throw new Error(`"${word}" means ${ids.join(' and ')}. Say which by its id.`);
  const near = findNearMisses(
    word,
    known.flatMap(({ names }) => names),
  );
  const hint = near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`;
  throw new Error(`There is no ${WORDS[kind]} "${word}".${hint}`);
}

const WORDS = { subnet: 'subnet', group: 'security group', vpc: 'VPC' } as const;

function namesOf(
  world: World,
  kind: 'subnet' | 'group' | 'vpc',
): readonly { readonly id: string; readonly names: readonly string[] }[] {
  const withName = (id: string, taggable: Taggable, ...more: readonly string[]) => {
    const name = nameTagOf(taggable);
    return { id, names: [id, ...(name === undefined ? [] : [name]), ...more] };
  };
  switch (kind) {
    case 'subnet':
      return [...world.subnets.values()].map((each) => withName(each.subnetId, each));
    case 'group':
      return [...world.securityGroups.values()].map((each) => withName(each.groupId, each, each.groupName));
    case 'vpc':
      return [...world.vpcs.values()].map((each) => withName(each.vpcId, each));
  }
}
