import { readdir } from 'node:fs/promises';
import { linkLocalOf } from '../../net/link-local.ts';
import type { NetworkDriver } from '../../plan/driver.ts';
import type { Link, Machine } from '../../plan/machine.ts';
import { type NftFamily, renderRuleset } from '../../plan/ruleset.ts';
import { isConnectedBy } from './connections.ts';
import { forgetLink, fromKernel, type Known, type KnownLink, type LinkSettings, remember } from './known.ts';
import { NAMESPACES, runInside } from './namespace.ts';
import { readKernelState } from './read-back.ts';
import { hasIpv6, renewLinkLocals, settingsOf, writeSettings } from './settings.ts';
import {
  FAMILIES,
  onlyRulesOf,
  rulesetOf,
  stackCommands,
  stackOf,
  textsOf,
  withoutLink,
  withoutNeighboursOf,
} from './stack.ts';
import { applyTimeouts } from './timeouts.ts';

/**
 * Machines as network namespaces of this kernel, by iproute2 and nft. What differs from what was applied last is sent as
 * a batch of links, addresses and routes for each family and one transaction of nftables. At first sight of a namespace
 * that was there before (the daemon has restarted), what it holds is read back from the kernel, so that nothing right is
 * touched.
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

  async #update(planned: Machine): Promise<void> {
    const machine = hasIpv6() ? planned : withoutIpv6(planned);
    const known = await this.#open(machine.name);
    await applySettings(machine, known);
    const linkCommands = await this.#linkCommands(machine, known);
    // Filters before links: no packet crosses a new link unfiltered.
    await this.#replaceRulesets(machine, known);
    for (const family of FAMILIES) await applyTimeouts(machine, family, known.timeouts);
    await runBatch(machine.name, 'ip', [...linkCommands, ...commandsOf(machine, known, 'ip')]);
    await renewLinks(machine, known);
    await runBatch(machine.name, 'ip6', commandsOf(machine, known, 'ip6'));
    remember(machine, known);
  }

  /** One transaction of nftables for those tables that differ from what was loaded last. */
  async #replaceRulesets(machine: Machine, known: Known): Promise<void> {
    const changes = FAMILIES.flatMap((family) => {
      const ruleset = rulesetOf(machine, family);
      const before = known.rulesets.get(family);
      const text = ruleset === undefined ? '' : renderRuleset(ruleset, family);
      if (before === undefined ? ruleset === undefined : text === before.text) return [];
      return [{ family, text, names: new Set([before?.table, ruleset?.table]), table: ruleset?.table }];
    });
    if (changes.length === 0) return;
    for (const { family } of changes) await this.#keepCounters(machine.name, known, family);
    // Named before it is deleted: deleting what is not there would be an error.
    const removals = changes.flatMap(({ family, names }) =>
      [...names]
        .filter((name) => name !== undefined)
        .map((name) => `table ${family} ${name}\ndelete table ${family} ${name}\n`),
    );
    const texts = changes.map(({ text }) => text);
    await runInside(machine.name, ['nft', '-f', '-'], [...removals, ...texts].join(''));
    for (const { family, table, text } of changes) {
      if (table === undefined) known.rulesets.delete(family);
      else known.rulesets.set(family, { table, text });
    }
  }

  /** Only of rulesets that fill sets: others have nothing that anybody asks for. */
  async #keepCounters(name: string, { rulesets }: Known, family: NftFamily): Promise<void> {
    if (rulesets.get(family)?.text?.includes('flags dynamic') === true) await this.#beforeRuleset(name);
  }

  async #delete(name: string): Promise<void> {
    if (!(await this.list()).includes(name)) {
      this.#known.delete(name);
      return;
    }
    const counting = this.#known.get(name);
    for (const family of FAMILIES)
      if (counting !== undefined) await this.#keepCounters(name, counting, family);
    const known = await this.#open(name);
    for (const [link] of [...known.links]) {
      // The namespace's own end would take them along, but only when the kernel gets to it.
      if (link !== 'lo') await this.#removePair(name, link).catch(() => {});
    }
    this.#known.delete(name);
    await runInside(undefined, ['ip', 'netns', 'delete', name]);
  }

  /** The namespace, made if it is not there, with what it holds. */
  async #open(name: string): Promise<Known> {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const isNew = !(await this.list()).includes(name);
    if (isNew) await runInside(undefined, ['ip', 'netns', 'add', name]);
    const opened = fromKernel(isNew ? undefined : await readKernelState(name));
    this.#known.set(name, opened);
    return opened;
  }

  /** Removes both ends of a link at once, and with them what stood on either. */
  async #removePair(machine: string, link: string): Promise<void> {
    this.#forgetPair(machine, link);
    await runInside(machine, ['ip', 'link', 'delete', link]);
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

function forgetNeighbours(known: Known, link: string): void {
  for (const family of FAMILIES) known.stacks[family] = withoutNeighboursOf(known.stacks[family], link);
}

/** What is left to be carried by a kernel that does not speak IPv6. */
function withoutIpv6({ ipv6: _stack, ...machine }: Machine): Machine {
  return machine;
}

/** Writes the settings that differ from those written last: at first sight of a namespace, all. */
async function applySettings(machine: Machine, known: Known): Promise<void> {
  const changed = [...settingsOf(machine)].filter(([key, value]) => known.settings.get(key) !== value);
  if (changed.length > 0) await writeSettings(machine.name, changed);
  for (const [key, value] of changed) known.settings.set(key, value);
  // Where IPv6 is switched off, the kernel drops all of its stack but the rules.
  if (machine.ipv6 === undefined) known.stacks.ip6 = onlyRulesOf(known.stacks.ip6);
}

/** Gives a link that has another MAC address than before the link-local address that goes with it: next hops are such. */
async function renewLinks(machine: Machine, known: Known): Promise<void> {
  if (machine.ipv6 === undefined) return;
  const links = machine.links.filter(({ name, mac }) => {
    const { settings } = known.links.get(name) ?? { settings: {} };
    return mac !== undefined && hasOtherLinkLocal(mac, settings);
  });
  if (links.length === 0) return;
  await renewLinkLocals(
    machine.name,
    links.map(({ name }) => name),
  );
  for (const { name } of links) known.stacks.ip6 = withoutLink(known.stacks.ip6, name);
}

/** Whether a link that is up has a link-local address made of another MAC address than this one. */
function hasOtherLinkLocal(mac: string, { isUp, mac: before, linkLocals = [] }: LinkSettings): boolean {
  if (isUp !== true) return false;
  return mac !== before || (linkLocals.length > 0 && !linkLocals.includes(linkLocalOf(mac)));
}

function commandsOf(machine: Machine, known: Known, family: NftFamily): string[] {
  const links = new Set(machine.links.map(({ name }) => name));
  return stackCommands(family, textsOf(stackOf(machine, family)), known.stacks[family], links);
}

/** One process for all commands of a family: `ip` takes no other one's rules in the same batch. */
async function runBatch(namespace: string, family: NftFamily, commands: readonly string[]): Promise<void> {
  if (commands.length === 0) return;
  const words = family === 'ip' ? ['ip'] : ['ip', '-6'];
  await runInside(namespace, [...words, '-batch', '-'], `${commands.join('\n')}\n`);
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
