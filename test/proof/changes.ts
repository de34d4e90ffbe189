import fc from 'fast-check';
import { anyFlow, type FlowChoices } from '../differential/random-flows.ts';
import { anyWorld, type WorldChoices } from '../differential/random-worlds.ts';

/** A world, the same with other rules and routes, and flows to try in both. */
export interface Change {
  readonly before: WorldChoices;
  readonly after: WorldChoices;
  readonly flows: readonly FlowChoices[];
}

/** Flows a world: of some the ends are not there. */
const FLOWS = { minLength: 60, maxLength: 80 } as const;

export const anyChange: fc.Arbitrary<Change> = fc
  .record({ before: anyWorld, other: anyWorld, flows: fc.array(anyFlow, FLOWS) })
  .map(({ before, other: { rules, acls, aclOf, tables, tableOf }, flows }) => ({
    before,
    after: { ...before, rules, acls, aclOf, tables, tableOf },
    flows,
  }));
