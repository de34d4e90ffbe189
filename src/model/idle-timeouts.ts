import type { IdleTimeouts, NetworkInterface } from './records.ts';

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
export function idleTimeoutsOf({ idleTimeouts = {} }: Pick<NetworkInterface, 'idleTimeouts'>): IdleTimeouts {
  return {
    tcpEstablishedTimeout: IDLE_TIMEOUTS.tcpEstablishedTimeout.usual,
    udpStreamTimeout: IDLE_TIMEOUTS.udpStreamTimeout.usual,
    udpTimeout: IDLE_TIMEOUTS.udpTimeout.usual,
    ...idleTimeouts,
  };
}
