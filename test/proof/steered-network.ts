import type { Machine } from '../../src/plan/machine.ts';
import { type Exchange, SimulatedNetwork } from '../../src/plan/simulate/network.ts';
import type { Packet } from '../../src/plan/simulate/packet.ts';

/** A network whose NAT gateways give the port they are told to: its rules are read once for all of them. */
export class SteeredNetwork {
  readonly #network: SimulatedNetwork;
  readonly #steering: { natPort: number };

  constructor(machines: readonly Machine[], before?: SteeredNetwork) {
    const steering = before === undefined ? { natPort: 0 } : before.#steering;
    this.#steering = steering;
    this.#network =
      before === undefined
        ? new SimulatedNetwork(machines, {
            natPort: (ports, own) => (ports === undefined ? own : steering.natPort),
          })
        : before.#network.changedTo(machines);
  }

  /** The first packet of a flow, with nothing remembered, and its answer. */
  exchange(sender: string, packet: Packet, natPort: number): Exchange {
    this.#steering.natPort = natPort;
    return this.#network.exchange(sender, packet);
  }

  /** One more packet of a flow that was exchanged in the network before. */
  continue(sender: string, packet: Packet): Exchange {
    return this.#network.continue(sender, packet);
  }
}
