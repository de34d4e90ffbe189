import type { Machine } from '../../src/plan/machine.ts';
import { type Exchange, SimulatedNetwork } from '../../src/plan/simulate/network.ts';
import type { Packet } from '../../src/plan/simulate/packet.ts';

/** What NAT gateways give a connection: the port, and which of their addresses, from 0; that of their hash where none is said. */
export interface NatWay {
  readonly natPort: number;
  readonly natAddress?: number;
}

/** A network whose NAT gateways give the port they are told to: its rules are read once for all of them. */
export class SteeredNetwork {
  readonly #network: SimulatedNetwork;
  readonly #steering: { way: NatWay };

  constructor(machines: readonly Machine[], before?: SteeredNetwork) {
    const steering = before === undefined ? { way: { natPort: 0 } } : before.#steering;
    this.#steering = steering;
    this.#network =
      before === undefined
        ? new SimulatedNetwork(machines, {
            natPort: (ports, own) => (ports === undefined ? own : steering.way.natPort),
            natAddress: (_, hashed) => steering.way.natAddress ?? hashed,
          })
        : before.#network.changedTo(machines);
  }

  /** The first packet of a flow, with nothing remembered, and its answer. */
  exchange(sender: string, packet: Packet, way: NatWay): Exchange {
    this.#steering.way = way;
    return this.#network.exchange(sender, packet);
  }

  /** One more packet of a flow that was exchanged in the network before. */
  continue(sender: string, packet: Packet): Exchange {
    return this.#network.continue(sender, packet);
  }
}
