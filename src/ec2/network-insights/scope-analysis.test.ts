import { expect, test } from 'vitest';
import { BASTION_WORLD, ENDPOINT_WORLD, NAT_WORLD } from '../../../test/walkthrough-world.ts';
import { add, change, entry, rule, SCOPE, type WorldRecords, worldOf } from '../../../test/worlds.ts';
import { explainFlow } from '../../analyze/explain.ts';
import { Atlas } from './atlas.ts';
import { analyseScope } from './scope-analysis.ts';

const DENYING = change(BASTION_WORLD, 'networkAcls', 'acl-1', {
  entries: [
    { ...entry(90, true, 'deny'), cidrBlock: '10.0.1.0/24' },
    entry(100, true, 'allow'),
    entry(100, false, 'allow'),
  ],
});
const worlds: readonly (readonly [name: string, records: WorldRecords])[] = [
  ['the bastion', BASTION_WORLD],
  ['a NAT gateway', NAT_WORLD],
  ['an endpoint', ENDPOINT_WORLD],
  ['an entry that denies', DENYING],
  [
    'more rules',
    add(BASTION_WORLD, 'securityGroupRules', rule('sgr-x', 'sg-private', false, 80, '10.0.0.0/24')),
  ],
];

const ends = ['eni-b', 'eni-p', 'internet'];

/** The pairs of ends between which `croft explain` finds a way. */
function explained(records: WorldRecords, port: number): string[] {
  return ends.flatMap((source) =>
    ends.flatMap((destination) => {
      if (source === destination) return [];
      const question = { source, destination, port, protocol: 'tcp' };
      return explainFlow([worldOf(records)], question).isAllowed ? [`${source} ${destination}`] : [];
    }),
  );
}

/** The pairs that a scope finds, in the same words. */
function found(records: WorldRecords, port: number): string[] {
  const Destination = { PacketHeaderStatement: { DestinationPorts: [String(port)] } };
  const content = { MatchPaths: [{ Destination }], ExcludePaths: [] };
  const { findings } = analyseScope(new Atlas([worldOf(records)]), SCOPE, content);
  const words: Readonly<Record<string, string>> = { 'i-b': 'eni-b', 'i-p': 'eni-p', 'igw-1': 'internet' };
  return findings.map((components) =>
    [components[0], components.at(-1)].map((each) => words[each?.Component?.Id ?? '']).join(' '),
  );
}

test.each(worlds)('a scope finds exactly the pairs that explain finds: %s', (_, records) => {
  for (const port of [22, 80, 443]) {
    expect([port, ...found(records, port).toSorted()]).toEqual([
      port,
      ...explained(records, port).toSorted(),
    ]);
  }
});
