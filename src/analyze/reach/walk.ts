import type { Flow, FlowEnd } from '../../model/flow-endpoints.ts';
import { ENDPOINT_PORTS } from '../../model/interface-endpoints.ts';
import { tracePath } from '../../model/path.ts';
import type { World } from '../../model/world.ts';
import type { PortRange } from '../../net/flow.ts';
import { hasPorts } from '../../net/flow.ts';
import { portsIn } from '../expectations/ports.ts';
import { isPing, portsOfProtocol, type SpaceId, type Spaces } from './spaces.ts';

/** What the flows between two ends are asked in. */
export interface Surroundings {
  readonly worlds: readonly World[];
  readonly publicHosts: ReadonlySet<string> | undefined;
}

/** Ports at which anything in the worlds begins to speak of ports, ascending: within a piece between two all are of one kind. */
export function portCuts(worlds: readonly World[]): readonly number[] {
  const told = portsIn(worlds, { first: 0, last: 65_535 });
  return [...new Set([...told, ...ENDPOINT_PORTS.flatMap((port) => [port, port + 1])])].sort((a, b) => a - b);
}

/**
 * The services among `candidates` that the source reaches at the destination, there and back: of every kind of port one is
 * asked of the model. It is slow and always right: what is quicker is held to it.
 */
export function walkSpace(
  spaces: Spaces,
  { worlds, publicHosts }: Surroundings,
  source: FlowEnd,
  destination: FlowEnd,
  candidates: SpaceId,
  cuts: readonly number[],
): SpaceId {
  const allowed = new Map<number, PortRange[]>();
  for (const { protocol, ports } of spaces.describe(candidates)) {
    const isAllowed = ({ first }: PortRange): boolean => {
      const asked = hasPorts(protocol) ? { first, last: first } : portsAsked(protocol);
      const flow: Flow = { source, destination, protocol, ports: asked, publicHosts, worlds };
      return tracePath(flow).isAllowed;
    };
    const pieces = hasPorts(protocol) ? ports.flatMap((range) => cut(range, cuts)) : ports;
    allowed.set(protocol, pieces.filter(isAllowed));
  }
  return spaces.make((protocol) => allowed.get(protocol) ?? []);
}

function portsAsked(protocol: number): PortRange {
  return isPing(protocol) ? portsOfProtocol(protocol) : { first: 0, last: 0 };
}

function cut({ first, last }: PortRange, cuts: readonly number[]): PortRange[] {
  const starts = [first, ...cuts.filter((each) => each > first && each <= last)];
  return starts.map((start, index) => ({ first: start, last: (starts[index + 1] ?? last + 1) - 1 }));
}
