import { readdir } from 'node:fs/promises';
import type { NetworkDriver } from '../../plan/driver.ts';
import type { KernelRoute, Link, Machine, RoutingRule } from '../../plan/machine.ts';
import { renderRuleset } from '../../plan/ruleset.ts';
import { runCaptured } from '../process.ts';
import { isConnectedBy } from './connections.ts';
import { type KernelState, readKernelState } from './read-back.ts';

/** Where `ip netns` keeps namespaces: the world has a `/run` of its own. */
const NAMESPACES = '/run/netns';

/** What the driver knows of one namespace: what the kernel held at first sight, then what was applied. */
interface Known {
  readonly links: Map<string, KnownLink>;
  routes: Map<string, string>;
  rules: Set<string>;
  addresses: Set<string>;
  neighbours: Set<string>;
  ruleset: { readonly table: string; readonly text: string } | undefined;
  /** Whether the settings of `/proc/sys` were written by this process. */
  isPrepared: boolean;
}

/** A link that is there, and what is known to be set on it. */
interface KnownLink {
  /** The other end, as far as it is known: the kernel tells the machine, mostly, and not the name. */
  readonly peer: { readonly machine: string | undefined; readonly name: string | undefined } | undefined;
  readonly settings: LinkSettings;
}

type LinkSettings = Partial<Pick<Link, 'mac' | 'mtu' | 'group' | 'alias' | 'answersAtOnce'>> & {
  readonly isUp?: boolean;
};

/** The kernel refused; the message is its own, with the machine's name. */
export class KernelError extends Error {}

/**
 * Machines as network namespaces of this kernel, by iproute2 and nft. What differs from what was applied last is sent as
 * one batch of links, addresses and routes and one transaction of nftables. At first sight of a namespace that was there
 * before (the daemon has restarted), what it holds is read back from the kernel, so that nothing right is touched.
 */
export class LinuxDriver implements NetworkDriver {
  readonly #known = new Map<string, Known>();
  readonly #beforeRuleset: (machine: string) => Promise<void>;
  #last: Promise<unknown> = Promise.resolve();

  /** `beforeRuleset` is called before a machine's ruleset that fills sets is replaced, or goes: with it go the sets. */
  constructor(beforeRuleset: (machine: string) => Promise<void> = async () => {}) {
    this.#beforeRuleset = beforeRuleset;
  }

  async list(): Promise<readonly string[]> {
    try {
      return (await readdir(NAMESPACES)).sort();
    } catch {
      return [];
    }
  }

  update(machine: Machine): Promise<void> {
    return this.#inTurn(() => this.#updateOrForget(machine));
  }

  delete(name: string): Promise<void> {
    return this.#inTurn(() => this.#delete(name));
  }

  async hasConnections(name: string, address: string): Promise<boolean> {
    return (await this.list()).includes(name) && isConnectedBy(`${NAMESPACES}/${name}`, address);
  }

