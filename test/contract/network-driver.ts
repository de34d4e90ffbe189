import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { NetworkDriver } from '../../src/plan/driver.ts';
import type { Ipv6Stack, KernelRoute, Link, Machine, RoutingRule } from '../../src/plan/machine.ts';
import { type NftFamily, type Ruleset, renderRuleset } from '../../src/plan/ruleset.ts';

/** What a machine was seen to hold, or is planned to, in one form that can be compared. */
export interface Seen {
  readonly links: readonly Omit<Link, 'answersAtOnce'>[];
  readonly routes: readonly string[];
  readonly rules: readonly string[];
  /** The table in nft's language, without its layout. */
  readonly ruleset: string;
  /** The rules of the table of timeouts, for each family. */
  readonly timeouts: Readonly<Record<NftFamily, string>>;
  readonly ipv6: SeenIpv6;
}

/** What a machine was seen to hold of IPv6, as text; where it is off, nothing. */
export interface SeenIpv6 {
  readonly isOn: boolean;
  readonly addresses: readonly string[];
  readonly neighbours: readonly string[];
  readonly routes: readonly string[];
  readonly rules: readonly string[];
  readonly ruleset: string;
}

/** A driver, and eyes of the test's own on what it makes. */
export interface DriverUnderTest {
  readonly driver: NetworkDriver;
  /** What the machine holds now; undefined when there is none of that name. */
  read(name: string): Promise<Seen | undefined>;
  /** The same driver after a restart of its process: what it knew is forgotten, what it made is there. */
  restart(): Promise<NetworkDriver>;
  close(): Promise<void>;
}

