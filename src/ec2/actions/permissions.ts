import type { IpPermission, SecurityGroupRuleRequest } from '@aws-sdk/client-ec2';
import type { RulePeer, SecurityGroup, SecurityGroupRule } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import { formatCidr, parseCidr } from '../../net/cidr.ts';
import { canonicalIpv6Cidr } from '../../net/ipv6.ts';
import type { ActionContext } from '../action.ts';
import * as errors from '../errors.ts';
import { findResource, kinds } from '../kinds.ts';
import { isPeered, showReferencedGroup } from '../peered-vpcs.ts';

/** What a rule lets through: all of a rule but its identity. */
export type Permission = Pick<
  SecurityGroupRule,
  'ipProtocol' | 'fromPort' | 'toPort' | 'peer' | 'description'
>;

/** A request's protocol and ports. */
interface Traffic {
  readonly IpProtocol?: string | undefined;
  readonly FromPort?: number | undefined;
  readonly ToPort?: number | undefined;
}

/** Numbers that AWS shows by name. */
const PROTOCOL_NAMES: Readonly<Record<string, string>> = {
  1: 'icmp',
  6: 'tcp',
  17: 'udp',
  58: 'icmpv6',
  all: '-1',
};

const HIGHEST_PROTOCOL = 255;
const HIGHEST_PORT = 65535;
const HIGHEST_ICMP = 255;

const DESCRIPTION = /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{0,255}$/;

/** Every permission that a list of them spells out: one for each peer. Throws when one is not allowed in the group. */
function readPermissions(
  context: ActionContext,
  group: SecurityGroup,
  permissions: readonly IpPermission[],
): Permission[] {
  return permissions.flatMap((permission) => {
    const traffic = readTraffic(permission);
    const peers: Pick<Permission, 'peer' | 'description'>[] = [
      ...(permission.IpRanges ?? []).map((range) => withDescription(readCidrPeer(range.CidrIp), range)),
      ...(permission.Ipv6Ranges ?? []).map((range) => withDescription(readIpv6Peer(range.CidrIpv6), range)),
      ...(permission.PrefixListIds ?? []).map((list) =>
        withDescription(readPrefixListPeer(context, list.PrefixListId), list),
      ),
      ...(permission.UserIdGroupPairs ?? []).map((pair) =>
        withDescription(readGroupPeer(context, group, pair.GroupId, pair.GroupName), pair),
      ),
    ];
    if (peers.length === 0) throw errors.missingParameter('ipRanges');
    return peers.map((peer) => ({ ...traffic, ...peer }));
  });
}

/** A request's permissions: a list of them, or one in the flat parameters of the first API. */
export interface PermissionInput extends Traffic {
  readonly IpPermissions?: readonly IpPermission[] | undefined;
  readonly CidrIp?: string | undefined;
  readonly SourceSecurityGroupName?: string | undefined;
}

/** The permissions of a request, in whichever form; none when it carries none. */
export function permissionsIn(
  context: ActionContext,
  group: SecurityGroup,
  input: PermissionInput,
): Permission[] {
  const listed = input.IpPermissions ?? [];
  const { CidrIp, SourceSecurityGroupName: name, IpProtocol, FromPort, ToPort } = input;
  const isFlat = CidrIp !== undefined || name !== undefined || IpProtocol !== undefined;
  if (!isFlat) return readPermissions(context, group, listed);
  if (listed.length > 0) {
    throw errors.invalidParameterCombination(
      'The parameter ipPermissions may not be used with the parameters of a single permission.',
    );
  }
  // AWS reads a source group without protocol as all of its traffic.
  const traffic = readTraffic({
    IpProtocol: IpProtocol ?? (name === undefined ? undefined : '-1'),
    FromPort,
    ToPort,
  });
  const peer = name === undefined ? readCidrPeer(CidrIp) : readGroupPeer(context, group, undefined, name);
  return [{ ...traffic, peer }];
}

