import { evaluateAcl } from '../../model/gates.ts';
import { ipv4BlocksOf } from '../../model/prefix-lists.ts';
import type { NetworkAcl, NetworkAclEntry, SecurityGroupRule } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import { formatIpv4, type Ipv4 } from '../../net/address.ts';
import { type Cidr, hasAddress, parseCidr } from '../../net/cidr.ts';
import {
  CLIENT_PORTS,
  ECHO_REPLY,
  ECHO_REQUEST,
  hasPorts,
  type PortRange,
  protocolNumberOf,
} from '../../net/flow.ts';
import { isPing, NOTHING, portsOfProtocol, type SpaceId, type Spaces } from './spaces.ts';

const EVERY_PORT: PortRange = { first: 0, last: 65_535 };

/** The services that a rule lets through, whomever it names. */
export function spaceOfRule(spaces: Spaces, rule: SecurityGroupRule): SpaceId {
  return spaces.make((protocol) => {
    if (rule.ipProtocol === '-1') return [EVERY_PORT];
    if (protocolNumberOf(rule.ipProtocol) !== protocol) return [];
    if (isPing(protocol)) return isForPing(rule) ? [ECHO_REQUEST] : [];
    if (!hasPorts(protocol) || rule.fromPort === -1) return [EVERY_PORT];
    return [{ first: rule.fromPort, last: rule.toPort }];
  });
}

/** Of ICMP a rule has the type where others have the first port, and the code where they have the last; -1 is any. */
function isForPing({ fromPort: type, toPort: code }: SecurityGroupRule): boolean {
  return type === -1 || (type === 8 && (code === -1 || code === 0));
}

/** The IPv4 blocks that a rule names, itself or by a prefix list; none where it names a group. */
export function blocksOfRule(world: World, { peer }: SecurityGroupRule): Cidr[] {
  const parsed = peer.kind === 'cidr' ? parseCidr(peer.cidrBlock) : undefined;
  if (parsed !== undefined) return [parsed];
  if (peer.kind !== 'prefix-list') return [];
  return ipv4BlocksOf(world, peer.prefixListId).flatMap((text) => parseCidr(text) ?? []);
}

/** The services that one direction of a network ACL lets through, by the address at the other end. */
export class AclDirection {
  readonly #acl: NetworkAcl;
  readonly #isEgress: boolean;
  readonly #spaces: Spaces;
  readonly #entries: readonly { readonly entry: NetworkAclEntry; readonly block: Cidr }[];
  /** By the entries that an address is named by. */
  readonly #known = new Map<string, { readonly forward: SpaceId; readonly replies: SpaceId }>();

  constructor(spaces: Spaces, acl: NetworkAcl, isEgress: boolean) {
    this.#acl = acl;
    this.#isEgress = isEgress;
    this.#spaces = spaces;
    this.#entries = acl.entries.flatMap((entry) => {
      const block = entry.isEgress === isEgress ? parseCidr(entry.cidrBlock ?? '') : undefined;
      return block === undefined ? [] : [{ entry, block }];
    });
  }

  /** What may go through to, or from, the address; and of which protocols every reply may. */
  evaluate(address: Ipv4): { readonly forward: SpaceId; readonly replies: SpaceId } {
    const naming = this.#entries.filter(({ block }) => hasAddress(block, address));
    const key = naming.map(({ entry }) => entry.ruleNumber).join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const acl = { ...this.#acl, entries: naming.map(({ entry }) => entry) };
    const verdictOf = (protocol: number, ports: PortRange) => {
      const end = formatIpv4(address);
      return evaluateAcl(acl, this.#isEgress, { protocol, ports, source: end, destination: end });
    };
    const forward = this.#spaces.make((protocol) =>
      verdictOf(protocol, portsOfProtocol(protocol)).deciding.flatMap(({ isAllowed, ports }) =>
        isAllowed ? [ports] : [],
      ),
    );
    const replies = this.#spaces.make((protocol) => {
      const ports = isPing(protocol)
        ? ECHO_REPLY
        : hasPorts(protocol)
          ? CLIENT_PORTS
          : portsOfProtocol(protocol);
      return verdictOf(protocol, ports).extent === 'all' ? [portsOfProtocol(protocol)] : [];
    });
    const evaluated = { forward, replies };
    this.#known.set(key, evaluated);
    return evaluated;
  }
}

/** What a subnet without a network ACL lets across its edge (semantics S65). */
export const SHUT = { forward: NOTHING, replies: NOTHING } as const;
