import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { NetworkDriver } from '../../src/plan/driver.ts';
import type { Link, Machine } from '../../src/plan/machine.ts';
import { planAll } from '../../src/plan/plan.ts';
import {
  describeNetworkDriver,
  GUEST_A,
  GUEST_B,
  ROUTER,
  type Seen,
  seenOf,
  textOfRoute,
  textOfRule,
  withLink,
  withoutLayout,
} from '../contract/network-driver.ts';
import { consumerRecords, providerRecords } from '../private-link-world.ts';
import { AgentWorld } from '../support/agent-world.ts';
import { findSystemObstacle } from '../support/installation.ts';
import { ENDPOINT_WORLD } from '../walkthrough-world.ts';
import { change, worldOf } from '../worlds.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: the linux driver: ${obstacle}`);

type Row = Readonly<Record<string, unknown>>;

/** The kernel's own routing tables and rules are no part of a plan. */
const LOCAL_TABLE = 'local';
const KERNEL_RULES = new Set([0, 32766, 32767]);

/** What the kernel says that a machine holds, by the tools an engineer would ask. */
async function readMachine(world: AgentWorld, name: string): Promise<Seen | undefined> {
  const ask = async (...words: readonly string[]): Promise<Row[]> => {
    const { stdout } = await world.run('ip', '-n', name, '-4', '-j', '-d', ...words);
    return stdout.trim() === '' ? [] : JSON.parse(stdout);
  };
  const { stdout: machines } = await world.run('ls', '/run/netns');
  if (!machines.split('\n').includes(name)) return undefined;
  const links = await ask('link', 'show');
  const addresses = await ask('address', 'show');
  const neighbours = await ask('neighbour', 'show', 'nud', 'permanent');
  const routes = await ask('route', 'show', 'table', 'all');
  const rules = await ask('rule', 'show');
  const { stdout: ruleset } = await world.run(
    'ip',
    'netns',
    'exec',
    name,
    'nft',
    '-y',
    '-s',
    'list',
    'ruleset',
  );
  const peers = await Promise.all(links.map((link) => peerOf(world, name, link)));
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
            .filter((row) => row['ifname'] === device)
            .flatMap((row) => (Array.isArray(row['addr_info']) ? row['addr_info'] : []))
            .map((row: Row) => `${String(row['local'])}/${String(row['prefixlen'])}`)
            .filter((address) => address !== '127.0.0.1/8')
            .toSorted(),
          neighbours: neighbours
            .filter((row) => row['dev'] === device)
            .map((row) => ({ address: String(row['dst']), mac: String(row['lladdr']) }))
            .toSorted((a, b) => (a.address < b.address ? -1 : 1)),
        };
      })
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    routes: routes
      .filter((row) => row['table'] !== LOCAL_TABLE && row['protocol'] !== 'kernel')
      .map((row) =>
        textOfRoute({
          type: row['type'] === 'blackhole' ? 'blackhole' : 'unicast',
          destination: blockOf(row['dst']),
          table: row['table'] === undefined || row['table'] === 'main' ? 254 : Number(row['table']),
          ...(row['gateway'] === undefined ? {} : { via: String(row['gateway']) }),
          ...(row['dev'] === undefined ? {} : { device: String(row['dev']) }),
          ...(Array.isArray(row['flags']) && row['flags'].includes('onlink') ? { isOnlink: true } : {}),
        }),
      )
      .toSorted(),
    rules: rules
      .filter((row) => !KERNEL_RULES.has(Number(row['priority'])))
      .map((row) =>
        textOfRule({
          priority: Number(row['priority']),
          table: row['table'] === 'main' ? 254 : Number(row['table']),
          ...(row['src'] === 'all' ? {} : { source: `${String(row['src'])}/${String(row['srclen'] ?? 32)}` }),
          ...(row['dst'] === undefined
            ? {}
            : { destination: `${String(row['dst'])}/${String(row['dstlen'] ?? 32)}` }),
          ...(row['fwmark'] === undefined ? {} : { mark: Number(row['fwmark']) }),
        }),
      )
      .toSorted(),
    ruleset: withoutLayout(ruleset),
  };
}

