import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { INSIDE } from '../../src/fabric/world/world.ts';
import type { NetworkDriver } from '../../src/plan/driver.ts';
import type { Link, Machine } from '../../src/plan/machine.ts';
import { FAR_LINK_LOCAL, FAR_MAC, ROUTER_LINK_LOCAL } from '../../src/plan/places.ts';
import {
  ADDRESS_A,
  ADDRESS_B,
  DUAL_GUEST_A,
  DUAL_GUEST_B,
  DUAL_ROUTER,
  ROUTER_STACK,
  withStack,
} from '../contract/ipv6-stack.ts';
import { GUEST_A, GUEST_B, ROUTER, seenOf, withLink } from '../contract/network-driver.ts';
import { AgentWorld } from '../support/agent-world.ts';
import { findSystemObstacle } from '../support/installation.ts';
import { readLinkLocals, readMachine } from '../support/machine-in-kernel.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: the linux driver's IPv6: ${obstacle}`);

const NODE = `${INSIDE.node}/node`;

const PATIENCE = { timeout: 20_000 };

/** Says to everyone what they say to it, of either family. */
const ECHO = `
  const server = require('node:net').createServer((socket) => socket.pipe(socket));
  server.listen({ host: '::', port: 80 }, () => console.log('ready'));
  process.stdin.resume().on('end', () => process.exit());
`;
/** Connects its standard input and output to port 80 of an address. */
const TALK = `
  const socket = require('node:net').connect(80, process.argv[1]);
  process.stdin.pipe(socket).pipe(process.stdout);
  socket.on('error', (error) => { console.log(error.code); process.exit(); });
`;
/** Sends one ICMPv6 echo request and says what comes within two seconds. */
const PING = `
  use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6);
  socket(my $socket, AF_INET6, SOCK_DGRAM, 58) or die "$!";
  send($socket, pack('C2n3', 128, 0, 0, 0, 1), 0, pack_sockaddr_in6(0, inet_pton(AF_INET6, $ARGV[0]))) or die "$!";
  vec(my $ready = '', fileno($socket), 1) = 1;
  if (select($ready, undef, undef, 2)) { recv($socket, my $reply, 100, 0); print 'type ', unpack('C', $reply) } else { print 'nothing' }
