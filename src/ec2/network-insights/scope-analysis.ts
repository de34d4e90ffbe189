import type { AccessScopePathRequest, PathComponent } from '@aws-sdk/client-ec2';
import { strangersIn } from '../../analyze/expectations/strangers.ts';
import { ReachMatrix } from '../../analyze/reach/matrix.ts';
import { NOTHING, type SpaceId } from '../../analyze/reach/spaces.ts';
import { portCuts } from '../../analyze/reach/walk.ts';
import { endAt, type FlowEnd } from '../../model/flow-endpoints.ts';
import { endpointOfInterface } from '../../model/interface-endpoints.ts';
import { tracePath } from '../../model/path.ts';
import { publicAddressOf } from '../../model/public-addresses.ts';
import type { Scope, World } from '../../model/world.ts';
import { cidrOf } from '../../net/cidr.ts';
import type { PortRange } from '../../net/flow.ts';
import { cutAt, idsOf } from './analysis.ts';
import type { Atlas } from './atlas.ts';
import { componentsOf } from './path-components.ts';
import {
  blocksOfPaths,
  hasClientPorts,
  isAddressed,
  isResource,
  isThrough,
  meet,
  portsOfPath,
  type ScopeEnd,
} from './scope-statements.ts';

/** The paths to find, and those of them that are meant to be there. */
export interface ScopeContent {
  readonly MatchPaths: readonly AccessScopePathRequest[];
  readonly ExcludePaths: readonly AccessScopePathRequest[];
}

/** What a scope's analysis has found. */
export interface ScopeFindings {
  /** By finding, the components of one path. */
  readonly findings: readonly (readonly PathComponent[])[];
  readonly isCut: boolean;
}

/** Most findings of one analysis: the rest is cut off, and said to be. */
export const MOST_FINDINGS = 500;

/** The protocols that AWS's analyzers know. */
const PROTOCOLS = [6, 17];

/**
 * The paths in an account's region that a scope matches and does not exclude, there and back, of each pair of ends one: whether there is any
 * is exact, as `croft reach` is. Ends are interfaces, and internet gateways with one address of every kind beyond them.
 */
export function analyseScope(atlas: Atlas, { account, region }: Scope, content: ScopeContent): ScopeFindings {
  const world = atlas.worlds.find(({ scope }) => scope.account === account && scope.region === region);
  if (world === undefined) return { findings: [], isCut: false };
  const search = new ScopeSearch(atlas, world, content);
  const findings: (readonly PathComponent[])[] = [];
  for (const found of search.findings()) {
    if (findings.length === MOST_FINDINGS) return { findings, isCut: true };
    findings.push(found);
  }
  return { findings, isCut: false };
}

class ScopeSearch {
  readonly #atlas: Atlas;
  readonly #world: World;
  readonly #content: ScopeContent;
  readonly #matrix: ReachMatrix;
  readonly #cuts: readonly number[];
  readonly #ends: readonly ScopeEnd[];
  readonly #classes = new Map<ScopeEnd, number>();

  constructor(atlas: Atlas, world: World, content: ScopeContent) {
    this.#atlas = atlas;
    this.#world = world;
    this.#content = content;
    this.#matrix = new ReachMatrix(atlas.worlds);
    this.#cuts = portCuts(atlas.worlds);
    this.#ends = [...this.#interfaces(), ...this.#gateways()];
  }