function blockOf(destination: unknown): string {
  const text = String(destination);
  if (text === 'default') return '0.0.0.0/0';
  return text.includes('/') ? text : `${text}/32`;
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

/** The names of a ruleset's chains. */
function chainsOf(ruleset: string): string[] {
  return [...ruleset.matchAll(/chain (\S+) \{/g)].map(([, name]) => name ?? '');
}

describe.skipIf(obstacle !== undefined)('the linux driver', () => {
  let world: AgentWorld;

  beforeAll(async () => {
    world = await AgentWorld.start();
  });
  afterAll(async () => world.end());

  describeNetworkDriver('linux', async () => ({
    driver: await world.freshDriver(),
    read: (name) => readMachine(world, name),
    restart: () => world.freshDriver(),
    close: async () => {},
  }));

  describe('of a change the kernel hears no more than that', () => {
    let driver: NetworkDriver;

    /** The kernel's number of the nftables table: another when it was made anew. */
    const tableNumber = async (): Promise<string | undefined> => {
      const { stdout } = await world.run(
        ...['ip', 'netns', 'exec', ROUTER.name, 'nft', '-a', 'list', 'table', 'ip', 'cloudcroft'],
      );
      return /table ip cloudcroft \{ # handle (\d+)/.exec(stdout)?.[1];
    };

    beforeAll(async () => {
      driver = await world.freshDriver();
    });
    beforeEach(async () => {
      for (const machine of [ROUTER, GUEST_A, GUEST_B]) await driver.update(machine);
    });

    const route = { table: 1001, destination: '203.0.113.0/24', type: 'blackhole' } as const;

    test.for<readonly [string, Machine, readonly string[]]>([
      ['nothing', ROUTER, []],
      ['a route', { ...ROUTER, routes: [...ROUTER.routes, route] }, ['blackhole 203.0.113.0/24 table 1001']],
      [
        'a rule',
        { ...ROUTER, rules: [...ROUTER.rules, { priority: 50, mark: 9, table: 1001 }] },
        ['50: from all fwmark 0x9 lookup 1001'],
      ],
      [
        'an address',
        withLink(ROUTER, 'lo', { addresses: ['10.9.0.1/32', '10.9.1.1/32'] }),
        ['lo inet 10.9.1.1/32', 'valid_lft forever', 'local 10.9.1.1 dev lo table local'],
      ],
      [
        'a neighbour',
        withLink(ROUTER, 'va', { neighbours: [{ address: '10.9.0.4', mac: '0e:00:00:00:00:0c' }] }),
        ['10.9.0.4 dev va', '10.9.0.4 dev va', '10.9.0.4 dev va lladdr 0e:00:00:00:00:0c PERMANENT'],
      ],
    ])('%s', async ([, changed, expected]) => {
      const number = await tableNumber();
      const heard = await world.changesOf(ROUTER.name, () => driver.update(changed));
      expect(heard).toEqual(expected.map((text) => expect.stringContaining(text)));
      expect(await tableNumber()).toBe(number);
    });

    test('nothing but the ruleset, once, by a driver that has just started', async () => {
      driver = await world.freshDriver();
      const number = await tableNumber();
      const heard = await world.changesOf(ROUTER.name, () => driver.update(ROUTER));
      expect(heard).toEqual([]);
      expect(await tableNumber()).not.toBe(number);
    });

    test('of a link more; of the others not at all', async () => {
      const extra: Link = {
        name: 'vd',
        peer: { machine: 'eni-d', name: 'eth0' },
        addresses: [],
        neighbours: [],
      };
      const heard = await world.changesOf(ROUTER.name, () =>
        driver.update({ ...ROUTER, links: [...ROUTER.links, extra] }),
      );
      // The second line of what is told of a link does not name it.
      expect(heard.filter((line) => !/ vd@|^link\/ether /.test(line))).toEqual([]);
      await driver.delete('eni-d');
    });
  });

  test.each([
    ['the walk-through', [worldOf(change(ENDPOINT_WORLD, 'routeTables', 'rtb-pub', { ordinal: 2 }))]],
    ['an endpoint service', [worldOf(providerRecords()), worldOf(consumerRecords())]],
  ])('the plan of %s is made whole, and stays as it is when made again', async (_, worlds) => {
    const driver = await world.freshDriver();
    for (const machine of await driver.list()) await driver.delete(machine);
    const machines = planAll(worlds, { internet: ['8.8.8.8'], services: ['52.219.32.1'] });
    for (const machine of [...machines, ...machines]) await driver.update(machine);
    expect(await driver.list()).toEqual(machines.map(({ name }) => name).toSorted());
    for (const machine of machines) {
      const { ruleset, ...rest } = seenOf(machine);
      const seen = await readMachine(world, machine.name);
      // nft writes some of it in other words (`0.0.0.0/0`, `tcp`): the chains are the same, by name and order.
      expect({ ...seen, ruleset: chainsOf(seen?.ruleset ?? '') }).toEqual({
        ...rest,
        ruleset: chainsOf(ruleset),
      });
    }
  });

  test('nft takes the rulesets that the planner is held to, word for word', async () => {
    const golden = readFileSync(join(import.meta.dirname, '../../src/plan/walkthrough.golden.nft'), 'utf8');
    const rulesets = golden.split(/^# /m).slice(1);
    expect(rulesets.map((text) => text.split('\n')[0])).toEqual(['services', 'vpc-1', 'eni-n']);
    for (const text of rulesets) {
      const { code, stderr } = await world.run('unshare', '--net', 'nft', '--check', `# ${text}`);
      expect([code, stderr]).toEqual([0, '']);
    }
  });

  test('what holds for links to come holds for those that a peer made first, too', async () => {
    const driver = await world.freshDriver();
    for (const machine of await driver.list()) await driver.delete(machine);
    await driver.update(GUEST_A);
    await driver.update(ROUTER);
    const { stdout } = await world.run(
      ...['ip', 'netns', 'exec', ROUTER.name, 'cat', '/proc/sys/net/ipv4/conf/va/proxy_arp'],
    );
    expect(stdout).toBe('1\n');
  });
});