`;

/** A program in a machine, which ends with its input. */
class Program {
  readonly #child: ChildProcessWithoutNullStreams;
  #said = '';

  constructor(world: AgentWorld, machine: string, ...words: readonly string[]) {
    const [file = '', ...rest] = world.enter(['ip', 'netns', 'exec', machine, NODE, '--eval', ...words]);
    this.#child = spawn(file, rest);
    this.#child.stdout.on('data', (chunk: Buffer) => {
      this.#said += chunk.toString();
    });
  }

  say(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  async untilSaid(line: string): Promise<void> {
    await expect.poll(() => this.#said, PATIENCE).toContain(`${line}\n`);
  }

  async end(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.stdin.end();
    await gone;
  }
}

describe.skipIf(obstacle !== undefined)('the linux driver, of IPv6', () => {
  let world: AgentWorld;
  let driver: NetworkDriver;

  beforeAll(async () => {
    world = await AgentWorld.start();
    driver = await world.freshDriver();
  });
  beforeEach(async () => {
    for (const machine of [DUAL_ROUTER, DUAL_GUEST_A, DUAL_GUEST_B]) await driver.update(machine);
  });
  afterAll(async () => world.end());

  const inMachine = async (name: string, ...words: readonly string[]): Promise<string> =>
    (await world.run('ip', 'netns', 'exec', name, ...words)).stdout;
  /** The kernel's numbers of the nftables: others when they were made anew. */
  const tableNumbers = (): Promise<string[]> =>
    Promise.all(
      ['ip', 'ip6'].map(async (family) => {
        const text = await inMachine(ROUTER.name, 'nft', '-a', 'list', 'table', family, 'cloudcroft');
        return /^table \S+ cloudcroft \{ # handle (\d+)/.exec(text)?.[1] ?? 'none';
      }),
    );

  describe('of a change the kernel hears no more than that', () => {
    test.for<readonly [string, Machine, readonly string[]]>([
      ['nothing', DUAL_ROUTER, []],
      [
        'a route',
        withStack({
          routes: [
            ...ROUTER_STACK.routes,
            { table: 1001, destination: '2001:db8:2::/48', type: 'blackhole' },
          ],
        }),
        ['blackhole 2001:db8:2::/48 dev lo table 1001'],
      ],
      [
        'a rule',
        withStack({ rules: [...ROUTER_STACK.rules, { priority: 50, mark: 9, table: 1001 }] }),
        ['50: from all fwmark 0x9 lookup 1001'],
      ],
      [
        'an address',
        withStack({
          addresses: [...ROUTER_STACK.addresses, { link: 'lo', address: '2001:db8:c000::2/128' }],
        }),
        [
          'lo inet6 2001:db8:c000::2/128 scope global nodad',
          '2001:db8:c000::2 dev lo proto kernel',
          'local 2001:db8:c000::2 dev lo table local',
          'valid_lft forever',
        ],
      ],
      [
        'a neighbour',
        withStack({
          neighbours: [
            ...ROUTER_STACK.neighbours,
            { link: 'va', address: '2001:db8:c000::d', mac: '0e:00:00:00:00:0d' },
          ],
        }),
        ['2001:db8:c000::d dev va lladdr 0e:00:00:00:00:0d PERMANENT'],
      ],
    ])('%s', async ([, changed, expected]) => {
      const numbers = await tableNumbers();
      const heard = await world.changesOf(ROUTER.name, () => driver.update(changed), '-6');
      expect(heard).toHaveLength(expected.length);
      expect(heard).toEqual(
        expect.arrayContaining(expected.map((text): unknown => expect.stringContaining(text))),
      );
      expect(await tableNumbers()).toEqual(numbers);
    });

    test('nothing but the rulesets, once, by a driver that has just started', async () => {
      driver = await world.freshDriver();
      const numbers = await tableNumbers();
      expect(await world.changesOf(ROUTER.name, () => driver.update(DUAL_ROUTER), '-6')).toEqual([]);
      expect(await tableNumbers()).not.toEqual(numbers);
      expect(await world.changesOf(GUEST_A.name, () => driver.update(DUAL_GUEST_A), '-6')).toEqual([]);
    });

    test('of IPv6 switched off and on: nothing of IPv4', async () => {
      const [number] = await tableNumbers();
      for (const machine of [ROUTER, DUAL_ROUTER])
        expect(await world.changesOf(ROUTER.name, () => driver.update(machine))).toEqual([]);
      expect((await tableNumbers())[0]).toBe(number);
    });
  });

  test('each link has the link-local address of its MAC address, none while IPv6 is off', async () => {
    const expected = {
      lo: [],
      va: [ROUTER_LINK_LOCAL],
      vb: [ROUTER_LINK_LOCAL],
    };
    const linkLocals = () => readLinkLocals(world, ROUTER.name);
    const otherMac = withLink(DUAL_ROUTER, 'va', { mac: FAR_MAC });
    await expect.poll(linkLocals, PATIENCE).toEqual(expected);
    await driver.update(otherMac);
    await expect.poll(linkLocals, PATIENCE).toEqual({ ...expected, va: [FAR_LINK_LOCAL] });
    await driver.update(ROUTER);
    expect(await linkLocals()).toEqual({});
    await driver.update(otherMac);
    await expect.poll(linkLocals, PATIENCE).toEqual({ ...expected, va: [FAR_LINK_LOCAL] });
    // As left behind by a driver that ended in the middle.
    await world.run('ip', '-n', ROUTER.name, 'link', 'set', 'dev', 'va', 'address', '0e:c0:0f:00:00:01');
    driver = await world.freshDriver();
    await driver.update(DUAL_ROUTER);
    await expect.poll(linkLocals, PATIENCE).toEqual(expected);
    expect(await readMachine(world, ROUTER.name)).toEqual(seenOf(DUAL_ROUTER));
  });

  test('settings follow their plan on a machine that stands, on links that are there and on those to come', async () => {
    const extra: Link = {
      name: 'vd',
      peer: { machine: 'eni-d', name: 'eth0' },
      addresses: [],
      neighbours: [],
    };
    const settings = ['accept_dad', 'dad_transmits', 'accept_ra', 'autoconf', 'accept_redirects'];
    const read = async (link: string, ...names: readonly string[]): Promise<string> =>
      (
        await inMachine(ROUTER.name, 'cat', ...names.map((each) => `/proc/sys/net/ipv6/conf/${link}/${each}`))
      ).replaceAll('\n', ' ');
    await driver.update(ROUTER);
    await driver.update({ ...DUAL_ROUTER, links: [...DUAL_ROUTER.links, extra] });
    for (const link of ['va', 'vd', 'default']) expect(await read(link, ...settings)).toBe('0 0 0 0 0 ');
    expect(await read('vd', 'forwarding')).toBe('1 ');
    await driver.update({ ...DUAL_ROUTER, sysctls: ROUTER.sysctls });
    expect(await read('va', 'forwarding')).toBe('0 ');
    await driver.update(DUAL_ROUTER);
    expect(await read('va', 'forwarding', ...settings)).toBe('1 0 0 0 0 0 ');
    await driver.delete('eni-d');
  });

  test('servers can be bound to an address at once: it is never tentative', async () => {
    const tentative = ['ip', '-6', 'address', 'show', 'dev', 'eth0', 'tentative'];
    await driver.update(GUEST_A);
    await inMachine(GUEST_A.name, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/eth0/accept_dad');
    await driver.update(DUAL_GUEST_A);
    expect(await inMachine(GUEST_A.name, ...tentative)).not.toContain(ADDRESS_A);
    // As an address is that was not told so.
    await inMachine(GUEST_A.name, 'ip', 'address', 'add', '2001:db8:c000::e/128', 'dev', 'eth0');
    expect(await inMachine(GUEST_A.name, ...tentative)).toContain('2001:db8:c000::e/128');
    await inMachine(GUEST_A.name, 'ip', 'address', 'del', '2001:db8:c000::e/128', 'dev', 'eth0');
    await inMachine(GUEST_A.name, 'sh', '-c', 'echo 0 > /proc/sys/net/ipv6/conf/eth0/accept_dad');
  });

  test('a table that nobody plans any more goes, by a driver that has just started, with the rules', async () => {
    // As left behind by a driver that ended right after it had switched IPv6 off.
    await inMachine(ROUTER.name, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6');
    expect((await readMachine(world, ROUTER.name))?.ipv6).toMatchObject({
      isOn: false,
      ruleset: expect.stringContaining('table ip6 cloudcroft'),
      rules: [expect.any(String), expect.any(String)],
    });
    await inMachine(ROUTER.name, 'nft', 'add table ip6 of_the_user');
    driver = await world.freshDriver();
    await driver.update(ROUTER);
    expect((await readMachine(world, ROUTER.name))?.ipv6).toEqual({
      ...seenOf(ROUTER).ipv6,
      ruleset: 'table ip6 of_the_user { }',
    });
    await inMachine(ROUTER.name, 'nft', 'delete table ip6 of_the_user');
  });

  test('packets go from guest to guest through the router; where its IPv6 ruleset drops them, they do not', async () => {
    const ping = (to: string): Promise<string> => inMachine(GUEST_A.name, 'perl', '-e', PING, to);
    expect(await ping(ADDRESS_B)).toBe('type 129');
    expect(await ping('2001:db8:c000::1')).toBe('type 129');
    const forward = ROUTER_STACK.ruleset?.chains.find(({ name }) => name === 'forward');
    const closed = withStack({
      ruleset: {
        table: 'cloudcroft',
        sets: [],
        maps: [],
        chains: [{ ...forward, name: 'forward', rules: [] }],
      },
    });
    await driver.update(closed);
    expect(await ping(ADDRESS_B)).toBe('nothing');
    expect(await ping('2001:db8:c000::1')).toBe('type 129');
    await driver.update(DUAL_ROUTER);
    expect(await ping(ADDRESS_B)).toBe('type 129');
  });

  test('a server on :: answers both families at once; its connections stand while other machines change', async () => {
    await driver.update(GUEST_B);
    await driver.update(DUAL_GUEST_B);
    const server = new Program(world, GUEST_B.name, ECHO);
    await server.untilSaid('ready');
    const ipv4 = new Program(world, GUEST_A.name, TALK, '10.9.0.5');
    const ipv6 = new Program(world, GUEST_A.name, TALK, ADDRESS_B);
    for (const client of [ipv4, ipv6]) client.say('first');
    for (const client of [ipv4, ipv6]) await client.untilSaid('first');
    driver = await world.freshDriver();
    for (const machine of [DUAL_ROUTER, DUAL_GUEST_A, DUAL_GUEST_B]) await driver.update(machine);
    for (const client of [ipv4, ipv6]) client.say('second');
    for (const client of [ipv4, ipv6]) await client.untilSaid('second');
    // Without IPv6 and with it again, IPv4 goes on.
    for (const machine of [ROUTER, GUEST_A, GUEST_B]) await driver.update(machine);
    ipv4.say('third');
    await ipv4.untilSaid('third');
    for (const machine of [DUAL_ROUTER, DUAL_GUEST_A, DUAL_GUEST_B]) await driver.update(machine);
    ipv4.say('fourth');
    await ipv4.untilSaid('fourth');
    const again = new Program(world, GUEST_A.name, TALK, ADDRESS_B);
    again.say('fifth');
    await again.untilSaid('fifth');
    for (const program of [again, ipv6, ipv4, server]) await program.end();
  });

  test('where the kernel has no IPv6, a machine with a stack has what it has for IPv4', async () => {
    for (const machine of await driver.list()) await driver.delete(machine);
    // Made outside, where this test sees them, too.
    for (const { name } of [ROUTER, GUEST_A, GUEST_B]) await world.run('ip', 'netns', 'add', name);
    const program = `
      import { LinuxDriver } from '${INSIDE.application}/src/fabric/linux/driver.ts';
      for (const round of [1, 2]) {
        const driver = new LinuxDriver();
        for (const machine of JSON.parse(process.argv[1])) await driver.update(machine);
      }
    `;
    // What is mounted hides the kernel's settings of IPv6 from this driver alone.
    const hidden = [
      'unshare',
      '--mount',
      'sh',
      '-c',
      'mount -t tmpfs none /proc/sys/net/ipv6 && exec "$@"',
      'sh',
    ];
    const machines = JSON.stringify([DUAL_ROUTER, DUAL_GUEST_A, DUAL_GUEST_B]);
    const { code, stderr } = await world.run(
      ...[...hidden, NODE, '--input-type=module', '--eval', program, machines],
    );
    expect([code, stderr]).toEqual([0, '']);
    for (const machine of [ROUTER, GUEST_A, GUEST_B]) {
      const { ipv6, ...seen } = (await readMachine(world, machine.name)) ?? seenOf(machine);
      const { ipv6: none, ...expected } = seenOf(machine);
      expect(seen).toEqual(expected);
      // The kernel itself has IPv6: only the driver was to see none.
      expect(ipv6).toEqual({ ...none, isOn: true });
    }
    driver = await world.freshDriver();
  });
});
