import { describeResource } from '../../model/display-names.ts';
import { evaluateAcl } from '../../model/gates.ts';
import { createAclEntry, deleteAclEntry } from '../../model/mends.ts';
import type { NetworkAcl, NetworkAclEntry } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import { cidrOf, contains } from '../../net/cidr.ts';
import { CLIENT_PORTS, type Packets } from '../../net/flow.ts';
import { containsIpv6 } from '../../net/ipv6.ts';
import { EVERYWHERE, EVERYWHERE_IPV6, SOMEWHERE, SOMEWHERE_IPV6 } from './common.ts';
import type { FindingRule } from './finding.ts';

const TCP = 6;
/** The number of the entry that cannot be removed; that of IPv6 is the next. */
const LAST = 32767;

/** Mistakes in network ACLs, which remember no connections. */
export const NETWORK_ACL_RULES: readonly FindingRule[] = [
  {
    id: 'acl-without-ephemeral-ports-out',
    severity: 'error',
    title: 'A network ACL lets connections in and no answers out',
    why: 'ACLs are stateless: answers go to the client\u2019s port, 32768 to 60999 and others, and need an outbound entry of their own.',
    find: (world) => findWithoutAnswers(world, true),
  },
  {
    id: 'acl-without-ephemeral-ports-in',
    severity: 'error',
    title: 'A network ACL lets connections out and no answers in',
    why: 'ACLs are stateless: answers come to the client\u2019s port, 32768 to 60999 and others, and need an inbound entry of their own.',
    find: (world) => findWithoutAnswers(world, false),
  },
  {
    id: 'acl-denies-everything',
    severity: 'error',
    title: 'A network ACL that lets nothing through',
    why: 'A new ACL of one\u2019s own denies everything, in and out. Its subnets are cut off.',
    find: (world) =>
      usedAcls(world)
        .filter(({ entries }) => entries.every(({ ruleAction }) => ruleAction === 'deny'))
        .map((acl) => ({
          sentence: `Network ACL ${nameOf(acl)} has no entry that allows anything; ${acl.associations.length === 1 ? 'a subnet uses' : `${acl.associations.length} subnets use`} it.`,
          objectIds: [acl.networkAclId],
          mend: createAclEntry(acl, false, ANYTHING, EVERYWHERE, LAST),
        })),
  },
  {
    id: 'acl-entry-never-reached',
    severity: 'warning',
    title: 'An ACL entry that no packet reaches',
    why: 'The lowest matching number decides. An entry with a lower number takes all that this one is about, and decides otherwise.',
    find: (world) => [...world.networkAcls.values()].flatMap(findShadowed),
  },
  {
    id: 'unused-network-acl',
    severity: 'advice',
    title: 'A network ACL that no subnet uses',
    why: 'It changes nothing, and whoever reads it may think that it does.',
    find: (world) =>
      [...world.networkAcls.values()]
        .filter(({ isDefault, associations }) => !isDefault && associations.length === 0)
        .map((acl) => ({
          sentence: `Network ACL ${nameOf(acl)} is associated with no subnet.`,
          objectIds: [acl.networkAclId],
          mend: `aws ec2 delete-network-acl --network-acl-id ${acl.networkAclId}`,
        })),
  },
];

const ANYTHING: Packets = {
  protocol: -1,
  source: SOMEWHERE,
  destination: SOMEWHERE,
  ports: { first: 0, last: 65535 },
};
/** Answers to a client somewhere, or from a server somewhere; network ACLs have entries of their own for each IP version. */
const FAMILIES = [
  { where: EVERYWHERE, answers: answersOf(SOMEWHERE), name: 'TCP' },
  { where: EVERYWHERE_IPV6, answers: answersOf(SOMEWHERE_IPV6), name: 'TCP over IPv6' },
] as const;
type Family = (typeof FAMILIES)[number];

function answersOf(somewhere: string): Packets {
  return { protocol: TCP, source: somewhere, destination: somewhere, ports: CLIENT_PORTS };
}

