import { CLIENT_PORTS, NAT_PORTS, type Packets, type PortRange } from '../net/flow.ts';
import type { Flow, InterfaceEnd } from './flow-endpoints.ts';
import { PathRecorder } from './path-result.ts';

/** Where packets leave a subnet: at an instance's interface, or at a NAT gateway's. */
export type Departure = Pick<InterfaceEnd, 'world' | 'eni' | 'label'>;

/** A translation of the packets' source, which replies undo. */
export interface Translation {
  /** The NAT gateway's interface, the NAT instance's, or the load balancer's node: replies come back to it. */
  readonly by: Departure;
  /** Where replies go on from: the same, but of a load balancer the endpoint's interface that the packets came by. */
  readonly from: Departure;
  /** As it is named to people: `NAT gateway nat (nat-…)`. */
  readonly name: string;
  /** The source before it. */
  readonly client: string;
  /** The ports that replies were addressed to before it. */
  readonly clientPorts: PortRange;
  /** What the packets were addressed to before it, where that was translated too. */
  readonly asked: string | undefined;
  /** The flow before it. */
  readonly flow: Flow;
}

/** What a load balancer does to packets. */
export interface Redirection {
  readonly node: InterfaceEnd;
  /** Where the packets came to it: an endpoint's interface, or the node. */
  readonly from: Departure;
  /** As it is named to people. */
  readonly name: string;
  /** The packets before. */
  readonly packets: Packets;
  readonly target: InterfaceEnd;
}

/** Packets that go on from an interface. */
export interface Onward {
  readonly from: Departure;
  readonly packets: Packets;
}

/** Where packets have come to, from where they are answered. */
export type Arrival =
  | { readonly kind: 'interface'; readonly end: InterfaceEnd; readonly packets: Packets }
  | { readonly kind: 'internet' | 'service'; readonly packets: Packets };

/** What a walk carries with it: what it has seen, and what it needs to find back. */
export class Walk {
  /** The flow asked about; behind a load balancer, that of the node to its target. */
  flow: Flow;
  readonly record = new PathRecorder();
  /** The ports that replies are addressed to. */
  clientPorts: PortRange;
  /** Undefined while the packets have not come anywhere that answers. */
  arrival: Arrival | undefined;
  readonly translations: Translation[] = [];
  /** Whether an appliance sent the packets on under the address of another (semantics S79). */
  isPassedOn = false;
  readonly #visited = new Set<string>();
  #onward: Onward | undefined;
  readonly #target: number;
  #targetCount = 0;

  /** `target` is which of a load balancer's targets the packets go to. */
  constructor(flow: Flow, target = 0) {
    this.flow = flow;
    this.clientPorts = flow.clientPorts ?? CLIENT_PORTS;
    this.#target = target;
  }

  /** How many targets the load balancer on the way has that has most; 0 where there is none. */
  get targetCount(): number {
    return this.#targetCount;
  }

  /** The ports that replies come from; undefined where a load balancer changes them on the way. */
  get replyPorts(): PortRange | undefined {
    return this.#targetCount > 0 ? undefined : this.arrival?.packets.ports;
  }

  /** The target that this walk goes to; the last one where there are not so many. */
  chooseTarget<T>(targets: readonly T[]): T | undefined {
    this.#targetCount = Math.max(this.#targetCount, targets.length);
    return targets[Math.min(this.#target, targets.length - 1)];
  }

  /** The packets have come to where they are answered. */
  arrive(arrival: Arrival): void {
    this.arrival = arrival;
  }

  /** From now on the packets come from another address and other ports. */
  translate(by: Departure, name: string, client: string, clientPorts = this.clientPorts): void {
    const { clientPorts: before, flow } = this;
    this.translations.push({ by, from: by, name, client, clientPorts: before, asked: undefined, flow });
    this.clientPorts = clientPorts;
    this.isPassedOn = false;
  }

  /** From now on the packets go from a load balancer's node to its target. */
  redirect({ node, from, name, packets, target }: Redirection): void {
    const { clientPorts, flow } = this;
    const { source: client, destination: asked } = packets;
    this.translations.push({ by: node, from, name, client, clientPorts, asked, flow });
    this.clientPorts = NAT_PORTS;
    this.isPassedOn = false;
    this.flow = { ...flow, source: node, destination: target };
  }

  /** The last translation, undone. */
  undo(): Translation | undefined {
    const undone = this.translations.pop();
    if (undone !== undefined) this.flow = undone.flow;
    return undone;
  }

  /** The packets are to go on from another interface, once the walk to it is over. */
  sendLater(from: Departure, packets: Packets): void {
    this.#onward = { from, packets };
  }

  /** Where the packets go on from, told once. */
  takeOnward(): Onward | undefined {
    const onward = this.#onward;
    this.#onward = undefined;
    return onward;
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
