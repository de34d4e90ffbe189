import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CLIENT_PORTS } from '../../src/net/flow.ts';
import { GENERATION_SHIFT } from '../../src/plan/connection-marks.ts';
import { planJudged } from '../../src/plan/judged.ts';
import type { Machine } from '../../src/plan/machine.ts';
import type { NftMap, Ruleset } from '../../src/plan/ruleset.ts';
import { type Exchange, SimulatedNetwork } from '../../src/plan/simulate/network.ts';
import { type AnyFlow, IPV4_SUBJECT, IPV6_SUBJECT, type Subject } from '../proof/subject.ts';
import { packetOf } from './random-flows.ts';

const SEED = Number(process.env['CROFT_SEED'] ?? 1);

type Fate = Pick<Exchange, 'isAnswered' | 'there' | 'back'>;
type ChangeMap = (map: NftMap) => NftMap;

const asPlanned: ChangeMap = (map) => map;
const withoutMemory: ChangeMap = (map) => ({ ...map, elements: [] });

/** Generations are what is left of a mark without its lower bits. */
const withOneGeneration: ChangeMap = (map) => {
  const inGenerationOne = (text: string): string =>
    text.replace(/\d+/, (mark) =>
      Number(mark) < FIRST_GENERATION ? mark : String(FIRST_GENERATION + (Number(mark) % FIRST_GENERATION)),
    );
  const elements = map.elements.map(({ key, value }) => ({
    key: inGenerationOne(key),
    value: inGenerationOne(value),
  }));
  return { ...map, elements };
};

const FIRST_GENERATION = 1 << GENERATION_SHIFT;

/** The memory of a VPC in which nothing forwards. */
const FILLED = planJudged({
  interfaces: [],
  acls: { maps: [], chains: [], outgoing: [], incoming: [] },
  groups: { sets: [], maps: [], chains: [], egress: [], ingress: [] },
  routing: { routes: [], rules: [] },
  isAttachedToTransitGateway: false,
});

/** Given to one in which appliances do. */
const withMemoryEverywhere: ChangeMap = (map) =>
  map.elements.length > 0 ? map : (FILLED.find(({ name }) => name === map.name) ?? map);

/** A memory that refuses what it knows: shows that it is asked at all. */
const withRefusingMemory: ChangeMap = (map) => ({
  ...map,
  elements: map.elements.map(({ key, value }) => ({
    key,
    value: value.startsWith('goto') ? 'drop' : value,
  })),
});

/** Packets of connections that stand have the same fate with a memory of verdicts as without one, also when rules change. */
function agreement<Choices, Flow extends AnyFlow>(subject: Subject<Choices, Flow>, change: ChangeMap) {
  return fc.property(subject.anyChange, ({ before, after, flows }) => {
    const fates = (of: ChangeMap): Fate[] => fatesOf(subject, before, after, flows, of);
    expect(fates(change)).toEqual(fates(withoutMemory));
  });
}

const AGREE = { numRuns: 150, seed: SEED } as const;
const LOOK = { numRuns: 1000, seed: SEED, endOnFailure: true } as const;

test.each([
  ['IPv4', () => fc.assert(agreement(IPV4_SUBJECT, asPlanned), AGREE)],
  ['IPv6', () => fc.assert(agreement(IPV6_SUBJECT, asPlanned), AGREE)],
])(
  'what the rules of %s remember of a connection changes no verdict',
  {
    timeout: 300_000,
  },
  (_name, agree) => {
    agree();
  },
);

test.each([
  ['refuses what it knows', () => fc.check(agreement(IPV4_SUBJECT, withRefusingMemory), LOOK)],
  [
    'outlives the rules that it was made by',
    () => fc.check(agreement(IPV4_SUBJECT, withOneGeneration), LOOK),
  ],
  ['is kept where appliances forward', () => fc.check(agreement(IPV4_SUBJECT, withMemoryEverywhere), LOOK)],
  ['refuses what it knows of IPv6', () => fc.check(agreement(IPV6_SUBJECT, withRefusingMemory), LOOK)],
  ['outlives the rules of IPv6', () => fc.check(agreement(IPV6_SUBJECT, withOneGeneration), LOOK)],
])('the comparison notices a memory that %s', { timeout: 300_000 }, (_name, look) => {
  expect(look().failed).toBe(true);
});

/** What becomes of three packets of each flow, two more after the rules have changed, two more when they are as before. */
function fatesOf<Choices, Flow extends AnyFlow>(
  subject: Subject<Choices, Flow>,
  before: Choices,
  after: Choices,
  flows: readonly Flow[],
  change: ChangeMap,
): Fate[] {
  const planOf = (choices: Choices): Machine[] =>
    subject.sideOf(subject.planOf(choices)).map((machine) => ({
      ...machine,
      ruleset: changeMaps(machine.ruleset, change),
    }));
  const network = new SimulatedNetwork(planOf(before));
  const changed = network.changedTo(planOf(after));
  const changedBack = changed.changedTo(planOf(before));
  return [network, network, network, changed, changed, changedBack, changedBack].flatMap((some) =>
    flows.flatMap((flow): Fate[] => {
      const question = subject.questionOf(before, flow);
      const sender = subject.senderOf(before, flow);
      if (question === undefined || sender === undefined) return [];
      const packet = packetOf(flow, sender.address, question.destination, CLIENT_PORTS.first);
      const { isAnswered, there, back } = some.continue(sender.machine, packet);
      return [{ isAnswered, there, back }];
    }),
  );
}

function changeMaps(ruleset: Ruleset | undefined, change: ChangeMap): Ruleset | undefined {
  if (ruleset === undefined) return undefined;
  return {
    ...ruleset,
    maps: ruleset.maps.map((map) => (map.name.startsWith('judged') ? change(map) : map)),
  };
}
