import type { PortRange } from '../../net/flow.ts';

/** By which way packets leave: through which gateway, or straight within the VPC. */
export const WAYS = ['local', 'igw', 'eigw', 'nat', 'vpce', 'peering', 'tgw'] as const;
export type Way = (typeof WAYS)[number];

/** What one line of a file of expectations says. */
export interface Expectation {
  /** From 1. */
  readonly line: number;
  /** As it was written, without its comment. */
  readonly text: string;
  readonly source: string;
  readonly destination: string;
  /** `tcp`, `udp`, `icmp`, `icmpv6`; undefined where the line leaves it to the destination. */
  readonly protocol: string | undefined;
  /** Empty where the line leaves it to the destination. */
  readonly ports: readonly PortRange[];
  readonly isAllowed: boolean;
  readonly way: Way | undefined;
  /** Whether it is about IPv6: it says so, or an end of it is an IPv6 address or block. */
  readonly isIpv6: boolean;
}

/** A line that says nothing that can be checked. */
export class ExpectationError extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}
