import { type KernelRoute, MAIN_TABLE, type RoutingRule } from '../../plan/machine.ts';
import { runCaptured } from '../process.ts';

/** What a namespace holds that a plan speaks of. */
export interface KernelState {
  readonly links: readonly string[];
  /** `10.0.0.5/24 dev eth0` */
  readonly addresses: readonly string[];
  readonly routes: readonly KernelRoute[];
  readonly rules: readonly RoutingRule[];
}

/** The kernel's own three rules: local, main, default. */
const KERNEL_PRIORITIES = new Set([0, 32766, 32767]);

/** Reads a namespace's links, addresses, routes and rules, as iproute2 prints them in JSON. */
export async function readKernelState(namespace: string): Promise<KernelState> {
  const [links, addresses, routes, rules, blackholes] = await Promise.all([
    ask(namespace, ['link', 'show']),
    ask(namespace, ['addr', 'show']),
    ask(namespace, ['route', 'show', 'table', 'all', 'type', 'unicast']),
    ask(namespace, ['rule', 'show']),
    ask(namespace, ['route', 'show', 'table', 'all', 'type', 'blackhole']),
  ]);
  return {
    links: links.map((link) => String(link['ifname'])),
    addresses: addresses.flatMap(addressesOf),
    routes: [...routes.flatMap(unicastOf), ...blackholes.map(blackholeOf)],
    rules: rules.flatMap(ruleOf),
  };
}

type Row = Readonly<Record<string, unknown>>;

async function ask(namespace: string, words: readonly string[]): Promise<Row[]> {
  const outcome = await runCaptured(['ip', '-n', namespace, '-N', '-4', '-j', ...words], {
    timeoutMilliseconds: 30_000,
  });
  if (outcome.stdout.trim() === '') return [];
  const parsed: unknown = JSON.parse(outcome.stdout);
  return Array.isArray(parsed)
    ? parsed.filter((row): row is Row => typeof row === 'object' && row !== null)
    : [];
}

function addressesOf(link: Row): string[] {
  const list = link['addr_info'];
  if (!Array.isArray(list)) return [];
  return list
    .filter((item: Row) => item['local'] !== '127.0.0.1')
    .map(
      (item: Row) => `${String(item['local'])}/${String(item['prefixlen'])} dev ${String(link['ifname'])}`,
    );
}

function destinationOf(row: Row): string {
  const text = String(row['dst']);
  if (text === 'default') return '0.0.0.0/0';
  return text.includes('/') ? text : `${text}/32`;
}

function tableOf(row: Row): number {
  return row['table'] === undefined ? MAIN_TABLE : Number(row['table']);
}

/** Routes of the kernel itself (protocol 2) are not ours. */
function unicastOf(row: Row): KernelRoute[] {
  if (String(row['protocol']) === '2' || row['protocol'] === 'kernel') return [];
  const flags = Array.isArray(row['flags']) ? row['flags'] : [];
  return [
    {
      table: tableOf(row),
      destination: destinationOf(row),
      type: 'unicast',
      ...(row['gateway'] === undefined ? {} : { via: String(row['gateway']) }),
      ...(row['dev'] === undefined ? {} : { device: String(row['dev']) }),
      ...(flags.includes('onlink') ? { isOnlink: true } : {}),
    },
  ];
}

function blackholeOf(row: Row): KernelRoute {
  return { table: tableOf(row), destination: destinationOf(row), type: 'blackhole' };
}

function ruleOf(row: Row): RoutingRule[] {
  const priority = Number(row['priority']);
  if (KERNEL_PRIORITIES.has(priority)) return [];
  const length = row['dstlen'] === undefined ? '32' : String(row['dstlen']);
  const sourceLength = row['srclen'] === undefined ? '32' : String(row['srclen']);
  // A rule for all sources has the source `all`.
  const hasSource = row['src'] !== undefined && row['src'] !== 'all';
  return [
    {
      priority,
      table: Number(row['table']),
      ...(hasSource ? { source: `${String(row['src'])}/${sourceLength}` } : {}),
      ...(row['fwmark'] === undefined ? {} : { mark: Number(row['fwmark']) }),
      ...(row['dst'] === undefined ? {} : { destination: `${String(row['dst'])}/${length}` }),
    },
  ];
}
