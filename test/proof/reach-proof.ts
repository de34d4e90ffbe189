import fc from 'fast-check';
import { ReachMatrix } from '../../src/analyze/reach/matrix.ts';
import { endAt } from '../../src/model/flow-endpoints.ts';
import { tracePath } from '../../src/model/path.ts';
import type { SecurityGroupRule } from '../../src/model/records.ts';
import type { World } from '../../src/model/world.ts';
import { ECHO_REQUEST, hasPorts } from '../../src/net/flow.ts';
import { PUBLIC_HOSTS } from '../differential/random-flows.ts';
import { anyWorld, recordsOf } from '../differential/random-worlds.ts';
import { worldOf } from '../worlds.ts';
import type { FlowTally } from './rules-proof.ts';

/** Ports at which rules of random worlds begin and end, and some between. */
const PORTS = [
  0, 21, 22, 23, 79, 80, 442, 443, 444, 1023, 1024, 5000, 32_768, 40_000, 50_001, 61_000, 65_535,
];
const PROTOCOLS = [6, 17, 1, 253, 47];

/** What the matrix says of every pair of instances, held against the model asked flow by flow. */
function expectSame(matrix: ReachMatrix, world: World, tally: FlowTally): void {
  const interfaces = [...world.networkInterfaces.values()].filter(
    ({ interfaceType }) => interfaceType === 'interface',
  );
  for (const one of interfaces) {
    for (const other of interfaces) {
      if (one === other) continue;
      const [from, to] = [one, other].map(({ networkInterfaceId }) =>
        matrix.classOf(world, networkInterfaceId),
      );
      if (from === undefined || to === undefined) throw new Error('an interface has no class');
      const space = matrix.between(from, to);
      for (const protocol of PROTOCOLS) {
        for (const port of hasPorts(protocol) ? PORTS : [0]) {
          const ports = protocol === 1 ? ECHO_REQUEST : { first: port, last: port };
          const path = tracePath({
            source: endAt(world, one, 'name'),
            destination: endAt(world, other, 'name'),
            protocol,
            ports,
            publicHosts: PUBLIC_HOSTS,
            worlds: [world],
          });
          if (path.isAllowed) tally.allowed++;
          else tally.refused++;
          if (path.isAllowed === matrix.spaces.has(space, protocol, port)) continue;
          throw new Error(
            `${one.networkInterfaceId} to ${other.networkInterfaceId}, protocol ${protocol}, port ${port}: ` +
              `the model says ${path.isAllowed}, the matrix ${JSON.stringify(matrix.spaces.describe(space))}`,
          );
        }
      }
    }
  }
}

/** Classes and sets of services say what the model says of every flow. */
export function matrixAgreement(tally: FlowTally) {
  return fc.property(anyWorld, (choices) => {
    const world = worldOf(recordsOf(choices));
    expectSame(new ReachMatrix([world], PUBLIC_HOSTS), world, tally);
  });
}

/** A matrix that is told of a change of one rule says what the model says afterwards. `onTaken` hears of each that was taken in. */
export function changeAgreement(tally: FlowTally, onTaken: () => void) {
  return fc.property(anyWorld, anyWorld, fc.nat(), fc.nat(), (choices, others, at, from) => {
    const before = worldOf(recordsOf(choices));
    const rules = [...before.securityGroupRules.values()];
    const donors = [...worldOf(recordsOf(others)).securityGroupRules.values()];
    const old = rules[at % (rules.length + 1)];
    const donor = donors[from % (donors.length + 1)];
    const securityGroupRuleId = old?.securityGroupRuleId ?? 'sgr-new';
    const made = donor === undefined ? undefined : { ...donor, securityGroupRuleId };
    // The world's tables are read live: the same object, before and after.
    let current = before;
    const live: World = Object.create(before, {
      securityGroupRules: { get: () => current.securityGroupRules, enumerable: true },
    });
    const matrix = new ReachMatrix([live], PUBLIC_HOSTS);
    expectSame(matrix, live, tally);
    current = withRules(before, [
      ...rules.filter((each) => each !== old),
      ...(made === undefined ? [] : [made]),
    ]);
    if (!matrix.update(live, { before: old, after: made })) return;
    onTaken();
    expectSame(matrix, live, tally);
  });
}

function withRules(world: World, rules: readonly SecurityGroupRule[]): World {
  return { ...world, securityGroupRules: worldOf({ securityGroupRules: rules }).securityGroupRules };
}
