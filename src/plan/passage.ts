import type { Passage, Step } from '../model/passage.ts';
import { STAGES, type StageName } from '../model/stages.ts';
import { isIpv6 } from '../net/ipv6.ts';
import { TIMEOUTS_TABLE } from './idle-timeouts.ts';
import { INTERNET } from './places.ts';
import type { PlannedProbe, ProbeReport, TraceEvent, Waypoint } from './probe.ts';

/** How the table begins by which packets are followed, `assets/world/probe.pl`. */
const TRACE_TABLE = 'croft_trace_';
/** The table of every machine of ours. */
const OWN_TABLE = 'cloudcroft';

/** Chains of the router that belong to a stage of another name. */
const STAGE_OF_CHAIN: Readonly<Record<string, StageName>> = {
  ...Object.fromEntries(STAGES.map(({ chain, name }) => [chain, name])),
  peering_in: 'source_check',
  gateway_route: 'route',
  internet_gateway_in: 'internet_gateway',
  internet_gateway_out: 'internet_gateway',
  egress_only_gateway_in: 'internet_gateway',
  egress_only_gateway_out: 'internet_gateway',
  services_in: 'gateway_endpoint',
};

/** Chains whose rules only look up the next one: to pass them means that nobody was asked. */
const LOOK_UPS: ReadonlySet<string> = new Set([
  'forward',
  'network_acl_out',
  'network_acl_in',
  'egress_security_group',
  'ingress_security_group',
  'internet_gateway',
]);

/** The events of one hook in one machine. */
interface Group {
  readonly machine: string;
  readonly isReply: boolean;
  readonly ttl: number;
  readonly events: TraceEvent[];
}

/**
 * The stages that a packet met and, after them, those that its answer met, in order. Machines tell each their own part;
 * what puts the parts in order is the time to live, which each router takes one from.
 */
export function followPassage(report: ProbeReport, { spec, waypoints }: PlannedProbe): Passage {
  const { answer, unsent, events, rules } = report;
  return {
    answer,
    unsent,
    steps: joinSteps(orderSteps(events, waypoints, isIpv6(spec.source))),
    rules: rules.map((rule) => ({
      ...rule,
      moved: events.filter(({ machine, handle, table }) => {
        return machine === rule.machine && handle === rule.handle && table === OWN_TABLE;
      }).length,
    })),
    waitedMilliseconds: spec.milliseconds,
  };
}

/** Stages of one machine that follow each other are one: a NAT gateway has several hooks. */
function joinSteps(steps: readonly Step[]): Step[] {
  const joined: Step[] = [];
  for (const step of steps) {
    const before = joined.at(-1);
    const isSame =
      before?.machine === step.machine && before.stage === step.stage && before.isReply === step.isReply;
    if (isSame && before.isPassed) joined.pop();
    joined.push(step);
  }
  return joined;
}

function orderSteps(
  events: readonly TraceEvent[],
  waypoints: readonly Waypoint[],
  isOfIpv6: boolean,
): Step[] {
  const known = new Map(waypoints.map((waypoint) => [waypoint.machine, waypoint]));
  const groups = groupEvents(events);
  // A router takes one from the time to live between its first and its other hooks.
  const isEntry = ({ machine, isReply, ttl }: Group): boolean =>
    groups.some(
      (other) =>
        other.machine === machine &&
        other.isReply === isReply &&
        other.ttl === ttl &&
        other.events.some(({ table, chain }) => table.startsWith(TRACE_TABLE) && chain === 'prerouting'),
    );
  const steps = groups
    .map((group) => ({ group, rank: isEntry(group) ? 1 : 0 }))
    .toSorted(
      (a, b) =>
        Number(a.group.isReply) - Number(b.group.isReply) || b.group.ttl - a.group.ttl || a.rank - b.rank,
    )
    .flatMap(({ group }) => stepsOf(group, known.get(group.machine)));
  return isOfIpv6 ? withGateways(steps) : steps;
}

/**
 * The internet gateway changes nothing in what is of IPv6, and has no chain: what goes from a router to the Internet, or comes
 * from there, passes it. Where it is an egress-only one, whose chain is heard of, that is enough.
 */
function withGateways(steps: readonly Step[]): Step[] {
  return steps.flatMap((step, index) => {
    const before = steps[index - 1];
    if (before === undefined || before.isReply !== step.isReply || before.machine === step.machine)
      return [step];
    const router = before.machine === INTERNET ? step : step.machine === INTERNET ? before : undefined;
    if (router === undefined || router.stage === 'departure' || router.stage === 'arrival') return [step];
    const isHeardOf = steps.some(
      ({ machine, isReply, stage }) =>
        machine === router.machine && isReply === router.isReply && stage === 'internet_gateway',
    );
    if (isHeardOf) return [step];
    const { machine, label, isReply } = router;
    const chain = 'internet_gateway';
    const passed: Step = { machine, label, stage: chain, isReply, isPassed: true, chain, handle: undefined };
    return [passed, step];
  });
}

function groupEvents(events: readonly TraceEvent[]): Group[] {
  const groups: Group[] = [];
  const last = new Map<string, Group>();
  for (const event of events) {
    const { machine, isReply, ttl } = event;
    let group = last.get(machine);
    if (ttl !== undefined || group === undefined) {
      group = { machine, isReply, ttl: ttl ?? 0, events: [] };
      groups.push(group);
      last.set(machine, group);
    }
    group.events.push(event);
  }
  return groups;
}

function stepsOf({ machine, isReply, events }: Group, waypoint: Waypoint | undefined): Step[] {
  const steps: Step[] = [];
  const label = waypoint?.label ?? machine;
  for (const event of events) {
    const { chain, handle, verdict } = event;
    const stage = stageOf(event, waypoint);
    if (stage === null) continue;
    const isPassed = verdict !== 'drop';
    const step = { machine, label, stage, isReply, isPassed, chain, handle };
    const before = steps.at(-1);
    if (before === undefined || before.stage !== stage || !before.isPassed) {
      steps.push(step);
      continue;
    }
    // Several rules of a stage are one step: the last that said something decides.
    if (handle !== undefined || !isPassed) steps.splice(-1, 1, step);
  }
  return steps;
}

/** The stage that an event is about; null when it is about none. */
function stageOf(
  { table, chain, handle, verdict }: TraceEvent,
  waypoint: Waypoint | undefined,
): Step['stage'] | null {
  const isDrop = verdict === 'drop';
  if (table.startsWith(TRACE_TABLE)) {
    if (handle === undefined) return null;
    if (chain === 'output') return 'departure';
    if (waypoint?.stage !== undefined) return null;
    return waypoint?.isEnd === true ? 'arrival' : 'transit';
  }
  // How long a connection is remembered is no gate.
  if (table === TIMEOUTS_TABLE) return null;
  if (waypoint?.stage !== undefined) return handle !== undefined || isDrop ? waypoint.stage : null;
  // What only counts, for flow logs, is no stage.
  if ((LOOK_UPS.has(chain) && !isDrop) || chain.startsWith('flow_log_')) return null;
  if (handle === undefined && !isDrop) return null;
  const named = STAGE_OF_CHAIN[chain];
  if (named !== undefined) return named;
  if (chain.startsWith('acl-')) return chain.endsWith('_out') ? 'network_acl_out' : 'network_acl_in';
  if (chain.endsWith('_out')) return 'egress_security_group';
  if (chain.endsWith('_in')) return 'ingress_security_group';
  return isDrop ? undefined : null;
}
