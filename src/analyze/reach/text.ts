import { describePorts, hasPorts, nameOfProtocol } from '../../net/flow.ts';
import { wrapText } from '../text.ts';
import type { Reach, Side } from './answer.ts';
import { isPing, type ServicePorts } from './spaces.ts';

const COLUMNS = 100;
/** Names of a side that are told; of more, how many there are. */
const MOST_NAMES = 4;

/** One service that is asked about: a matrix of yes and no. */
export interface AskedService {
  /** IANA's number. */
  readonly protocol: number;
  /** Of protocols without ports any. */
  readonly port: number;
}

/** By source, what is reached where: a line for destinations that are reached by the same services. */
export function renderServices(reaches: readonly Reach[], protocols: readonly number[]): string[] {
  const lines: string[] = [];
  let isAnything = false;
  for (const [, own] of Map.groupBy(reaches, ({ source }) => nameOf(source))) {
    const [first] = own;
    if (first === undefined) continue;
    const reached = own.filter(({ services }) => services !== undefined && services.length > 0);
    if (reached.length === 0) continue;
    isAnything = true;
    lines.push(...wrapText(nameOf(first.source), '  '));
    for (const [words, same] of Map.groupBy(reached, (each) => describeReach(each, protocols))) {
      const whom = joinNames(same.flatMap(({ destination }) => destination.labels));
      lines.push(...wrapText(`  → ${whom}: ${words}`, '    '));
    }
  }
  return [...lines, isAnything ? 'Nothing else is reached.' : 'Nothing is reached.'];
}

/** A matrix of sources and destinations with a mark where the service is reached; undefined where it is too wide. */
export function renderMatrix(reaches: readonly Reach[], asked: AskedService): string[] | undefined {
  const rows = [...Map.groupBy(reaches, ({ source }) => nameOf(source))];
  const heads = rows[0]?.[1].map(({ destination }) => nameOf(destination)) ?? [];
  const corner = nameOfService(asked);
  const width = Math.max(corner.length, ...rows.map(([name]) => name.length));
  const total = width + heads.reduce((sum, head) => sum + 2 + head.length, 0);
  if (total > COLUMNS) return undefined;
  const body = rows.map(([name, cells]) => {
    const marks = cells.map((reach, column) => centre(markOf(reach, asked), heads[column]?.length ?? 1));
    return `${name.padEnd(width)}  ${marks.join('  ')}`.trimEnd();
  });
  return [`${corner.padEnd(width)}  ${heads.join('  ')}`.trimEnd(), ...body];
}

/** By source, which destinations are reached by one service. */
export function renderReached(reaches: readonly Reach[], asked: AskedService): string[] {
  const lines: string[] = [];
  for (const [name, own] of Map.groupBy(reaches, ({ source }) => nameOf(source))) {
    const reached = own.filter((reach) => isReached(reach, asked));
    if (reached.length === 0) continue;
    lines.push(
      ...wrapText(`${name} → ${joinNames(reached.flatMap(({ destination }) => destination.labels))}`, '  '),
    );
  }
  const service = nameOfService(asked);
  return [
    ...lines,
    lines.length === 0 ? `Nobody reaches anyone on ${service}.` : `Nobody else on ${service}.`,
  ];
}

/** Whether a service is among those reached; not of a thing and itself. */
export function isReached({ services, isEverything }: Reach, { protocol, port }: AskedService): boolean {
  if (isEverything) return true;
  const own = services?.find((each) => each.protocol === protocol);
  if (own === undefined) return false;
  return !hasPorts(protocol) || own.ports.some(({ first, last }) => first <= port && port <= last);
}

function markOf(reach: Reach, asked: AskedService): string {
  if (reach.services === undefined) return '–';
  return isReached(reach, asked) ? '✓' : '·';
}

function centre(mark: string, width: number): string {
  return mark.padStart(Math.ceil((width + 1) / 2)).padEnd(width);
}

function nameOfService({ protocol, port }: AskedService): string {
  if (isPing(protocol)) return 'ICMP (ping)';
  return hasPorts(protocol)
    ? `${nameOfProtocol(protocol).toUpperCase()} ${port}`
    : `protocol ${nameOfProtocol(protocol)}`;
}

function nameOf({ labels }: Side): string {
  return joinNames(labels);
}

function joinNames(labels: readonly string[]): string {
  if (labels.length <= MOST_NAMES) return labels.join(', ');
  return `${labels.slice(0, MOST_NAMES - 1).join(', ')} and ${labels.length - MOST_NAMES + 1} more`;
}

function describeReach({ services, isEverything }: Reach, protocols: readonly number[]): string {
  if (isEverything) return 'everything';
  const other = protocols.at(-1);
  return (services ?? []).map((each) => describePart(each, other)).join('; ');
}

function describePart({ protocol, ports }: ServicePorts, other: number | undefined): string {
  if (isPing(protocol)) return 'icmp (ping)';
  if (!hasPorts(protocol)) return protocol === other ? 'other protocols' : `protocol ${protocol}`;
  const [only] = ports;
  const isWhole = ports.length === 1 && only?.first === 0 && only.last === 65_535;
  return `${nameOfProtocol(protocol)} ${isWhole ? 'on any port' : ports.map(describePorts).join(', ')}`;
}
