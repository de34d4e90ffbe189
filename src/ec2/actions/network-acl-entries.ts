import type {
  CreateNetworkAclEntryRequest,
  DeleteNetworkAclEntryRequest,
  ReplaceNetworkAclEntryRequest,
} from '@aws-sdk/client-ec2';
import type { NetworkAcl, NetworkAclEntry } from '../../model/records.ts';
import { formatCidr, parseCidr } from '../../net/cidr.ts';
import { canonicalIpv6Cidr } from '../../net/ipv6.ts';
import type { ActionContext } from '../action.ts';
import * as errors from '../errors.ts';
import { findResource, kinds } from '../kinds.ts';
import { demandQuota } from '../quotas.ts';

/** Rule numbers a user may give; the one above is the `*` entry's (semantics S62). */
const HIGHEST_NUMBER = 32766;
const LAST_NUMBER = HIGHEST_NUMBER + 1;

/** Number of the entry that a default ACL allows everything with (semantics S61). */
const ALLOW_ALL_NUMBER = 100;

const PROTOCOL_NUMBERS: Readonly<Record<string, string>> = {
  all: '-1',
  icmp: '1',
  tcp: '6',
  udp: '17',
  icmpv6: '58',
};
const HIGHEST_PROTOCOL = 255;
const HIGHEST_PORT = 65535;
const HIGHEST_ICMP = 255;

/** Entries of network ACLs (semantics S61, S62, S68, S69). */
export const networkAclEntryActions = {
  CreateNetworkAclEntry(context: ActionContext, input: CreateNetworkAclEntryRequest): undefined {
    const { tx } = context;
    const acl = findResource(tx, kinds.networkAcl, input.NetworkAclId, 'networkAclId');
    const entry = readEntry(input);
    if (findEntry(acl, entry) !== undefined) throw errors.networkAclEntryAlreadyExists(entry.ruleNumber);
    const others = acl.entries.filter(
      (other) =>
        other.isEgress === entry.isEgress &&
        other.ruleNumber <= HIGHEST_NUMBER &&
        (other.ipv6CidrBlock === undefined) === (entry.ipv6CidrBlock === undefined),
    );
    demandQuota(context, 'rules-per-network-acl', others.length + 1);
    tx.networkAcls.put({ ...acl, entries: [...acl.entries, entry].sort(compareEntries) });
  },

  ReplaceNetworkAclEntry({ tx }: ActionContext, input: ReplaceNetworkAclEntryRequest): undefined {
    const acl = findResource(tx, kinds.networkAcl, input.NetworkAclId, 'networkAclId');
    const entry = readEntry(input);
    const present = findEntry(acl, entry);
    if (present === undefined) throw errors.noSuchNetworkAclEntry(entry.ruleNumber);
    tx.networkAcls.put({ ...acl, entries: acl.entries.map((each) => (each === present ? entry : each)) });
  },

  DeleteNetworkAclEntry({ tx }: ActionContext, input: DeleteNetworkAclEntryRequest): undefined {
    const acl = findResource(tx, kinds.networkAcl, input.NetworkAclId, 'networkAclId');
    const place = { ruleNumber: readRuleNumber(input.RuleNumber), isEgress: readDirection(input.Egress) };
    const present = findEntry(acl, place);
    if (present === undefined) throw errors.noSuchNetworkAclEntry(place.ruleNumber);
    tx.networkAcls.put({ ...acl, entries: acl.entries.filter((each) => each !== present) });
  },
};

/** The network ACL that comes with a VPC: everything is allowed (semantics S61). */
export function makeDefaultAcl(networkAclId: string, vpcId: string): NetworkAcl {
  const acl = makeCustomAcl(networkAclId, vpcId);
  const allowAll = [true, false].map((isEgress) => everything(isEgress, ALLOW_ALL_NUMBER, 'allow'));
  return { ...acl, isDefault: true, entries: [...allowAll, ...acl.entries].sort(compareEntries) };
}

/** A network ACL as the user makes it: only the `*` entries, which deny everything (semantics S61). */
export function makeCustomAcl(networkAclId: string, vpcId: string): NetworkAcl {
  const entries = [true, false].map((isEgress) => everything(isEgress, LAST_NUMBER, 'deny'));
  return { networkAclId, vpcId, isDefault: false, entries, associations: [], tags: [] };
}

/**
 * An ACL in a VPC with IPv6: `*` denies that too, and a default ACL allows everything of it as long as nobody changed the
 * direction (semantics S61, S73).
 */
export function withIpv6Entries(acl: NetworkAcl): NetworkAcl {
  const added = [true, false].flatMap((isEgress): NetworkAclEntry[] => {
    const present = acl.entries.filter((entry) => entry.isEgress === isEgress);
    if (present.some(({ ipv6CidrBlock }) => ipv6CidrBlock !== undefined)) return [];
    const [first, ...others] = present;
    const isUnchanged = first?.ruleNumber === ALLOW_ALL_NUMBER && others.length === 1;
    return [
      ...(acl.isDefault && isUnchanged ? [everythingIpv6(isEgress, ALLOW_ALL_NUMBER + 1, 'allow')] : []),
      everythingIpv6(isEgress, LAST_NUMBER + 1, 'deny'),
    ];
  });
  return { ...acl, entries: [...acl.entries, ...added].sort(compareEntries) };
}

