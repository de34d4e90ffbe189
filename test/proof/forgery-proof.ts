import fc from 'fast-check';
import { CLIENT_PORTS } from '../../src/net/flow.ts';
import { LAPTOP_IPV6 } from '../../src/plan/places.ts';
import type { Journey } from '../../src/plan/simulate/network.ts';
import type { Packet } from '../../src/plan/simulate/packet.ts';
import { PEER, packetOf } from '../differential/random-flows.ts';
import { type Ipv6WorldChoices, ipv6AddressOf, PEER_IPV6 } from '../differential/random-ipv6.ts';
import {
  anyIpv6Flow,
  type Ipv6FlowChoices,
  ipv6DestinationOf,
  ipv6SenderOf,
} from '../differential/random-ipv6-flows.ts';
import type { Mutate } from './rules-proof.ts';
import { SteeredNetwork } from './steered-network.ts';
import { IPV6_SUBJECT } from './subject.ts';

/** Addresses that a sender may pretend to have: of instances, if they are there, of others, and nobody's. */
const FORGED = [
  ...[0, 1, 2].flatMap((subnet) => [0, 1, 2].map((index) => ipv6AddressOf(index, { subnet }))),
  PEER_IPV6,
  '2001:db8:c000:200::77',
  LAPTOP_IPV6,
  '2001:4860:4860::8888',
];

/** How many forged packets there were, to know that it was enough. */
export interface ForgeryTally {
  checked: number;
  unchecked: number;
  /** Of the unchecked ones, as an appliance sends them, those that somebody got. */
  received: number;
}

interface Forgery {
  readonly flow: Ipv6FlowChoices;
  readonly source: string;
}

export const someForgeries: fc.Arbitrary<Forgery[]> = fc.array(
  fc.record({ flow: anyIpv6Flow, source: fc.constantFrom(...FORGED) }),
  { minLength: 20, maxLength: 40 },
);

/** A packet under a foreign address, the machine that sends it, and whether that is checked. */
export interface ForgedPacket {
  readonly machine: string;
  readonly packet: Packet;
  readonly source: string;
  readonly isChecked: boolean;
}

/** The packets of those forgeries whose ends the world has: laptops may have any address, and to itself an instance sends no packet. */
export function forge(choices: Ipv6WorldChoices, some: readonly Forgery[]): ForgedPacket[] {
  return some.flatMap(({ flow, source }) => {
    const sender = ipv6SenderOf(choices, flow);
    const destination = ipv6DestinationOf(choices, flow);
    if (flow.source < 0 || sender === undefined || destination === undefined) return [];
    if (sender.address === source || sender.address === destination) return [];
    const packet = packetOf(flow, source, destination, CLIENT_PORTS.first);
    return [{ machine: sender.machine, packet, source, isChecked: hasSourceCheck(choices, flow.source) }];
  });
}

/**
 * What an instance sends under an address that is not its own nobody gets (semantics S115), unless its check is off; and by a
 * peering connection comes only what is from the peered VPC. `mutate` spoils the rules.
 */
export function forgeryIsStopped(tally: ForgeryTally, mutate: Mutate = (machines) => machines) {
  return fc.property(IPV6_SUBJECT.anyWorld, someForgeries, (choices, some) => {
    const network = new SteeredNetwork(IPV6_SUBJECT.sideOf(mutate(IPV6_SUBJECT.planOf(choices))));
    for (const { machine, packet, source, isChecked } of forge(choices, some)) {
      const { there } = network.exchange(machine, packet, { natPort: 0 });
      if (isChecked) tally.checked++;
      else tally.unchecked++;
      if (there.receiver === undefined) continue;
      if (!isChecked && !isStrangerByPeering(there, source)) {
        tally.received++;
        continue;
      }
      throw new Error(`from ${machine} as ${source}: ${there.trail.join(' > ')}`);
    }
  });
}

function hasSourceCheck({ instances, peer }: Ipv6WorldChoices, source: number): boolean {
  return source === PEER ? peer.hasSourceCheck : instances[source]?.hasSourceCheck === true;
}

/** Whether a packet went straight from one VPC to the other, and is not from the one. */
function isStrangerByPeering({ trail }: Journey, source: string): boolean {
  const blocks = { 'vpc-1': '2001:db8:c000:1', 'vpc-2': '2001:db8:c000:2' };
  return (['vpc-1', 'vpc-2'] as const).some((name) => {
    const next = trail[trail.indexOf(name) + 1];
    return next?.startsWith('vpc-') === true && next !== name && !source.startsWith(blocks[name]);
  });
}