function usedAcls(world: World): readonly NetworkAcl[] {
  return [...world.networkAcls.values()].filter(({ associations }) => associations.length > 0);
}

/** ACLs that allow TCP to or from everywhere one way, and of the answers the other way nothing. */
function findWithoutAnswers(world: World, isOut: boolean) {
  return FAMILIES.flatMap((family) =>
    usedAcls(world)
      .filter((acl) => acl.entries.some((entry) => entry.isEgress !== isOut && isOpenTcp(entry, family)))
      .filter((acl) => evaluateAcl(acl, isOut, family.answers).extent === 'none')
      .map((acl) => ({
        sentence: `Network ACL ${nameOf(acl)} lets ${family.name} ${isOut ? 'in' : 'out'} and lets no answer ${isOut ? 'out' : 'in'}: no ${isOut ? 'outbound' : 'inbound'} entry allows ports ${CLIENT_PORTS.first} to ${CLIENT_PORTS.last}.`,
        objectIds: [acl.networkAclId],
        mend: answersEntry(acl, isOut, family),
      })),
  );
}

function isOpenTcp(entry: NetworkAclEntry, { where }: Family): boolean {
  const { ruleAction, protocol } = entry;
  return (
    ruleAction === 'allow' && (protocol === '-1' || protocol === String(TCP)) && blockOf(entry) === where
  );
}

function blockOf({ cidrBlock, ipv6CidrBlock }: NetworkAclEntry): string | undefined {
  return cidrBlock ?? ipv6CidrBlock;
}

/** All ports that clients of any kind use; before whatever refuses them now. */
function answersEntry(acl: NetworkAcl, isOut: boolean, { answers, where }: Family): string {
  const [refusing] = evaluateAcl(acl, isOut, answers).deciding;
  const ports = { first: 1024, last: 65535 };
  return createAclEntry(acl, isOut, { ...answers, ports }, where, refusing?.ruleNumber ?? LAST);
}

function findShadowed(acl: NetworkAcl) {
  return acl.entries.flatMap((entry) => {
    if (entry.ruleNumber >= LAST) return [];
    const cover = acl.entries.find(
      (other) => other.ruleNumber < entry.ruleNumber && isCovering(other, entry),
    );
    if (cover === undefined || cover.ruleAction === entry.ruleAction) return [];
    const way = entry.isEgress ? 'outbound' : 'inbound';
    return [
      {
        sentence: `Entry ${entry.ruleNumber} (${way}, ${entry.ruleAction}) of network ACL ${nameOf(acl)} is never reached: entry ${cover.ruleNumber} comes first and ${cover.ruleAction === 'allow' ? 'allows' : 'denies'} all that it is about.`,
        objectIds: [acl.networkAclId],
        mend: deleteAclEntry(acl, entry.isEgress, entry.ruleNumber),
      },
    ];
  });
}

/** Whether the first entry matches every packet that the second does. */
function isCovering(one: NetworkAclEntry, other: NetworkAclEntry): boolean {
  if (one.isEgress !== other.isEgress || !isBlockCovered(one, other)) return false;
  if (one.protocol !== '-1' && one.protocol !== other.protocol) return false;
  const [ports, asked] = [one.portRange, other.portRange];
  const isPortCovered =
    one.protocol === '-1' ||
    ports === undefined ||
    (asked !== undefined && ports.from <= asked.from && ports.to >= asked.to);
  const isTypeCovered =
    one.protocol === '-1' || one.icmpTypeCode === undefined || one.icmpTypeCode.type === -1;
  return isPortCovered && isTypeCovered;
}

function isBlockCovered(one: NetworkAclEntry, other: NetworkAclEntry): boolean {
  if (one.cidrBlock !== undefined && other.cidrBlock !== undefined) {
    return contains(cidrOf(one.cidrBlock), cidrOf(other.cidrBlock));
  }
  return containsIpv6(one.ipv6CidrBlock ?? '', other.ipv6CidrBlock ?? '');
}

function nameOf(acl: NetworkAcl): string {
  return describeResource(acl, acl.networkAclId);
}
