import type { CreateNetworkAclEntryRequest } from '@aws-sdk/client-ec2';
import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';

function newRegion() {
  const region = new TestRegion();
  const VpcId = given(region.call('CreateVpc', { CidrBlock: '10.0.0.0/16' }).Vpc?.VpcId);
  const SubnetId = given(region.call('CreateSubnet', { VpcId, CidrBlock: '10.0.0.0/24' }).Subnet?.SubnetId);
  const NetworkAclId = given(region.call('CreateNetworkAcl', { VpcId }).NetworkAcl?.NetworkAclId);
  const show = (id: string) =>
    given(region.call('DescribeNetworkAcls', { NetworkAclIds: [id] }).NetworkAcls?.[0]);
  const entries = (id: string) =>
    (show(id).Entries ?? []).map((entry) => [
      entry.Egress,
      entry.RuleNumber,
      entry.RuleAction,
      entry.CidrBlock,
    ]);
  const defaultId = given(
    [...region.world.networkAcls.values()].find(({ isDefault }) => isDefault),
  ).networkAclId;
  return { region, VpcId, SubnetId, NetworkAclId, defaultId, show, entries };
}

const DENY_ALL = [
  [true, 32767, 'deny', '0.0.0.0/0'],
  [false, 32767, 'deny', '0.0.0.0/0'],
];

test('S61 the default ACL allows everything by rule 100, a new one denies everything', () => {
  const { NetworkAclId, defaultId, entries } = newRegion();
  expect(entries(defaultId)).toEqual([
    [true, 100, 'allow', '0.0.0.0/0'],
    DENY_ALL[0],
    [false, 100, 'allow', '0.0.0.0/0'],
    DENY_ALL[1],
  ]);
  expect(entries(NetworkAclId)).toEqual(DENY_ALL);
});

function entry(NetworkAclId: string, rest: object = {}): CreateNetworkAclEntryRequest {
  return {
    NetworkAclId,
    RuleNumber: 100,
    Egress: false,
    Protocol: '6',
    RuleAction: 'allow',
    CidrBlock: '198.51.100.0/24',
    PortRange: { From: 22, To: 22 },
    ...rest,
  };
}

test('S62 S68 entries are kept by number, their blocks canonical, their protocols numbers', () => {
  const { region, NetworkAclId, show } = newRegion();
  region.call(
    'CreateNetworkAclEntry',
    entry(NetworkAclId, { RuleNumber: 200, CidrBlock: '10.1.2.3/8', Protocol: 'udp' }),
  );
  region.call('CreateNetworkAclEntry', entry(NetworkAclId));
  region.call(
    'CreateNetworkAclEntry',
    entry(NetworkAclId, { RuleNumber: 150, Protocol: '1', IcmpTypeCode: { Type: 8, Code: -1 } }),
  );
  expect(show(NetworkAclId).Entries?.filter(({ Egress }) => !Egress)).toMatchObject([
    { RuleNumber: 100, Protocol: '6', PortRange: { From: 22, To: 22 } },
    { RuleNumber: 150, Protocol: '1', IcmpTypeCode: { Type: 8, Code: -1 } },
    { RuleNumber: 200, Protocol: '17', CidrBlock: '10.0.0.0/8' },
    { RuleNumber: 32767, Protocol: '-1' },
  ]);
});

test('S69 a number is free in the other direction; an entry is replaced and deleted', () => {
  const { region, NetworkAclId, entries } = newRegion();
  region.call('CreateNetworkAclEntry', entry(NetworkAclId));
  expect(refusalOf(() => region.call('CreateNetworkAclEntry', entry(NetworkAclId)))).toBe(
    'NetworkAclEntryAlreadyExists: The network acl entry identified by 100 already exists.',
  );
  region.call('CreateNetworkAclEntry', entry(NetworkAclId, { Egress: true }));
  region.call('ReplaceNetworkAclEntry', entry(NetworkAclId, { RuleAction: 'deny' }));
  region.call('DeleteNetworkAclEntry', { NetworkAclId, RuleNumber: 100, Egress: true });
  expect(entries(NetworkAclId)).toEqual([DENY_ALL[0], [false, 100, 'deny', '198.51.100.0/24'], DENY_ALL[1]]);
  expect(
    refusalOf(() => region.call('DeleteNetworkAclEntry', { NetworkAclId, RuleNumber: 100, Egress: true })),
  ).toBe('InvalidNetworkAclEntry.NotFound: The network acl entry identified by 100 does not exist.');
  expect(
    refusalOf(() => region.call('ReplaceNetworkAclEntry', entry(NetworkAclId, { RuleNumber: 7 }))),
  ).toMatch(/^InvalidNetworkAclEntry.NotFound/);
});

