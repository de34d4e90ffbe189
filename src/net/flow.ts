/** IANA's numbers of the protocols people speak of by name. */
export const PROTOCOL_NUMBERS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17 };

/** IPv6's own ICMP: rules about `icmp` say nothing about it. */
export const ICMPV6 = 58;

/** The number of a protocol by its name or number as a security group rule has it; not for `-1`, which is all. */
export function protocolNumberOf(ipProtocol: string): number {
  return ipProtocol === 'icmpv6' ? ICMPV6 : (PROTOCOL_NUMBERS[ipProtocol] ?? Number(ipProtocol));
}

/** A range of ports, both ends included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Ports from which clients of Linux and most others begin connections, and those of a NAT gateway (semantics S50, S63). */
export const CLIENT_PORTS: PortRange = { first: 32768, last: 60999 };
export const NAT_PORTS: PortRange = { first: 1024, last: 65535 };

/** Packets of one kind from one address to another. */
export interface Packets {
  /** IANA's number. */
  readonly protocol: number;
  readonly source: string;
  readonly destination: string;
  /** Destination ports; for ICMP the type and code, the type in the high byte. */
  readonly ports: PortRange;
}

/** ICMP echo request and its reply, as type and code in one number. */
export const ECHO_REQUEST: PortRange = { first: 8 * 256, last: 8 * 256 };
export const ECHO_REPLY: PortRange = { first: 0, last: 0 };
/** The same of ICMPv6 (RFC 4443). */
export const ICMPV6_ECHO_REQUEST: PortRange = { first: 128 * 256, last: 128 * 256 };
export const ICMPV6_ECHO_REPLY: PortRange = { first: 129 * 256, last: 129 * 256 };

/** The name of a protocol as the aws CLI takes it: `tcp`, else its number. */
export function nameOfProtocol(protocol: number): string {
  return Object.entries(PROTOCOL_NUMBERS).find(([, number]) => number === protocol)?.[0] ?? String(protocol);
}

/** Whether the protocol has ports. */
export function hasPorts(protocol: number): boolean {
  return protocol === PROTOCOL_NUMBERS['tcp'] || protocol === PROTOCOL_NUMBERS['udp'];
}

/** What packets are asked about, in words: `TCP 22`, `ICMP (ping)`, `ICMPv6 (ping)`, `protocol 47`. */
export function describePackets({ protocol, ports }: Pick<Packets, 'protocol' | 'ports'>): string {
  if (protocol === PROTOCOL_NUMBERS['icmp']) return 'ICMP (ping)';
  if (protocol === ICMPV6) return 'ICMPv6 (ping)';
  if (!hasPorts(protocol)) return `protocol ${protocol}`;
  return `${nameOfProtocol(protocol).toUpperCase()} ${describePorts(ports)}`;
}

/** One port, or the first and last of a range. */
export function describePorts({ first, last }: PortRange): string {
  return first === last ? String(first) : `${first}–${last}`;
}
