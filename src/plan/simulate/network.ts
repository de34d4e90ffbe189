import type { Machine } from '../machine.ts';
import { type Choices, type Fate, SimulatedMachine } from './machine.ts';
import { answerTo, type Packet } from './packet.ts';

/** Where a packet ended. */
export interface Journey {
  /** The machine that got it; undefined when none did. */
  readonly receiver: string | undefined;
  /** As it looks to the receiver, or where it was dropped. */
  readonly packet: Packet;
  /** The machines it came by, and at last what was done with it. */
  readonly trail: readonly string[];
}

/** A question sent, and perhaps its answer. */
export interface Exchange {
  readonly isAnswered: boolean;
  readonly there: Journey;
  readonly back: Journey | undefined;
}

/** As IP's time to live: what goes round ends. */
const MOST_HOPS = 64;

/**
 * The machines of a plan, joined by their links: packets are followed through every ruleset and routing table, as the
 * kernel would. It is the plan's own test: what the model says of a flow must come out here too (invariant 5).
 */
export class SimulatedNetwork {
  readonly #machines: ReadonlyMap<string, SimulatedMachine>;
  readonly #choices: Choices;

  /**
   * Throws when a ruleset holds a form of rule that it does not know. Machines that were there `before` go on with the
   * connections that they track.
   */
  constructor(machines: readonly Machine[], choices: Partial<Choices> = {}, before?: SimulatedNetwork) {
    const all: Choices = {
      forwarders: new Set(),
      natPort: (_, own) => own,
      target: () => 0,
      natAddress: (_, hashed) => hashed,
      ...choices,
    };
    this.#choices = all;
    this.#machines = new Map(
      machines.map((machine) => {
        const known = before === undefined ? undefined : before.#machines.get(machine.name);
        return [machine.name, new SimulatedMachine(machine, all, known?.connections)];
      }),
    );
  }

  /** The same network after its plan has changed: connections go on, as far as the new rules let them. */
  changedTo(machines: readonly Machine[]): SimulatedNetwork {
    return new SimulatedNetwork(machines, this.#choices, this);
  }

  /** Sends the first packet of a flow from a machine, and whoever gets it answers. Nothing is remembered from before. */
  exchange(sender: string, packet: Packet): Exchange {
    for (const machine of this.#machines.values()) machine.connections.forget();
    return this.continue(sender, packet);
  }

  /** Sends one more packet of a flow that may have begun before, and whoever gets it answers. */
  continue(sender: string, packet: Packet): Exchange {
    const there = this.#send(sender, packet);
    if (there.receiver === undefined) return { isAnswered: false, there, back: undefined };
    const back = this.#send(there.receiver, answerTo(there.packet));
    const wanted = answerTo(packet);
    const isAnswered =
      back.receiver === sender &&
      back.packet.source === wanted.source &&
      back.packet.destination === wanted.destination &&
      back.packet.sourcePort === wanted.sourcePort &&
      back.packet.destinationPort === wanted.destinationPort;
    return { isAnswered, there, back };
  }

  #send(sender: string, packet: Packet): Journey {
    const trail = [sender];
    let fate: Fate = this.#machines.get(sender)?.originate(packet) ?? nowhere(sender);
    let last = packet;
    for (let hop = 0; hop < MOST_HOPS; hop++) {
      if (fate.kind === 'dropped') {
        return { receiver: undefined, packet: last, trail: [...trail, fate.because] };
      }
      last = fate.packet;
      if (fate.kind === 'delivered') return { receiver: trail.at(-1), packet: last, trail };
      const { peer } = fate.link;
      if (peer === undefined) return { receiver: undefined, packet: last, trail: [...trail, 'an open end'] };
      trail.push(peer.machine);
      fate = this.#machines.get(peer.machine)?.receive(last, peer.name) ?? nowhere(peer.machine);
    }
    return { receiver: undefined, packet: last, trail: [...trail, 'its time to live is over'] };
  }
}

function nowhere(machine: string): Fate {
  return { kind: 'dropped', because: `there is no machine ${machine}` };
}
