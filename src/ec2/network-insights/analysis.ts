import type { Explanation, PathComponent } from '@aws-sdk/client-ec2';
import { portCuts } from '../../analyze/reach/walk.ts';
import type { Flow } from '../../model/flow-endpoints.ts';
import type {
  NetworkInsightsFilter,
  NetworkInsightsPath,
  NetworkInsightsPorts,
} from '../../model/network-insights-records.ts';
import { tracePath } from '../../model/path.ts';
import type { Path } from '../../model/path-result.ts';
import { CLIENT_PORTS, NAT_PORTS, type Packets, type PortRange, protocolNumberOf } from '../../net/flow.ts';
import type { Atlas } from './atlas.ts';
import { endsOf, NoEnds, type PathEnds } from './ends.ts';
import { explainObstacle } from './explanations.ts';
import { componentsOf, number } from './path-components.ts';
import { explainDisconnected, explainOtherWay, type Question } from './route-explanations.ts';

/** What an analysis has found. */
export interface PathFindings {
  readonly isFound: boolean;
  readonly forward: readonly PathComponent[];
  readonly back: readonly PathComponent[];
  readonly explanations: readonly Explanation[];
}

/** What the path must pass, and what it must not: ids. */
export interface ComponentFilters {
  readonly through: readonly string[];
  readonly around: readonly string[];
}

/** A question with more kinds of packets than one analysis follows. */
export class TooManyFlows extends Error {}

/** Most flows that one analysis follows: ranges of ports and the whole Internet are asked about by one of each kind. */
const MOST_FLOWS = 20_000;

/**
 * Whether some packets that the path speaks of get from its source to its destination and back: the verdict of the data plane,
 * for one port and one address of every kind. Throws TooManyFlows with a sentence when there are too many kinds.
 */
export function analysePath(
  atlas: Atlas,
  path: NetworkInsightsPath,
  filters: ComponentFilters,
): PathFindings {
  try {
    return follow(atlas, path, endsOf(atlas.worlds, path), filters);
  } catch (error) {
    if (!(error instanceof NoEnds)) throw error;
    return notFound([explainCode(atlas, error.code, error.componentId)]);
  }
}

function follow(
  atlas: Atlas,
  path: NetworkInsightsPath,
  ends: PathEnds,
  filters: ComponentFilters,
): PathFindings {
  let blocked: PathFindings | undefined;
  let unfit: PathFindings | undefined;
  let count = 0;
  for (const flow of flowsOf(atlas, path, ends)) {
    if (++count > MOST_FLOWS) {
      throw new TooManyFlows(
        `There are more than ${MOST_FLOWS} kinds of packets to follow: ask about fewer ports, or one address.`,
      );
    }
    const traced = tracePath(flow);
    if (!traced.isAllowed) {
      blocked ??= notFound(explainBlocked(atlas, traced, { ends, flow }));
      continue;
    }
    const whole = componentsOf(atlas, traced, false);
    const misfit =
      explainUnfit(atlas, whole, { ends, flow }, filters) ??
      explainMisfit(atlas, traced, flow, path.filterAtDestination);
    if (misfit === undefined) return found(atlas, traced, whole, ends);
    unfit ??= notFound([misfit]);
  }
  return unfit ?? blocked ?? notFound([explainCode(atlas, 'NO_PATH')]);
}

/** One flow of every kind: by source, destination, and ports at both. */
function* flowsOf({ worlds }: Atlas, path: NetworkInsightsPath, ends: PathEnds): Generator<Flow> {
  const { filterAtSource, filterAtDestination, destinationPort: port } = path;
  const asked = filterAtSource?.destinationPorts;
  const ports = asked ?? (port === undefined ? { from: 0, to: 65_535 } : { from: port, to: port });
  const bounds = [filterAtDestination?.destinationPorts, filterAtDestination?.sourcePorts].flatMap((each) =>
    each === undefined ? [] : [each.from, each.to + 1],
  );
  const cuts = [...new Set([...portCuts(worlds), ...bounds])].sort((one, other) => one - other);
  const pieces = cutAt(ports, cuts);
  const own = filterAtSource?.sourcePorts;
  const clientPieces = own === undefined ? [undefined] : cutAt(own, cuts);
  const protocol = protocolNumberOf(path.protocol);
  for (const source of ends.sources) {
    for (const destination of ends.destinations) {
      for (const piece of pieces) {
        for (const clientPorts of clientPieces) {
          const flow: Flow = { source, destination, protocol, ports: piece, publicHosts: undefined, worlds };
          yield clientPorts === undefined ? flow : { ...flow, clientPorts };
        }
      }
    }
  }
}

/** The pieces of a range between the cuts. */
export function cutAt({ from, to }: NetworkInsightsPorts, cuts: readonly number[]): PortRange[] {
  const starts = [from, ...cuts.filter((each) => each > from && each <= to)];
  return starts.map((first, index) => ({ first, last: (starts[index + 1] ?? to + 1) - 1 }));
}