  /** One path of every pair of ends between which there is one; of a gateway's many addresses the first that has one. */
  *findings(): Generator<readonly PathComponent[]> {
    const found = new Set<string>();
    const { MatchPaths } = this.#content;
    for (const match of MatchPaths) {
      if (!hasClientPorts(match, 'some')) continue;
      const destinations = this.#ends.filter((end) => isResource(match.Destination, end));
      for (const source of this.#ends.filter((end) => isResource(match.Source, end))) {
        for (const destination of destinations) {
          const key = `${idOf(source)} ${idOf(destination)}`;
          if (found.has(key) || !this.#isPair(source, destination)) continue;
          const path = this.#pathBetween(match, source, destination);
          if (path === undefined) continue;
          found.add(key);
          yield path;
        }
      }
    }
  }

  *#interfaces(): Generator<ScopeEnd> {
    for (const eni of this.#world.networkInterfaces.values()) {
      const index = this.#matrix.classOf(this.#world, eni.networkInterfaceId);
      if (index === undefined) continue;
      const addresses = eni.privateIpAddresses.flatMap((each) => {
        const outside = publicAddressOf(this.#world, eni, each);
        return outside === undefined ? [each] : [each, outside];
      });
      const endpointId = endpointOfInterface(this.#world, eni)?.vpcEndpointId;
      const end: ScopeEnd = { kind: 'interface', eni, addresses, endpointId };
      this.#classes.set(end, index);
      yield end;
    }
  }

  *#gateways(): Generator<ScopeEnd> {
    const { MatchPaths, ExcludePaths } = this.#content;
    const blocks = blocksOfPaths([...MatchPaths, ...ExcludePaths]);
    const strangers = strangersIn(this.#atlas.worlds, cidrOf('0.0.0.0/0'), blocks);
    for (const { internetGatewayId: id, vpcId } of this.#world.internetGateways.values()) {
      if (vpcId === undefined) continue;
      for (const address of strangers) yield { kind: 'gateway', id, vpcId, address };
    }
  }

  /** From an interface to another, or between one and the Internet beyond its own VPC's gateway. */
  #isPair(source: ScopeEnd, destination: ScopeEnd): boolean {
    if (source.kind === 'gateway') {
      return destination.kind === 'interface' && destination.eni.vpcId === source.vpcId;
    }
    if (destination.kind === 'gateway') return destination.vpcId === source.eni.vpcId;
    const instanceId = source.eni.attachment?.instanceId;
    return instanceId === undefined
      ? source.eni.networkInterfaceId !== destination.eni.networkInterfaceId
      : destination.eni.attachment?.instanceId !== instanceId;
  }

  #pathBetween(
    match: AccessScopePathRequest,
    source: ScopeEnd,
    destination: ScopeEnd,
  ): readonly PathComponent[] | undefined {
    const space = this.#spaceOf(source, destination);
    if (space === NOTHING || !this.#isAddressed(match, source, destination)) return undefined;
    const excluding = this.#content.ExcludePaths.filter(
      (path) =>
        hasClientPorts(path, 'all') &&
        isResource(path.Source, source) &&
        isResource(path.Destination, destination) &&
        this.#isAddressed(path, source, destination),
    );
    for (const { protocol, ports } of this.#matrix.spaces.describe(space)) {
      if (!PROTOCOLS.includes(protocol)) continue;
      const asked = portsOfPath(match, protocol).flatMap((range) =>
        ports.flatMap((each) => meet(range, each)),
      );
      const plain = excluding.filter(({ ThroughResources = [] }) => ThroughResources.length === 0);
      const left = plain.reduce((rest, path) => subtract(rest, portsOfPath(path, protocol)), asked);
      const path = this.#firstPath(match, excluding, source, destination, protocol, left);
      if (path !== undefined) return path;
    }
    return undefined;
  }

  /** The first of the ports by which a path leads through what is demanded, and not through what excludes it. */
  #firstPath(
    match: AccessScopePathRequest,
    excluding: readonly AccessScopePathRequest[],
    source: ScopeEnd,
    destination: ScopeEnd,
    protocol: number,
    ports: readonly PortRange[],
  ): readonly PathComponent[] | undefined {
    const bounds = excluding
      .flatMap((path) => portsOfPath(path, protocol))
      .flatMap((each) => [each.first, each.last + 1]);
    const cuts = [...this.#cuts, ...bounds].sort((one, other) => one - other);
    for (const { first, last } of ports.flatMap((range) =>
      cutAt({ from: range.first, to: range.last }, cuts),
    )) {
      const traced = tracePath({
        source: this.#flowEnd(source),
        destination: this.#flowEnd(destination),
        protocol,
        ports: { first, last },
        publicHosts: undefined,
        worlds: this.#atlas.worlds,
      });
      const components = componentsOf(this.#atlas, traced, false);
      const passed = idsOf(components);
      const ends = [source, destination].flatMap((end) => (end.kind === 'gateway' ? [end.id] : []));
      const isExcluded = excluding.some(
        (path) =>
          isThrough(path, passed) &&
          portsOfPath(path, protocol).some((range) => range.first <= first && last <= range.last),
      );
      const isWhole = traced.isAllowed && ends.every((id) => passed.has(id));
      if (isWhole && isThrough(match, passed) && !isExcluded) return components;
    }
    return undefined;
  }

  #isAddressed(path: AccessScopePathRequest, source: ScopeEnd, destination: ScopeEnd): boolean {
    return (
      isAddressed(this.#world, path.Source, source, destination) &&
      isAddressed(this.#world, path.Destination, source, destination)
    );
  }

  #spaceOf(source: ScopeEnd, destination: ScopeEnd): SpaceId {
    const [from, to] = [this.#classes.get(source), this.#classes.get(destination)];
    if (from !== undefined && to !== undefined) return this.#matrix.between(from, to);
    const [start, end] = [this.#flowEnd(source), this.#flowEnd(destination)];
    if (start.kind === 'outside' && to !== undefined) return this.#matrix.withOutside(start, to, true);
    return end.kind === 'outside' && from !== undefined
      ? this.#matrix.withOutside(end, from, false)
      : this.#matrix.walk(start, end);
  }

  #flowEnd(end: ScopeEnd): FlowEnd {
    if (end.kind === 'interface') return endAt(this.#world, end.eni, 'name');
    const { address } = end;
    return { kind: 'outside', address, label: address, block: `${address}/32` };
  }
}

function idOf(end: ScopeEnd): string {
  return end.kind === 'gateway' ? end.id : end.eni.networkInterfaceId;
}

/** What is left of ranges without others. */
function subtract(ranges: readonly PortRange[], others: readonly PortRange[]): PortRange[] {
  return others.reduce<PortRange[]>(
    (rest, { first, last }) =>
      rest.flatMap((range) => [
        ...meet(range, { first: 0, last: first - 1 }),
        ...meet(range, { first: last + 1, last: 65_535 }),
      ]),
    [...ranges],
  );
}
