import { TIMEOUTS_TABLE } from '../../src/plan/idle-timeouts.ts';
import type { KernelRoute } from '../../src/plan/machine.ts';
import {
  type Seen,
  textOfRoute,
  textOfRule,
  withoutLayout,
  withoutTimeouts,
} from '../contract/network-driver.ts';
import type { AgentWorld } from './agent-world.ts';

type Row = Readonly<Record<string, unknown>>;

/** What differs between the families in the tools' words. */
const FAMILIES = {
  ip: { option: '-4', all: '0.0.0.0/0', hostBits: '32', loopback: '127.0.0.1' },
  ip6: { option: '-6', all: '::/0', hostBits: '128', loopback: '::1' },
} as const;
type Family = keyof typeof FAMILIES;

/** The kernel's own routing tables and rules are no part of a plan, nor are the link-local addresses it makes. */
const LOCAL_TABLE = 'local';
const KERNEL_RULES = new Set([0, 32766, 32767]);
const OWN_SCOPE = 'link';

/** What is asked of each family, in this order. */
const QUESTIONS = [
  'link show',
  'address show',
  'neighbour show nud permanent',
  'route show table all',
  'rule show',
] as const;

/** What the kernel says that a machine holds, by the tools an engineer would ask. */
export async function readMachine(world: AgentWorld, name: string): Promise<Seen | undefined> {
  const { stdout: machines } = await world.run('ls', '/run/netns');
  if (!machines.split('\n').includes(name)) return undefined;
  const [[links, rows], [, ipv6Rows], rulesets, isOn] = await Promise.all([
    askAll(world, name, 'ip'),
    askAll(world, name, 'ip6'),
    readRulesets(world, name),
    isIpv6On(world, name),
  ]);
  const peers = await readPeers(world, name, links);
  const { addresses, neighbours, ...rest } = stackOf('ip', rows);
  const ipv6 = stackOf('ip6', ipv6Rows);
  return {
    links: links
      .map((link, i) => {
        const device = String(link['ifname']);
        const peer = peers[i];
        return {
          name: device,
          ...(peer === undefined ? {} : { peer, mac: String(link['address']), mtu: Number(link['mtu']) }),
          ...(peer === undefined ? {} : { group: link['group'] === 'default' ? 0 : Number(link['group']) }),
          ...(link['ifalias'] === undefined ? {} : { alias: String(link['ifalias']) }),
          addresses: addresses
            .filter((each) => each.device === device)
            .map(({ address }) => address)
            .toSorted(),
          neighbours: neighbours
            .filter((each) => each.device === device)
            .map(({ address, mac }) => ({ address, mac }))
            .toSorted((a, b) => (a.address < b.address ? -1 : 1)),
        };
      })
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    ...rest,
    ruleset: rulesets.ip.planned,
    timeouts: { ip: rulesets.ip.timeouts, ip6: rulesets.ip6.timeouts },
    ipv6: {
      isOn,
      addresses: ipv6.addresses.map(({ address, device }) => `${address} ${device}`).toSorted(),
      neighbours: ipv6.neighbours.map(({ address, mac, device }) => `${address} ${mac} ${device}`).toSorted(),
      routes: ipv6.routes,
      rules: ipv6.rules,
      ruleset: rulesets.ip6.planned,
    },
  };
}

/** The link-local addresses that the kernel has given to each link of a machine. */
export async function readLinkLocals(
  world: AgentWorld,
  name: string,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const [rows = []] = await ask(world, name, 'ip6', 'address show');
  return Object.fromEntries(
    rows.map((row) => [
      String(row['ifname']),
      addressesOf(row)
        .filter((item) => item['scope'] === OWN_SCOPE)
        .map((item) => String(item['local'])),
    ]),
  );
}

async function isIpv6On(world: AgentWorld, name: string): Promise<boolean> {
  const settings = ['all', 'default'].map((each) => `/proc/sys/net/ipv6/conf/${each}/disable_ipv6`);
  const { stdout } = await world.run('ip', 'netns', 'exec', name, 'cat', ...settings);
  return stdout === '0\n0\n';
}

/** The answers to some questions, a list of rows each. */
async function ask(
  world: AgentWorld,
  name: string,
  family: Family,
  ...questions: readonly string[]
): Promise<Row[][]> {
  // One process for all: to start one costs more than the answer.
  const script = `ip -n ${name} ${FAMILIES[family].option} -j -d -batch - <<'END'\n${questions.join('\n')}\nEND`;
  const { stdout } = await world.run('sh', '-c', script);
  const answers = stdout.split('\n').filter((line) => line.trim() !== '');
  if (answers.length !== questions.length)
    throw new Error(`${name}: ${answers.length} answers to ${questions.length} questions: ${stdout}`);
  return answers.map((answer): Row[] => JSON.parse(answer));
}

