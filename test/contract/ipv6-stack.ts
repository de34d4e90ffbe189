import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { NetworkDriver } from '../../src/plan/driver.ts';
import type { Ipv6Stack, KernelRoute, Machine } from '../../src/plan/machine.ts';
import { ROUTER_LINK_LOCAL } from '../../src/plan/places.ts';
import {
  type DriverUnderTest,
  GUEST_A,
  GUEST_B,
  MACS,
  ROUTER,
  ROUTER_WITHOUT_B,
  seenOf,
  TIMEOUTS,
  withLink,
} from './network-driver.ts';

export const ADDRESS_A = '2001:db8:c000::a';
export const ADDRESS_B = '2001:db8:c000::b';

const OUTSIDE = '2001:db8:1::/64';

/** What a router of two guests holds for IPv6: one of everything. */
export const ROUTER_STACK: Ipv6Stack = {
  addresses: [{ link: 'lo', address: '2001:db8:c000::1/128' }],
  neighbours: [
    { link: 'va', address: ADDRESS_A, mac: MACS.a },
    { link: 'vb', address: ADDRESS_B, mac: MACS.b },
  ],
  routes: [
    blackhole('::/0', 254),
    { table: 254, destination: `${ADDRESS_A}/128`, type: 'unicast', device: 'va' },
    { table: 254, destination: `${ADDRESS_B}/128`, type: 'unicast', device: 'vb' },
    throughA(OUTSIDE),
    blackhole('::/0', 1001),
  ],
  rules: [
    { priority: 200, destination: '2001:db8:c000::/56', table: 254 },
    { priority: 1000, mark: 1001, table: 1001 },
  ],
  ruleset: {
    table: 'cloudcroft',
    sets: [
      { name: 'members', type: 'ipv6_addr', isInterval: false, elements: [ADDRESS_A, ADDRESS_B] },
      { name: 'none', type: 'ipv6_addr', isInterval: true, elements: [] },
    ],
    maps: [
      {
        name: 'verdicts',
        type: 'ifname : verdict',
        isInterval: false,
        elements: [{ key: '"va"', value: 'goto let_on', comment: 'eni-a' }],
      },
    ],
    chains: [
      { name: 'let_on', rules: ['counter accept comment "let on"'] },
      {
        name: 'forward',
        hook: { type: 'filter', hook: 'forward', priority: 0, policy: 'drop' },
        rules: ['iifname vmap @verdicts', 'ip6 saddr @members accept'],
      },
    ],
  },
};

/** The router and the guests of the contract, speaking IPv6, too. */
export const DUAL_ROUTER: Machine = {
  ...ROUTER,
  sysctls: { ...ROUTER.sysctls, 'net/ipv6/conf/all/forwarding': '1' },
  ipv6: ROUTER_STACK,
};
export const DUAL_GUEST_A = dualGuest(GUEST_A, ADDRESS_A);
export const DUAL_GUEST_B = dualGuest(GUEST_B, ADDRESS_B);

function dualGuest(guest: Machine, address: string): Machine {
  return {
    ...guest,
    ipv6: {
      addresses: [{ link: 'eth0', address: `${address}/128` }],
      neighbours: [{ link: 'eth0', address: ROUTER_LINK_LOCAL, mac: MACS.router }],
      routes: [{ table: 254, destination: '::/0', type: 'unicast', via: ROUTER_LINK_LOCAL, device: 'eth0' }],
      rules: [],
      ruleset: undefined,
    },
  };
}

/** The router with some of its IPv6 stack changed. */
export function withStack(fields: Partial<Ipv6Stack>): Machine {
  return { ...DUAL_ROUTER, ipv6: { ...ROUTER_STACK, ...fields } };
}

function blackhole(destination: string, table: number): KernelRoute {
  return { table, destination, type: 'blackhole' };
}

function throughA(destination: string): KernelRoute {
  return { table: 1001, destination, type: 'unicast', via: ADDRESS_A, device: 'va', isOnlink: true };
}

/** The router's routes with others in the place of those to the same destination in the same table. */
function routesWith(...routes: readonly KernelRoute[]): KernelRoute[] {
  return ROUTER_STACK.routes.map(
    (old) => routes.find((each) => each.destination === old.destination && each.table === old.table) ?? old,
  );
}

