import { readdir } from 'node:fs/promises';
import type { NetworkDriver } from '../../plan/driver.ts';
import type { KernelRoute, Link, Machine, RoutingRule } from '../../plan/machine.ts';
import { renderRuleset } from '../../plan/ruleset.ts';
import { runCaptured } from '../process.ts';
import { type KernelState, readKernelState } from './read-back.ts';

/** Where `ip netns` keeps namespaces: the world has a `/run` of its own. */
const NAMESPACES = '/run/netns';

/** What the driver knows of one namespace: what the kernel held at first sight, then what was applied. */
interface Known {
  readonly links: Map<string, Link | undefined>;
  routes: Map<string, string>;
  rules: Set<string>;
  addresses: Set<string>;
  neighbours: Set<string>;
  ruleset: string | undefined;
}

/** The kernel refused; the message is its own, with the machine's name. */
export class KernelError extends Error {}

/**
 * Machines as network namespaces of this kernel, by iproute2 and nft. What differs from what was applied last is sent as
 * one batch of links, addresses and routes and one transaction of nftables. At first sight of a namespace that was there
 * before (the daemon has restarted), what it holds is read back from the kernel, so that nothing right is touched.
 */
export class LinuxDriver implements NetworkDriver {
  readonly #known = new Map<string, Known>();
  #last: Promise<unknown> = Promise.resolve();

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
    const known = await this.#open(machine.name, machine.sysctls);
    const commands = [
      ...(await this.#linkCommands(machine, known)),
      ...addressCommands(machine, known),
      ...routeCommands(machine, known),
      ...ruleCommands(machine, known),
    ];
    const ruleset = machine.ruleset === undefined ? undefined : renderRuleset(machine.ruleset);
    // Filters before links: no packet crosses a new link unfiltered.
    if (ruleset !== undefined && machine.ruleset !== undefined && ruleset !== known.ruleset) {
      const { table } = machine.ruleset;
      await run(machine.name, ['nft', '-f', '-'], `table ip ${table}\ndelete table ip ${table}\n${ruleset}`);
      known.ruleset = ruleset;
    }
    if (commands.length > 0) await run(machine.name, ['ip', '-batch', '-'], `${commands.join('\n')}\n`);
    remember(machine, known);
  }

  async #delete(name: string): Promise<void> {
    const known = this.#known.get(name);
    this.#known.delete(name);
    for (const link of known?.links.values() ?? []) {
      if (link?.peer === undefined) continue;
      this.#known.get(link.peer.machine)?.links.delete(link.peer.name);
      // The pair goes at once by this; the namespace's own end would only go when the kernel gets to it.
      await run(name, ['ip', 'link', 'delete', link.name], '').catch(() => {});
    }
    if ((await this.list()).includes(name)) await run(undefined, ['ip', 'netns', 'delete', name], '');
  }

  /** The namespace, made if it is not there, with what it holds. */
  async #open(name: string, sysctls: Readonly<Record<string, string>> | undefined): Promise<Known> {
    const known = this.#known.get(name);
    if (known !== undefined && sysctls === undefined) return known;
    const isNew = known === undefined && !(await this.list()).includes(name);
    if (isNew) await run(undefined, ['ip', 'netns', 'add', name], '');
    const opened = known ?? fromKernel(isNew ? undefined : await readKernelState(name));
    this.#known.set(name, opened);
    if (sysctls !== undefined && !opened.links.has('lo')) {
      const settings = {
        ...sysctls,
        'net/ipv6/conf/all/disable_ipv6': '1',
        'net/ipv6/conf/default/disable_ipv6': '1',
      };
      const script = Object.entries(settings).map(([key, value]) => `echo '${value}' > /proc/sys/${key}`);
      await run(name, ['sh', '-ec', script.join('\n')], '');
    }
    return opened;
  }

  async #linkCommands(machine: Machine, known: Known): Promise<string[]> {
    const commands: string[] = [];
    const wanted = new Map(machine.links.map((link) => [link.name, link]));
    for (const name of [...known.links.keys()]) {
      if (wanted.has(name) || name === 'lo') continue;
      commands.push(`link delete dev ${name}`);
      const peer = known.links.get(name)?.peer;
      if (peer !== undefined) this.#known.get(peer.machine)?.links.delete(peer.name);
      known.links.delete(name);
    }
    for (const link of wanted.values()) {
      const isThere = known.links.has(link.name);
      if (link.peer !== undefined && !isThere) {
        const other = await this.#open(link.peer.machine, undefined);
        commands.push(
          `link add dev ${link.name} type veth peer name ${link.peer.name} netns ${link.peer.machine}`,
        );
        other.links.set(link.peer.name, undefined);
      }
      if (!isThere || !isSameLink(known.links.get(link.name), link)) commands.push(...setCommands(link));
    }
    return commands;
  }
}

function fromKernel(state: KernelState | undefined): Known {
  return {
    links: new Map((state?.links ?? []).map((name) => [name, undefined])),
    routes: new Map((state?.routes ?? []).map((route) => [keyOf(route), routeText(route)])),
    rules: new Set((state?.rules ?? []).map(ruleText)),
    addresses: new Set(state?.addresses ?? []),
    neighbours: new Set(),
    ruleset: undefined,
  };
}

function remember(machine: Machine, known: Known): void {
  known.links.clear();
  for (const link of machine.links) known.links.set(link.name, link);
  known.routes = new Map(machine.routes.map((route) => [keyOf(route), routeText(route)]));
  known.rules = new Set(machine.rules.map(ruleText));
  known.addresses = new Set(machine.links.flatMap(addressTexts));
  known.neighbours = new Set(machine.links.flatMap(neighbourTexts));
}

function isSameLink(one: Link | undefined, other: Link): boolean {
  if (one === undefined) return false;
  return (
    one.mac === other.mac && one.mtu === other.mtu && one.group === other.group && one.alias === other.alias
  );
}

function setCommands(link: Link): string[] {
  const commands: string[] = [];
  if (link.mac !== undefined) commands.push(`link set dev ${link.name} address ${link.mac}`);
  if (link.mtu !== undefined) commands.push(`link set dev ${link.name} mtu ${link.mtu}`);
  if (link.group !== undefined) commands.push(`link set dev ${link.name} group ${link.group}`);
  if (link.alias !== undefined) commands.push(`link set dev ${link.name} alias ${link.alias}`);
  commands.push(`link set dev ${link.name} up`);
  // By netlink: the sysctl of the same name is not shown to namespaces of other users.
  if (link.answersAtOnce === true)
    commands.push(`ntable change name arp_cache dev ${link.name} proxy_delay 0`);
  return commands;
}

function addressTexts(link: Link): string[] {
  return link.addresses.map((address) => `${address} dev ${link.name}`);
}

function neighbourTexts(link: Link): string[] {
  return link.neighbours.map(({ address, mac }) => `${address} lladdr ${mac} dev ${link.name} nud permanent`);
}

function addressCommands(machine: Machine, known: Known): string[] {
  const commands: string[] = [];
  const addresses = new Set(machine.links.flatMap(addressTexts));
  for (const text of known.addresses) {
    if (!addresses.has(text) && hasLinkOf(machine, text)) commands.push(`addr del ${text}`);
  }
  for (const text of addresses) if (!known.addresses.has(text)) commands.push(`addr replace ${text}`);
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
  const name = / dev (\S+)/.exec(text)?.[1];
  return machine.links.some((link) => link.name === name);
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
