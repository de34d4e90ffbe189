import { TIMEOUTS_TABLE } from '../../src/plan/idle-timeouts.ts';
import type { KernelRoute } from '../../src/plan/machine.ts';
import {
  type Seen,
  type SeenIpv6,
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

/** What the kernel says that a machine holds, by the tools an engineer would ask. */
export async function readMachine(world: AgentWorld, name: string): Promise<Seen | undefined> {
  const { stdout: machines } = await world.run('ls', '/run/netns');
  if (!machines.split('\n').includes(name)) return undefined;
  const links = await ask(world, name, 'ip', 'link', 'show');
  const peers = await Promise.all(links.map((link) => peerOf(world, name, link)));
  const { addresses, neighbours, timeouts, ...rest } = await readStack(world, name, 'ip');
  const { timeouts: timeoutsOfIpv6, ...ipv6 } = await readIpv6(world, name);
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
    timeouts: { ip: timeouts, ip6: timeoutsOfIpv6 },
    ipv6,
  };
}

/** The link-local addresses that the kernel has given to each link of a machine. */
export async function readLinkLocals(
  world: AgentWorld,
  name: string,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const rows = await ask(world, name, 'ip6', 'address', 'show');
  return Object.fromEntries(
    rows.map((row) => [
      String(row['ifname']),
      addressesOf(row)
        .filter((item) => item['scope'] === OWN_SCOPE)
        .map((item) => String(item['local'])),
    ]),
  );
}

async function readIpv6(world: AgentWorld, name: string): Promise<SeenIpv6 & { readonly timeouts: string }> {
  const settings = ['all', 'default'].map((each) => `/proc/sys/net/ipv6/conf/${each}/disable_ipv6`);
  const { stdout } = await world.run('ip', 'netns', 'exec', name, 'cat', ...settings);
  const { addresses, neighbours, ...rest } = await readStack(world, name, 'ip6');
  return {
    isOn: stdout === '0\n0\n',
    addresses: addresses.map(({ address, device }) => `${address} ${device}`).toSorted(),
    neighbours: neighbours.map(({ address, mac, device }) => `${address} ${mac} ${device}`).toSorted(),
    ...rest,
  };
}

async function ask(
  world: AgentWorld,
  name: string,
  family: Family,
  ...words: readonly string[]
): Promise<Row[]> {
  const { stdout } = await world.run('ip', '-n', name, FAMILIES[family].option, '-j', '-d', ...words);
  return stdout.trim() === '' ? [] : JSON.parse(stdout);
}

/** What a machine holds of one family. */
async function readStack(world: AgentWorld, name: string, family: Family) {
  const { hostBits } = FAMILIES[family];
  const addresses = await ask(world, name, family, 'address', 'show');
  const neighbours = await ask(world, name, family, 'neighbour', 'show', 'nud', 'permanent');
  const routes = await ask(world, name, family, 'route', 'show', 'table', 'all');
  const rules = await ask(world, name, family, 'rule', 'show');
  const list = ['nft', '-y', '-s', 'list', 'ruleset', family];
  const { stdout } = await world.run('ip', 'netns', 'exec', name, ...list);
  const tables = stdout.split(/^(?=table )/m);
  const isOfTimeouts = (table: string): boolean => table.split(/\s+/)[2] === TIMEOUTS_TABLE;
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
    ruleset: withoutLayout(tables.filter((table) => !isOfTimeouts(table)).join('')),
    timeouts: withoutTimeouts(tables.filter(isOfTimeouts).join('')),
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

/** The other end of a link of `holder`: the machine by its name, and there the link of the index that is told here. */
async function peerOf(
  world: AgentWorld,
  holder: string,
  link: Row,
): Promise<{ machine: string; name: string } | undefined> {
  if (link['link_index'] === undefined) return undefined;
  const { stdout: list } = await world.run('ip', '-n', holder, '-j', 'netns', 'list-id');
  const ids: Row[] = JSON.parse(list);
  const machine = String(ids.find((row) => row['nsid'] === link['link_netnsid'])?.['name']);
  const { stdout } = await world.run('ip', '-n', machine, '-j', 'link', 'show');
  const rows: Row[] = stdout.trim() === '' ? [] : JSON.parse(stdout);
  const name = rows.find((row) => row['ifindex'] === link['link_index'])?.['ifname'];
  return { machine, name: String(name) };
}