const WITHOUT_B: Machine = {
  ...DUAL_ROUTER,
  links: ROUTER_WITHOUT_B.links,
  routes: ROUTER_WITHOUT_B.routes,
  ipv6: {
    ...ROUTER_STACK,
    neighbours: ROUTER_STACK.neighbours.filter(({ link }) => link !== 'vb'),
    routes: ROUTER_STACK.routes.filter(({ device }) => device !== 'vb'),
  },
};

const EMPTY: Ipv6Stack = { addresses: [], neighbours: [], routes: [], rules: [], ruleset: undefined };

/** Changes of one thing of the router's stack, each of which must be there afterwards, and nothing else. */
const CHANGES: readonly (readonly [what: string, changed: Machine])[] = [
  [
    'an address more',
    withStack({
      addresses: [...ROUTER_STACK.addresses, { link: 'va', address: '2001:db8:c000:1::1/64' }],
    }),
  ],
  ['an address less', withStack({ addresses: [] })],
  ['no neighbour', withStack({ neighbours: [] })],
  [
    'a neighbour with another MAC',
    withStack({ neighbours: [{ link: 'va', address: ADDRESS_A, mac: MACS.b }] }),
  ],
  ['a route more', withStack({ routes: [...ROUTER_STACK.routes, blackhole('2001:db8:2::/48', 1001)] })],
  ['a route less', withStack({ routes: ROUTER_STACK.routes.slice(0, -1) })],
  ['a blackhole in the place of a route', withStack({ routes: routesWith(blackhole(OUTSIDE, 1001)) })],
  ['a route in the place of a blackhole', withStack({ routes: routesWith(throughA('::/0')) })],
  [
    'a route by another next hop',
    withStack({ routes: routesWith({ ...throughA(OUTSIDE), via: '2001:db8:c000::c' }) }),
  ],
  [
    'a route by another link',
    withStack({ routes: routesWith({ ...throughA(OUTSIDE), via: 'fe80::b', device: 'vb' }) }),
  ],
  [
    'a route without a next hop',
    withStack({
      routes: routesWith({ table: 1001, destination: OUTSIDE, type: 'unicast', device: 'vb' }),
    }),
  ],
  ['a rule more', withStack({ rules: [...ROUTER_STACK.rules, { priority: 50, mark: 1001, table: 254 }] })],
  ['a rule of a source', withStack({ rules: [{ priority: 60, source: `${ADDRESS_A}/128`, table: 1001 }] })],
  ['no rule', withStack({ rules: [] })],
  ['another ruleset', withStack({ ruleset: { table: 'cloudcroft', sets: [], maps: [], chains: [] } })],
  ['no ruleset', withStack({ ruleset: undefined })],
  ['another MAC of a link', withLink(DUAL_ROUTER, 'va', { mac: '0e:c0:0f:00:00:02' })],
  ['a link less', WITHOUT_B],
  ['a stack with nothing in it', withStack(EMPTY)],
  ['no stack', ROUTER],
];