  /** One change at a time: both ends of a link belong to two machines, and what is known of them must hold still. */
  #inTurn(change: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(change);
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** After a failure nobody knows what was applied: the next attempt reads it back from the kernel. */
  async #updateOrForget(machine: Machine): Promise<void> {
    try {
      await this.#update(machine);
    } catch (error) {
      this.#known.delete(machine.name);
      for (const { peer } of machine.links) if (peer !== undefined) this.#known.delete(peer.machine);
      throw error;
    }
  }

  async #update(machine: Machine): Promise<void> {
    const known = await this.#open(machine.name);
    if (!known.isPrepared) await prepare(machine);
    known.isPrepared = true;
    const linkCommands = await this.#linkCommands(machine, known);
    const commands = [
      ...linkCommands,
      ...addressCommands(machine, known),
      ...routeCommands(machine, known),
      ...ruleCommands(machine, known),
    ];
    // Filters before links: no packet crosses a new link unfiltered.
    await this.#replaceRuleset(machine, known);
    if (commands.length > 0) await run(machine.name, ['ip', '-batch', '-'], `${commands.join('\n')}\n`);
    remember(machine, known);
  }

  /** One transaction of nftables, when the table differs from what was loaded last. */
  async #replaceRuleset({ name, ruleset }: Machine, known: Known): Promise<void> {
    const text = ruleset === undefined ? '' : renderRuleset(ruleset);
    if (text === (known.ruleset?.text ?? '')) return;
    await this.#keepCounters(name, known);
    const tables = new Set([known.ruleset?.table, ruleset?.table].filter((table) => table !== undefined));
    // Named before it is deleted: deleting what is not there would be an error.
    const removal = [...tables].map((table) => `table ip ${table}\ndelete table ip ${table}\n`);
    await run(name, ['nft', '-f', '-'], `${removal.join('')}${text}`);
    known.ruleset = ruleset === undefined ? undefined : { table: ruleset.table, text };
  }

  /** Only of rulesets that fill sets: others have nothing that anybody asks for. */
  async #keepCounters(name: string, { ruleset }: Known): Promise<void> {
    if (ruleset?.text.includes('flags dynamic') === true) await this.#beforeRuleset(name);
  }

  async #delete(name: string): Promise<void> {
    if (!(await this.list()).includes(name)) {
      this.#known.delete(name);
      return;
    }
    const counting = this.#known.get(name);
    if (counting !== undefined) await this.#keepCounters(name, counting);
    const known = await this.#open(name);
    for (const [link] of [...known.links]) {
      // The namespace's own end would take them along, but only when the kernel gets to it.
      if (link !== 'lo') await this.#removePair(name, link).catch(() => {});
    }
    this.#known.delete(name);
    await run(undefined, ['ip', 'netns', 'delete', name], '');
  }

  /** The namespace, made if it is not there, with what it holds. */
  async #open(name: string): Promise<Known> {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const isNew = !(await this.list()).includes(name);
    if (isNew) await run(undefined, ['ip', 'netns', 'add', name], '');
    const opened = fromKernel(isNew ? undefined : await readKernelState(name));
    this.#known.set(name, opened);
    return opened;
  }

  /** Removes both ends of a link at once, and with them what stood on either. */
  async #removePair(machine: string, link: string): Promise<void> {
    this.#forgetPair(machine, link);
    await run(machine, ['ip', 'link', 'delete', link], '');
  }

  #forgetPair(machine: string, link: string): void {
    const own = this.#known.get(machine);
    const peer = own?.links.get(link)?.peer;
    if (own !== undefined) forgetLink(own, link);
    for (const [name, known] of this.#known) {
      for (const [end, { peer: back }] of [...known.links]) {
        const isNamed = back?.machine === machine && back.name === link;
        if (isNamed || (name === peer?.machine && end === peer.name)) forgetLink(known, end);
      }
    }
    // Which end it was the kernel did not tell: what that machine holds is to be read again.
    if (peer?.machine !== undefined && peer.name === undefined) this.#known.delete(peer.machine);
  }

  async #linkCommands(machine: Machine, known: Known): Promise<string[]> {
    const commands: string[] = [];
    const wanted = new Map(machine.links.map((link) => [link.name, link]));
    for (const [name, { peer }] of [...known.links]) {
      if (name === 'lo' || leadsTo(peer, wanted.get(name))) continue;
      await this.#removePair(machine.name, name);
    }
    for (const link of wanted.values()) {
      if (link.peer !== undefined && !known.links.has(link.name)) {
        await this.#clear(link.peer.machine, link.peer.name);
        commands.push(
          `link add dev ${link.name} type veth peer name ${link.peer.name} netns ${link.peer.machine}`,
        );
        const end = { peer: { machine: machine.name, name: link.name }, settings: {} };
        (await this.#open(link.peer.machine)).links.set(link.peer.name, end);
      }
      const settings = known.links.get(link.name)?.settings ?? {};
      commands.push(...setCommands(link, settings));
      // With another MAC address the kernel forgets a link's neighbours, permanent ones too.
      if (link.mac !== undefined && link.mac !== settings.mac) forgetNeighbours(known, link.name);
    }
    return commands;
  }

  /** Makes room for an end of a link: what has its name there led to somewhere else. */
  async #clear(machine: string, link: string): Promise<void> {
    const other = await this.#open(machine);
    if (other.links.has(link)) await this.#removePair(machine, link);
  }
}

