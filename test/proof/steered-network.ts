import type { Machine } from '../../src/plan/machine.ts';
import { type Exchange, SimulatedNetwork } from '../../src/plan/simulate/network.ts';
import type { Packet } from '../../src/plan/simulate/packet.ts';

/** A network whose NAT gateways give the port they are told to: its rules are read once for all of them. */
export class SteeredNetwork {
  readonly #network: SimulatedNetwork;
  #natPort = 0;

  constructor(machines: readonly Machine[]) {
    this.#network = new SimulatedNetwork(machines, {
      natPort: (ports, own) => (ports === undefined ? own : this.#natPort),
    });
  }

  exchange(sender: string, packet: Packet, natPort: number): Exchange {
    this.#natPort = natPort;
    return this.#network.exchange(sender, packet);
  }
}