/** What every `NetworkDriver` promises of a machine that speaks IPv6 beside IPv4. */
export function describeIpv6Stack(name: string, open: () => Promise<DriverUnderTest>): void {
  describe(`the contract of NetworkDriver, of IPv6: ${name}`, () => {
    let subject: DriverUnderTest;
    let driver: NetworkDriver;

    beforeAll(async () => {
      subject = await open();
      driver = subject.driver;
    });
    beforeEach(async () => {
      for (const machine of await driver.list()) await driver.delete(machine);
    });
    afterAll(async () => subject.close());

    const apply = async (...machines: readonly Machine[]): Promise<void> => {
      for (const machine of machines) await driver.update(machine);
    };
    const expectExactly = async (...machines: readonly Machine[]): Promise<void> => {
      expect(await driver.list()).toEqual(machines.map((machine) => machine.name).toSorted());
      for (const machine of machines) expect(await subject.read(machine.name)).toEqual(seenOf(machine));
    };

    test.for<readonly [string, readonly Machine[]]>([
      ['the router', [DUAL_ROUTER, DUAL_GUEST_A, DUAL_GUEST_B]],
      ['a guest', [DUAL_GUEST_B, DUAL_ROUTER, DUAL_GUEST_A]],
    ])('with %s first, twice as once, it is there as planned', async ([, machines]) => {
      await apply(...machines, ...machines);
      await expectExactly(DUAL_ROUTER, DUAL_GUEST_A, DUAL_GUEST_B);
    });

    test('a machine that stands gets a stack, loses it and gets it again', async () => {
      for (const machines of [
        [ROUTER, GUEST_A, GUEST_B],
        [DUAL_ROUTER, DUAL_GUEST_A, DUAL_GUEST_B],
        [ROUTER, GUEST_A, DUAL_GUEST_B],
        [DUAL_ROUTER, DUAL_GUEST_A, DUAL_GUEST_B],
      ]) {
        await apply(...machines);
        await expectExactly(...machines);
      }
    });

    test('timeouts are of both families while the machine speaks both', async () => {
      const [first, other] = TIMEOUTS;
      for (const router of [
        { ...DUAL_ROUTER, timeouts: first },
        { ...ROUTER, timeouts: first },
        { ...DUAL_ROUTER, timeouts: other },
        DUAL_ROUTER,
        { ...DUAL_ROUTER, timeouts: first },
      ]) {
        await apply(router, DUAL_GUEST_A, DUAL_GUEST_B);
        await expectExactly(router, DUAL_GUEST_A, DUAL_GUEST_B);
        driver = await subject.restart();
        await apply(router);
        await expectExactly(router, DUAL_GUEST_A, DUAL_GUEST_B);
      }
    });

    test.for(CHANGES)('%s, and back', async ([, changed]) => {
      const guests = changed === WITHOUT_B ? [DUAL_GUEST_A] : [DUAL_GUEST_A, DUAL_GUEST_B];
      await apply(DUAL_ROUTER, DUAL_GUEST_A, DUAL_GUEST_B, changed);
      if (changed === WITHOUT_B) await driver.delete(DUAL_GUEST_B.name);
      await expectExactly(changed, ...guests);
      await apply(DUAL_ROUTER, DUAL_GUEST_A, DUAL_GUEST_B);
      await expectExactly(DUAL_ROUTER, DUAL_GUEST_A, DUAL_GUEST_B);
    });

    test.for(CHANGES)('%s, and back, each by a driver that has just started', async ([, changed]) => {
      await apply(DUAL_ROUTER, DUAL_GUEST_A, DUAL_GUEST_B);
      for (const machine of [changed, DUAL_ROUTER]) {
        driver = await subject.restart();
        await apply(machine);
        expect(await subject.read(ROUTER.name)).toEqual(seenOf(machine));
      }
    });

    test('with a guest goes what its router holds for it, and comes again', async () => {
      await apply(DUAL_ROUTER, DUAL_GUEST_A, DUAL_GUEST_B);
      await driver.delete(DUAL_GUEST_B.name);
      expect((await subject.read(ROUTER.name))?.ipv6).toEqual(seenOf(WITHOUT_B).ipv6);
      await apply(DUAL_GUEST_B, DUAL_ROUTER);
      await expectExactly(DUAL_ROUTER, DUAL_GUEST_A, DUAL_GUEST_B);
    });

    test('an update that failed half-way may be repeated, or something else done instead', async () => {
      const nowhere: KernelRoute = {
        table: 254,
        destination: '2001:db8:c000::e/128',
        type: 'unicast',
        device: 'nowhere',
      };
      const misled = withStack({ routes: [...ROUTER_STACK.routes, nowhere] });
      await expect(driver.update(misled)).rejects.toThrow('nowhere');
      await expect(driver.update(misled)).rejects.toThrow('nowhere');
      await apply(DUAL_ROUTER, DUAL_GUEST_A, DUAL_GUEST_B);
      await expectExactly(DUAL_ROUTER, DUAL_GUEST_A, DUAL_GUEST_B);
      await expect(driver.update(misled)).rejects.toThrow('nowhere');
      await apply(ROUTER);
      await expectExactly(ROUTER, DUAL_GUEST_A, DUAL_GUEST_B);
    });
  });
}