async function askAll(
  world: AgentWorld,
  name: string,
  family: Family,
): Promise<[links: Row[], others: Row[][]]> {
  const [links = [], ...others] = await ask(world, name, family, ...QUESTIONS);
  return [links, others];
}

/** By family: the table that was planned, and that of idle timeouts. */
async function readRulesets(
  world: AgentWorld,
  name: string,
): Promise<Record<Family, { planned: string; timeouts: string }>> {
  const { stdout } = await world.run('ip', 'netns', 'exec', name, 'nft', '-y', '-s', 'list', 'ruleset');
  const tables = stdout.split(/^(?=table )/m).filter((text) => text !== '');
  const readFamily = (family: Family) => {
    const own = tables.filter((table) => table.split(/\s+/)[1] === family);
    const isOfTimeouts = (table: string): boolean => table.split(/\s+/)[2] === TIMEOUTS_TABLE;
    return {
      planned: withoutLayout(own.filter((table) => !isOfTimeouts(table)).join('')),
      timeouts: withoutTimeouts(own.filter(isOfTimeouts).join('')),
    };
  };
  return { ip: readFamily('ip'), ip6: readFamily('ip6') };
}

/** What a machine holds of one family, of the answers to all questions but the first. */
function stackOf(
  family: Family,
  [addresses = [], neighbours = [], routes = [], rules = []]: readonly Row[][],
) {
  const { hostBits } = FAMILIES[family];
  return {
    addresses: addresses.flatMap((row) =>
      addressesOf(row)
        .filter((item) => item['local'] !== FAMILIES[family].loopback)
        .filter((item) => family === 'ip' || item['scope'] !== OWN_SCOPE)
        .map((item) => ({
          device: String(row['ifname']),
          address: `${String(item['local'])}/${String(item['prefixlen'])}`,
        })),
    ),
    neighbours: neighbours.map((row) => ({
      device: String(row['dev']),
      address: String(row['dst']),
      mac: String(row['lladdr']),
    })),
    routes: routes
      .filter((row) => row['table'] !== LOCAL_TABLE && row['protocol'] !== 'kernel')
      .map((row) => textOfRoute(routeOf(family, row)))
      .toSorted(),
    rules: rules
      .filter((row) => !KERNEL_RULES.has(Number(row['priority'])))
      .map((row) =>
        textOfRule({
          priority: Number(row['priority']),
          table: row['table'] === 'main' ? 254 : Number(row['table']),
          ...(row['src'] === 'all'
            ? {}
            : { source: `${String(row['src'])}/${String(row['srclen'] ?? hostBits)}` }),
          ...(row['dst'] === undefined
            ? {}
            : { destination: `${String(row['dst'])}/${String(row['dstlen'] ?? hostBits)}` }),
          ...(row['fwmark'] === undefined ? {} : { mark: Number(row['fwmark']) }),
        }),
      )
      .toSorted(),
  };
}

function addressesOf(row: Row): Row[] {
  return Array.isArray(row['addr_info']) ? row['addr_info'] : [];
}

function routeOf(family: Family, row: Row): KernelRoute {
  const { all, hostBits } = FAMILIES[family];
  const text = String(row['dst']);
  const isBlackhole = row['type'] === 'blackhole';
  return {
    type: isBlackhole ? 'blackhole' : 'unicast',
    destination: text === 'default' ? all : text.includes('/') ? text : `${text}/${hostBits}`,
    table: row['table'] === undefined || row['table'] === 'main' ? 254 : Number(row['table']),
    ...(row['gateway'] === undefined ? {} : { via: String(row['gateway']) }),
    // The kernel has a blackhole of IPv6 on its loopback.
    ...(row['dev'] === undefined || isBlackhole ? {} : { device: String(row['dev']) }),
    ...(Array.isArray(row['flags']) && row['flags'].includes('onlink') ? { isOnlink: true } : {}),
  };
}

/** The other ends of links of `holder`: the machine by its name, and there the link of the index that is told here. */
async function readPeers(
  world: AgentWorld,
  holder: string,
  links: readonly Row[],
): Promise<({ machine: string; name: string } | undefined)[]> {
  if (links.every((link) => link['link_index'] === undefined)) return links.map(() => undefined);
  const [ids = []] = await ask(world, holder, 'ip', 'netns list-id');
  const machineOf = (link: Row): string =>
    String(ids.find((row) => row['nsid'] === link['link_netnsid'])?.['name']);
  const machines = new Set(links.filter((link) => link['link_index'] !== undefined).map(machineOf));
  const linksOf = new Map(
    await Promise.all(
      [...machines].map(async (machine): Promise<[string, Row[]]> => {
        const [rows = []] = await ask(world, machine, 'ip', 'link show');
        return [machine, rows];
      }),
    ),
  );
  return links.map((link) => {
    if (link['link_index'] === undefined) return undefined;
    const machine = machineOf(link);
    const name = linksOf.get(machine)?.find((row) => row['ifindex'] === link['link_index'])?.['ifname'];
    return { machine, name: String(name) };
  });
}
