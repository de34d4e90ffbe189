import fc from 'fast-check';
import { explainFlow } from '../../src/analyze/explain.ts';
import { CLIENT_PORTS } from '../../src/net/flow.ts';
import type { Machine } from '../../src/plan/machine.ts';
import { formatAddress } from '../../src/plan/simulate/values.ts';
import { packetOf } from '../differential/random-flows.ts';
import { worldOf } from '../worlds.ts';
import { SteeredNetwork } from './steered-network.ts';
import type { AnyFlow, Subject } from './subject.ts';

/** What has been compared, to know that it was enough. */
export interface FlowTally {
  allowed: number;
  refused: number;
}

/** Spoils a plan. */
export type Mutate = (machines: readonly Machine[]) => readonly Machine[];

/** The verdicts of model and rules agree on some flows of a world; `mutate` spoils the rules. */
export function agreement<Choices, Flow extends AnyFlow>(
  subject: Subject<Choices, Flow>,
  tally: FlowTally,
  mutate: Mutate = (machines) => machines,
) {
  const someFlows = fc.array(subject.anyFlow, { minLength: 1, maxLength: 10 });
  return fc.property(subject.anyWorld, someFlows, (choices, flows) => {
    const world = worldOf(subject.recordsOf(choices));
    const network = new SteeredNetwork(subject.sideOf(mutate(subject.planOf(choices))));
    for (const flow of flows) {
      const question = subject.questionOf(choices, flow);
      if (question === undefined) continue;
      const { isAllowed, lines } = explainFlow([world], question, subject.publicHosts);
      const carried = carry(subject, network, choices, flow, question);
      if (isAllowed) tally.allowed++;
      else tally.refused++;
      if (isAllowed === carried.isCarried) continue;
      throw new Error(
        [JSON.stringify(question), ...lines, `packets: ${carried.isCarried}`, ...carried.trail].join('\n'),
      );
    }
  });
}

/**
 * Sends the flow's packets from every client port that can make a difference, by every port of a NAT gateway that can, and
 * by every address of its: which one its hash says depends on ports that need make no other difference.
 */
function carry<Choices, Flow extends AnyFlow>(
  subject: Subject<Choices, Flow>,
  steered: SteeredNetwork,
  choices: Choices,
  flow: Flow,
  question: { readonly destination: string },
): { isCarried: boolean; trail: readonly string[] } {
  const sender = subject.senderOf(choices, flow);
  if (sender === undefined) return { isCarried: false, trail: ['the sender sleeps'] };
  for (const way of subject.natWays(choices, flow)) {
    for (const clientPort of subject.edgePorts(choices, CLIENT_PORTS)) {
      const packet = packetOf(flow, sender.address, question.destination, clientPort);
      const { isAnswered, there, back } = steered.exchange(sender.machine, packet, way);
      const trail = [
        `client port ${clientPort}, NAT port ${way.natPort}, from ${formatAddress(packet.source)}`,
        `there: ${there.trail.join(' > ')}`,
        `back: ${back?.trail.join(' > ')}`,
      ];
      if (!isAnswered) return { isCarried: false, trail };
    }
  }
  return { isCarried: true, trail: ['from every port'] };
}
