import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { NetworkDriver } from '../../src/plan/driver.ts';
import type { Link, Machine } from '../../src/plan/machine.ts';
import { planAll } from '../../src/plan/plan.ts';
import { describeIpv6Stack } from '../contract/ipv6-stack.ts';
import {
  type DriverUnderTest,
  describeNetworkDriver,
  GUEST_A,
  GUEST_B,
  ROUTER,
  seenOf,
  withLink,
} from '../contract/network-driver.ts';
import { consumerRecords, providerRecords } from '../private-link-world.ts';
import { AgentWorld } from '../support/agent-world.ts';
import { findSystemObstacle } from '../support/installation.ts';
import { readMachine } from '../support/machine-in-kernel.ts';
import { ENDPOINT_WORLD } from '../walkthrough-world.ts';
import { change, worldOf } from '../worlds.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: the linux driver: ${obstacle}`);

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

  const open = async (): Promise<DriverUnderTest> => ({
    driver: await world.freshDriver(),
    read: (name) => readMachine(world, name),
    restart: () => world.freshDriver(),
    close: async () => {},
  });
  describeNetworkDriver('linux', open);
  describeIpv6Stack('linux', open);

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
