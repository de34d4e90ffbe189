import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';

function newRegion() {
  const region = new TestRegion({ isSeeded: true });
  const create = (rest: object = {}) =>
    given(
      region.call('CreateManagedPrefixList', {
        PrefixListName: 'offices',
        AddressFamily: 'IPv4',
        MaxEntries: 3,
        Entries: [{ Cidr: '203.0.113.0/25', Description: 'north' }],
        ...rest,
      }).PrefixList?.PrefixListId,
    );
  const show = (id: string) =>
    given(region.call('DescribeManagedPrefixLists', { PrefixListIds: [id] }).PrefixLists?.[0]);
  const entries = (PrefixListId: string, TargetVersion?: number) =>
    region
      .call('GetManagedPrefixListEntries', { PrefixListId, TargetVersion })
      .Entries?.map(({ Cidr }) => Cidr);
  const modify = (PrefixListId: string, rest: object) =>
    region.call('ModifyManagedPrefixList', { PrefixListId, ...rest }).PrefixList;
  const VpcId = given([...region.world.vpcs.values()][0]).vpcId;
  const refer = (PrefixListId: string) => {
    const GroupId = given(
      region.call('CreateSecurityGroup', { VpcId, GroupName: `of ${PrefixListId}`, Description: 'd' })
        .GroupId,
    );
    region.call('AuthorizeSecurityGroupIngress', {
      GroupId,
      IpPermissions: [{ IpProtocol: '-1', PrefixListIds: [{ PrefixListId }] }],
    });
    return GroupId;
  };
  return { region, VpcId, create, show, entries, modify, refer };
}

test('a list is made, and complete when it is looked at', () => {
  const { region, show } = newRegion();
  const { PrefixList: made } = region.call('CreateManagedPrefixList', {
    PrefixListName: 'offices',
    AddressFamily: 'IPv6',
    MaxEntries: 2,
    Entries: [{ Cidr: '2001:DB8:0::1/32' }],
    TagSpecifications: [{ ResourceType: 'prefix-list', Tags: [{ Key: 'a', Value: 'b' }] }],
  });
  expect(made?.State).toBe('create-in-progress');
  const id = given(made?.PrefixListId);
  expect(show(id)).toEqual({
    PrefixListId: id,
    PrefixListName: 'offices',
    PrefixListArn: `arn:aws:ec2:us-east-1:123456789012:prefix-list/${id}`,
    OwnerId: '123456789012',
    AddressFamily: 'IPv6',
    State: 'create-complete',
    MaxEntries: 2,
    Version: 1,
    Tags: [{ Key: 'a', Value: 'b' }],
  });
});

test('a change of entries makes a version; the earlier ones can be read', () => {
  const { create, entries, modify, show } = newRegion();
  const id = create();
  const reply = modify(id, { CurrentVersion: 1, AddEntries: [{ Cidr: '198.51.100.7/24' }] });
  expect(reply).toMatchObject({ State: 'modify-in-progress', Version: 1 });
  modify(id, { CurrentVersion: 2, RemoveEntries: [{ Cidr: '203.0.113.0/25' }] });
  expect(show(id)).toMatchObject({ State: 'modify-complete', Version: 3 });
  expect([entries(id, 1), entries(id, 2), entries(id)]).toEqual([
    ['203.0.113.0/25'],
    ['203.0.113.0/25', '198.51.100.0/24'],
    ['198.51.100.0/24'],
  ]);
  modify(id, { PrefixListName: 'homes' });
  expect(show(id)).toMatchObject({ PrefixListName: 'homes', Version: 3 });
  expect(refusalOf(() => entries(id, 9))).toMatch(/^PrefixListVersionNotFound/);
});

const creations: readonly (readonly [rest: object, refusal: RegExp])[] = [
  [{ PrefixListName: 'com.amazonaws.x' }, /^InvalidParameterValue: A prefix list name cannot start with/],
  [{ AddressFamily: 'ipv4' }, /^InvalidParameterValue: Value \(ipv4\)/],
  [{ MaxEntries: 0 }, /^InvalidParameterValue: Value \(0\)/],
  [{ MaxEntries: 1001 }, /^InvalidParameterValue: Value \(1001\)/],
  [{ Entries: [{ Cidr: '2001:db8::/32' }] }, /not a valid IPv4 CIDR\.$/],
  [{ Entries: [{ Cidr: '10.0.0.0/8' }, { Cidr: '10.1.0.0/8' }] }, /10.0.0.0\/8 is specified more than once/],
  [{ MaxEntries: 1, Entries: [{ Cidr: '10.0.0.0/8' }, { Cidr: '11.0.0.0/8' }] }, /^PrefixListMaxEntriesExc/],
];

