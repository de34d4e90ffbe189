import type { StageName } from './stages.ts';

/** One stage that a real packet, or the answer to it, met on its way. */
export interface Step {
  readonly machine: string;
  /** As people know the machine. */
  readonly label: string;
  /**
   * `departure` and `arrival` are at whoever sends and gets, `transit` is on the way through a machine without stages of its
   * own; undefined is a drop of a router's own, told by its chain.
   */
  readonly stage: StageName | 'departure' | 'transit' | 'arrival' | undefined;
  readonly isReply: boolean;
  readonly isPassed: boolean;
  /** The chain and the rule that decided; no rule where it was a chain's policy. */
  readonly chain: string;
  readonly handle: number | undefined;
}

/**
 * What came back to the sender: `unreachable`, `expired` and, of IPv6, `unknown-protocol` are ICMP errors; `packet` is of a
 * protocol without a name here.
 */
export interface ProbeAnswer {
  readonly kind:
    | 'syn-ack'
    | 'rst'
    | 'datagram'
    | 'echo-reply'
    | 'packet'
    | 'unreachable'
    | 'expired'
    | 'unknown-protocol';
  readonly address: string;
  /** ICMP's code; 0 for others. */
  readonly code: number;
  readonly milliseconds: number;
}

/** A rule that the packet, or the answer to it, met. */
export interface MetRule {
  readonly machine: string;
  readonly chain: string;
  readonly handle: number;
  readonly text: string;
  /** How many packets of the probe met it. */
  readonly moved: number;
  /** What its counter has counted in all; absent where it has none. */
  readonly packets?: number;
}

/** A real packet's way: the stages in order there and back, and what came of it. */
export interface Passage {
  readonly answer: ProbeAnswer | undefined;
  /** Why the sender's own kernel did not send it. */
  readonly unsent: string | undefined;
  readonly steps: readonly Step[];
  readonly rules: readonly MetRule[];
  /** How long an answer was waited for. */
  readonly waitedMilliseconds: number;
}
