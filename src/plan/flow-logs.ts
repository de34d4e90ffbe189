import { flowLogObstacle, flowLogsOf } from '../model/flow-logs.ts';
import type { NetworkInterface } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { type AddressFamily, IPV4 } from './family.ts';
import { linkName } from './places.ts';
import type { NftChain, NftMap, NftSet, Ruleset } from './ruleset.ts';

/**
 * Flow logs in the kernel (semantics S121–S123): where the gates let packets of logged interfaces pass, and where they drop
 * them, packets are counted by flow, in sets that the kernel fills. Somebody reads the sets now and then; no packet waits for
 * it. A VPC without flow logs has none of this: its ruleset is the same text as before.
 */

/** Bits of the mark, above the interface's ordinal, that say which way a counted packet went and what became of it. */
const EGRESS = 0x0100_0000;
const REJECTED = 0x0200_0000;
const ORDINAL = 0x00ff_ffff;

/** The sets of counted flows: what stands behind the mark and the two addresses differs by protocol. */
export const FLOW_SETS = ['flow_log_tcp', 'flow_log_udp', 'flow_log_other'] as const;

/** Sets of the TCP flows in which a flag was seen, and AWS's bits for it. */
export const FLAG_SETS = { flow_log_fin: 1, flow_log_syn: 2, flow_log_rst: 4, flow_log_syn_ack: 18 } as const;

/** Flows that one set has room for; what comes then is not counted. */
export const MOST_FLOWS = 65_535;
/** How long the kernel remembers a flow that sends nothing: more than lies between two readings. */
export const FLOW_SECONDS = 300;

/** Packets of one flow, counted at one interface, in one direction, with one outcome. */
export interface FlowCount {
  /** The interface's ordinal. */
  readonly ordinal: number;
  readonly isEgress: boolean;
  readonly isRejected: boolean;
  readonly source: string;
  readonly destination: string;
  /** IANA's number. */
  readonly protocol: number;
  /** 0 for protocols without ports. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** AWS's bits of what was seen: FIN 1, SYN 2, RST 4, SYN-ACK 18. */
  readonly tcpFlags: number;
  readonly packets: number;
  readonly bytes: number;
  /** Unix milliseconds: of the reading before, and of the last packet. */
  readonly since: number;
  readonly last: number;
}

/** What the sets of one router told. */
export interface FlowReading {
  readonly counts: readonly FlowCount[];
  /** Whether some packets may have gone uncounted, for want of room. */
  readonly isFull: boolean;
}

/** What a mark says. */
export function readFlowMark(mark: number): Pick<FlowCount, 'ordinal' | 'isEgress' | 'isRejected'> {
  return {
    ordinal: mark & ORDINAL,
    isEgress: (mark & EGRESS) !== 0,
    isRejected: (mark & REJECTED) !== 0,
  };
}

/** The present interfaces of a VPC that a flow log is written for. */
export function loggedInterfaces(world: World, present: readonly NetworkInterface[]): NetworkInterface[] {
  if (world.flowLogs.size === 0) return [];
  return present.filter((eni) =>
    flowLogsOf(world, eni).some((flowLog) => flowLogObstacle(flowLog) === undefined),
  );
}

/** A router's ruleset that counts the flows of the logged interfaces; itself when there are none. `gates` are its ACLs and groups. */
export function countFlows(
  ruleset: Ruleset,
  logged: readonly NetworkInterface[],
  gates: readonly NftChain[],
  family: AddressFamily = IPV4,
): Ruleset {
  if (logged.length === 0) return ruleset;
  const names = new Set([...gates.map(({ name }) => name), ...Object.keys(STAGE_SUFFIX)]);
  return {
    ...ruleset,
    sets: [...ruleset.sets, ...setsOf(logged, family)],
    maps: [...ruleset.maps.map((map) => countInMap(map, gates)), ...mapsOf(logged)],
    chains: [
      ...chainsOf(family),
      ...gates.filter(hasRefusals(ruleset.maps)).map(refusalOf),
      ...ruleset.chains.map((chain) => {
        if (chain.name === 'deliver') return { ...chain, rules: ['jump flow_log_accepted', ...chain.rules] };
        return names.has(chain.name) ? countInGate(chain) : chain;
      }),
    ],
  };
}

/** The gates of all subnets and interfaces, which drop what has none. */
const STAGE_SUFFIX: Readonly<Record<string, 'in' | 'out'>> = {
  network_acl_out: 'out',
  network_acl_in: 'in',
  egress_security_group: 'out',
  ingress_security_group: 'in',
};

function suffixOf(chain: string): 'in' | 'out' {
  return STAGE_SUFFIX[chain] ?? (chain.endsWith('_out') ? 'out' : 'in');
}

/** What a gate's last words drop is counted before. */
function countInGate(chain: NftChain): NftChain {
  const count = `jump flow_log_rejected_${suffixOf(chain.name)}`;
  return {
    ...chain,
    rules: chain.rules.flatMap((rule) => (/^(counter )?drop\b/.test(rule) ? [count, rule] : [rule])),
  };
}

