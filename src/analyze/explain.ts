import type { Flow } from '../model/flow-endpoints.ts';
import { tracePath } from '../model/path.ts';
import type { Path } from '../model/path-result.ts';
import type { World } from '../model/world.ts';
import { describePackets } from '../net/flow.ts';
import { withEndpointPolicy } from './endpoint-policy.ts';
import { renderBrief, renderPath } from './path-text.ts';
import { type Question, readQuestion } from './question.ts';

/** The answer, in words and as data. */
export interface Explanation {
  readonly isAllowed: boolean;
  /** The verdict, the path there and back, and each obstacle with what mends it; at most 100 columns, commands too. */
  readonly lines: readonly string[];
  /** The verdict and the obstacles only. */
  readonly brief: readonly string[];
  /** The path as data, ready for JSON. */
  readonly result: Path & { readonly verdict: string };
}

/**
 * Answers "can this reach that, and why (not)?" of the worlds as they are: the same verdict as the data plane's. Throws an
 * Error with a sentence for people when the question names something unknown. `publicHosts` are the addresses at which
 * the Internet answers; without them any is taken to.
 */
export function explainFlow(
  worlds: readonly World[],
  question: Question,
  publicHosts?: ReadonlySet<string>,
): Explanation {
  const { path, verdict } = answerQuestion(worlds, question, publicHosts);
  return {
    isAllowed: path.isAllowed,
    lines: renderPath(verdict, path),
    brief: renderBrief(verdict, path),
    result: { verdict, ...path },
  };
}

/** What a question asks about and what the model says of it. Throws as `explainFlow` does. */
export interface Answer {
  readonly flow: Flow;
  readonly path: Path;
  /** The verdict in a sentence. */
  readonly verdict: string;
}

/** The flow that a question asks about, with its path. */
export function answerQuestion(
  worlds: readonly World[],
  question: Question,
  publicHosts?: ReadonlySet<string>,
): Answer {
  const flow = readQuestion(worlds, question, publicHosts);
  const traced = tracePath(flow);
  const { request } = question;
  const path = request === undefined ? traced : withEndpointPolicy(flow, traced, request);
  return { flow, path, verdict: verdictOf(flow, path) };
}

function verdictOf({ source, destination, ...packets }: Flow, { isAllowed, obstacles }: Path): string {
  const who = source.label.replace(/^the /, 'The ');
  const what = `reach ${destination.label} on ${describePackets(packets)}`;
  if (isAllowed) return `${who} can ${what}.`;
  const count = obstacles.length === 1 ? '1 thing stands' : `${obstacles.length} things stand`;
  return `${who} cannot ${what}: ${count} in the way.`;
}
