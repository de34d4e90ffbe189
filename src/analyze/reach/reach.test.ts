import { expect, test } from 'vitest';
import { DUAL_WORLD, PEERED_WORLD } from '../../../test/ipv6-world.ts';
import { ENDPOINT_WORLD, NAT_WORLD } from '../../../test/walkthrough-world.ts';
import { add, eni, group, instance, rule, type WorldRecords, worldOf } from '../../../test/worlds.ts';
import { ReachMatrix } from './matrix.ts';
import { type ReachRequest, reportReach } from './reach.ts';

function ask(records: WorldRecords, request: Partial<ReachRequest> = {}) {
  const worlds = [worldOf(records)];
  const question = { from: [], to: [], port: undefined, protocol: undefined, ...request };
  return reportReach(worlds, new ReachMatrix(worlds), question);
}

test('who reaches whom, for which services', () => {
  expect(ask(NAT_WORLD).lines).toEqual([
    'bastion',
    '  → db: tcp 22',
    '  → the Internet: everything',
    'db',
    '  → bastion: tcp 22',
    '  → the Internet: tcp on any port; udp on any port; icmp (ping)',
    'the Internet',
    '  → bastion: tcp 22',
    'Nothing else is reached.',
  ]);
});

test('one service, as a matrix', () => {
  expect(ask(NAT_WORLD, { port: 22 }).lines).toEqual([
    'TCP 22        bastion  db  the Internet',
    'bastion          –      ✓        ✓',
    'db               ✓      –        ✓',
    'the Internet     ✓      ·        –',
  ]);
  expect(ask(NAT_WORLD, { from: ['db'], to: ['bastion', 's3'], protocol: 'icmp' }).lines).toEqual([
    'ICMP (ping)  bastion  S3 (52.219.32.1)',
    'db              ·             ✓',
  ]);
});

test('what no rule tells apart is told in one line, and names nobody twice', () => {
  let world: WorldRecords = add(NAT_WORLD, 'securityGroups', group('sg-web', 'web'));
  for (const number of [10, 11, 12, 13, 14]) {
    world = add(world, 'instances', instance(`i-w${number}`, 'subnet-priv', `web-${number}`));
    const own = eni(`eni-w${number}`, number, 'subnet-priv', `10.0.1.${number}`, ['sg-web'], `i-w${number}`);
    world = add(world, 'networkInterfaces', own);
  }
  world = add(world, 'securityGroupRules', rule('sgr-w', 'sg-web', false, 80, 'sg-web'));
  world = add(world, 'securityGroupRules', rule('sgr-o', 'sg-web', true, 80, '10.0.0.0/16'));
  expect(ask(world, { from: ['group:sg-web', 'bastion'], to: ['group:sg-web'] }).lines).toEqual([
    'web-10, web-11, web-12 and 2 more',
    '  → web-10, web-11, web-12 and 2 more: tcp 80',
    'Nothing else is reached.',
  ]);
});

test('parts of the Internet that rules tell apart are rows of their own', () => {
  const office = rule('sgr-office', 'sg-bastion', false, 443, '203.0.113.0/24');
  const world = add(NAT_WORLD, 'securityGroupRules', office);
  expect(ask(world, { from: ['internet'] }).lines).toEqual([
    '203.0.113.0/24',
    '  → bastion: tcp 22, 443',
    'elsewhere on the Internet',
    '  → bastion: tcp 22',
    'Nothing else is reached.',
  ]);
});

test('as data: the ids of both sides, and ranges of ports', () => {
  expect(ask(ENDPOINT_WORLD, { from: ['laptop'], to: ['bastion'] }).reaches).toEqual([
    {
      source: { labels: ['laptop'], ids: ['198.51.100.10'] },
      destination: { labels: ['bastion'], ids: ['eni-b'] },
      services: [{ protocol: 6, ports: [{ first: 22, last: 22 }] }],
      isEverything: false,
      isReached: true,
    },
  ]);
});

test.each<readonly [Partial<ReachRequest>, string]>([
  [{ from: ['nobody'] }, '"nobody" is no instance'],
  [{ protocol: 'udp' }, 'Which port of udp? Say it by --port.'],
  [{ protocol: 'gre' }, '"gre" is not a protocol'],
  [{ port: 70_000 }, '70000 is not a port'],
])('%j is not understood', (request, words) => {
  expect(() => ask(NAT_WORLD, request)).toThrow(words);
});

test('reach is about IPv4: what there is of IPv6 changes nothing, and is refused as an end', () => {
  const list = {
    ...{
      prefixListId: 'pl-6',
      prefixListName: 'six',
      ownerId: '000000000000',
      addressFamily: 'IPv6' as const,
    },
    ...{ maxEntries: 1, version: 1, entries: [{ cidr: '2001:db8::/32' }], tags: [] },
  };
  const listed = add(PEERED_WORLD, 'prefixLists', list);
  const records = add(
    add(listed, 'securityGroupRules', rule('sgr-list', 'sg-bastion', false, 443, 'pl-6')),
    'securityGroupRules',
    rule('sgr-open', 'sg-private', false, -1, '::/0'),
  );
  const { lines } = ask(records, { from: ['internet', 'bastion', 'db'], to: ['bastion', 'db', 'internet'] });
  expect(lines).toEqual([
    'bastion',
    '  → db: tcp 22',
    '  → the Internet: everything',
    'db',
    '  → bastion: tcp 22',
    'the Internet',
    '  → bastion: tcp 22',
    'Nothing else is reached.',
  ]);
  for (const end of ['2001:db8:c000:100::4', '2001:db8::/32']) {
    expect(() => ask(DUAL_WORLD, { from: [end] })).toThrow(
      `${end} is of IPv6, and reach is about IPv4: croft explain and croft assert answer for IPv6.`,
    );
  }
});
