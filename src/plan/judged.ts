import type { NetworkInterface } from '../model/records.ts';
import type { AclPlan } from './acl.ts';
import type { RoutingPlan } from './routing.ts';
import type { NftMap, NftMapElement } from './ruleset.ts';

/** Bits of a connection's mark: which of its two directions the gates have let through. */
const ORIGINAL = 1;
const REPLY = 2;

/** The mark's other thirty bits say under which rules that was. */
const DIRECTION_BITS = 2;

/** What the verdict on an established connection's packet depends on, besides the packet. */
export interface Grounds {
  readonly interfaces: readonly NetworkInterface[];
  readonly acls: AclPlan;
  readonly routing: RoutingPlan;
  readonly isAttachedToTransitGateway: boolean;
}

/**
 * A router's memory of verdicts: a connection's mark says which of its directions passed every gate, and under which
 * rules. All packets of one direction look the same to a network ACL, so that the first one's verdict is every one's
 * until the rules are others; then the mark is of another generation, and the next packet is judged anew (semantics S72).
 * No memory is kept where a direction of a connection may pass the router twice, by other subnets each time: where an
 * appliance forwards, or where a transit gateway may send back what came from the VPC.
 */
export function planJudged(grounds: Grounds): NftMap[] {
  const map = (name: string, type: string, elements: readonly NftMapElement[]): NftMap => ({
    name,
    type,
    isInterval: false,
    elements: isEachDirectionSeenOnce(grounds) ? elements : [],
  });
  const generation = fingerprint(grounds) << DIRECTION_BITS;
  const mark = (bits: number): string => String((generation | bits) >>> 0);
  const both = mark(ORIGINAL | REPLY);
  return [
    map('judged', 'ct_dir . mark : verdict', [
      { key: `original . ${mark(ORIGINAL)}`, value: 'goto deliver' },
      { key: `original . ${both}`, value: 'goto deliver' },
      { key: `reply . ${mark(REPLY)}`, value: 'goto deliver' },
      { key: `reply . ${both}`, value: 'goto deliver' },
    ]),
    map('judged_other_way', 'ct_dir . mark : mark', [
      { key: `original . ${mark(REPLY)}`, value: both },
      { key: `reply . ${mark(ORIGINAL)}`, value: both },
    ]),
    map('judged_this_way', 'ct_dir : mark', [
      { key: 'original', value: mark(ORIGINAL) },
      { key: 'reply', value: mark(REPLY) },
    ]),
  ];
}

/** NAT gateways and load balancers forward, too, but under addresses of their own: as other connections. */
const TRANSLATORS: ReadonlySet<string> = new Set(['nat_gateway', 'network_load_balancer']);

function isEachDirectionSeenOnce({ interfaces, isAttachedToTransitGateway }: Grounds): boolean {
  if (isAttachedToTransitGateway) return false;
  return interfaces.every((eni) => eni.sourceDestCheck || TRANSLATORS.has(eni.interfaceType));
}

/** FNV-1a's offset basis and prime, of 32 bits. */
const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** Rules and routes as a number: the same for the same, and for others the same once in 2³⁰ times. */
function fingerprint({ acls, routing }: Grounds): number {
  const text = JSON.stringify([acls, routing]);
  let hash = OFFSET_BASIS;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), PRIME);
  return hash >>> DIRECTION_BITS;
}
