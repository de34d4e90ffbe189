import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CLIENT_PORTS } from '../../src/net/flow.ts';
import { GENERATION_SHIFT } from '../../src/plan/connection-marks.ts';
import { planJudged } from '../../src/plan/judged.ts';
import type { Machine } from '../../src/plan/machine.ts';
import { planAll } from '../../src/plan/plan.ts';
import type { NftMap } from '../../src/plan/ruleset.ts';
import { type Exchange, SimulatedNetwork } from '../../src/plan/simulate/network.ts';
import { anyChange } from '../proof/changes.ts';
import { worldOf } from '../worlds.ts';
import { type FlowChoices, packetOf, questionOf, SERVERS, senderOf, withAppliances } from './random-flows.ts';
import { recordsOf, type WorldChoices } from './random-worlds.ts';

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
function agreement(change: ChangeMap) {
  return fc.property(anyChange, ({ before, after, flows }) => {
    expect(fatesOf(before, after, flows, change)).toEqual(fatesOf(before, after, flows, withoutMemory));
  });
}

test('what the rules remember of a connection changes no verdict', { timeout: 300_000 }, () => {
  fc.assert(agreement(asPlanned), { numRuns: 150, seed: SEED });
});

test.each([
  ['refuses what it knows', withRefusingMemory],
  ['outlives the rules that it was made by', withOneGeneration],
  ['is kept where appliances forward', withMemoryEverywhere],
])('the comparison notices a memory that %s', { timeout: 300_000 }, (_name, change) => {
  const result = fc.check(agreement(change), { numRuns: 1000, seed: SEED, endOnFailure: true });
  expect(result.failed).toBe(true);
});

/** What becomes of three packets of each flow, two more after the rules have changed, two more when they are as before. */
function fatesOf(
  before: WorldChoices,
  after: WorldChoices,
  flows: readonly FlowChoices[],
  change: ChangeMap,
): Fate[] {
  const network = new SimulatedNetwork(planOf(before, change));
  const changed = network.changedTo(planOf(after, change));
  const changedBack = changed.changedTo(planOf(before, change));
  return [network, network, network, changed, changed, changedBack, changedBack].flatMap((some) =>
    flows.flatMap((flow): Fate[] => {
      const question = questionOf(before, flow);
      const sender = senderOf(before, flow);
      if (question === undefined || sender === undefined) return [];
      const packet = packetOf(flow, sender.address, question.destination, CLIENT_PORTS.first);
      const { isAnswered, there, back } = some.continue(sender.machine, packet);
      return [{ isAnswered, there, back }];
    }),
  );
}

function planOf(choices: WorldChoices, change: ChangeMap): Machine[] {
  const machines = withAppliances(choices, planAll([worldOf(recordsOf(choices))], SERVERS));
  return machines.map((machine) => {
    if (machine.ruleset === undefined) return machine;
    const maps = machine.ruleset.maps.map((map) => (map.name.startsWith('judged') ? change(map) : map));
    return { ...machine, ruleset: { ...machine.ruleset, maps } };
  });
}
