import type { Address } from './values.ts';

/** A packet on its way, as far as our rules look at it. Addresses and ports are numbers. */
export interface Packet {
  /** IANA's number. */
  readonly protocol: number;
  readonly source: Address;
  readonly destination: Address;
  /** Of TCP and UDP; of an ICMP echo its identifier in both; 0 for other protocols. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Type and code in one number, the type in the high byte; 0 where it is no ICMP. */
  readonly icmp: number;
  /** Whether it answers another: TCP's SYN and ACK, an echo reply. Connection tracking tells those from beginnings. */
  readonly isReply: boolean;
}

/** The protocols whose packets have a type and a code, and those of an echo's reply. */
const ECHO_REPLIES: ReadonlyMap<number, number> = new Map([
  [1, 0],
  [58, 129 * 256],
]);

/** Whether a protocol is ICMP or ICMPv6. */
export function isIcmp(protocol: number): boolean {
  return ECHO_REPLIES.has(protocol);
}

/** What the receiver of a packet sends back. */
export function answerTo(packet: Packet): Packet {
  return {
    protocol: packet.protocol,
    source: packet.destination,
    destination: packet.source,
    sourcePort: packet.destinationPort,
    destinationPort: packet.sourcePort,
    icmp: ECHO_REPLIES.get(packet.protocol) ?? 0,
    isReply: true,
  };
}