/** The components from one end of the path to the other: what is before or behind a gateway that is an end is cut off. */
function found(
  atlas: Atlas,
  traced: Path,
  whole: readonly PathComponent[],
  { from, to }: PathEnds,
): PathFindings {
  return {
    isFound: true,
    forward: number(between(whole, from, to)),
    back: number(between(componentsOf(atlas, traced, true), to, from)),
    explanations: [],
  };
}

function between(
  components: readonly PathComponent[],
  from: string | undefined,
  to: string | undefined,
): readonly PathComponent[] {
  const first = from === undefined ? -1 : components.findIndex((each) => isAt(each, from));
  const last = to === undefined ? -1 : components.findLastIndex((each) => isAt(each, to));
  return components.slice(first === -1 ? 0 : first, last === -1 ? undefined : last + 1);
}

function isAt({ Component, TransitGateway }: PathComponent, id: string): boolean {
  return Component?.Id === id || TransitGateway?.Id === id;
}

/** Everything that stands in the way; of VPCs that nothing joins, that alone. */
function explainBlocked(atlas: Atlas, { obstacles }: Path, question: Question): Explanation[] {
  const disconnected = explainDisconnected(atlas, question);
  if (disconnected !== undefined) return [disconnected];
  return obstacles.map((obstacle) => explainObstacle(atlas, obstacle, question));
}

function explainUnfit(
  atlas: Atlas,
  components: readonly PathComponent[],
  question: Question,
  { through, around }: ComponentFilters,
): Explanation | undefined {
  const { from, to } = question.ends;
  const passed = idsOf(components);
  if (to !== undefined && !passed.has(to)) {
    const explained = explainOtherWay(atlas, question);
    if (explained !== undefined) return explained;
  }
  const missed = [from, to, ...through].find((id) => id !== undefined && !passed.has(id));
  if (missed !== undefined) return explainCode(atlas, 'COMPONENT_FILTER_RESTRICTION', missed);
  const met = around.find((id) => passed.has(id));
  return met === undefined
    ? undefined
    : explainCode(atlas, 'COMPONENT_FILTER_RESTRICTION_REMOVED_COMPONENT', met);
}

/** Everything that the components are, belong to or stand in. */
export function idsOf(components: readonly PathComponent[]): ReadonlySet<string> {
  return new Set(
    components.flatMap(({ Component, AttachedTo, Subnet, Vpc, TransitGateway }) =>
      [Component, AttachedTo, Subnet, Vpc, TransitGateway].flatMap((each) => [
        ...(each?.Id === undefined ? [] : [each.Id]),
        // Load balancers are named by their ARN.
        ...(each?.Arn?.includes(':elasticloadbalancing:') === true ? [each.Arn] : []),
      ]),
    ),
  );
}

/** The first thing that the filter at the destination says and the packets do not when they come there. */
function explainMisfit(
  atlas: Atlas,
  { hops }: Path,
  flow: Flow,
  filter: NetworkInsightsFilter | undefined,
): Explanation | undefined {
  const there = hops.filter(({ isReply }) => !isReply);
  const packets = there.map(({ particulars }) => particulars?.translated ?? particulars?.packets);
  const arrived = packets.findLast((each) => each !== undefined);
  if (filter === undefined || arrived === undefined) return undefined;
  const isTranslated = there.some(({ stage }) => stage === 'nat_gateway' || stage === 'load_balancer');
  const sourcePorts = isTranslated ? NAT_PORTS : (flow.clientPorts ?? CLIENT_PORTS);
  const part = misfitOf(filter, arrived, sourcePorts);
  return part === undefined ? undefined : explainCode(atlas, `FILTER_AT_DESTINATION_${part}`);
}

function misfitOf(
  filter: NetworkInsightsFilter,
  { source, destination, ports }: Packets,
  sourcePorts: PortRange,
): string | undefined {
  const isOther = (asked: string | undefined, is: string): boolean => asked !== undefined && asked !== is;
  if (isOther(filter.sourceAddress, source)) return 'SOURCE_ADDRESS';
  if (isOther(filter.destinationAddress, destination)) return 'DESTINATION_ADDRESS';
  if (!isMeeting(filter.destinationPorts, ports)) return 'DESTINATION_PORT_RANGE';
  return isMeeting(filter.sourcePorts, sourcePorts) ? undefined : 'SOURCE_PORT_RANGE';
}

function isMeeting(asked: NetworkInsightsPorts | undefined, { first, last }: PortRange): boolean {
  return asked === undefined || (asked.from <= last && first <= asked.to);
}

function notFound(explanations: readonly Explanation[]): PathFindings {
  return { isFound: false, forward: [], back: [], explanations };
}

function explainCode(atlas: Atlas, code: string, id?: string): Explanation {
  return { ExplanationCode: code, ...(id === undefined ? {} : { Component: atlas.component(id) }) };
}