test.each(creations)('a list with %j is refused', (rest, refusal) => {
  const { create } = newRegion();
  expect(refusalOf(() => create(rest))).toMatch(refusal);
});

const changes: readonly (readonly [rest: object, refusal: string])[] = [
  [
    { AddEntries: [{ Cidr: '10.0.0.0/8' }] },
    'MissingParameter: The request must contain the parameter CurrentVersion',
  ],
  [
    { CurrentVersion: 2, AddEntries: [{ Cidr: '10.0.0.0/8' }] },
    'PrefixListVersionMismatch: The prefix list has the incorrect version number.',
  ],
  [
    { CurrentVersion: 1, RemoveEntries: [{ Cidr: '10.0.0.0/8' }] },
    'InvalidPrefixListModification: The CIDR 10.0.0.0/8 does not exist.',
  ],
  [
    { CurrentVersion: 1, AddEntries: [{ Cidr: '10.0.0.0/8' }], MaxEntries: 5 },
    'InvalidParameterCombination: You cannot modify the entries and the maximum entries for the prefix list in the same request.',
  ],
  [
    {
      CurrentVersion: 1,
      AddEntries: [{ Cidr: '203.0.113.0/25' }],
      RemoveEntries: [{ Cidr: '203.0.113.0/25' }],
    },
    'InvalidParameterValue: Request cannot contain Cidr 203.0.113.0/25 in both AddPrefixListEntries and RemovePrefixListEntries',
  ],
];

test.each(changes)('a change of %j is refused', (rest, refusal) => {
  const { create, modify } = newRegion();
  const id = create();
  expect(refusalOf(() => modify(id, rest))).toBe(refusal);
});

test('S87 a list counts as its greatest size; what has no room for more makes the change fail', () => {
  const { region, VpcId, create, modify, refer, show } = newRegion();
  expect(refusalOf(() => refer(create({ MaxEntries: 61 })))).toMatch(/^RulesPerSecurityGroupLimitExceeded/);
  const id = create();
  const GroupId = refer(id);
  expect(modify(id, { MaxEntries: 61 })?.State).toBe('modify-in-progress');
  expect(show(id)).toMatchObject({
    State: 'modify-failed',
    StateMessage: `The following VPC Security Group resource(s) do not have sufficient capacity [${GroupId}].`,
    MaxEntries: 3,
  });
  modify(id, { MaxEntries: 60 });
  expect(show(id)).toMatchObject({ State: 'modify-complete', MaxEntries: 60 });
  expect(show(id).StateMessage).toBeUndefined();
  const RouteTableId = given(region.call('CreateRouteTable', { VpcId }).RouteTable?.RouteTableId);
  const GatewayId = given([...region.world.internetGateways.values()][0]).internetGatewayId;
  expect(
    refusalOf(() => region.call('CreateRoute', { RouteTableId, GatewayId, DestinationPrefixListId: id })),
  ).toMatch(/^RouteLimitExceeded/);
});

test('a list in use is not deleted, and one of AWS not at all', () => {
  const { region, create, refer, show } = newRegion();
  const id = create();
  const GroupId = refer(id);
  const remove = (PrefixListId: string) => region.call('DeleteManagedPrefixList', { PrefixListId });
  expect(refusalOf(() => remove(id))).toBe(
    `DependencyViolation: The prefix list '${id}' is used by ${GroupId} and cannot be deleted.`,
  );
  region.call('DeleteSecurityGroup', { GroupId });
  expect(remove(id).PrefixList?.State).toBe('delete-in-progress');
  expect(refusalOf(() => show(id))).toMatch(/^InvalidPrefixListID.NotFound/);
  const ofAws = given([...region.world.prefixLists.values()].find(({ ownerId }) => ownerId === 'AWS'));
  expect(refusalOf(() => remove(ofAws.prefixListId))).toMatch(/^OperationNotPermitted/);
});
