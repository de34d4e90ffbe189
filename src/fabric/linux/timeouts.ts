import type { Machine } from '../../plan/machine.ts';
import { type NftFamily, renderRuleset } from '../../plan/ruleset.ts';
import { runInside } from './namespace.ts';

/** What a namespace's table of timeouts holds, by name. */
export interface TimeoutTable {
  readonly table: string;
  /** As it was loaded; undefined for what was there at first sight. */
  readonly text: string | undefined;
  readonly chains: readonly string[];
  readonly sets: readonly string[];
  /** Those that no rule names any more, too: connections may stand under them. */
  readonly timeouts: ReadonlySet<string>;
}

/** Reads a table of timeouts as nft lists it. */
export async function readTimeouts(
  namespace: string,
  family: NftFamily,
  table: string,
): Promise<TimeoutTable> {
  const listing = await runInside(namespace, ['nft', 'list', 'table', family, table]);
  const namesOf = (kind: string): string[] =>
    [...listing.matchAll(new RegExp(`^\\s*${kind} (\\S+) \\{`, 'gm'))].map(([, name = '']) => name);
  return {
    table,
    text: undefined,
    chains: namesOf('chain'),
    sets: namesOf('set'),
    timeouts: new Set(namesOf('ct timeout')),
  };
}

/**
 * Makes a namespace's table of timeouts what is planned, if it differs from what is known, and notes it. Its rules are
 * replaced in one transaction; its timeouts are added to and never taken away, for with a timeout standing connections
 * lose what they began with.
 */
export async function applyTimeouts(
  { name, timeouts: planned, ipv6 }: Machine,
  family: NftFamily,
  known: Map<NftFamily, TimeoutTable>,
): Promise<void> {
  const wanted = family === 'ip' || ipv6 !== undefined ? planned : undefined;
  const before = known.get(family);
  const text = wanted === undefined ? '' : renderRuleset(wanted, family);
  const table = wanted?.table ?? before?.table;
  if (table === undefined || text === before?.text) return;
  const { chains = [], sets = [], timeouts: there = new Set<string>() } = before ?? {};
  const timeouts = wanted?.timeouts ?? [];
  const missing = timeouts.filter((timeout) => !there.has(timeout.name));
  const commands = [
    `add table ${family} ${table}`,
    `flush table ${family} ${table}`,
    ...chains.map((chain) => `delete chain ${family} ${table} ${chain}`),
    ...sets.map((set) => `delete set ${family} ${table} ${set}`),
    ...(wanted === undefined ? [] : [renderRuleset({ ...wanted, timeouts: missing }, family)]),
  ];
  await runInside(name, ['nft', '-f', '-'], `${commands.join('\n')}\n`);
  known.set(family, {
    table,
    text,
    chains: (wanted?.chains ?? []).map((chain) => chain.name),
    sets: (wanted?.sets ?? []).map((set) => set.name),
    timeouts: new Set([...there, ...timeouts.map((timeout) => timeout.name)]),
  });
}
