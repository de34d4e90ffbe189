import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ENDPOINT_WORLD } from '../../test/walkthrough-world.ts';
import { change, entry, remove, rule, type WorldRecords, worldOf } from '../../test/worlds.ts';
import { type TableName, tableNames } from '../model/world.ts';
import type { Machine } from './machine.ts';
import { planAll, planVpc } from './plan.ts';
import { renderRuleset } from './ruleset.ts';

const SERVERS = { internet: ['8.8.8.8'], services: ['52.219.32.1'] };

/** The walk-through's end with one of each kind of rule: ports, ICMP, a deny, a group, a prefix list. */
const WORLD: WorldRecords = [
  (records: WorldRecords) => change(records, 'routeTables', 'rtb-pub', { ordinal: 2 }),
  (records: WorldRecords) =>
    change(records, 'networkAcls', 'acl-1', {
      entries: [
        { ...entry(90, false, 'deny', { from: 22, to: 23 }), cidrBlock: '203.0.113.0/24' },
        { ...entry(95, false, 'deny'), protocol: '1', icmpTypeCode: { type: 8, code: -1 } },
        entry(100, false, 'allow'),
        entry(100, true, 'allow'),
      ],
    }),
  (records: WorldRecords) => ({
    ...records,
    securityGroupRules: [
      ...records.securityGroupRules.filter((each) => each.securityGroupRuleId !== 'sgr-p-out'),
      rule('sgr-p-s3', 'sg-private', true, 443, 'pl-s3'),
      { ...rule('sgr-p-ping', 'sg-private', false, -1, '10.0.0.0/16'), ipProtocol: 'icmp' },
      { ...rule('sgr-p-udp', 'sg-private', false, 53, '10.0.0.0/8'), ipProtocol: 'udp', toPort: 54 },
    ],
  }),
].reduce((records, step) => step(records), ENDPOINT_WORLD);

function planOf(records: WorldRecords): Map<string, Machine> {
  return new Map(planAll([worldOf(records)], SERVERS).map((machine) => [machine.name, machine]));
}

/** Everything of a machine but its ruleset, a line each. */
function describeMachine({ name, sysctls, links, routes, rules }: Machine): string {
  const lines = [`${name}`];
  for (const [key, value] of Object.entries(sysctls)) lines.push(`  ${key} = ${value}`);
  for (const { name: link, peer, addresses, neighbours, ...rest } of links) {
    const settings = Object.entries(rest).map(([key, value]) => `${key} ${value}`);
    const end = peer === undefined ? [] : [`to ${peer.machine}:${peer.name}`];
    lines.push(`  link ${[link, ...end, ...settings, ...addresses].join(' ')}`);
    for (const { address, mac } of neighbours) lines.push(`    neighbour ${address} ${mac}`);
  }
  for (const { table, destination, type, via, device, isOnlink, preferredSource } of routes) {
    const words = [
      ...(via === undefined ? [] : [`via ${via}`]),
      ...(device === undefined ? [] : [`dev ${device}`]),
      ...(isOnlink === true ? ['onlink'] : []),
      ...(preferredSource === undefined ? [] : [`src ${preferredSource}`]),
    ];
    lines.push(`  table ${table}: ${[type, destination, ...words].join(' ')}`);
  }
  for (const { priority, source, destination, mark, table } of rules) {
    const words = [
      ...(source === undefined ? [] : [`from ${source}`]),
      ...(destination === undefined ? [] : [`to ${destination}`]),
      ...(mark === undefined ? [] : [`mark ${mark}`]),
    ];
    lines.push(`  rule ${priority}: ${words.join(' ')} table ${table}`);
  }
  return `${lines.join('\n')}\n`;
}

/**
 * The plan of one world, word for word, to be read in a review: what a change of the planner changes is a change of
 * these files. After a change that is meant, write them anew with `./dev test src/plan/plan.test.ts -u`.
 */
