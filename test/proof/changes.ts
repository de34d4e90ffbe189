import fc from 'fast-check';
import { anyFlow, type FlowChoices } from '../differential/random-flows.ts';
import { anyIpv6World, type Ipv6WorldChoices } from '../differential/random-ipv6.ts';
import { anyIpv6Flow, type Ipv6FlowChoices } from '../differential/random-ipv6-flows.ts';
import { anyWorld, type WorldChoices } from '../differential/random-worlds.ts';

/** A world, the same with other rules and routes, and flows to try in both. */
export interface Change<Choices, Flow> {
  readonly before: Choices;
  readonly after: Choices;
  readonly flows: readonly Flow[];
}

/** Flows a world: of some the ends are not there. */
const FLOWS = { minLength: 60, maxLength: 80 } as const;

export const anyChange: fc.Arbitrary<Change<WorldChoices, FlowChoices>> = fc
  .record({ before: anyWorld, other: anyWorld, flows: fc.array(anyFlow, FLOWS) })
  .map(({ before, other: { rules, acls, aclOf, tables, tableOf }, flows }) => ({
    before,
    after: { ...before, rules, acls, aclOf, tables, tableOf },
    flows,
  }));

export const anyIpv6Change: fc.Arbitrary<Change<Ipv6WorldChoices, Ipv6FlowChoices>> = fc
  .record({ before: anyIpv6World, other: anyIpv6World, flows: fc.array(anyIpv6Flow, FLOWS) })
  .map(({ before, other: { rules, entries, isGuarded, tables, tableOf, peer }, flows }) => ({
    before,
    after: {
      ...before,
      rules,
      entries,
      isGuarded,
      tables,
      tableOf,
      peer: { ...before.peer, routes: peer.routes, ingress: peer.ingress },
    },
    flows,
  }));
