import { type PortRange, protocolNumberOf } from '../net/flow.ts';
import type { SecurityGroupRule } from './records.ts';

/** TCP or UDP, by IANA's number, and destination ports. */
export interface ProtocolPorts extends PortRange {
  readonly protocol: number;
}

const TCP = 6;
const UDP = 17;
const LAST_PORT = 65535;

/**
 * The flows of one direction that an interface does not track, by the rules of all its groups: TCP and UDP which a rule
 * lets through from or to everywhere, while a rule of the other direction lets all ports of the protocol through, from or
 * to everywhere. Such a flow lives by its rules alone: without them it is cut at once (semantics S81). Sorted, and
 * without overlaps. `everywhere` is the block of all addresses of a family.
 */
export function untrackedPortsOf(
  rules: readonly SecurityGroupRule[],
  isEgress: boolean,
  everywhere: '0.0.0.0/0' | '::/0' = '0.0.0.0/0',
): ProtocolPorts[] {
  const open = rules.filter(({ peer }) => 'cidrBlock' in peer && peer.cidrBlock === everywhere);
  return [TCP, UDP].flatMap((protocol) => {
    const counterRules = open.filter((rule) => rule.isEgress !== isEgress);
    const isAnswerOpen = counterRules.some((rule) => {
      const ports = portsOf(rule, protocol);
      return ports?.first === 0 && ports.last === LAST_PORT;
    });
    if (!isAnswerOpen) return [];
    const ports = open
      .filter((rule) => rule.isEgress === isEgress)
      .map((rule) => portsOf(rule, protocol))
      .filter((range) => range !== undefined);
    return unite(ports).map((range) => ({ protocol, ...range }));
  });
}

function portsOf(rule: SecurityGroupRule, protocol: number): PortRange | undefined {
  if (rule.ipProtocol === '-1') return { first: 0, last: LAST_PORT };
  if (protocolNumberOf(rule.ipProtocol) !== protocol) return undefined;
  return rule.fromPort === -1 ? { first: 0, last: LAST_PORT } : { first: rule.fromPort, last: rule.toPort };
}

function unite(ranges: readonly PortRange[]): PortRange[] {
  const united: PortRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const before = united.at(-1);
    if (before === undefined || range.first > before.last + 1) united.push(range);
    else united.splice(-1, 1, { first: before.first, last: Math.max(before.last, range.last) });
  }
  return united;
}