function everythingIpv6(
  isEgress: boolean,
  ruleNumber: number,
  ruleAction: NetworkAclEntry['ruleAction'],
): NetworkAclEntry {
  return { ruleNumber, isEgress, protocol: '-1', ruleAction, ipv6CidrBlock: '::/0' };
}

function everything(
  isEgress: boolean,
  ruleNumber: number,
  ruleAction: NetworkAclEntry['ruleAction'],
): NetworkAclEntry {
  return { ruleNumber, isEgress, protocol: '-1', ruleAction, cidrBlock: '0.0.0.0/0' };
}

/** As AWS lists them: egress first, each direction by number. */
function compareEntries(one: NetworkAclEntry, other: NetworkAclEntry): number {
  return Number(other.isEgress) - Number(one.isEgress) || one.ruleNumber - other.ruleNumber;
}

type Place = Pick<NetworkAclEntry, 'ruleNumber' | 'isEgress'>;

function findEntry(acl: NetworkAcl, { ruleNumber, isEgress }: Place): NetworkAclEntry | undefined {
  return acl.entries.find((entry) => entry.ruleNumber === ruleNumber && entry.isEgress === isEgress);
}

function readEntry(input: CreateNetworkAclEntryRequest): NetworkAclEntry {
  const protocol = readProtocol(input.Protocol);
  return {
    ruleNumber: readRuleNumber(input.RuleNumber),
    isEgress: readDirection(input.Egress),
    protocol,
    ruleAction: readRuleAction(input.RuleAction),
    ...readAddresses(input),
    ...readDetails(protocol, input),
  };
}

function readRuleNumber(ruleNumber: number | undefined): number {
  if (ruleNumber === undefined) throw errors.missingParameter('ruleNumber');
  if (ruleNumber >= 1 && ruleNumber <= HIGHEST_NUMBER) return ruleNumber;
  throw errors.invalidValue(
    ruleNumber,
    'ruleNumber',
    `The rule number must be between 1 and ${HIGHEST_NUMBER}.`,
  );
}

function readDirection(isEgress: boolean | undefined): boolean {
  if (isEgress === undefined) throw errors.missingParameter('egress');
  return isEgress;
}

function readRuleAction(action: string | undefined): NetworkAclEntry['ruleAction'] {
  if (action === 'allow' || action === 'deny') return action;
  if (action === undefined) throw errors.missingParameter('ruleAction');
  throw errors.invalidValue(action, 'ruleAction', 'The action is allow or deny.');
}

function readProtocol(given: string | undefined): string {
  if (given === undefined) throw errors.missingParameter('protocol');
  const number = PROTOCOL_NUMBERS[given.toLowerCase()] ?? given;
  const isKnown = /^(-1|0|[1-9][0-9]{0,2})$/.test(number) && Number(number) <= HIGHEST_PROTOCOL;
  if (isKnown) return number;
  throw errors.invalidParameterValue(`Invalid value '${given}' for IP protocol. Unknown protocol.`);
}

function readAddresses({
  CidrBlock,
  Ipv6CidrBlock,
}: CreateNetworkAclEntryRequest): Pick<NetworkAclEntry, 'cidrBlock' | 'ipv6CidrBlock'> {
  if (CidrBlock !== undefined && Ipv6CidrBlock !== undefined) {
    throw errors.invalidParameterCombination(
      'The parameters cidrBlock and ipv6CidrBlock cannot be used together',
    );
  }
  if (CidrBlock !== undefined) {
    const cidr = parseCidr(CidrBlock);
    if (cidr === undefined) throw errors.invalidCidr(CidrBlock);
    return { cidrBlock: formatCidr(cidr) };
  }
  if (Ipv6CidrBlock === undefined) throw errors.missingParameter('cidrBlock');
  const ipv6CidrBlock = canonicalIpv6Cidr(Ipv6CidrBlock);
  if (ipv6CidrBlock === undefined) throw errors.invalidCidr(Ipv6CidrBlock, 'ipv6CidrBlock');
  return { ipv6CidrBlock };
}

function readDetails(
  protocol: string,
  { PortRange, IcmpTypeCode }: CreateNetworkAclEntryRequest,
): Pick<NetworkAclEntry, 'portRange' | 'icmpTypeCode'> {
  if (protocol === PROTOCOL_NUMBERS['tcp'] || protocol === PROTOCOL_NUMBERS['udp']) {
    const { From: from, To: to } = PortRange ?? {};
    if (from === undefined) throw errors.missingParameter('portRange.from');
    if (to === undefined) throw errors.missingParameter('portRange.to');
    if (from < 0 || to > HIGHEST_PORT || from > to) {
      throw errors.invalidParameterValue(`Invalid TCP/UDP port range (${from}:${to})`);
    }
    return { portRange: { from, to } };
  }
  if (protocol === PROTOCOL_NUMBERS['icmp'] || protocol === PROTOCOL_NUMBERS['icmpv6']) {
    const { Type: type, Code: code } = IcmpTypeCode ?? {};
    if (type === undefined) throw errors.missingParameter('icmpTypeCode.type');
    if (code === undefined) throw errors.missingParameter('icmpTypeCode.code');
    const isInRange = [type, code].every((value) => value >= -1 && value <= HIGHEST_ICMP);
    if (!isInRange || (type === -1 && code !== -1)) {
      throw errors.invalidParameterValue(`Invalid ICMP type and code (${type}:${code})`);
    }
    return { icmpTypeCode: { type, code } };
  }
  return {};
}
