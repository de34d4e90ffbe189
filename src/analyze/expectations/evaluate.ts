import type { Path } from '../../model/path-result.ts';
import { STAGES } from '../../model/stages.ts';
import type { World } from '../../model/world.ts';
import { type Explanation, explainFlow } from '../explain.ts';
import { type Expectation, ExpectationError, type Way } from './expectation.ts';
import { portsIn } from './ports.ts';
import { expandSelector } from './selectors.ts';

/** What became of an expectation. */
export interface Outcome {
  readonly expectation: Expectation;
  readonly isHeld: boolean;
  /** How many flows the line stands for. */
  readonly flows: number;
  /** How many of them are not as expected. */
  readonly broken: number;
  /** Of the first that is not as expected: why, a sentence each, and commands that mend it after `mend: `. */
  readonly reasons: readonly string[];
}

/**
 * Holds an expectation against the worlds: `allowed` wants every flow that it stands for allowed, there and back, `denied` none of
 * them. Throws an ExpectationError when an end is nothing that there is.
 */
export function evaluateExpectation(
  worlds: readonly World[],
  expectation: Expectation,
  publicHosts?: ReadonlySet<string>,
): Outcome {
  const { line, isAllowed, way } = expectation;
  let flows = 0;
  let broken = 0;
  let reasons: readonly string[] = [];
  try {
    for (const question of questionsOf(worlds, expectation)) {
      const explanation = explainFlow(worlds, question, publicHosts);
      flows++;
      const because = findBreach(explanation, isAllowed, way);
      if (because === undefined) continue;
      if (broken++ === 0) reasons = because;
    }
  } catch (error) {
    throw error instanceof Error ? new ExpectationError(line, error.message) : error;
  }
  if (flows === 0) throw new ExpectationError(line, 'Both ends are the same one thing.');
  return { expectation, isHeld: broken === 0, flows, broken, reasons };
}

type Question = Parameters<typeof explainFlow>[1];

function* questionsOf(
  worlds: readonly World[],
  { source, destination, protocol, ports, isIpv6 }: Expectation,
): Generator<Question> {
  const destinations = expandSelector(worlds, destination, false, isIpv6);
  const asked: readonly (number | undefined)[] =
    ports.length === 0 ? [undefined] : ports.flatMap((range) => portsIn(worlds, range));
  for (const from of expandSelector(worlds, source, true, isIpv6)) {
    for (const to of destinations) {
      if (from === to) continue;
      for (const port of asked) yield { source: from, destination: to, port, protocol, isIpv6 };
    }
  }
}

/** Why a flow is not as expected; undefined where it is. */
function findBreach(
  { isAllowed, result }: Explanation,
  isExpected: boolean,
  way: Way | undefined,
): readonly string[] | undefined {
  if (isAllowed !== isExpected)
    return [result.verdict, ...(isExpected ? describeObstacles(result) : describeGates(result))];
  if (!isAllowed || way === undefined) return undefined;
  const taken = wayOf(result);
  return taken === way ? undefined : [result.verdict, `It goes via ${taken}, not via ${way}.`];
}

function describeObstacles({ obstacles }: Path): string[] {
  return obstacles.flatMap(({ sentence, mend }, index) => [
    `${index + 1}. ${sentence}`,
    ...(mend === undefined ? [] : [`mend: ${mend}`]),
  ]);
}

/** The rules that let something through: one of them must go. */
function describeGates({ hops }: Path): string[] {
  const gates: ReadonlySet<string> = new Set(
    STAGES.map(({ name }) => name).filter((name) => /security_group|network_acl/.test(name)),
  );
  return hops.filter(({ stage, isReply }) => gates.has(stage) && !isReply).map(({ because }) => because);
}

/** The way that packets leave by. A NAT gateway's packets go by the internet gateway too. */
function wayOf({ hops }: Path): Way {
  const there = hops.filter(({ isReply }) => !isReply);
  const has = (prefix: string): boolean =>
    there.some(({ objectIds }) => objectIds.some((id) => id.startsWith(prefix)));
  const passes = (stage: string): boolean => there.some((hop) => hop.stage === stage);
  if (passes('gateway_endpoint') || has('vpce-')) return 'vpce';
  if (has('eigw-')) return 'eigw';
  if (has('tgw-')) return 'tgw';
  if (has('pcx-')) return 'peering';
  if (passes('nat_gateway')) return 'nat';
  return passes('internet_gateway') ? 'igw' : 'local';
}
