/** A packet on its way, as far as our rules look at it. Addresses and ports are numbers. */
export interface Packet {
  /** IANA's number. */
  readonly protocol: number;
  readonly source: number;
  readonly destination: number;
  /** Of TCP and UDP; of an ICMP echo its identifier in both; 0 for other protocols. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Type and code in one number, the type in the high byte; 0 where it is no ICMP. */
  readonly icmp: number;
  /** Whether it answers another: TCP's SYN and ACK, an echo reply. Connection tracking tells those from beginnings. */
  readonly isReply: boolean;
}

export const ICMP = 1;
const ECHO_REPLY = 0;

/** What the receiver of a packet sends back. */
export function answerTo(packet: Packet): Packet {
  return {
    protocol: packet.protocol,
    source: packet.destination,
    destination: packet.source,
    sourcePort: packet.destinationPort,
    destinationPort: packet.sourcePort,
    icmp: packet.protocol === ICMP ? ECHO_REPLY : 0,
    isReply: true,
  };
}
