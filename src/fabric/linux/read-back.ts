import { TIMEOUTS_TABLE } from '../../plan/idle-timeouts.ts';
import { type KernelRoute, MAIN_TABLE, type RoutingRule } from '../../plan/machine.ts';
import type { NftFamily } from '../../plan/ruleset.ts';
import { KernelError, runInside } from './namespace.ts';
import { hasIpv6 } from './settings.ts';
import { FAMILIES, type Stack } from './stack.ts';
import { readTimeouts, type TimeoutTable } from './timeouts.ts';

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
  /** Its link-local IPv6 addresses, without prefix length. */
  readonly linkLocals: readonly string[];
}

/** What a namespace holds that a plan speaks of. */
export interface KernelState {
  readonly links: readonly KernelLink[];
  readonly stacks: Readonly<Partial<Record<NftFamily, Stack>>>;
  /** The tables of nftables that are there under the plan's name. */
  readonly tables: ReadonlyMap<NftFamily, string>;
  /** The tables of timeouts under the plan's name. */
  readonly timeouts: ReadonlyMap<NftFamily, TimeoutTable>;
}

/** The kernel's own rules: local, main and, for IPv4, default. */
const KERNEL_PRIORITIES = new Set([0, 32766, 32767]);

/** The one name that plans give to tables, besides that of timeouts. An instance's own root may have made others. */
const PLANNED_TABLE = 'cloudcroft';

/** What is asked of each family, in this order. */
const QUESTIONS = [
  'addr show',
  'neigh show nud permanent',
  'rule show',
  'route show table all type unicast',
  'route show table all type blackhole',
];

/** Numbers that iproute2 prints with `-N`: the kernel as a route's origin, and the scope of link-local addresses. */
const KERNEL_PROTOCOL = '2';
const LINK_SCOPE = '253';

/** Reads a namespace's links, addresses, routes and rules, as iproute2 prints them in JSON, and its tables' names. */
export async function readKernelState(namespace: string): Promise<KernelState> {
  const [[links = [], ...rows], ipv6Rows, tables] = await Promise.all([
    ask(namespace, 'ip', ['link show', ...QUESTIONS]),
    hasIpv6() ? ask(namespace, 'ip6', QUESTIONS) : undefined,
    runInside(namespace, ['nft', 'list', 'tables']),
  ]);
  const machines = await readMachines(namespace, links);
  const familiesWith = (table: string): NftFamily[] =>
    FAMILIES.filter((family) => tables.split('\n').includes(`table ${family} ${table}`));
  const timeouts = familiesWith(TIMEOUTS_TABLE).map(
    async (family) => [family, await readTimeouts(namespace, family, TIMEOUTS_TABLE)] as const,
  );
  return {
    links: links.map((link) => linkOf(link, machines, ipv6Rows?.[0] ?? [])),
    stacks: {
      ip: stackOfRows('ip', rows),
      ...(ipv6Rows === undefined ? {} : { ip6: stackOfRows('ip6', ipv6Rows) }),
    },
    tables: new Map(familiesWith(PLANNED_TABLE).map((family) => [family, PLANNED_TABLE])),
    timeouts: new Map(await Promise.all(timeouts)),
  };
}

type Row = Readonly<Record<string, unknown>>;

/** Several questions of one family: the rows of each answer. */
async function ask(namespace: string, family: NftFamily, questions: readonly string[]): Promise<Row[][]> {
  const words = ['ip', '-N', '-j', family === 'ip' ? '-4' : '-6', '-batch', '-'];
  const answers = await runInside(namespace, words, `${questions.join('\n')}\n`);
  const lines = answers.split('\n').filter((line) => line.trim() !== '');
  if (lines.length !== questions.length)
    throw new KernelError(`${namespace}: ip answered ${lines.length} of ${questions.length} questions`);
  return lines.map(rowsOf);
}

function rowsOf(answer: string): Row[] {
  if (answer.trim() === '') return [];
  const parsed: unknown = JSON.parse(answer);
  return Array.isArray(parsed)
    ? parsed.filter((row): row is Row => typeof row === 'object' && row !== null)
    : [];
}