/** What a gate's map drops is counted, too. */
function countInMap(map: NftMap, gates: readonly NftChain[]): NftMap {
  const gate = gates.find(({ name }) => map.name.startsWith(`${name}_`));
  if (gate === undefined || !map.elements.some(({ value }) => value === 'drop')) return map;
  const value = `goto ${refusalNameOf(gate)}`;
  return {
    ...map,
    elements: map.elements.map((element) => (element.value === 'drop' ? { ...element, value } : element)),
  };
}

/** Where a gate's map sends what it drops, called after the gate: `acl-1_out` → `acl-1_refused_out`. */
function refusalNameOf({ name }: NftChain): string {
  return name.replace(/_(out|in)$/, '_refused_$1');
}

function refusalOf(gate: NftChain): NftChain {
  return {
    name: refusalNameOf(gate),
    rules: [`jump flow_log_rejected_${suffixOf(gate.name)}`, 'counter drop'],
  };
}

function hasRefusals(maps: readonly NftMap[]): (gate: NftChain) => boolean {
  const refusing = maps.filter(({ elements }) => elements.some(({ value }) => value === 'drop'));
  return ({ name }) => refusing.some((map) => map.name.startsWith(`${name}_`));
}

function chainsOf({ nft: ip }: AddressFamily): NftChain[] {
  const ported = `{ meta mark . ${ip} saddr . ${ip} daddr . th sport . th dport }`;
  return [
    {
      name: 'flow_log_count',
      rules: [
        'tcp flags & (fin | syn | rst) != 0x0 jump flow_log_flags',
        `meta l4proto tcp update @flow_log_tcp ${ported}`,
        `meta l4proto udp update @flow_log_udp ${ported}`,
        `meta l4proto != { tcp, udp } update @flow_log_other { meta mark . ${ip} saddr . ${ip} daddr . meta l4proto }`,
      ],
    },
    {
      name: 'flow_log_flags',
      rules: [
        ['tcp flags & fin == fin', 'fin'],
        ['tcp flags & rst == rst', 'rst'],
        ['tcp flags & (syn | ack) == syn', 'syn'],
        ['tcp flags & (syn | ack) == syn | ack', 'syn_ack'],
      ].map(([flags, name]) => `${flags} update @flow_log_${name} ${ported}`),
    },
    ...['sent', 'received', 'refused_out', 'refused_in'].map((name) => ({
      name: `flow_log_${name}`,
      rules: [
        `meta mark set ${name === 'sent' || name === 'refused_out' ? 'iifname' : 'oifname'} map @flow_log_${name}_mark`,
        'goto flow_log_count',
      ],
    })),
    {
      name: 'flow_log_accepted',
      rules: [
        // Names, metadata and time are not logged (semantics S122); they are asked for by IPv4.
        ...(ip === 'ip' ? ['ip daddr @amazon_services return', 'ip saddr @amazon_services return'] : []),
        'iifname @flow_log_interfaces jump flow_log_sent',
        'oifname @flow_log_interfaces jump flow_log_received',
      ],
    },
    { name: 'flow_log_rejected_out', rules: ['iifname @flow_log_interfaces jump flow_log_refused_out'] },
    {
      name: 'flow_log_rejected_in',
      // Its sender's own gates have let it out.
      rules: [
        'iifname @flow_log_interfaces jump flow_log_sent',
        'oifname @flow_log_interfaces jump flow_log_refused_in',
      ],
    },
  ];
}

function setsOf(logged: readonly NetworkInterface[], { addressType: address }: AddressFamily): NftSet[] {
  const room = { size: MOST_FLOWS, seconds: FLOW_SECONDS };
  const ported = `mark . ${address} . ${address} . inet_service . inet_service`;
  const types = [ported, ported, `mark . ${address} . ${address} . inet_proto`];
  return [
    {
      name: 'flow_log_interfaces',
      type: 'ifname',
      isInterval: false,
      elements: logged.map(nameOf),
    },
    ...Object.keys(FLAG_SETS).map((name) => ({
      name,
      type: ported,
      isInterval: false,
      elements: [],
      counted: room,
    })),
    ...FLOW_SETS.map((name, index) => ({
      name,
      type: types[index] ?? ported,
      isInterval: false,
      elements: [],
      counted: room,
    })),
  ];
}

function mapsOf(logged: readonly NetworkInterface[]): NftMap[] {
  const bits = { sent: EGRESS, received: 0, refused_out: EGRESS | REJECTED, refused_in: REJECTED };
  return Object.entries(bits).map(([name, bit]) => ({
    name: `flow_log_${name}_mark`,
    type: 'ifname : mark',
    isInterval: false,
    elements: logged.map((eni) => ({
      key: nameOf(eni),
      value: String(eni.ordinal | bit),
      comment: eni.networkInterfaceId,
    })),
  }));
}

function nameOf(eni: NetworkInterface): string {
  return `"${linkName('v', eni.networkInterfaceId)}"`;
}