/** A rule as ModifySecurityGroupRules makes it: the traffic and peer of the request, the rule's where it says nothing. */
export function readModification(
  context: ActionContext,
  group: SecurityGroup,
  rule: SecurityGroupRule,
  request: SecurityGroupRuleRequest,
): Permission {
  const { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupId, Description } = request;
  const peers = [
    ...(CidrIpv4 === undefined ? [] : [readCidrPeer(CidrIpv4)]),
    ...(CidrIpv6 === undefined ? [] : [readIpv6Peer(CidrIpv6)]),
    ...(PrefixListId === undefined ? [] : [readPrefixListPeer(context, PrefixListId)]),
    ...(ReferencedGroupId === undefined ? [] : [readGroupPeer(context, group, ReferencedGroupId)]),
  ];
  if (peers.length > 1) {
    throw errors.invalidParameterCombination('Only one source or destination of a rule may be specified.');
  }
  const [peer = rule.peer] = peers;
  if (peer.kind !== rule.peer.kind) {
    throw errors.invalidParameterValue('The type of the source or destination of a rule cannot be changed.');
  }
  const traffic =
    request.IpProtocol === undefined
      ? { ipProtocol: rule.ipProtocol, fromPort: rule.fromPort, toPort: rule.toPort }
      : readTraffic(request);
  return { ...traffic, ...withDescription(peer, { Description }) };
}

/** A peer and the request's description, which is absent when it was not given. */
function withDescription(
  peer: RulePeer,
  { Description }: { readonly Description?: string | undefined },
): Pick<Permission, 'peer' | 'description'> {
  return Description === undefined ? { peer } : { peer, description: readDescription(Description) };
}

/** A rule's description. Throws when AWS does not take it (semantics S88). */
export function readDescription(description: string): string {
  if (DESCRIPTION.test(description)) return description;
  throw errors.invalidParameterValue(
    'Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*',
  );
}

/** Protocol and ports, or ICMP type and code, as a record has them. Throws when they are none. */
function readTraffic({ IpProtocol, FromPort, ToPort }: Traffic): Omit<Permission, 'peer' | 'description'> {
  if (IpProtocol === undefined) throw errors.missingParameter('ipProtocol');
  const ipProtocol = readProtocol(IpProtocol);
  if (ipProtocol === 'tcp' || ipProtocol === 'udp') return { ipProtocol, ...readPorts(FromPort, ToPort) };
  if (ipProtocol === 'icmp' || ipProtocol === 'icmpv6') return { ipProtocol, ...readIcmp(FromPort, ToPort) };
  return { ipProtocol, fromPort: -1, toPort: -1 };
}

function readProtocol(given: string): string {
  const text = given.toLowerCase();
  const name = PROTOCOL_NAMES[text] ?? text;
  const isNumber = /^(0|[1-9][0-9]{0,2})$/.test(name) && Number(name) <= HIGHEST_PROTOCOL;
  if (name === '-1' || isNumber || Object.values(PROTOCOL_NAMES).includes(name)) return name;
  throw errors.invalidParameterValue(`Invalid value '${given}' for IP protocol. Unknown protocol.`);
}

function readPorts(from: number | undefined, to: number | undefined): { fromPort: number; toPort: number } {
  if (from === undefined || to === undefined) {
    throw errors.invalidParameterValue(
      "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
    );
  }
  if (from < 0 || to > HIGHEST_PORT || from > to) {
    throw errors.invalidParameterValue(`Invalid TCP/UDP port range (${from}:${to})`);
  }
  return { fromPort: from, toPort: to };
}

function readIcmp(type = -1, code = -1): { fromPort: number; toPort: number } {
  const isKnown = [type, code].every((value) => value >= -1 && value <= HIGHEST_ICMP);
  if (isKnown && (type !== -1 || code === -1)) return { fromPort: type, toPort: code };
  throw errors.invalidParameterValue(`Invalid ICMP type and code (${type}:${code})`);
}

/** An IPv4 block as a peer, canonicalised. */
function readCidrPeer(text: string | undefined): RulePeer {
  if (text === undefined) throw errors.missingParameter('cidrIp');
  const cidr = parseCidr(text);
  if (cidr === undefined) throw errors.invalidParameterValue(`CIDR block ${text} is malformed`);
  return { kind: 'cidr', cidrBlock: formatCidr(cidr) };
}

/** An IPv6 block as a peer, canonicalised. */
function readIpv6Peer(text: string | undefined): RulePeer {
  if (text === undefined) throw errors.missingParameter('cidrIpv6');
  const cidrBlock = canonicalIpv6Cidr(text);
  if (cidrBlock === undefined) throw errors.invalidParameterValue(`CIDR block ${text} is malformed`);
  return { kind: 'cidr-ipv6', cidrBlock };
}

