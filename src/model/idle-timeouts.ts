/** How long connections are remembered without a packet, in seconds. */
export interface IdleTimeouts {
  readonly tcpEstablishedTimeout: number;
  /** Of flows that have seen more than one question and its answer. */
  readonly udpStreamTimeout: number;
  /** Of the other flows. */
  readonly udpTimeout: number;
}

/** What the kinds of idle timeouts may be and what they are unless said otherwise, in seconds (semantics S85). */
export const IDLE_TIMEOUTS: {
  readonly [K in keyof IdleTimeouts]: {
    readonly least: number;
    readonly most: number;
    readonly usual: number;
  };
} = {
  tcpEstablishedTimeout: { least: 60, most: 432_000, usual: 432_000 },
  udpStreamTimeout: { least: 60, most: 180, usual: 180 },
  udpTimeout: { least: 30, most: 60, usual: 30 },
};

/** How long an interface's idle connections are remembered: as was said of it, and the rest as is usual. */
export function idleTimeoutsOf({
  idleTimeouts = {},
}: {
  readonly idleTimeouts?: Partial<IdleTimeouts>;
}): IdleTimeouts {
  return {
    tcpEstablishedTimeout: IDLE_TIMEOUTS.tcpEstablishedTimeout.usual,
    udpStreamTimeout: IDLE_TIMEOUTS.udpStreamTimeout.usual,
    udpTimeout: IDLE_TIMEOUTS.udpTimeout.usual,
    ...idleTimeouts,
  };
}
