import { IDLE_TIMEOUTS, type IdleTimeouts, idleTimeoutsOf } from '../model/idle-timeouts.ts';
import type { NetworkInterface } from '../model/records.ts';
import { linkName } from './places.ts';
import type { NftChain, NftSet, NftTimeout, Ruleset } from './ruleset.ts';

/** The table of timeouts: apart, as with the table of the gates, which is made anew with every change, they would go. */
export const TIMEOUTS_TABLE = 'cloudcroft_timeouts';

/** After the gates' chain of the same hook (0): what they drop is not asked. */
const AFTER_GATES = 10;

/**
 * How long a router remembers idle connections where an interface has timeouts of its own (semantics S85); undefined where
 * none has, for the router's settings are AWS's defaults. Each interface tracks for itself at AWS, so of a connection's
 * two interfaces the shorter timeout ends it. What AWS runs (NAT gateways, endpoints, load balancers) has timeouts of its
 * own kind, none shorter. The same text for IPv4 and IPv6.
 */
export function planIdleTimeouts(interfaces: readonly NetworkInterface[]): Ruleset | undefined {
  const own = interfaces.filter(({ interfaceType }) => interfaceType === 'interface');
  const byTcp = groupLinks(own, 'tcpEstablishedTimeout');
  const byUdp = groupLinks(own, 'udpTimeout');
  const byStream = groupLinks(own, 'udpStreamTimeout');
  const parts = [
    ...(isUsual('tcpEstablishedTimeout', byTcp) ? [] : [planTcp(byTcp)]),
    ...(isUsual('udpTimeout', byUdp) && isUsual('udpStreamTimeout', byStream)
      ? []
      : [planUdp(byUdp, byStream)]),
  ];
  if (parts.length === 0) return undefined;
  return {
    table: TIMEOUTS_TABLE,
    timeouts: parts.flatMap(({ timeouts }) => timeouts),
    sets: parts.flatMap(({ sets }) => sets),
    maps: [],
    chains: [
      ...parts.flatMap(({ chains }) => chains),
      {
        name: 'forward',
        hook: { type: 'filter', hook: 'forward', priority: AFTER_GATES, policy: 'accept' },
        rules: parts.map(({ protocol }) => `ct state new meta l4proto ${protocol} goto ${protocol}_timeouts`),
      },
    ],
  };
}

/** What the table has for one protocol; its chain `tcp_timeouts` or `udp_timeouts` is asked first. */
interface Part {
  readonly protocol: 'tcp' | 'udp';
  readonly timeouts: readonly NftTimeout[];
  readonly sets: readonly NftSet[];
  readonly chains: readonly NftChain[];
}

/** The links that have each timeout, the shortest first. */
type Groups = readonly (readonly [seconds: number, links: readonly string[]])[];

function groupLinks(interfaces: readonly NetworkInterface[], kind: keyof IdleTimeouts): Groups {
  const groups = Map.groupBy(interfaces, (eni) => idleTimeoutsOf(eni)[kind]);
  return [...groups]
    .toSorted(([a], [b]) => a - b)
    .map(([seconds, members]) => [seconds, members.map((eni) => linkName('v', eni.networkInterfaceId))]);
}

function isUsual(kind: keyof IdleTimeouts, groups: Groups): boolean {
  return groups.every(([seconds]) => seconds === IDLE_TIMEOUTS[kind].usual);
}

function planTcp(groups: Groups): Part {
  // The longest is the router's own setting.
  const shorter = groups.filter(([seconds]) => seconds !== IDLE_TIMEOUTS.tcpEstablishedTimeout.usual);
  return {
    protocol: 'tcp',
    timeouts: shorter.map(([established]) => ({
      name: `tcp_${established}`,
      protocol: 'tcp',
      seconds: { established },
    })),
    sets: shorter.map(([seconds, links]) => linkSet(`tcp_of_${seconds}`, links)),
    chains: [
      {
        name: 'tcp_timeouts',
        rules: shorter.flatMap(([seconds]) =>
          eachEnd(`tcp_of_${seconds}`, `ct timeout set "tcp_${seconds}" return`),
        ),
      },
    ],
  };
}

/** The kernel has both timeouts in one object: first the shorter of the one kind is found, then that of the other. */
function planUdp(groups: Groups, streams: Groups): Part {
  return {
    protocol: 'udp',
    timeouts: groups.flatMap(([unreplied]) =>
      streams.map(([replied]) => ({
        name: `udp_${unreplied}_${replied}`,
        protocol: 'udp' as const,
        seconds: { unreplied, replied },
      })),
    ),
    sets: [
      ...groups.map(([seconds, links]) => linkSet(`udp_of_${seconds}`, links)),
      ...streams.map(([seconds, links]) => linkSet(`udp_stream_of_${seconds}`, links)),
    ],
    chains: [
      ...groups.map(([seconds]) => ({
        name: `udp_${seconds}`,
        rules: streams.flatMap(([stream]) =>
          eachEnd(`udp_stream_of_${stream}`, `ct timeout set "udp_${seconds}_${stream}" return`),
        ),
      })),
      {
        name: 'udp_timeouts',
        rules: groups.flatMap(([seconds]) => eachEnd(`udp_of_${seconds}`, `goto udp_${seconds}`)),
      },
    ],
  };
}

function eachEnd(set: string, then: string): string[] {
  return [`iifname @${set} ${then}`, `oifname @${set} ${then}`];
}

function linkSet(name: string, links: readonly string[]): NftSet {
  return { name, type: 'ifname', isInterval: false, elements: links.map((link) => `"${link}"`) };
}
