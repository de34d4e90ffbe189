import { nameTagOf } from '../../model/display-names.ts';
import { authorizeGroup } from '../../model/mends.ts';
import type { SecurityGroup, SecurityGroupRule } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import { EVERYWHERE, EVERYWHERE_IPV6, ownVpcs, placedInstances, SOMEWHERE } from './common.ts';
import type { Finding, FindingRule } from './finding.ts';

/** Ports by which machines are administered. */
const ADMIN_PORTS: Readonly<Record<number, string>> = {
  22: 'SSH',
  23: 'Telnet',
  3389: 'RDP',
  5900: 'VNC',
  5985: 'WinRM',
  5986: 'WinRM',
};
/** Ports of databases and stores that nobody should meet on the Internet. */
const STORE_PORTS: Readonly<Record<number, string>> = {
  1433: 'SQL Server',
  1521: 'Oracle',
  2379: 'etcd',
  3306: 'MySQL',
  5432: 'PostgreSQL',
  6379: 'Redis',
  9200: 'Elasticsearch',
  11211: 'memcached',
  27017: 'MongoDB',
};

/** Mistakes in security groups. */
export const SECURITY_GROUP_RULES: readonly FindingRule[] = [
  {
    id: 'admin-port-open-to-world',
    severity: 'warning',
    title: 'A port for administration is open to the whole Internet',
    why: 'Such ports are tried out within minutes. Allow them from one\u2019s own addresses, or from a bastion\u2019s group.',
    find: (world) => findOpenPorts(world, ADMIN_PORTS),
  },
  {
    id: 'database-port-open-to-world',
    severity: 'warning',
    title: 'A database\u2019s port is open to the whole Internet',
    why: 'A database is for its applications: allow it from their security group.',
    find: (world) => findOpenPorts(world, STORE_PORTS),
  },
  {
    id: 'everything-open-to-world',
    severity: 'warning',
    title: 'Everything is open to the whole Internet',
    why: 'The group lets in all traffic from everywhere, as if there were none.',
    find: (world) =>
      openRules(world)
        .filter(({ rule }) => rule.ipProtocol === '-1')
        .map(({ rule, group, block }) => ({
          sentence: `Rule ${rule.securityGroupRuleId} of security group ${nameOf(group)} lets in all traffic from ${block}.`,
          objectIds: [group.groupId, rule.securityGroupRuleId],
          mend: revoke(rule),
        })),
  },
  {
    id: 'rule-of-missing-group',
    severity: 'error',
    title: 'A rule refers to a security group that is not there',
    why: 'The rule is stale, after a peering or the group was deleted: it lets nothing through.',
    find: (world, worlds) =>
      [...world.securityGroupRules.values()].flatMap((rule) => {
        const { peer } = rule;
        const isThere =
          peer.kind !== 'group' || worlds.some((each) => each.securityGroups.get(peer.groupId) !== undefined);
        const group = world.securityGroups.get(rule.groupId);
        if (isThere || group === undefined) return [];
        return [
          {
            sentence: `Rule ${rule.securityGroupRuleId} of security group ${nameOf(group)} refers to ${peer.groupId}, which does not exist.`,
            objectIds: [group.groupId, rule.securityGroupRuleId],
            mend: revoke(rule),
          },
        ];
      }),
  },
  {
    id: 'group-without-ingress',
    severity: 'advice',
    title: 'An instance that nothing can connect to',
    why: 'None of its security groups has an inbound rule. That is right for a worker; for a server it is the first thing to mend.',
    find: (world) =>
      placedInstances(world)
        .filter(({ eni }) => !hasRule(world, eni.groupIds, false))
        .map(({ instance, eni }) => ({
          sentence: `Instance ${nameTagOf(instance) ?? instance.instanceId} has no security group with an inbound rule (${eni.groupIds.join(', ')}).`,
          objectIds: [instance.instanceId, ...eni.groupIds],
        })),
  },
  {
    id: 'group-without-egress',
    severity: 'warning',
    title: 'An instance that cannot begin a connection',
    why: 'None of its security groups has an outbound rule: no updates, no calls to services. Answers still pass.',
    find: (world) =>
      placedInstances(world)
        .filter(({ eni }) => !hasRule(world, eni.groupIds, true))
        .map(({ instance, eni }) => ({
          sentence: `Instance ${nameTagOf(instance) ?? instance.instanceId} has no security group with an outbound rule (${eni.groupIds.join(', ')}).`,
          objectIds: [instance.instanceId, ...eni.groupIds],
          mend:
            eni.groupIds[0] === undefined
              ? undefined
              : authorizeGroup(eni.groupIds[0], true, ANYTHING, EVERYWHERE),
        })),
  },
  {
    id: 'default-group-in-use',
    severity: 'advice',
    title: 'An instance in the default security group',
    why: 'All members of the default group may talk to each other: whatever else is launched without thought is among them.',
    find: (world) => {
      const own = new Set(ownVpcs(world).map(({ vpcId }) => vpcId));
      return placedInstances(world).flatMap(({ instance, eni }) => {
        const group = eni.groupIds
          .map((id) => world.securityGroups.get(id))
          .find((each) => each?.groupName === 'default');
        if (group === undefined || !own.has(eni.vpcId)) return [];
        const sentence = `Instance ${nameTagOf(instance) ?? instance.instanceId} is in the VPC\u2019s default security group, ${group.groupId}.`;
        return [{ sentence, objectIds: [instance.instanceId, group.groupId] }];
      });
    },
  },
  {
    id: 'unused-security-group',
    severity: 'advice',
    title: 'A security group that nothing uses',
    why: 'No interface has it, and no rule refers to it.',
    find: (world) =>
      [...world.securityGroups.values()]
        .filter(({ groupName, groupId }) => groupName !== 'default' && !isUsed(world, groupId))
        .map((group) => ({
          sentence: `Security group ${nameOf(group)} is used by no interface and no rule.`,
          objectIds: [group.groupId],
          mend: `aws ec2 delete-security-group --group-id ${group.groupId}`,
        })),
  },
];

