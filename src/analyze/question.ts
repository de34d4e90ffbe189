import { findEnds } from '../model/endpoint-names.ts';
import {
  addressOfEnd,
  type Flow,
  type FlowEnd,
  isPrivateAddress,
  isWorldsPublicAddress,
} from '../model/flow-endpoints.ts';
import type { World } from '../model/world.ts';
import {
  ECHO_REQUEST,
  hasPorts,
  ICMPV6,
  ICMPV6_ECHO_REQUEST,
  type PortRange,
  PROTOCOL_NUMBERS,
} from '../net/flow.ts';
import { isIpv6 } from '../net/ipv6.ts';
import type { ServiceRequest } from './endpoint-policy.ts';

/** What `croft explain` asks. */
export interface Question {
  readonly source: string;
  readonly destination: string;
  /** Destination port; undefined asks about the usual one. */
  readonly port: number | undefined;
  /** `tcp`, `udp`, `icmp`, `icmpv6` or a number; undefined asks about TCP. */
  readonly protocol: string | undefined;
  /** Whether names mean IPv6 addresses; an IPv6 address at either end says so itself. */
  readonly isIpv6?: boolean | undefined;
  /** What is asked of the service at the destination, for the policy of an endpoint on the way. */
  readonly request?: ServiceRequest;
}

/** The flow that a question asks about. Throws with a sentence for people when it asks about nothing that there is. */
export function readQuestion(
  worlds: readonly World[],
  question: Question,
  publicHosts?: ReadonlySet<string>,
): Flow {
  const { source, destination } = findEnds(worlds, question.source, question.destination, question.isIpv6);
  demandSender(source);
  const protocol = readProtocol(question.protocol ?? 'tcp', isIpv6(addressOfEnd(source)));
  return {
    source,
    destination,
    protocol,
    ports: readPorts(protocol, question.port, destination),
    publicHosts,
    worlds,
  };
}

function demandSender(source: FlowEnd): void {
  if (source.kind === 'outside' && isPrivateAddress(source.address)) {
    throw new Error(`No interface has the private address ${source.address}, so nothing comes from there.`);
  }
  if (source.kind === 'outside' && isIpv6(source.address) && isWorldsPublicAddress(source.address)) {
    throw new Error(`No interface has the address ${source.address}, so nothing comes from there.`);
  }
  if (source.kind !== 'interface') return;
  const { label, eni } = source;
  if (eni.interfaceType === 'nat_gateway') {
    throw new Error(`${label} is a NAT gateway: it begins no connections. Ask about an instance behind it.`);
  }
  if (eni.interfaceType === 'network_load_balancer') {
    throw new Error(
      `${label} is a load balancer: it begins no connections. Ask about a client that calls it.`,
    );
  }
  if (eni.interfaceType === 'vpc_endpoint') {
    throw new Error(
      `${label} is a VPC endpoint: it begins no connections. Ask about an instance that calls it.`,
    );
  }
}

/** Each IP version has an ICMP of its own, and `icmp` means that of the flow's. */
function readProtocol(text: string, isOfIpv6: boolean): number {
  const word = text.toLowerCase();
  if (word === 'icmp' && isOfIpv6) return ICMPV6;
  const known = word === 'icmpv6' ? ICMPV6 : PROTOCOL_NUMBERS[word];
  const number = known ?? (/^\d{1,3}$/.test(text) ? Number(text) : undefined);
  if (number === ICMPV6 && !isOfIpv6) {
    throw new Error(
      'icmpv6 is the ICMP of IPv6, and the question is about IPv4: ask about icmp, or by IPv6.',
    );
  }
  if (number === PROTOCOL_NUMBERS['icmp'] && isOfIpv6) {
    throw new Error('Protocol 1 is the ICMP of IPv4, and the question is about IPv6: ask about icmpv6.');
  }
  if (number !== undefined && number <= 255) return number;
  throw new Error(`"${text}" is not a protocol: it is tcp, udp, icmp, icmpv6, or a number from 0 to 255.`);
}

/** The interfaces behind which there are services, not computers. */
const FETCHED_FROM: ReadonlySet<string> = new Set(['vpc_endpoint', 'network_load_balancer']);

function readPorts(protocol: number, port: number | undefined, destination: FlowEnd): PortRange {
  if (protocol === PROTOCOL_NUMBERS['icmp']) return ECHO_REQUEST;
  if (protocol === ICMPV6) return ICMPV6_ECHO_REQUEST;
  if (!hasPorts(protocol)) return { first: 0, last: 0 };
  if (port !== undefined && (!Number.isInteger(port) || port < 0 || port > 65535)) {
    throw new Error(`${port} is not a port: ports go from 0 to 65535.`);
  }
  // People log in to instances, and fetch from everything else.
  const isLoggedInTo = destination.kind === 'interface' && !FETCHED_FROM.has(destination.eni.interfaceType);
  const asked = port ?? (isLoggedInTo ? 22 : 443);
  return { first: asked, last: asked };
}
