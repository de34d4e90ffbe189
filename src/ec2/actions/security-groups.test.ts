import type { IpPermission } from '@aws-sdk/client-ec2';
import { expect, test } from 'vitest';
import { ACCOUNT, given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';

function newRegion() {
  const region = new TestRegion({ isSeeded: true });
  const VpcId = given(region.call('CreateVpc', { CidrBlock: '10.0.0.0/16' }).Vpc?.VpcId);
  const create = (GroupName: string, inVpc = VpcId): string =>
    given(region.call('CreateSecurityGroup', { VpcId: inVpc, GroupName, Description: 'a group' }).GroupId);
  const show = (id: string) =>
    given(region.call('DescribeSecurityGroups', { GroupIds: [id] }).SecurityGroups?.[0]);
  return { region, VpcId, create, show, GroupId: create('web') };
}

const SSH: IpPermission = {
  IpProtocol: 'tcp',
  FromPort: 22,
  ToPort: 22,
  IpRanges: [{ CidrIp: '198.51.100.0/24' }],
};
const EMPTY = { IpRanges: [], Ipv6Ranges: [], PrefixListIds: [], UserIdGroupPairs: [] };
const ALL_OUT = { ...EMPTY, IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0', Description: undefined }] };

test('S75 a new group lets nothing in and everything out', () => {
  const { GroupId, show } = newRegion();
  expect(show(GroupId)).toMatchObject({
    GroupName: 'web',
    IpPermissions: [],
    IpPermissionsEgress: [ALL_OUT],
  });
});

test('S76 the default group lets itself in, and everything out', () => {
  const { region, VpcId, show } = newRegion();
  const id = given(region.world.securityGroups.where('vpcId', VpcId)[0]).groupId;
  expect(show(id).IpPermissions).toEqual([
    {
      ...EMPTY,
      IpProtocol: '-1',
      UserIdGroupPairs: [{ GroupId: id, UserId: ACCOUNT, Description: undefined }],
    },
  ]);
  expect(show(id).IpPermissionsEgress).toEqual([ALL_OUT]);
  expect(refusalOf(() => region.call('DeleteSecurityGroup', { GroupId: id }))).toBe(
    `CannotDelete: the specified group: "${id}" name: "default" cannot be deleted by a user`,
  );
});

test('rules of the same protocol and ports are one permission, canonical, each with an id', () => {
  const { region, GroupId, create, show } = newRegion();
  const bastion = create('bastion');
  const made = region.call('AuthorizeSecurityGroupIngress', {
    GroupId,
    IpPermissions: [
      {
        IpProtocol: '6',
        FromPort: 22,
        ToPort: 22,
        IpRanges: [{ CidrIp: '198.51.100.77/24', Description: 'office' }],
        Ipv6Ranges: [{ CidrIpv6: '2001:DB8::1/64' }],
        UserIdGroupPairs: [{ GroupId: bastion }],
      },
    ],
  });
  expect(made.SecurityGroupRules?.map(({ SecurityGroupRuleId }) => SecurityGroupRuleId?.slice(0, 4))).toEqual(
    ['sgr-', 'sgr-', 'sgr-'],
  );
  expect(show(GroupId).IpPermissions).toEqual([
    {
      IpProtocol: 'tcp',
      FromPort: 22,
      ToPort: 22,
      IpRanges: [{ CidrIp: '198.51.100.0/24', Description: 'office' }],
      Ipv6Ranges: [{ CidrIpv6: '2001:db8::/64', Description: undefined }],
      PrefixListIds: [],
      UserIdGroupPairs: [{ GroupId: bastion, UserId: ACCOUNT, Description: undefined }],
    },
  ]);
});

test('the flat parameters of the first API make one rule', () => {
  const { region, GroupId } = newRegion();
  const rule = { GroupId, IpProtocol: 'udp', FromPort: 53, ToPort: 53, CidrIp: '10.0.0.0/8' };
  region.call('AuthorizeSecurityGroupIngress', rule);
  const Filters = [{ Name: 'group-id', Values: [GroupId] }];
  const ingress = (region.call('DescribeSecurityGroupRules', { Filters }).SecurityGroupRules ?? []).filter(
    ({ IsEgress }) => !IsEgress,
  );
  expect(ingress).toMatchObject([
    { IpProtocol: 'udp', FromPort: 53, ToPort: 53, CidrIpv4: '10.0.0.0/8', GroupOwnerId: ACCOUNT },
  ]);
  region.call('RevokeSecurityGroupIngress', rule);
  expect(refusalOf(() => region.call('RevokeSecurityGroupIngress', rule))).toBe(
    'InvalidPermission.NotFound: The specified rule does not exist in this security group.',
  );
});

const refusals: readonly (readonly [what: string, permission: IpPermission, refusal: string])[] = [
  [
    'S88 the same again',
    SSH,
    'InvalidPermission.Duplicate: the specified rule "peer: 198.51.100.0/24, TCP, from port: 22, to port: 22, ALLOW" already exists',
  ],
  [
    'twice in one request',
    { ...SSH, FromPort: 23, ToPort: 23, IpRanges: [{ CidrIp: '10.0.0.0/8' }, { CidrIp: '10.1.2.3/8' }] },
    'InvalidParameterValue: The same permission must not appear multiple times',
  ],
  [
    'no protocol',
    { IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
    'MissingParameter: The request must contain the parameter ipProtocol',
  ],
  [
    'an unknown protocol',
    { ...SSH, IpProtocol: 'tpc' },
    "InvalidParameterValue: Invalid value 'tpc' for IP protocol. Unknown protocol.",
  ],
  [
    'protocol 256',
    { ...SSH, IpProtocol: '256' },
    "InvalidParameterValue: Invalid value '256' for IP protocol. Unknown protocol.",
  ],
  [
    'no ports',
    { IpProtocol: 'tcp', IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
    "InvalidParameterValue: Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
  ],
  [
    'ports backwards',
    { ...SSH, FromPort: 80, ToPort: 22 },
    'InvalidParameterValue: Invalid TCP/UDP port range (80:22)',
  ],
  ['port 65536', { ...SSH, ToPort: 65536 }, 'InvalidParameterValue: Invalid TCP/UDP port range (22:65536)'],
  [
    'all ICMP types but one code',
    { ...SSH, IpProtocol: 'icmp', FromPort: -1, ToPort: 0 },
    'InvalidParameterValue: Invalid ICMP type and code (-1:0)',
  ],
  [
    'a bad block',
    { ...SSH, IpRanges: [{ CidrIp: '10.0.0.0' }] },
    'InvalidParameterValue: CIDR block 10.0.0.0 is malformed',
  ],
  [
    'a bad IPv6 block',
    { ...SSH, IpRanges: [], Ipv6Ranges: [{ CidrIpv6: '10.0.0.0/8' }] },
    'InvalidParameterValue: CIDR block 10.0.0.0/8 is malformed',
  ],
  ['nobody', { ...SSH, IpRanges: [] }, 'MissingParameter: The request must contain the parameter ipRanges'],
  [
    'a missing group',
    { ...SSH, UserIdGroupPairs: [{ GroupId: 'sg-0' }] },
    "InvalidGroup.NotFound: The security group 'sg-0' does not exist",
  ],
  [
    'a group by a wrong name',
    { ...SSH, UserIdGroupPairs: [{ GroupName: 'none' }] },
    "InvalidGroup.NotFound: The security group 'none' does not exist",
  ],
  [
    'a missing prefix list',
    { ...SSH, PrefixListIds: [{ PrefixListId: 'pl-0' }] },
    "InvalidPrefixListID.NotFound: The prefix list ID 'pl-0' does not exist",
  ],
  [
    'S88 a bad description',
    { ...SSH, IpRanges: [{ CidrIp: '10.0.0.0/8', Description: 'a|b' }] },
    'InvalidParameterValue: Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*',
  ],
];

test.each(refusals)('a rule is refused for %s', (_, permission, refusal) => {
  const { region, GroupId } = newRegion();
  region.call('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: [SSH] });
  const before = region.world.securityGroupRules.size;
  const authorize = () =>
    region.call('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: [permission] });
  expect(refusalOf(authorize)).toBe(refusal);
  expect(region.world.securityGroupRules.size).toBe(before);
});

test('S78 S90 a group of another VPC is no peer', () => {
  const { region, GroupId, create } = newRegion();
  const elsewhere = create('far', given(region.call('CreateVpc', { CidrBlock: '10.1.0.0/16' }).Vpc?.VpcId));
  const IpPermissions = [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: elsewhere }] }];
  expect(refusalOf(() => region.call('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions }))).toBe(
    'InvalidGroup.NotFound: You have specified two resources that belong to different networks.',
  );
});

test('S18 S87 a direction has sixty rules at most, and egress is counted by itself', () => {
  const { region, GroupId } = newRegion();
  const permissions = (count: number, second: number): IpPermission[] => [
    {
      IpProtocol: 'tcp',
      FromPort: 80,
      ToPort: 80,
      IpRanges: Array.from({ length: count }, (_, index) => ({ CidrIp: `10.${second}.${index}.0/24` })),
    },
  ];
  region.call('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: permissions(60, 0) });
  expect(
    refusalOf(() =>
      region.call('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: permissions(1, 1) }),
    ),
  ).toBe(
    'RulesPerSecurityGroupLimitExceeded: The maximum number of rules per security group has been reached.',
  );
  region.call('AuthorizeSecurityGroupEgress', { GroupId, IpPermissions: permissions(59, 0) });
  expect(
    refusalOf(() =>
      region.call('AuthorizeSecurityGroupEgress', { GroupId, IpPermissions: permissions(1, 1) }),
    ),
  ).toMatch(/^RulesPerSecurityGroupLimitExceeded/);
});

test('S75 revoking all egress leaves none; a rule is revoked by its id in its own direction only', () => {
  const { region, GroupId, show } = newRegion();
  const [rule] = region.world.securityGroupRules.where('groupId', GroupId);
  const SecurityGroupRuleIds = [given(rule).securityGroupRuleId];
  expect(refusalOf(() => region.call('RevokeSecurityGroupIngress', { GroupId, SecurityGroupRuleIds }))).toBe(
    `InvalidSecurityGroupRuleId.NotFound: The security group rule ID '${SecurityGroupRuleIds[0]}' does not exist`,
  );
  const revoked = region.call('RevokeSecurityGroupEgress', { GroupId, SecurityGroupRuleIds });
  expect(revoked.RevokedSecurityGroupRules).toMatchObject([{ IsEgress: true, CidrIpv4: '0.0.0.0/0' }]);
  expect(show(GroupId).IpPermissionsEgress).toEqual([]);
});

test('a rule is modified in place, not into another one', () => {
  const { region, GroupId } = newRegion();
  const add = (permission: IpPermission) =>
    given(
      region.call('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: [permission] })
        .SecurityGroupRules?.[0]?.SecurityGroupRuleId,
    );
  const id = add(SSH);
  add({ ...SSH, FromPort: 80, ToPort: 80 });
  const modify = (port: number, Description?: string) =>
    region.call('ModifySecurityGroupRules', {
      GroupId,
      SecurityGroupRules: [
        {
          SecurityGroupRuleId: id,
          SecurityGroupRule: {
            IpProtocol: 'tcp',
            FromPort: port,
            ToPort: port,
            CidrIpv4: '198.51.100.0/24',
            Description,
          },
        },
      ],
    });
  expect(refusalOf(() => modify(80))).toMatch(/^InvalidPermission.Duplicate/);
  modify(443, 'https');
  expect(region.world.securityGroupRules.get(id)).toMatchObject({
    fromPort: 443,
    toPort: 443,
    description: 'https',
  });
});

test('a description is set by permission or by id, and removed', () => {
  const { region, GroupId } = newRegion();
  const id = given(
    region.call('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: [SSH] }).SecurityGroupRules?.[0]
      ?.SecurityGroupRuleId,
  );
  const described = { ...SSH, IpRanges: [{ CidrIp: '198.51.100.0/24', Description: 'office' }] };
  region.call('UpdateSecurityGroupRuleDescriptionsIngress', { GroupId, IpPermissions: [described] });
  expect(region.world.securityGroupRules.get(id)?.description).toBe('office');
  region.call('UpdateSecurityGroupRuleDescriptionsIngress', {
    GroupId,
    SecurityGroupRuleDescriptions: [{ SecurityGroupRuleId: id }],
  });
  expect(region.world.securityGroupRules.get(id)?.description).toBeUndefined();
  expect(
    refusalOf(() =>
      region.call('UpdateSecurityGroupRuleDescriptionsEgress', { GroupId, IpPermissions: [described] }),
    ),
  ).toMatch(/^InvalidPermission.NotFound/);
});

test('S89 a group that another refers to is not deleted; one that refers to itself is', () => {
  const { region, GroupId, create } = newRegion();
  const other = create('other');
  const refer = (from: string) => ({
    GroupId: from,
    IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId }] }],
  });
  region.call('AuthorizeSecurityGroupIngress', refer(GroupId));
  region.call('AuthorizeSecurityGroupIngress', refer(other));
  expect(refusalOf(() => region.call('DeleteSecurityGroup', { GroupId }))).toBe(
    `DependencyViolation: resource ${GroupId} has a dependent object`,
  );
  region.call('RevokeSecurityGroupIngress', refer(other));
  region.call('DeleteSecurityGroup', { GroupId });
  expect(region.world.securityGroupRules.where('groupId', GroupId)).toEqual([]);
});

const groups: readonly (readonly [input: { GroupName?: string; Description?: string }, refusal: RegExp])[] = [
  [
    { GroupName: 'web', Description: 'd' },
    /^InvalidGroup.Duplicate: The security group 'web' already exists for VPC 'vpc-/,
  ],
  [
    { GroupName: 'default', Description: 'd' },
    /^InvalidGroup.Reserved: Cannot use reserved security group name: default$/,
  ],
  [
    { GroupName: 'sg-web', Description: 'd' },
    /^InvalidParameterValue: Value \(sg-web\) for parameter groupName is invalid\./,
  ],
  [{ GroupName: 'ünï', Description: 'd' }, /^InvalidParameterValue: /],
  [{ GroupName: 'x'.repeat(256), Description: 'd' }, /^InvalidParameterValue: /],
  [{ Description: 'd' }, /^MissingParameter: The request must contain the parameter groupName$/],
  [{ GroupName: 'x' }, /^MissingParameter: The request must contain the parameter groupDescription$/],
];

test.each(groups)('the group %j is refused', (input, refusal) => {
  const { region, VpcId } = newRegion();
  expect(
    refusalOf(() =>
      region.call('CreateSecurityGroup', { VpcId, GroupName: undefined, Description: undefined, ...input }),
    ),
  ).toMatch(refusal);
});

test('without a VPC a group is of the default one, where it has a name for requests', () => {
  const { region } = newRegion();
  const GroupId = given(region.call('CreateSecurityGroup', { GroupName: 'here', Description: 'd' }).GroupId);
  const found = region.call('DescribeSecurityGroups', { GroupNames: ['here'] }).SecurityGroups ?? [];
  expect(found.map((group) => group.GroupId)).toEqual([GroupId]);
  expect(refusalOf(() => region.call('DescribeSecurityGroups', { GroupNames: ['web'] }))).toMatch(
    /^InvalidGroup.NotFound: The security group 'web' does not exist in default VPC 'vpc-/,
  );
});

const filters: readonly (readonly [name: string, value: string, count: number])[] = [
  ['ip-permission.from-port', '22', 1],
  ['ip-permission.cidr', '198.51.100.0/24', 1],
  ['ip-permission.protocol', 'tcp', 1],
  ['egress.ip-permission.protocol', '-1', 3],
  ['egress.ip-permission.cidr', '198.51.100.0/24', 0],
  ['ip-permission.group-name', 'default', 2],
  ['group-name', 'web', 1],
];

test.each(filters)('groups are filtered by %s %s', (Name, value, count) => {
  const { region, GroupId } = newRegion();
  region.call('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: [SSH] });
  expect(
    region.call('DescribeSecurityGroups', { Filters: [{ Name, Values: [value] }] }).SecurityGroups,
  ).toHaveLength(count);
});