const ANYTHING = {
  protocol: -1,
  source: SOMEWHERE,
  destination: SOMEWHERE,
  ports: { first: 0, last: 65535 },
};

/** Inbound rules from everywhere, by IPv4 or IPv6. */
function openRules(world: World): readonly {
  readonly rule: SecurityGroupRule;
  readonly group: SecurityGroup;
  readonly block: string;
}[] {
  return [...world.securityGroupRules.values()].flatMap((rule) => {
    const group = world.securityGroups.get(rule.groupId);
    const block = 'cidrBlock' in rule.peer && !rule.isEgress ? rule.peer.cidrBlock : undefined;
    const isOpen = block === EVERYWHERE || block === EVERYWHERE_IPV6;
    return isOpen && group !== undefined ? [{ rule, group, block }] : [];
  });
}

function findOpenPorts(world: World, known: Readonly<Record<number, string>>): readonly Finding[] {
  return openRules(world).flatMap(({ rule, group, block }) => {
    if (rule.ipProtocol !== 'tcp') return [];
    const open = Object.entries(known).filter(
      ([port]) => rule.fromPort <= Number(port) && rule.toPort >= Number(port),
    );
    if (open.length === 0) return [];
    const names = open.map(([port, name]) => `${name} (TCP ${port})`).join(', ');
    return [
      {
        sentence: `Rule ${rule.securityGroupRuleId} of security group ${nameOf(group)} lets in ${names} from ${block}.`,
        objectIds: [group.groupId, rule.securityGroupRuleId],
        mend: revoke(rule),
      },
    ];
  });
}

function hasRule(world: World, groupIds: readonly string[], isEgress: boolean): boolean {
  return groupIds.some((groupId) =>
    world.securityGroupRules.where('groupId', groupId).some((rule) => rule.isEgress === isEgress),
  );
}

function isUsed(world: World, groupId: string): boolean {
  return (
    world.networkInterfaces.where('groupIds', groupId).length > 0 ||
    [...world.securityGroupRules.values()].some(
      ({ peer, groupId: owner }) => peer.kind === 'group' && peer.groupId === groupId && owner !== groupId,
    )
  );
}

function revoke({ groupId, securityGroupRuleId, isEgress }: SecurityGroupRule): string {
  return `aws ec2 revoke-security-group-${isEgress ? 'egress' : 'ingress'} --group-id ${groupId} --security-group-rule-ids ${securityGroupRuleId}`;
}

function nameOf(group: SecurityGroup): string {
  return `${group.groupName} (${group.groupId})`;
}
