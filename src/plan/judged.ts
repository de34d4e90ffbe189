import type { NetworkInterface } from '../model/records.ts';
import type { AclPlan } from './acl.ts';
import {
  GENERATION_SHIFT,
  JUDGED_ORIGINAL,
  JUDGED_REPLY,
  UNTRACKED,
  UNTRACKED_BY_RECEIVER,
  UNTRACKED_BY_SENDER,
} from './connection-marks.ts';
import type { GroupPlan } from './groups.ts';
import type { RoutingPlan } from './routing.ts';
import type { NftMap, NftMapElement } from './ruleset.ts';

/** What the verdict on an established connection's packet depends on, besides the packet. */
export interface Grounds {
  readonly interfaces: readonly NetworkInterface[];
  readonly acls: AclPlan;
  readonly groups: GroupPlan;
  readonly routing: RoutingPlan;
  readonly isAttachedToTransitGateway: boolean;
}

/**
 * A router's memory of verdicts: a connection's mark says which of its directions passed every gate, and under which
 * rules. All packets of one direction look the same to every gate, so that the first one's verdict is every one's
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
  const generation = fingerprint(grounds) << GENERATION_SHIFT;
  const mark = (bits: number): string => String((generation | bits) >>> 0);
  const judged: NftMapElement[] = [];
  const otherWay: NftMapElement[] = [];
  const thisWay: NftMapElement[] = [];
  for (const untracked of UNTRACKED_COMBINATIONS) {
    const [original, reply] = [mark(JUDGED_ORIGINAL | untracked), mark(JUDGED_REPLY | untracked)];
    const both = mark(JUDGED_ORIGINAL | JUDGED_REPLY | untracked);
    judged.push({ key: `original . ${original}`, value: 'goto deliver' });
    judged.push({ key: `original . ${both}`, value: 'goto deliver' });
    judged.push({ key: `reply . ${reply}`, value: 'goto deliver' });
    judged.push({ key: `reply . ${both}`, value: 'goto deliver' });
    otherWay.push({ key: `original . ${reply}`, value: both }, { key: `reply . ${original}`, value: both });
    thisWay.push({ key: `original . ${untracked}`, value: original });
    thisWay.push({ key: `reply . ${untracked}`, value: reply });
  }
  return [
    map('judged', 'ct_dir . mark : verdict', judged),
    map('judged_other_way', 'ct_dir . mark : mark', otherWay),
    map('judged_this_way', 'ct_dir . mark : mark', thisWay),
  ];
}

const UNTRACKED_COMBINATIONS: readonly number[] = [0, UNTRACKED_BY_SENDER, UNTRACKED_BY_RECEIVER, UNTRACKED];

/** NAT gateways and load balancers forward, too, but under addresses of their own: as other connections. */
const TRANSLATORS: ReadonlySet<string> = new Set(['nat_gateway', 'network_load_balancer']);

function isEachDirectionSeenOnce({ interfaces, isAttachedToTransitGateway }: Grounds): boolean {
  if (isAttachedToTransitGateway) return false;
  return interfaces.every((eni) => eni.sourceDestCheck || TRANSLATORS.has(eni.interfaceType));
}

/** FNV-1a's offset basis and prime, of 32 bits. */
const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/** Rules and routes as a number: the same for the same, and for others the same once in 2²⁸ times. */
function fingerprint({ acls, groups, routing }: Grounds): number {
  const text = JSON.stringify([acls, groups, routing]);
  let hash = OFFSET_BASIS;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), PRIME);
  return hash >>> GENERATION_SHIFT;
}
