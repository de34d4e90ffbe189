import { METADATA_ADDRESS } from './places.ts';
import type { Ruleset } from './ruleset.ts';

/** The time to live of packets that nobody limits, and the largest limit that there is. */
const UNLIMITED = 64;

/** The VPC's router takes one from the time to live between the services and an instance. */
const ROUTERS = 1;

/** DSCP is the upper six bits of the type of service. */
const DSCP_SHIFT = 2;

/**
 * How a reply of the metadata service says how far it may go: `hops` from 1 to 64, as a type of service, which is what
 * a process can set on a connection. `metadataHops` makes a time to live of it.
 */
export function typeOfServiceFor(hops: number): number {
  return hops >= UNLIMITED ? 0 : hops << DSCP_SHIFT;
}

/**
 * The rules by which a reply arrives at the instance with as many hops left as its limit says: with 1, a container
 * behind the instance's own routing gets none (semantics S96).
 */
export function metadataHops(): Ruleset {
  const limits = Array.from({ length: UNLIMITED - 1 }, (_, index) => index + 1);
  return {
    table: 'cloudcroft',
    sets: [],
    maps: [],
    chains: [
      {
        name: 'hop_limit',
        rules: limits.map((hops) => `ip dscp ${hops} ip ttl set ${hops + ROUTERS} ip dscp set 0`),
      },
      {
        name: 'metadata_replies',
        hook: { type: 'filter', hook: 'output', priority: 0, policy: 'accept' },
        rules: [`ip saddr ${METADATA_ADDRESS} ip dscp != 0 jump hop_limit`],
      },
    ],
  };
}