function stackOfRows(
  family: NftFamily,
  [addresses = [], neighbours = [], rules = [], routes = [], blackholes = []]: readonly Row[][],
): Stack {
  return {
    addresses: addresses.flatMap((link) =>
      addressesOf(link)
        .filter((item) => !isKernelAddress(item))
        .map((item) => ({
          link: String(link['ifname']),
          address: `${String(item['local'])}/${String(item['prefixlen'])}`,
        })),
    ),
    neighbours: neighbours.map((row) => ({
      address: String(row['dst']),
      mac: String(row['lladdr']),
      link: String(row['dev']),
    })),
    routes: [
      ...routes.flatMap((row) => unicastOf(family, row)),
      ...blackholes.map((row) => blackholeOf(family, row)),
    ],
    rules: rules.flatMap((row) => ruleOf(family, row)),
  };
}

/** How often the machines behind links are asked for: while other namespaces end, the kernel's list is short at times. */
const MOST_LISTINGS = 5;

/** The machines that the links' other ends are in, by the number that the namespace has for them. */
async function readMachines(namespace: string, links: readonly Row[]): Promise<Map<unknown, string>> {
  for (let attempt = 1; ; attempt++) {
    const rows = rowsOf(await runInside(namespace, ['ip', '-N', '-j', 'netns', 'list-id']));
    const machines = new Map(rows.map((row) => [row['nsid'], String(row['name'] ?? '')]));
    const isWhole = links.every(({ link_netnsid: id }) => id === undefined || machines.has(id));
    if (isWhole || attempt === MOST_LISTINGS) return machines;
  }
}

function linkOf(row: Row, machines: ReadonlyMap<unknown, string>, ipv6Links: readonly Row[]): KernelLink {
  const id = row['link_netnsid'];
  return {
    name: String(row['ifname']),
    peerMachine: id === undefined ? undefined : (machines.get(id) ?? ''),
    mac: String(row['address']),
    mtu: Number(row['mtu']),
    group: row['group'] === 'default' ? 0 : Number(row['group']),
    alias: String(row['ifalias'] ?? ''),
    isUp: Array.isArray(row['flags']) && row['flags'].includes('UP'),
    linkLocals: ipv6Links
      .filter((link) => link['ifname'] === row['ifname'])
      .flatMap(addressesOf)
      .filter((item) => String(item['scope']) === LINK_SCOPE)
      .map((item) => String(item['local'])),
  };
}

function addressesOf(link: Row): Row[] {
  const list = link['addr_info'];
  return Array.isArray(list) ? list : [];
}

/** A kernel gives itself its loopback addresses, and each link its link-local one. */
function isKernelAddress(item: Row): boolean {
  const isLinkLocal = item['family'] === 'inet6' && String(item['scope']) === LINK_SCOPE;
  return isLinkLocal || item['local'] === '127.0.0.1' || item['local'] === '::1';
}

function destinationOf(family: NftFamily, row: Row): string {
  const text = String(row['dst']);
  if (text === 'default') return family === 'ip' ? '0.0.0.0/0' : '::/0';
  return text.includes('/') ? text : `${text}/${hostBitsOf(family)}`;
}

function hostBitsOf(family: NftFamily): string {
  return family === 'ip' ? '32' : '128';
}

function tableOf(row: Row): number {
  return row['table'] === undefined ? MAIN_TABLE : Number(row['table']);
}

/** Routes of the kernel itself are not ours. */
function unicastOf(family: NftFamily, row: Row): KernelRoute[] {
  if (String(row['protocol']) === KERNEL_PROTOCOL || row['protocol'] === 'kernel') return [];
  const flags = Array.isArray(row['flags']) ? row['flags'] : [];
  return [
    {
      table: tableOf(row),
      destination: destinationOf(family, row),
      type: 'unicast',
      ...(row['gateway'] === undefined ? {} : { via: String(row['gateway']) }),
      ...(row['dev'] === undefined ? {} : { device: String(row['dev']) }),
      ...(flags.includes('onlink') ? { isOnlink: true } : {}),
    },
  ];
}

function blackholeOf(family: NftFamily, row: Row): KernelRoute {
  return { table: tableOf(row), destination: destinationOf(family, row), type: 'blackhole' };
}

function ruleOf(family: NftFamily, row: Row): RoutingRule[] {
  const priority = Number(row['priority']);
  if (KERNEL_PRIORITIES.has(priority)) return [];
  const length = row['dstlen'] === undefined ? hostBitsOf(family) : String(row['dstlen']);
  const sourceLength = row['srclen'] === undefined ? hostBitsOf(family) : String(row['srclen']);
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