/** A prefix list as a peer. */
function readPrefixListPeer({ tx }: ActionContext, id: string | undefined): RulePeer {
  const { prefixListId } = findResource(tx, kinds.prefixList, id, 'prefixListId');
  return { kind: 'prefix-list', prefixListId };
}

/** A group of the same VPC as a peer, by id or, failing that, by name; by id also of a peered VPC (semantics S78). */
function readGroupPeer(
  { tx, account }: ActionContext,
  { vpcId }: SecurityGroup,
  id: string | undefined,
  name?: string,
): RulePeer {
  const byName = tx.securityGroups.where('vpcId', vpcId).find(({ groupName }) => groupName === name);
  if (id === undefined && name !== undefined && byName === undefined) throw errors.noSuchSecurityGroup(name);
  const peer = findResource(tx, kinds.securityGroup, id ?? byName?.groupId, 'groupId');
  if (peer.vpcId !== vpcId && !isPeered(tx, vpcId, peer.vpcId)) {
    throw new errors.AwsError(
      'InvalidGroup.NotFound',
      'You have specified two resources that belong to different networks.',
    );
  }
  return { kind: 'group', groupId: peer.groupId, userId: account };
}

/** A text that two permissions share exactly when they let the same traffic through. */
export function keyOfPermission({ ipProtocol, fromPort, toPort, peer }: Permission): string {
  return `${ipProtocol} ${fromPort} ${toPort} ${peer.kind} ${nameOfPeer(peer)}`;
}

function nameOfPeer(peer: RulePeer): string {
  switch (peer.kind) {
    case 'cidr':
    case 'cidr-ipv6':
      return peer.cidrBlock;
    case 'group':
      return peer.groupId;
    case 'prefix-list':
      return peer.prefixListId;
  }
}

/** A permission as AWS's messages write it. */
export function describePermission({ ipProtocol, fromPort, toPort, peer }: Permission): string {
  const protocol = ipProtocol === '-1' ? 'ALL' : ipProtocol.toUpperCase();
  const numberOf = (value: number): string => (value === -1 ? 'ALL' : String(value));
  const traffic =
    ipProtocol === 'tcp' || ipProtocol === 'udp'
      ? `${protocol}, from port: ${fromPort}, to port: ${toPort}`
      : ipProtocol === 'icmp' || ipProtocol === 'icmpv6'
        ? `${protocol}, type: ${numberOf(fromPort)}, code: ${numberOf(toPort)}`
        : protocol;
  return `peer: ${nameOfPeer(peer)}, ${traffic}, ALLOW`;
}

/** Rules as a group shows them: those of the same protocol and ports in one entry. */
export function showPermissions(world: World, rules: readonly SecurityGroupRule[]): IpPermission[] {
  const byTraffic = Map.groupBy(
    rules,
    ({ ipProtocol, fromPort, toPort }) => `${ipProtocol} ${fromPort} ${toPort}`,
  );
  return [...byTraffic.values()].map((same) => {
    const [first] = same;
    const hasPorts = first !== undefined && ['tcp', 'udp', 'icmp', 'icmpv6'].includes(first.ipProtocol);
    return {
      IpProtocol: first?.ipProtocol,
      ...(hasPorts ? { FromPort: first.fromPort, ToPort: first.toPort } : {}),
      IpRanges: same.flatMap(({ peer, description }) =>
        peer.kind === 'cidr' ? [{ CidrIp: peer.cidrBlock, Description: description }] : [],
      ),
      Ipv6Ranges: same.flatMap(({ peer, description }) =>
        peer.kind === 'cidr-ipv6' ? [{ CidrIpv6: peer.cidrBlock, Description: description }] : [],
      ),
      PrefixListIds: same.flatMap(({ peer, description }) =>
        peer.kind === 'prefix-list' ? [{ PrefixListId: peer.prefixListId, Description: description }] : [],
      ),
      UserIdGroupPairs: same.flatMap((rule) => {
        const group = showReferencedGroup(world, rule);
        return group === undefined ? [] : [{ ...group, Description: rule.description }];
      }),
    };
  });
}
