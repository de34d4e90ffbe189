import type { KernelRoute, Machine, RoutingRule } from '../../plan/machine.ts';
import type { NftFamily, Ruleset } from '../../plan/ruleset.ts';

/** The families of addresses that a namespace has a stack of each, in the order in which they are worked on. */
export const FAMILIES: readonly NftFamily[] = ['ip', 'ip6'];

/** What a namespace holds of one family: what is planned for it, or what the kernel has. */
export interface Stack {
  /** With prefix length: `10.0.0.5/24`. */
  readonly addresses: readonly { readonly link: string; readonly address: string }[];
  /** The permanent ones. */
  readonly neighbours: readonly { readonly link: string; readonly address: string; readonly mac: string }[];
  readonly routes: readonly KernelRoute[];
  readonly rules: readonly RoutingRule[];
}

/** A stack in the words of iproute2's commands. */
export interface StackTexts {
  readonly addresses: ReadonlySet<string>;
  readonly neighbours: ReadonlySet<string>;
  /** By table and destination. */
  readonly routes: ReadonlyMap<string, string>;
  readonly rules: ReadonlySet<string>;
}

const EMPTY: Stack = { addresses: [], neighbours: [], routes: [], rules: [] };

/** What is planned of a machine for one family; nothing where it does not speak it. */
export function stackOf(machine: Machine, family: NftFamily): Stack {
  if (family === 'ip6') return machine.ipv6 ?? EMPTY;
  const { links, routes, rules } = machine;
  return {
    addresses: links.flatMap(({ name, addresses }) => addresses.map((address) => ({ link: name, address }))),
    neighbours: links.flatMap(({ name, neighbours }) => neighbours.map((each) => ({ link: name, ...each }))),
    routes,
    rules,
  };
}

/** The table of nftables that is planned of a machine for one family. */
export function rulesetOf(machine: Machine, family: NftFamily): Ruleset | undefined {
  return family === 'ip' ? machine.ruleset : machine.ipv6?.ruleset;
}

/** A stack in the words of iproute2's commands. */
export function textsOf({ addresses, neighbours, routes, rules }: Stack = EMPTY): StackTexts {
  return {
    addresses: new Set(addresses.map(({ link, address }) => `${address} dev ${link}`)),
    neighbours: new Set(
      neighbours.map(({ link, address, mac }) => `${address} lladdr ${mac} dev ${link} nud permanent`),
    ),
    routes: new Map(routes.map((route) => [`${route.table} ${route.destination}`, routeText(route)])),
    rules: new Set(rules.map(ruleText)),
  };
}

/** What is left of a stack when a link goes: what stood on it went with it. */
export function withoutLink(texts: StackTexts, link: string): StackTexts {
  return {
    ...withoutNeighboursOf(texts, link),
    addresses: new Set([...texts.addresses].filter((text) => deviceOf(text) !== link)),
    routes: new Map([...texts.routes].filter(([, text]) => deviceOf(text) !== link)),
  };
}

/** What is left of a stack when the kernel forgets a link's neighbours. */
export function withoutNeighboursOf(texts: StackTexts, link: string): StackTexts {
  return {
    ...texts,
    neighbours: new Set([...texts.neighbours].filter((text) => deviceOf(text) !== link)),
  };
}

/** What is left of a stack when the kernel stops to speak its family: rules only. */
export function onlyRulesOf({ rules }: StackTexts): StackTexts {
  return { ...textsOf(), rules };
}

/** The commands of `ip -batch` that make of what is known what is wanted, for a namespace with these links. */
export function stackCommands(
  family: NftFamily,
  wanted: StackTexts,
  known: StackTexts,
  links: ReadonlySet<string>,
): string[] {
  // What stood on a link that is gone went with it.
  const isOnLink = (text: string): boolean => links.has(deviceOf(text) ?? '');
  return [
    ...addressCommands(family, wanted.addresses, known.addresses, isOnLink),
    ...neighbourCommands(wanted.neighbours, known.neighbours, isOnLink),
    ...routeCommands(wanted.routes, known.routes, isOnLink),
    ...ruleCommands(wanted.rules, known.rules),
  ];
}

type Texts = ReadonlySet<string>;
type Condition = (text: string) => boolean;

function addressCommands(family: NftFamily, wanted: Texts, known: Texts, isOnLink: Condition): string[] {
  // Nobody else has a planned address: servers can be bound to it at once.
  const words = family === 'ip6' ? ' nodad' : '';
  // First what comes: with a link's last address of IPv4 its routes would go, too.
  return [
    ...[...wanted].filter((text) => !known.has(text)).map((text) => `addr replace ${text}${words}`),
    ...[...known].filter((text) => !wanted.has(text) && isOnLink(text)).map((text) => `addr del ${text}`),
  ];
}

function neighbourCommands(wanted: Texts, known: Texts, isOnLink: Condition): string[] {
  const gone = [...known].filter((text) => !wanted.has(text) && isOnLink(text));
  return [
    ...gone.map((text) => `neigh del ${text.replace(' nud permanent', '')}`),
    ...[...wanted].filter((text) => !known.has(text)).map((text) => `neigh replace ${text}`),
  ];
}

function routeCommands(
  wanted: StackTexts['routes'],
  known: StackTexts['routes'],
  isOnLink: Condition,
): string[] {
  const gone = [...known].filter(([key]) => !wanted.has(key)).map(([, text]) => text);
  // Next hops that others lead through are set first.
  const order = [...wanted].sort(([, a], [, b]) => Number(a.includes(' via ')) - Number(b.includes(' via ')));
  return [
    ...gone
      .filter((text) => text.startsWith('blackhole') || isOnLink(text))
      .map((text) => `route del ${text}`),
    ...order.filter(([key, text]) => known.get(key) !== text).map(([, text]) => `route replace ${text}`),
  ];
}

function ruleCommands(wanted: Texts, known: Texts): string[] {
  return [
    ...[...wanted].filter((text) => !known.has(text)).map((text) => `rule add ${text}`),
    ...[...known].filter((text) => !wanted.has(text)).map((text) => `rule del ${text}`),
  ];
}

function deviceOf(text: string): string | undefined {
  return / dev (\S+)/.exec(text)?.[1];
}

function routeText(route: KernelRoute): string {
  if (route.type === 'blackhole') return `blackhole ${route.destination} table ${route.table}`;
  const via = route.via === undefined ? '' : ` via ${route.via}`;
  const device = route.device === undefined ? '' : ` dev ${route.device}`;
  return `${route.destination} table ${route.table}${via}${device}${route.isOnlink === true ? ' onlink' : ''}`;
}

function ruleText(rule: RoutingRule): string {
  const source = rule.source === undefined ? '' : ` from ${rule.source}`;
  const mark = rule.mark === undefined ? '' : ` fwmark ${rule.mark}`;
  const destination = rule.destination === undefined ? '' : ` to ${rule.destination}`;
  return `pref ${rule.priority}${source}${destination}${mark} lookup ${rule.table}`;
}
