import { type KernelRoute, MAIN_TABLE, type RoutingRule } from '../../plan/machine.ts';
import { runCaptured } from '../process.ts';

/** A link as the kernel has it. */
export interface KernelLink {
  readonly name: string;
  /** The machine that the other end is in: empty when the kernel does not tell, undefined for a link without one. */
  readonly peerMachine: string | undefined;
  readonly mac: string;
  readonly mtu: number;
  readonly group: number;
  readonly alias: string;
  readonly isUp: boolean;
}

/** What a namespace holds that a plan speaks of. */
export interface KernelState {
  readonly links: readonly KernelLink[];
  /** The permanent ones. */
  readonly neighbours: readonly { readonly address: string; readonly mac: string; readonly device: string }[];
  /** `10.0.0.5/24 dev eth0` */
  readonly addresses: readonly string[];
  readonly routes: readonly KernelRoute[];
  readonly rules: readonly RoutingRule[];
}

/** The kernel's own three rules: local, main, default. */
const KERNEL_PRIORITIES = new Set([0, 32766, 32767]);

/** Reads a namespace's links, addresses, routes and rules, as iproute2 prints them in JSON. */
export async function readKernelState(namespace: string): Promise<KernelState> {
  const [links, addresses, neighbours, routes, rules, blackholes] = await Promise.all([
    ask(namespace, ['link', 'show']),
    ask(namespace, ['addr', 'show']),
    ask(namespace, ['neigh', 'show', 'nud', 'permanent']),
    ask(namespace, ['route', 'show', 'table', 'all', 'type', 'unicast']),
    ask(namespace, ['rule', 'show']),
    ask(namespace, ['route', 'show', 'table', 'all', 'type', 'blackhole']),
  ]);
  const machines = await readMachines(namespace, links);
  return {
    links: links.map((link) => linkOf(link, machines)),
    neighbours: neighbours.map((row) => ({
      address: String(row['dst']),
      mac: String(row['lladdr']),
      device: String(row['dev']),
    })),
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

/** How often the machines behind links are asked for: while other namespaces end, the kernel's list is short at times. */
const MOST_LISTINGS = 5;

/** The machines that the links' other ends are in, by the number that the namespace has for them. */
async function readMachines(namespace: string, links: readonly Row[]): Promise<Map<unknown, string>> {
  for (let attempt = 1; ; attempt++) {
    const rows = await ask(namespace, ['netns', 'list-id']);
    const machines = new Map(rows.map((row) => [row['nsid'], String(row['name'] ?? '')]));
    const isWhole = links.every(({ link_netnsid: id }) => id === undefined || machines.has(id));
    if (isWhole || attempt === MOST_LISTINGS) return machines;
  }
}

function linkOf(row: Row, machines: ReadonlyMap<unknown, string>): KernelLink {
  const id = row['link_netnsid'];
  return {
    name: String(row['ifname']),
    peerMachine: id === undefined ? undefined : (machines.get(id) ?? ''),
    mac: String(row['address']),
    mtu: Number(row['mtu']),
    group: row['group'] === 'default' ? 0 : Number(row['group']),
    alias: String(row['ifalias'] ?? ''),
    isUp: Array.isArray(row['flags']) && row['flags'].includes('UP'),
  };
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
