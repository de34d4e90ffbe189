import { CLIENT_PORTS, type Packets, type PortRange } from '../net/flow.ts';
import type { Flow, InterfaceEnd } from './flow-endpoints.ts';
import { PathRecorder } from './path-result.ts';

/** Where packets leave a subnet: at an instance's interface, or at a NAT gateway's. */
export type Departure = Pick<InterfaceEnd, 'world' | 'eni' | 'label'>;

/** A translation of the packets' source, which replies undo. */
export interface Translation {
  /** The NAT gateway's interface, or the NAT instance's. */
  readonly by: Departure;
  /** As it is named to people: `NAT gateway nat (nat-…)`. */
  readonly name: string;
  /** The source before it. */
  readonly client: string;
  /** The ports that replies were addressed to before it. */
  readonly clientPorts: PortRange;
}

/** Where packets have come to, from where they are answered. */
export type Arrival =
  | { readonly kind: 'interface'; readonly end: InterfaceEnd; readonly packets: Packets }
  | { readonly kind: 'internet' | 'service'; readonly packets: Packets };

/** What a walk carries with it: what it has seen, and what it needs to find back. */
export class Walk {
  readonly flow: Flow;
  readonly record = new PathRecorder();
  /** The ports that replies are addressed to. */
  clientPorts: PortRange = CLIENT_PORTS;
  /** Undefined while the packets have not come anywhere that answers. */
  arrival: Arrival | undefined;
  readonly translations: Translation[] = [];
  readonly #visited = new Set<string>();

  constructor(flow: Flow) {
    this.flow = flow;
  }

  /** The packets have come to where they are answered. */
  arrive(arrival: Arrival): void {
    this.arrival = arrival;
  }

  /** From now on the packets come from another address and other ports. */
  translate(by: Departure, name: string, client: string, clientPorts = this.clientPorts): void {
    this.translations.push({ by, name, client, clientPorts: this.clientPorts });
    this.clientPorts = clientPorts;
  }

  /** Notes that the packets came to an interface that sends on; false when they had been there before. */
  visit(networkInterfaceId: string): boolean {
    const isNew = !this.#visited.has(networkInterfaceId);
    this.#visited.add(networkInterfaceId);
    return isNew;
  }

  /** The packets turn: what is noted from now on is about replies. */
  turn(): void {
    this.record.turn();
    this.#visited.clear();
  }

  /** The block to name in a rule about an address. */
  blockOf(address: string): string {
    for (const end of [this.flow.source, this.flow.destination]) {
      if (end.kind === 'outside' && end.address === address) return end.block;
    }
    return `${address}/32`;
  }
}
