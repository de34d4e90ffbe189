import type { ConnectionTrackingConfiguration, ConnectionTrackingSpecification } from '@aws-sdk/client-ec2';
import { IDLE_TIMEOUTS, type IdleTimeouts } from '../model/idle-timeouts.ts';
import type { NetworkInterface } from '../model/records.ts';
import * as errors from './errors.ts';

/**
 * The idle timeouts that a request says of an interface, in seconds; undefined when it says none. Throws
 * InvalidParameterValue for one that AWS does not offer (semantics S85): its ranges are documented, its words are not.
 */
export function readIdleTimeouts(
  specification: ConnectionTrackingSpecification | undefined,
): Partial<IdleTimeouts> | undefined {
  const { TcpEstablishedTimeout, UdpStreamTimeout, UdpTimeout } = specification ?? {};
  const said: Partial<IdleTimeouts> = {
    ...readTimeout('tcpEstablishedTimeout', TcpEstablishedTimeout),
    ...readTimeout('udpStreamTimeout', UdpStreamTimeout),
    ...readTimeout('udpTimeout', UdpTimeout),
  };
  return Object.keys(said).length === 0 ? undefined : said;
}

function readTimeout(kind: keyof IdleTimeouts, seconds: number | undefined): Partial<IdleTimeouts> {
  if (seconds === undefined) return {};
  const { least, most } = IDLE_TIMEOUTS[kind];
  if (seconds >= least && seconds <= most) return { [kind]: seconds };
  throw errors.invalidValue(seconds, kind, `It must be between ${least} and ${most} seconds.`);
}

/** What replies show of an interface's idle timeouts: those that were said, as AWS does; nothing when none was. */
export function showIdleTimeouts({ idleTimeouts }: NetworkInterface): {
  ConnectionTrackingConfiguration?: ConnectionTrackingConfiguration;
} {
  if (idleTimeouts === undefined) return {};
  return {
    ConnectionTrackingConfiguration: {
      TcpEstablishedTimeout: idleTimeouts.tcpEstablishedTimeout,
      UdpStreamTimeout: idleTimeouts.udpStreamTimeout,
      UdpTimeout: idleTimeouts.udpTimeout,
    },
  };
}