describe('the plan of the walk-through', () => {
  const machines = planOf(WORLD);

  test('its rulesets', async () => {
    const texts = [...machines.values()].flatMap(({ name, ruleset }) =>
      ruleset === undefined ? [] : [`# ${name}\n${renderRuleset(ruleset)}`],
    );
    await expect(texts.join('\n')).toMatchFileSnapshot('walkthrough.golden.nft');
  });

  test('its links, routes and rules', async () => {
    const texts = [...machines.values()].map(describeMachine);
    await expect(texts.join('\n')).toMatchFileSnapshot('walkthrough.golden.txt');
  });

  test('S83 S85 a router remembers idle connections as long as an interface at AWS does', () => {
    const timeouts = Object.entries(machines.get('vpc-1')?.sysctls ?? {}).flatMap(([name, seconds]) => {
      const [, kind] = /nf_conntrack_(.*timeout.*)$/.exec(name) ?? [];
      return kind === undefined ? [] : [`${kind} ${seconds}`];
    });
    expect(timeouts).toEqual([
      'tcp_timeout_established 432000',
      'udp_timeout_stream 180',
      'udp_timeout 30',
      'generic_timeout 600',
    ]);
  });

  test('both ends of every pair name each other', () => {
    for (const { name, links } of machines.values()) {
      for (const link of links) {
        if (link.peer === undefined) continue;
        const other = machines.get(link.peer.machine)?.links.find((each) => each.name === link.peer?.name);
        expect(other?.peer).toEqual({ machine: name, name: link.name });
      }
    }
  });

  test('everything that a rule names is there', () => {
    for (const { ruleset } of machines.values()) {
      if (ruleset === undefined) continue;
      const { sets, maps, chains } = ruleset;
      const names = [...sets, ...maps].map(({ name }) => name);
      const chainNames = chains.map(({ name }) => name);
      expect(new Set([...names, ...chainNames]).size).toBe(names.length + chainNames.length);
      const texts = [
        ...chains.flatMap(({ rules }) => rules),
        ...maps.flatMap(({ elements }) => elements.map(({ value }) => value)),
      ];
      for (const text of texts) {
        for (const [, name] of text.matchAll(/@([\w.-]+)/g)) expect(names).toContain(name);
        for (const [, name] of text.matchAll(/(?:goto|jump) ([\w.-]+)/g)) expect(chainNames).toContain(name);
      }
    }
  });
});

test('the order in which records were made is of no consequence (invariant 2)', () => {
  const expected = planOf(WORLD);
  const shuffled = fc.record(
    Object.fromEntries(
      tableNames.map((name) => {
        const rows: readonly object[] = WORLD[name];
        return [name, fc.shuffledSubarray([...rows], { minLength: rows.length })];
      }),
    ),
  );
  fc.assert(
    fc.property(shuffled, (tables) => {
      const machines = planAll([worldOf(tables as Partial<WorldRecords>)], SERVERS);
      for (const machine of machines) expect(machine).toEqual(expected.get(machine.name));
    }),
    { numRuns: 50 },
  );
});

/** Removes a record that others name; each plan must say nothing more than before, and something less. */
describe('what is missing is closed (invariant 8)', () => {
  const gone: readonly (readonly [
    table: TableName,
    id: string,
    says: readonly string[],
    not: readonly string[],
  ])[] = [
    ['internetGateways', 'igw-1', ['1002 0.0.0.0/0 blackhole'], ['igw']],
    ['natGateways', 'nat-1', ['1001 0.0.0.0/0 blackhole'], ['veni-n']],
    ['vpcEndpoints', 'vpce-1', ['1001 52.219.32.0/22 blackhole'], []],
    ['networkAcls', 'acl-1', ['map network_acl_of_source: '], ['acl-1_out']],
    ['securityGroups', 'sg-bastion', [], []],
    ['prefixLists', 'pl-s3', [], ['52.219.32.0']],
    ['routeTables', 'rtb-pub', ['1 → 1001', '2 → 1001'], ['1002']],
  ];
  test.for(gone)('%s %s', ([table, id, says, not]) => {
    const router = planOf(remove(WORLD, table, id)).get('vpc-1');
    const text = summaryOf(router);
    for (const part of says) expect(text).toContain(part);
    for (const part of not) expect(text).not.toContain(part);
  });

  test('a subnet without a network ACL lets nothing through: no verdict for it, and the stage drops the rest', () => {
    const router = planOf(remove(WORLD, 'networkAcls', 'acl-1')).get('vpc-1');
    const chain = router?.ruleset?.chains.find(({ name }) => name === 'network_acl_out');
    expect(chain?.rules.at(-1)).toContain('counter drop');
  });

  test('an interface of no group lets nothing through', () => {
    const router = planOf(change(WORLD, 'networkInterfaces', 'eni-p', { groupIds: [] })).get('vpc-1');
    const chains = router?.ruleset?.chains.filter(({ name }) => name.startsWith('eni-p_'));
    expect(chains?.map(({ rules }) => rules.map((text) => text.split(' comment')[0]))).toEqual([
      ['counter drop'],
      ['counter drop'],
    ]);
  });

  test('a VPC that is not there has no machines, and neither has one without interfaces', () => {
    expect(planVpc(worldOf(WORLD), 'vpc-2')).toEqual([]);
    expect(planVpc(worldOf({ ...WORLD, networkInterfaces: [] }), 'vpc-1')).toEqual([]);
  });
});

/** The router's routes and maps, a line each. */
function summaryOf(router: Machine | undefined): string {
  const routes = router?.routes.map(
    ({ table, destination, type, device }) => `${table} ${destination} ${type} ${device ?? ''}`,
  );
  const maps = router?.ruleset?.maps.map(
    ({ name, elements }) =>
      `map ${name}: ${elements.map(({ key, value }) => `${key} → ${value}`).join(', ')}`,
  );
  return [...(routes ?? []), ...(maps ?? [])].join('\n');
}
