import { findEnds } from '../../model/endpoint-names.ts';
import { endAt, type FlowEnd, type InterfaceEnd, type OutsideEnd } from '../../model/flow-endpoints.ts';
import type { World } from '../../model/world.ts';
import { parseIpv4 } from '../../net/address.ts';
import { type Cidr, formatCidr, hasAddress } from '../../net/cidr.ts';
import { parseIpv6, parseIpv6Cidr } from '../../net/ipv6.ts';
import { expandSelector } from '../expectations/selectors.ts';
import { toldBlocks } from './kinds.ts';
import type { ReachMatrix } from './matrix.ts';
import { NOTHING, type ServicePorts, type SpaceId } from './spaces.ts';

/** What `croft reach` asks: who reaches whom, for which services. */
export interface ReachQuestion {
  /** Selectors as in a file of expectations; empty for everybody. */
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** One side of an answer: ends that nothing tells apart. */
export interface Side {
  /** As people call them: names, or blocks of the Internet. */
  readonly labels: readonly string[];
  /** The ids of interfaces, or addresses. */
  readonly ids: readonly string[];
}

/** Who reaches whom, and for what. */
export interface Reach {
  readonly source: Side;
  readonly destination: Side;
  /** Undefined where both sides are the same one thing. */
  readonly services: readonly ServicePorts[] | undefined;
  /** Whether every service is reached. */
  readonly isEverything: boolean;
}

/** Ends that nothing tells apart, and how they are looked up. */
interface Group extends Side {
  readonly place:
    | { readonly kind: 'class'; readonly index: number; readonly instanceIds: ReadonlySet<string> }
    | { readonly kind: 'end'; readonly end: FlowEnd };
}

/**
 * The services that each of the sources reaches at each of the destinations, there and back; ends that nothing tells apart are
 * told once. Throws with a sentence for people when a selector stands for nothing.
 */
export function answerReach(
  worlds: readonly World[],
  matrix: ReachMatrix,
  { from, to }: ReachQuestion,
): readonly Reach[] {
  const sources = groupsOf(worlds, matrix, from.length === 0 ? everybody(worlds) : from, true);
  const destinations = groupsOf(worlds, matrix, to.length === 0 ? everybody(worlds) : to, false);
  const rows = sources.map((source) => ({
    source,
    cells: destinations.map((destination) => spaceOf(matrix, source, destination)),
  }));
  return mergeStrangers(rows).flatMap(({ source, cells }) =>
    destinations.map((destination, column) => {
      const space = cells[column];
      return {
        source: sideOf(source),
        destination: sideOf(destination),
        services: space === undefined ? undefined : matrix.spaces.describe(space),
        isEverything: space !== undefined && matrix.spaces.isEverything(space),
      };
    }),
  );
}

function sideOf({ labels, ids }: Side): Side {
  return { labels, ids };
}

/** Every VPC, and the Internet. */
function everybody(worlds: readonly World[]): string[] {
  const inUse = worlds.flatMap((world) =>
    [...world.vpcs.values()].filter(({ vpcId }) =>
      world.networkInterfaces
        .where('vpcId', vpcId)
        .some(({ attachment }) => world.instances.get(attachment?.instanceId ?? '') !== undefined),
    ),
  );
  return [...inUse.map(({ vpcId }) => vpcId), 'internet'];
}

function groupsOf(
  worlds: readonly World[],
  matrix: ReachMatrix,
  selectors: readonly string[],
  isSource: boolean,
): Group[] {
  const told = toldBlocks(worlds);
  const groups = new Map<string, Group>();
  for (const selector of selectors) {
    for (const word of new Set(expandSelector(worlds, selector, isSource))) {
      const end = findEnd(worlds, word, isSource);
      const index = end.kind === 'interface' ? classOf(matrix, end) : undefined;
      const key = index === undefined ? word : `class ${index}`;
      const known = groups.get(key);
      if (known === undefined) groups.set(key, makeGroup(end, index, selector, isSource, told));
      else if (end.kind === 'interface') groups.set(key, addTo(known, end));
    }
  }
  return [...groups.values()];
}

/** The end that a word names, or the interface where it is the id of one, which is quick. */
function findEnd(worlds: readonly World[], word: string, isSource: boolean): FlowEnd {
  for (const world of worlds) {
    const eni = world.networkInterfaces.get(word);
    if (eni !== undefined) return endAt(world, eni, 'name');
  }
  if (parseIpv6(word) !== undefined || parseIpv6Cidr(word) !== undefined) {
    throw new Error(
      `${word} is of IPv6, and reach is about IPv4: croft explain and croft assert answer for IPv6.`,
    );
  }
  const { source, destination } = findEnds(worlds, word, word);
  return isSource ? source : destination;
}

/** An address asked about by itself is not its class's: that is reached by whichever address serves. */
function classOf(matrix: ReachMatrix, { world, eni, asked }: InterfaceEnd): number | undefined {
  return asked === 'name' ? matrix.classOf(world, eni.networkInterfaceId) : undefined;
}

function makeGroup(
  end: FlowEnd,
  index: number | undefined,
  selector: string,
  isSource: boolean,
  told: readonly Cidr[],
): Group {
  if (end.kind === 'outside') {
    const label = selector !== 'internet' ? end.label : isSource ? strangerLabel(end, told) : THE_INTERNET;
    return { labels: [label], ids: [end.address], place: { kind: 'end', end } };
  }
  const side = { labels: [end.label], ids: [end.eni.networkInterfaceId] };
  if (index === undefined) return { ...side, place: { kind: 'end', end } };
  return { ...side, place: { kind: 'class', index, instanceIds: new Set(instanceOf(end)) } };
}

function addTo(group: Group, end: InterfaceEnd): Group {
  const { place } = group;
  return {
    labels: [...group.labels, end.label],
    ids: [...group.ids, end.eni.networkInterfaceId],
    place:
      place.kind === 'class'
        ? { ...place, instanceIds: new Set([...place.instanceIds, ...instanceOf(end)]) }
        : place,
  };
}

function instanceOf({ instance }: InterfaceEnd): string[] {
  return instance === undefined ? [] : [instance.instanceId];
}

const THE_INTERNET = 'the Internet';
const EVERYWHERE_ELSE = 'elsewhere on the Internet';

/** An address of the Internet by the smallest block that anything speaks of it by. */
function strangerLabel({ address }: OutsideEnd, told: readonly Cidr[]): string {
  const number = parseIpv4(address) ?? 0;
  const own = told
    .filter((block) => block.prefixLength > 0 && hasAddress(block, number))
    .toSorted((a, b) => b.prefixLength - a.prefixLength);
  if (own[0] === undefined) return EVERYWHERE_ELSE;
  return own[0].prefixLength === 32 ? address : formatCidr(own[0]);
}

/** Undefined where both are one and the same instance, which needs nobody's leave. */
function spaceOf(matrix: ReachMatrix, { place: from }: Group, { place: to }: Group): SpaceId | undefined {
  if (from.kind === 'class' && to.kind === 'class') {
    const all = new Set([...from.instanceIds, ...to.instanceIds]);
    return all.size === 1 ? undefined : matrix.between(from.index, to.index);
  }
  if (from.kind === 'end' && to.kind === 'end') {
    if (from.end.kind === 'outside' && to.end.kind === 'outside') return undefined;
    return matrix.walk(from.end, to.end);
  }
  if (from.kind === 'end' && to.kind === 'class') {
    return from.end.kind === 'outside'
      ? matrix.withOutside(from.end, to.index, true)
      : matrix.walk(from.end, matrix.memberOf(to.index));
  }
  if (from.kind !== 'class' || to.kind !== 'end') return NOTHING;
  return to.end.kind === 'outside'
    ? matrix.withOutside(to.end, from.index, false)
    : matrix.walk(matrix.memberOf(from.index), to.end);
}

interface Row {
  readonly source: Group;
  readonly cells: readonly (SpaceId | undefined)[];
}

/** Addresses of the Internet that reach the same are one row. */
function mergeStrangers(rows: readonly Row[]): Row[] {
  const isStranger = ({ source: { place } }: Row): boolean =>
    place.kind === 'end' && place.end.kind === 'outside' && place.end.label !== 'laptop';
  const merged = Map.groupBy(rows.filter(isStranger), ({ cells }) => cells.join());
  const strangers = [...merged.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const labels = merged.size === 1 ? [THE_INTERNET] : same.flatMap(({ source }) => source.labels);
    const ids = same.flatMap(({ source }) => source.ids);
    return [{ cells: first.cells, source: { ...first.source, labels: elsewhereAlone(labels), ids } }];
  });
  return [...rows.filter((row) => !isStranger(row)), ...strangers];
}

/** What is left of the Internet needs no list of blocks beside it. */
function elsewhereAlone(labels: readonly string[]): readonly string[] {
  return labels.includes(EVERYWHERE_ELSE) ? [EVERYWHERE_ELSE] : labels;
}