/** The planned machine in the form of what is seen. */
export function seenOf(machine: Machine): Seen {
  return {
    links: machine.links
      .map(({ answersAtOnce: _quick, neighbours, addresses, ...link }) => ({
        ...link,
        // Who does not say which group means the kernel's own.
        ...(link.peer === undefined ? {} : { group: link.group ?? 0 }),
        addresses: addresses.toSorted(),
        neighbours: neighbours.toSorted((a, b) => (a.address < b.address ? -1 : 1)),
      }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    routes: machine.routes.map(textOfRoute).toSorted(),
    rules: machine.rules.map(textOfRule).toSorted(),
    ruleset: machine.ruleset === undefined ? '' : withoutLayout(renderRuleset(machine.ruleset)),
    timeouts: {
      ip: rulesOf(machine.timeouts, 'ip'),
      ip6: machine.ipv6 === undefined ? '' : rulesOf(machine.timeouts, 'ip6'),
    },
    ipv6: seenIpv6Of(machine.ipv6),
  };
}

function rulesOf(ruleset: Ruleset | undefined, family: NftFamily): string {
  return ruleset === undefined ? '' : withoutTimeouts(renderRuleset(ruleset, family));
}

/** A table's rules without the timeouts they name, which stay when no rule does; nothing when there are no rules. */
export function withoutTimeouts(table: string): string {
  const text = withoutLayout(table).replaceAll(/ct timeout \S+ \{[^{}]*\{[^{}]*\} \} /g, '');
  return text.includes('chain ') ? text : '';
}

function seenIpv6Of(stack: Ipv6Stack | undefined): SeenIpv6 {
  const { addresses = [], neighbours = [], routes = [], rules = [], ruleset } = stack ?? {};
  return {
    isOn: stack !== undefined,
    addresses: addresses.map(({ link, address }) => `${address} ${link}`).toSorted(),
    neighbours: neighbours.map(({ link, address, mac }) => `${address} ${mac} ${link}`).toSorted(),
    routes: routes.map(textOfRoute).toSorted(),
    rules: rules.map(textOfRule).toSorted(),
    ruleset: ruleset === undefined ? '' : withoutLayout(renderRuleset(ruleset, 'ip6')),
  };
}

export function textOfRoute({ type, destination, table, via, device, isOnlink }: KernelRoute): string {
  const hop = `${via === undefined ? '' : ` via ${via}`}${device === undefined ? '' : ` dev ${device}`}`;
  return `${type} ${destination} table ${table}${hop}${isOnlink === true ? ' onlink' : ''}`;
}

export function textOfRule({ priority, source, mark, destination, table }: RoutingRule): string {
  return `${priority}: from ${source ?? 'all'} to ${destination ?? 'all'} mark ${mark ?? 'any'} table ${table}`;
}

/** nft's language with one space where there is any. */
export function withoutLayout(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

export const MACS = { router: '0e:c0:0f:00:00:01', a: '0e:00:00:00:00:0a', b: '0e:00:00:00:00:0b' };

/** A router of two guests, small but with one of everything. */
export const ROUTER: Machine = {
  name: 'vpc-c',
  sysctls: { 'net/ipv4/ip_forward': '1', 'net/ipv4/conf/default/proxy_arp': '1' },
  links: [
    { name: 'lo', addresses: ['10.9.0.1/32'], neighbours: [] },
    guestSide('va', 'eni-a', '10.9.0.4', MACS.a),
    guestSide('vb', 'eni-b', '10.9.0.5', MACS.b),
  ],
  routes: [
    { table: 254, destination: '0.0.0.0/0', type: 'blackhole' },
    { table: 254, destination: '10.9.0.4/32', type: 'unicast', device: 'va' },
    { table: 254, destination: '10.9.0.5/32', type: 'unicast', device: 'vb' },
    {
      table: 1001,
      destination: '198.51.100.0/24',
      type: 'unicast',
      via: '10.9.0.4',
      device: 'va',
      isOnlink: true,
    },
    { table: 1001, destination: '0.0.0.0/0', type: 'blackhole' },
  ],
  rules: [
    { priority: 200, destination: '10.9.0.0/16', table: 254 },
    { priority: 1000, mark: 1001, table: 1001 },
  ],
  ruleset: {
    table: 'cloudcroft',
    sets: [
      { name: 'members', type: 'ipv4_addr', isInterval: false, elements: ['10.9.0.4', '10.9.0.5'] },
      { name: 'none', type: 'ipv4_addr', isInterval: true, elements: [] },
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
        rules: ['iifname vmap @verdicts', 'ip saddr @members accept'],
      },
    ],
  },
};

export const GUEST_A = guest('eni-a', 'va', '10.9.0.4', MACS.a);
export const GUEST_B = guest('eni-b', 'vb', '10.9.0.5', MACS.b);

function guestSide(name: string, machine: string, address: string, mac: string): Link {
  return {
    name,
    peer: { machine, name: 'eth0' },
    answersAtOnce: true,
    mac: MACS.router,
    mtu: 9001,
    group: 7,
    alias: machine,
    addresses: [],
    neighbours: [{ address, mac }],
  };
}

function guest(name: string, routerSide: string, address: string, mac: string): Machine {
  return {
    name,
    sysctls: { 'net/ipv4/ping_group_range': '0 65535' },
    links: [
      { name: 'lo', addresses: [], neighbours: [] },
      {
        name: 'eth0',
        peer: { machine: 'vpc-c', name: routerSide },
        mac,
        mtu: 9001,
        group: 0,
        alias: name,
        addresses: [`${address}/24`],
        neighbours: [],
      },
    ],
    routes: [{ table: 254, destination: '0.0.0.0/0', type: 'unicast', via: '10.9.0.1', device: 'eth0' }],
    rules: [],
    ruleset: undefined,
  };
}

/** The machine with one of its links changed. */
export function withLink(machine: Machine, name: string, fields: Partial<Link>): Machine {
  const links = machine.links.map((link) => (link.name === name ? { ...link, ...fields } : link));
  return { ...machine, links };
}

/** The router as it is once the guest B is gone. */
export const ROUTER_WITHOUT_B: Machine = {
  ...ROUTER,
  links: ROUTER.links.filter(({ name }) => name !== 'vb'),
  routes: ROUTER.routes.filter(({ device }) => device !== 'vb'),
};

/** Changes of one thing of the router, each of which must be there afterwards, and nothing else. */
const CHANGES: readonly (readonly [what: string, changed: Machine])[] = [
  ['a route more', { ...ROUTER, routes: [...ROUTER.routes, blackhole('203.0.113.0/24', 1001)] }],
  ['a route less', { ...ROUTER, routes: ROUTER.routes.slice(0, -1) }],
  [
    'a blackhole in the place of a route',
    { ...ROUTER, routes: routesWith(blackhole('198.51.100.0/24', 1001)) },
  ],
  ['a route by another link', { ...ROUTER, routes: routesWith(throughB('198.51.100.0/24')) }],
  ['a rule more', { ...ROUTER, rules: [...ROUTER.rules, { priority: 50, mark: 1001, table: 254 }] }],
  ['a rule of a source', { ...ROUTER, rules: [{ priority: 60, source: '10.9.0.4/32', table: 1001 }] }],
  ['no rule', { ...ROUTER, rules: [] }],
  ['an address more', withLink(ROUTER, 'lo', { addresses: ['10.9.0.1/32', '10.9.1.1/32'] })],
  ['an address less', withLink(ROUTER, 'lo', { addresses: [] })],
  ['another neighbour', withLink(ROUTER, 'va', { neighbours: [{ address: '10.9.0.9', mac: MACS.a }] })],
  [
    'a neighbour with another MAC',
    withLink(ROUTER, 'va', { neighbours: [{ address: '10.9.0.4', mac: MACS.b }] }),
  ],
  ['another MTU', withLink(ROUTER, 'va', { mtu: 1500 })],
  ['another link group', withLink(ROUTER, 'va', { group: 8 })],
  ['another MAC', withLink(ROUTER, 'va', { mac: '0e:c0:0f:00:00:02' })],
  ['another alias', withLink(ROUTER, 'va', { alias: 'eni-z' })],
  ['a link less', ROUTER_WITHOUT_B],
  ['another ruleset', { ...ROUTER, ruleset: { table: 'cloudcroft', sets: [], maps: [], chains: [] } }],
];

/** Two tables of timeouts; what the one has the other lacks. */
export const TIMEOUTS: readonly [Ruleset, Ruleset] = [
  {
    table: 'cloudcroft_timeouts',
    timeouts: [{ name: 'tcp_90', protocol: 'tcp', seconds: { established: 90 } }],
    sets: [{ name: 'tcp_of_90', type: 'ifname', isInterval: false, elements: ['"va"'] }],
    maps: [],
    chains: [
      { name: 'tcp_timeouts', rules: ['iifname @tcp_of_90 ct timeout set "tcp_90" return'] },
      {
        name: 'forward',
        hook: { type: 'filter', hook: 'forward', priority: 10, policy: 'accept' },
        rules: ['ct state new goto tcp_timeouts'],
      },
    ],
  },
  {
    table: 'cloudcroft_timeouts',
    timeouts: [{ name: 'udp_40_70', protocol: 'udp', seconds: { unreplied: 40, replied: 70 } }],
    sets: [],
    maps: [],
    chains: [
      {
        name: 'forward',
        hook: { type: 'filter', hook: 'forward', priority: 10, policy: 'accept' },
        rules: ['iifname "va" ct timeout set "udp_40_70"'],
      },
    ],
  },
];

function blackhole(destination: string, table: number): KernelRoute {
  return { table, destination, type: 'blackhole' };
}

function throughB(destination: string): KernelRoute {
  return { table: 1001, destination, type: 'unicast', via: '10.9.0.5', device: 'vb', isOnlink: true };
}

/** The router's routes with one in the place of that to the same destination. */
function routesWith(route: KernelRoute): KernelRoute[] {
  return ROUTER.routes.map((old) => (old.destination === route.destination ? route : old));
}

/** What every `NetworkDriver` promises. One suite for all: a driver that is only almost like another is of no use. */
export function describeNetworkDriver(name: string, open: () => Promise<DriverUnderTest>): void {
  describe(`the contract of NetworkDriver: ${name}`, () => {
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

    test('what is updated is there, exactly as planned, and nothing else', async () => {
      await expectExactly();
      await apply(ROUTER, GUEST_A, GUEST_B);
      await expectExactly(ROUTER, GUEST_A, GUEST_B);
    });

    test('the order of updates makes no difference: either end of a link makes both', async () => {
      await apply(GUEST_B, ROUTER, GUEST_A);
      await expectExactly(ROUTER, GUEST_A, GUEST_B);
    });

    test('updating twice is updating once', async () => {
      await apply(ROUTER, GUEST_A, GUEST_B, ROUTER, GUEST_A, GUEST_B);
      await expectExactly(ROUTER, GUEST_A, GUEST_B);
    });

    test.for(CHANGES)('%s, and back', async ([, changed]) => {
      const isWithoutB = changed === ROUTER_WITHOUT_B;
      const guests = isWithoutB ? [GUEST_A] : [GUEST_A, GUEST_B];
      await apply(ROUTER, GUEST_A, GUEST_B, changed);
      if (isWithoutB) await driver.delete(GUEST_B.name);
      await expectExactly(changed, ...guests);
      await apply(ROUTER, GUEST_A, GUEST_B);
      await expectExactly(ROUTER, GUEST_A, GUEST_B);
    });

    test('no ruleset any more', async () => {
      const open = { ...ROUTER, ruleset: undefined };
      await apply(ROUTER, GUEST_A, GUEST_B, open);
      await expectExactly(open, GUEST_A, GUEST_B);
    });

    test.for(CHANGES)('%s, by a driver that has just started', async ([, changed]) => {
      await apply(ROUTER, GUEST_A, GUEST_B);
      driver = await subject.restart();
      await apply(changed);
      expect(await subject.read(ROUTER.name)).toEqual(seenOf(changed));
    });

    test('timeouts, others, none and the first ones again, each by a driver that has just started, too', async () => {
      const [first, other] = TIMEOUTS;
      const steps = [{ timeouts: first }, { timeouts: other }, {}, { timeouts: first }];
      await apply(ROUTER, GUEST_A, GUEST_B);
      for (const step of steps) {
        await apply({ ...ROUTER, ...step });
        await expectExactly({ ...ROUTER, ...step }, GUEST_A, GUEST_B);
      }
      for (const step of steps.toReversed()) {
        driver = await subject.restart();
        await apply({ ...ROUTER, ...step });
        await expectExactly({ ...ROUTER, ...step }, GUEST_A, GUEST_B);
      }
    });

    test('deleting what is not there is not an error', async () => {
      await driver.delete('eni-nobody');
      await apply(ROUTER, GUEST_A, GUEST_B);
      await driver.delete('eni-nobody');
      await expectExactly(ROUTER, GUEST_A, GUEST_B);
    });

    test('with a machine its ends of links go, and those of others', async () => {
      await apply(ROUTER, GUEST_A, GUEST_B);
      await driver.delete(GUEST_B.name);
      expect(await driver.list()).toEqual([GUEST_A.name, ROUTER.name]);
      expect((await subject.read(ROUTER.name))?.links.map((link) => link.name)).toEqual(['lo', 'va']);
    });

    test('a guest made again after its end is as it was, for its router too', async () => {
      await apply(ROUTER, GUEST_A, GUEST_B);
      await driver.delete(GUEST_B.name);
      await apply(GUEST_B, ROUTER);
      await expectExactly(ROUTER, GUEST_A, GUEST_B);
    });

    test('a router made again after its end is as it was, and so are its guests', async () => {
      await apply(ROUTER, GUEST_A, GUEST_B);
      await driver.delete(ROUTER.name);
      await apply(ROUTER, GUEST_A, GUEST_B);
      await expectExactly(ROUTER, GUEST_A, GUEST_B);
    });

    test('a link that leads to another machine than before does so', async () => {
      await apply(ROUTER, GUEST_A, GUEST_B);
      const moved = { ...GUEST_B, name: 'eni-d' };
      const router = withLink(ROUTER, 'vb', { peer: { machine: 'eni-d', name: 'eth0' } });
      await apply(router, moved);
      await driver.delete(GUEST_B.name);
      await apply(router);
      await expectExactly(router, GUEST_A, moved);
    });

    test('an update that failed half-way may be repeated, or something else done instead', async () => {
      const misled: Machine = {
        ...ROUTER,
        routes: [
          ...ROUTER.routes,
          { table: 254, destination: '10.9.0.6/32', type: 'unicast', device: 'nowhere' },
        ],
      };
      await expect(driver.update(misled)).rejects.toThrow('nowhere');
      await expect(driver.update(misled)).rejects.toThrow('nowhere');
      await apply(ROUTER, GUEST_A, GUEST_B);
      await expectExactly(ROUTER, GUEST_A, GUEST_B);
      await expect(driver.update(misled)).rejects.toThrow('nowhere');
      await apply(ROUTER_WITHOUT_B);
      await driver.delete(GUEST_B.name);
      await expectExactly(ROUTER_WITHOUT_B, GUEST_A);
    });

    test.for<readonly [string, readonly string[]]>([
      ['the first', ['10.9.0.6/24', '10.9.0.7/24']],
      ['another', ['10.9.0.4/24', '10.9.0.7/24']],
      ['all, for another block', ['10.9.1.4/24']],
    ])('of several addresses of one block goes %s', async ([, addresses]) => {
      const several = withLink(GUEST_A, 'eth0', {
        addresses: ['10.9.0.4/24', '10.9.0.6/24', '10.9.0.7/24'],
      });
      const fewer = { ...withLink(GUEST_A, 'eth0', { addresses }), routes: [] };
      await apply(ROUTER, GUEST_B, several, fewer);
      await expectExactly(ROUTER, fewer, GUEST_B);
    });

    test('no connections go on in a machine that has none, nor in one that is not there', async () => {
      await apply(ROUTER);
      expect(await driver.hasConnections(ROUTER.name, '10.9.0.1')).toBe(false);
      expect(await driver.hasConnections('eni-nobody', '10.9.0.1')).toBe(false);
    });

    test('many at once are as many one after the other', async () => {
      await Promise.all([ROUTER, GUEST_A, GUEST_B].map((machine) => driver.update(machine)));
      await expectExactly(ROUTER, GUEST_A, GUEST_B);
    });
  });
}