/** Whether a link that is there is the one that is wanted. */
function leadsTo(peer: KnownLink['peer'], wanted: Link | undefined): boolean {
  if (wanted === undefined) return false;
  if (peer === undefined) return wanted.peer === undefined;
  if (wanted.peer === undefined) return false;
  const { machine = wanted.peer.machine, name = wanted.peer.name } = peer;
  return machine === wanted.peer.machine && name === wanted.peer.name;
}

function forgetLink(known: Known, name: string): void {
  known.links.delete(name);
  known.addresses = new Set([...known.addresses].filter((text) => deviceOf(text) !== name));
  known.routes = new Map([...known.routes].filter(([, text]) => deviceOf(text) !== name));
  forgetNeighbours(known, name);
}

function forgetNeighbours(known: Known, link: string): void {
  known.neighbours = new Set([...known.neighbours].filter((text) => deviceOf(text) !== link));
}

/** Settings of a namespace. `default` holds for links to come: it is set on those that a peer made before us, too. */
async function prepare({ name, sysctls }: Machine): Promise<void> {
  const settings = {
    ...sysctls,
    'net/ipv6/conf/all/disable_ipv6': '1',
    'net/ipv6/conf/default/disable_ipv6': '1',
    // With the first address of a block its others would go, too.
    'net/ipv4/conf/all/promote_secondaries': '1',
  };
  const script = Object.entries(settings).map(([key, value]) => {
    if (!key.includes('/conf/default/')) return `echo '${value}' > /proc/sys/${key}`;
    const each = `/proc/sys/${key.replace('/default/', '/*/')}`;
    return `for file in ${each}; do case $file in */all/*|*/lo/*) ;; *) echo '${value}' > $file;; esac; done`;
  });
  await run(name, ['sh', '-ec', script.join('\n')], '');
}

function fromKernel(state: KernelState | undefined): Known {
  return {
    links: new Map(
      (state?.links ?? []).map(({ name, peerMachine, ...settings }): [string, KnownLink] => {
        const machine = peerMachine === '' ? undefined : peerMachine;
        return [
          name,
          { peer: peerMachine === undefined ? undefined : { machine, name: undefined }, settings },
        ];
      }),
    ),
    routes: new Map((state?.routes ?? []).map((route) => [keyOf(route), routeText(route)])),
    rules: new Set((state?.rules ?? []).map(ruleText)),
    addresses: new Set(state?.addresses ?? []),
    neighbours: new Set(
      (state?.neighbours ?? []).map(({ device, ...neighbour }) => neighbourText(neighbour, device)),
    ),
    ruleset: undefined,
    isPrepared: false,
  };
}

function remember(machine: Machine, known: Known): void {
  known.links.clear();
  for (const link of machine.links) {
    known.links.set(link.name, { peer: link.peer, settings: { ...link, isUp: true } });
  }
  known.routes = new Map(machine.routes.map((route) => [keyOf(route), routeText(route)]));
  known.rules = new Set(machine.rules.map(ruleText));
  known.addresses = new Set(machine.links.flatMap(addressTexts));
  known.neighbours = new Set(machine.links.flatMap(neighbourTexts));
}

function setCommands(link: Link, known: LinkSettings): string[] {
  const { name, mac, mtu, group, alias } = link;
  const commands: string[] = [];
  if (mac !== undefined && mac !== known.mac) commands.push(`link set dev ${name} address ${mac}`);
  if (mtu !== undefined && mtu !== known.mtu) commands.push(`link set dev ${name} mtu ${mtu}`);
  if (group !== undefined && group !== known.group) commands.push(`link set dev ${name} group ${group}`);
  if (alias !== undefined && alias !== known.alias) commands.push(`link set dev ${name} alias ${alias}`);
  if (known.isUp !== true) commands.push(`link set dev ${name} up`);
  // By netlink: the sysctl of the same name is not shown to namespaces of other users.
  if (link.answersAtOnce === true && known.answersAtOnce !== true)
    commands.push(`ntable change name arp_cache dev ${name} proxy_delay 0`);
  return commands;
}

function addressTexts(link: Link): string[] {
  return link.addresses.map((address) => `${address} dev ${link.name}`);
}

