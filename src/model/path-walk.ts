import { CLIENT_PORTS, NAT_PORTS, type Packets, type PortRange } from '../net/flow.ts';
import { isIpv6 } from '../net/ipv6.ts';
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
  /** The source before it, and after it. */
  readonly client: string;
  readonly address: string;
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

/** Packets that an internet gateway's route table leads to an interface that sends on. */
export interface Diversion {
  readonly through: Pick<Departure, 'world' | 'eni'>;
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
  /** Whether packets of IPv6 crossed a peering connection: untranslated as they are, their addresses do not tell. */
  isPeered = false;
  readonly #visited = new Set<string>();
  readonly #inspectors = new Set<string>();
  #onward: Onward | Diversion | undefined;
  readonly #choices: readonly number[];
  /** How much there was to choose from, choice by choice. */
  readonly #counts: number[] = [];
  #isBalanced = false;

  /** `choices` says which of several ways to take where the data plane may take any, in their order; then the first. */
  constructor(flow: Flow, choices: readonly number[] = []) {
    this.flow = flow;
    this.clientPorts = flow.clientPorts ?? CLIENT_PORTS;
    this.#choices = choices;
  }

  /** The ports that replies come from; undefined where a load balancer changes them on the way. */
  get replyPorts(): PortRange | undefined {
    return this.#isBalanced ? undefined : this.arrival?.packets.ports;
  }

  /** One of several ways that packets may take: a target of a load balancer, an address of a NAT gateway. */
  choose<T>(ways: readonly T[]): T | undefined {
    const chosen = ways[this.#choices[this.#counts.length] ?? 0];
    this.#counts.push(ways.length);
    return chosen;
  }

  /** The choices of the walk after this one, when all ways are to be taken; undefined after the last. */
  nextChoices(): readonly number[] | undefined {
    const made = this.#counts.map((_, index) => this.#choices[index] ?? 0);
    const last = made.findLastIndex((chosen, index) => chosen + 1 < (this.#counts[index] ?? 0));
    return last === -1 ? undefined : [...made.slice(0, last), (made[last] ?? 0) + 1];
  }

  /** The packets have come to where they are answered. */
  arrive(arrival: Arrival): void {
    this.arrival = arrival;
  }

  /** From now on the packets come from another address and other ports. */
  translate({
    by,
    name,
    client,
    address,
    clientPorts = this.clientPorts,
  }: Pick<Translation, 'by' | 'name' | 'client' | 'address'> & { readonly clientPorts?: PortRange }): void {
    const { clientPorts: before, flow } = this;
    const change = { by, from: by, name, client, address, clientPorts: before };
    this.translations.push({ ...change, asked: undefined, flow });
    this.clientPorts = clientPorts;
    this.isPassedOn = false;
  }

  /** From now on the packets go from a load balancer's node to its target. */
  redirect({ node, from, name, packets, target }: Redirection): void {
    const { clientPorts, flow } = this;
    const { source: client, destination: asked } = packets;
    const { privateAddress: address } = node;
    this.translations.push({ by: node, from, name, client, address, clientPorts, asked, flow });
    this.#isBalanced = true;
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

  /** The packets are to go by an interface that sends on, once the walk to the gateway is over. */
  divertLater(through: Diversion['through'], packets: Packets): void {
    this.#onward = { through, packets };
  }

  /** Where the packets go on from, or by, told once. */
  takeOnward(): Onward | Diversion | undefined {
    const onward = this.#onward;
    this.#onward = undefined;
    return onward;
  }

  /** Notes that packets came to an interface that sends on; false when the same packets had been there before. */
  visit(networkInterfaceId: string, { source, destination }: Packets): boolean {
    const key = `${networkInterfaceId} ${source} ${destination}`;
    const isNew = !this.#visited.has(key);
    this.#visited.add(key);
    return isNew;
  }

  /** Notes that an interface sent the packets on unchanged: it knows their replies. */
  inspect(networkInterfaceId: string): void {
    this.#inspectors.add(networkInterfaceId);
  }

  /** Whether the packets came by an interface that sent them on unchanged. */
  isKnownTo(networkInterfaceId: string): boolean {
    return this.#inspectors.has(networkInterfaceId);
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
    return isIpv6(address) ? `${address}/128` : `${address}/32`;
  }
}