const NUMBER = 'The rule number must be between 1 and 32766.';
const refusals: readonly (readonly [rest: object, refusal: string])[] = [
  [{ RuleNumber: 0 }, `InvalidParameterValue: Value (0) for parameter ruleNumber is invalid. ${NUMBER}`],
  [
    { RuleNumber: 32767 },
    `InvalidParameterValue: Value (32767) for parameter ruleNumber is invalid. ${NUMBER}`,
  ],
  [{ Protocol: 'tpc' }, "InvalidParameterValue: Invalid value 'tpc' for IP protocol. Unknown protocol."],
  [{ Protocol: '256' }, "InvalidParameterValue: Invalid value '256' for IP protocol. Unknown protocol."],
  [{ PortRange: undefined }, 'MissingParameter: The request must contain the parameter portRange.from'],
  [{ PortRange: { From: 5, To: 4 } }, 'InvalidParameterValue: Invalid TCP/UDP port range (5:4)'],
  [{ Protocol: '1' }, 'MissingParameter: The request must contain the parameter icmpTypeCode.type'],
  [
    { Protocol: '1', IcmpTypeCode: { Type: -1, Code: 3 } },
    'InvalidParameterValue: Invalid ICMP type and code (-1:3)',
  ],
  [
    { CidrBlock: '10.0.0.0' },
    'InvalidParameterValue: Value (10.0.0.0) for parameter cidrBlock is invalid. This is not a valid CIDR block.',
  ],
  [{ CidrBlock: undefined }, 'MissingParameter: The request must contain the parameter cidrBlock'],
  [
    { Ipv6CidrBlock: '::/0' },
    'InvalidParameterCombination: The parameters cidrBlock and ipv6CidrBlock cannot be used together',
  ],
  [
    { RuleAction: 'maybe' },
    'InvalidParameterValue: Value (maybe) for parameter ruleAction is invalid. The action is allow or deny.',
  ],
];

test.each(refusals)('an entry with %j is refused', (rest, refusal) => {
  const { region, NetworkAclId } = newRegion();
  expect(refusalOf(() => region.call('CreateNetworkAclEntry', entry(NetworkAclId, rest)))).toBe(refusal);
});

test('S18 a direction has twenty entries at most, for each address family', () => {
  const { region, NetworkAclId } = newRegion();
  const create = (RuleNumber: number, rest = {}) =>
    region.call('CreateNetworkAclEntry', entry(NetworkAclId, { RuleNumber, ...rest }));
  for (let number = 1; number <= 20; number++) create(number);
  expect(refusalOf(() => create(21))).toBe(
    'NetworkAclEntryLimitExceeded: The maximum number of network acl entries has been reached.',
  );
  create(22, { CidrBlock: undefined, Ipv6CidrBlock: '::/0' });
  create(23, { Egress: true });
});

test('S65 S70 a subnet has one ACL: a new association replaces the old; an ACL in use is not deleted', () => {
  const { region, SubnetId, NetworkAclId, defaultId, show } = newRegion();
  const AssociationId = given(show(defaultId).Associations?.[0]?.NetworkAclAssociationId);
  const { NewAssociationId } = region.call('ReplaceNetworkAclAssociation', { AssociationId, NetworkAclId });
  expect(NewAssociationId).not.toBe(AssociationId);
  expect(show(defaultId).Associations).toEqual([]);
  expect(show(NetworkAclId).Associations).toEqual([
    { NetworkAclAssociationId: NewAssociationId, NetworkAclId, SubnetId },
  ]);
  expect(refusalOf(() => region.call('DeleteNetworkAcl', { NetworkAclId }))).toBe(
    `DependencyViolation: The networkAcl '${NetworkAclId}' has dependencies and cannot be deleted.`,
  );
  expect(refusalOf(() => region.call('ReplaceNetworkAclAssociation', { AssociationId, NetworkAclId }))).toBe(
    `InvalidAssociationID.NotFound: The association ID '${AssociationId}' does not exist`,
  );
  expect(refusalOf(() => region.call('DeleteNetworkAcl', { NetworkAclId: defaultId }))).toBe(
    `InvalidParameterValue: cannot delete default network ACL ${defaultId}`,
  );
});

test("another VPC's ACL does not guard a subnet", () => {
  const { region, defaultId, show } = newRegion();
  const VpcId = given(region.call('CreateVpc', { CidrBlock: '10.1.0.0/16' }).Vpc?.VpcId);
  const foreign = given(region.call('CreateNetworkAcl', { VpcId }).NetworkAcl?.NetworkAclId);
  const AssociationId = given(show(defaultId).Associations?.[0]?.NetworkAclAssociationId);
  expect(
    refusalOf(() => region.call('ReplaceNetworkAclAssociation', { AssociationId, NetworkAclId: foreign })),
  ).toMatch(/belong to different networks$/);
});

test('S101 an entry names a block of addresses, not a prefix list', () => {
  const region = new TestRegion({ isSeeded: true });
  const VpcId = given(region.call('CreateVpc', { CidrBlock: '10.0.0.0/16' }).Vpc?.VpcId);
  const NetworkAclId = given(region.call('CreateNetworkAcl', { VpcId }).NetworkAcl?.NetworkAclId);
  const list = given(region.call('DescribePrefixLists', {}).PrefixLists?.[0]?.PrefixListId);
  const entry = { NetworkAclId, RuleNumber: 100, Protocol: '-1', RuleAction: 'allow', Egress: true } as const;
  const create = (CidrBlock: string) =>
    refusalOf(() => region.call('CreateNetworkAclEntry', { ...entry, CidrBlock }));
  expect(create(list)).toBe(
    `InvalidParameterValue: Value (${list}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`,
  );
  expect(create('52.219.0.0/22')).toBe('no error');
});
