import fc from 'fast-check';
import { explainFlow } from '../../src/analyze/explain.ts';
import { CLIENT_PORTS, NAT_PORTS } from '../../src/net/flow.ts';
import type { Machine } from '../../src/plan/machine.ts';
import { planAll } from '../../src/plan/plan.ts';
import { formatAddress } from '../../src/plan/simulate/values.ts';
import {
  anyFlow,
  edgePorts,
  type FlowChoices,
  PUBLIC_HOSTS,
  packetOf,
  questionOf,
  SERVERS,
  senderOf,
  withAppliances,
} from '../differential/random-flows.ts';
import { anyWorld, recordsOf, type WorldChoices } from '../differential/random-worlds.ts';
import { worldOf } from '../worlds.ts';
import { SteeredNetwork } from './steered-network.ts';

/** What has been compared, to know that it was enough. */
export interface FlowTally {
  allowed: number;
  refused: number;
}

/** Spoils a plan. */
export type Mutate = (machines: readonly Machine[]) => readonly Machine[];

/** The verdicts of model and rules agree on some flows of a world; `mutate` spoils the rules. */
export function agreement(tally: FlowTally, mutate: Mutate = (machines) => machines) {
  return fc.property(anyWorld, fc.array(anyFlow, { minLength: 1, maxLength: 10 }), (choices, flows) => {
    const world = worldOf(recordsOf(choices));
    const network = new SteeredNetwork(mutate(withAppliances(choices, planAll([world], SERVERS))));
    for (const flow of flows) {
      const question = questionOf(choices, flow);
      if (question === undefined) continue;
      const { isAllowed, lines } = explainFlow([world], question, PUBLIC_HOSTS);
      const carried = carry(network, choices, flow, question);
      if (isAllowed) tally.allowed++;
      else tally.refused++;
      if (isAllowed === carried.isCarried) continue;
      throw new Error(
        [JSON.stringify(question), ...lines, `packets: ${carried.isCarried}`, ...carried.trail].join('\n'),
      );
    }
  });
}

/** Whether a NAT gateway chooses one of two addresses by the client's port, too: of a ping it is the client's address alone. */
function isHashed({ natGateway }: WorldChoices, { protocol }: FlowChoices): boolean {
  return natGateway?.second === 'succeeded' && (protocol === 'tcp' || protocol === 'udp');
}

/**
 * Sends the flow's packets from every client port that can make a difference, by every port of a NAT gateway that can, and
 * by every address of its: which one its hash says depends on ports that need make no other difference.
 */
function carry(
  steered: SteeredNetwork,
  choices: WorldChoices,
  flow: FlowChoices,
  question: { readonly destination: string },
): { isCarried: boolean; trail: readonly string[] } {
  const sender = senderOf(choices, flow);
  if (sender === undefined) return { isCarried: false, trail: ['the sender sleeps'] };
  const natPorts = edgePorts(choices, NAT_PORTS);
  const ways = isHashed(choices, flow)
    ? [0, 1].flatMap((natAddress) => natPorts.map((natPort) => ({ natPort, natAddress })))
    : natPorts.map((natPort) => ({ natPort }));
  for (const way of ways) {
    for (const clientPort of edgePorts(choices, CLIENT_PORTS)) {
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