function neighbourTexts(link: Link): string[] {
  return link.neighbours.map((neighbour) => neighbourText(neighbour, link.name));
}

function neighbourText({ address, mac }: Link['neighbours'][number], device: string): string {
  return `${address} lladdr ${mac} dev ${device} nud permanent`;
}

function addressCommands(machine: Machine, known: Known): string[] {
  const commands: string[] = [];
  const addresses = new Set(machine.links.flatMap(addressTexts));
  // First what comes: with a link's last address its routes would go, too.
  for (const text of addresses) if (!known.addresses.has(text)) commands.push(`addr replace ${text}`);
  for (const text of known.addresses) {
    if (!addresses.has(text) && hasLinkOf(machine, text)) commands.push(`addr del ${text}`);
  }
  const neighbours = new Set(machine.links.flatMap(neighbourTexts));
  for (const text of known.neighbours) {
    if (!neighbours.has(text) && hasLinkOf(machine, text))
      commands.push(`neigh del ${text.replace(' nud permanent', '')}`);
  }
  for (const text of neighbours) if (!known.neighbours.has(text)) commands.push(`neigh replace ${text}`);
  return commands;
}

/** What stood on a link that is gone went with it. */
function hasLinkOf(machine: Machine, text: string): boolean {
  const name = deviceOf(text);
  return machine.links.some((link) => link.name === name);
}

function deviceOf(text: string): string | undefined {
  return / dev (\S+)/.exec(text)?.[1];
}

function keyOf(route: KernelRoute): string {
  return `${route.table} ${route.destination}`;
}

function routeText(route: KernelRoute): string {
  if (route.type === 'blackhole') return `blackhole ${route.destination} table ${route.table}`;
  const via = route.via === undefined ? '' : ` via ${route.via}`;
  const device = route.device === undefined ? '' : ` dev ${route.device}`;
  return `${route.destination} table ${route.table}${via}${device}${route.isOnlink === true ? ' onlink' : ''}`;
}

function routeCommands(machine: Machine, known: Known): string[] {
  const commands: string[] = [];
  const wanted = new Map(machine.routes.map((route) => [keyOf(route), routeText(route)]));
  const removed = [...known.routes].filter(([key]) => !wanted.has(key));
  for (const [, text] of removed) {
    // Routes over a link that is gone went with it.
    if (text.startsWith('blackhole') || hasLinkOf(machine, text)) commands.push(`route del ${text}`);
  }
  // Next hops that others lead through are set first.
  const order = [...wanted].sort(([, a], [, b]) => Number(a.includes(' via ')) - Number(b.includes(' via ')));
  for (const [key, text] of order) if (known.routes.get(key) !== text) commands.push(`route replace ${text}`);
  return commands;
}

function ruleText(rule: RoutingRule): string {
  const source = rule.source === undefined ? '' : ` from ${rule.source}`;
  const mark = rule.mark === undefined ? '' : ` fwmark ${rule.mark}`;
  const destination = rule.destination === undefined ? '' : ` to ${rule.destination}`;
  return `pref ${rule.priority}${source}${destination}${mark} lookup ${rule.table}`;
}

function ruleCommands(machine: Machine, known: Known): string[] {
  const wanted = new Set(machine.rules.map(ruleText));
  const gone = [...known.rules].filter((text) => !wanted.has(text)).map((text) => `rule del ${text}`);
  const added = [...wanted].filter((text) => !known.rules.has(text)).map((text) => `rule add ${text}`);
  return [...added, ...gone];
}

/** Runs a tool in a namespace; its complaint becomes the error. */
async function run(namespace: string | undefined, command: readonly string[], input: string): Promise<void> {
  const inside =
    namespace === undefined ? command : ['nsenter', `--net=${NAMESPACES}/${namespace}`, ...command];
  const outcome = await runCaptured(inside, { input, timeoutMilliseconds: 30_000 });
  if (outcome.code === 0) return;
  const complaint = outcome.stderr.trim().split('\n').slice(0, 4).join('; ');
  throw new KernelError(`${namespace ?? 'the world'}: ${command.slice(0, 2).join(' ')}: ${complaint}`);
}
