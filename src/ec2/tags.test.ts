import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../test/support/ec2.ts';

type Tags = { Key?: string; Value?: string }[];

function createVpc(region: TestRegion, Tags?: Tags): string {
  const made = region.call('CreateVpc', {
    CidrBlock: '10.0.0.0/16',
    ...(Tags === undefined ? {} : { TagSpecifications: [{ ResourceType: 'vpc', Tags }] }),
  });
  return given(made.Vpc?.VpcId);
}

function tagsOf(region: TestRegion, id: string): Tags {
  const { Tags = [] } = region.call('DescribeTags', { Filters: [{ Name: 'resource-id', Values: [id] }] });
  return Tags.map(({ Key = '', Value = '' }) => ({ Key, Value }));
}

const MANY = Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}`, Value: '' }));

const refusals: readonly (readonly [tags: Tags, refusal: string])[] = [
  [
    [{ Key: 'aws:x', Value: '1' }],
    "InvalidParameterValue: Tag keys starting with 'aws:' are reserved for internal use",
  ],
  [[{ Key: 'AWS:x' }], "InvalidParameterValue: Tag keys starting with 'aws:' are reserved for internal use"],
  [[{ Value: 'x' }], 'InvalidParameterValue: Tag key cannot be empty.'],
  [[{ Key: 'k'.repeat(129) }], 'InvalidParameterValue: Tag key exceeds the maximum length of 128 characters'],
  [
    [{ Key: 'k', Value: 'v'.repeat(257) }],
    'InvalidParameterValue: Tag value exceeds the maximum length of 256 characters',
  ],
  [[{ Key: 'k' }, { Key: 'k' }], "InvalidParameterValue: Duplicate tag key 'k' specified."],
  [MANY, 'TagLimitExceeded: The maximum number of Tags for a resource has been reached.'],
  [[], 'InvalidParameterValue: Tag specification must have at least one tag'],
];

test.each(refusals)('a VPC tagged %j is refused, and not made', (tags, refusal) => {
  const region = new TestRegion();
  expect(refusalOf(() => createVpc(region, tags))).toBe(refusal);
  expect(region.world.vpcs.size).toBe(0);
});

test('the longest key and value and the fiftieth tag are taken', () => {
  const region = new TestRegion();
  const id = createVpc(region, [{ Key: 'k'.repeat(128), Value: 'v'.repeat(256) }, ...MANY.slice(0, 49)]);
  expect(tagsOf(region, id)).toHaveLength(50);
  expect(refusalOf(() => region.call('CreateTags', { Resources: [id], Tags: [{ Key: 'one-more' }] }))).toBe(
    'TagLimitExceeded: The maximum number of Tags for a resource has been reached.',
  );
});

test('a specification for another kind, or twice for one, is refused', () => {
  const region = new TestRegion();
  const specification = { ResourceType: 'subnet', Tags: [{ Key: 'a' }] } as const;
  const create = (...TagSpecifications: { ResourceType: 'vpc' | 'subnet'; Tags: Tags }[]) =>
    refusalOf(() => region.call('CreateVpc', { CidrBlock: '10.0.0.0/16', TagSpecifications }));
  expect(create({ ...specification, Tags: [...specification.Tags] })).toBe(
    "InvalidParameterValue: 'subnet' is not a valid taggable resource type for this operation.",
  );
  const vpc = { ResourceType: 'vpc', Tags: [{ Key: 'a' }] } as const;
  expect(create({ ...vpc, Tags: [...vpc.Tags] }, { ...vpc, Tags: [...vpc.Tags] })).toBe(
    'InvalidParameterValue: The same resource type may not be specified more than once in tag specifications',
  );
});

test('CreateTags adds and overwrites; DeleteTags removes by key, by key and value, or all', () => {
  const region = new TestRegion();
  const id = createVpc(region, [{ Key: 'a', Value: '1' }]);
  const tags = [
    { Key: 'a', Value: '2' },
    { Key: 'b', Value: '' },
    { Key: 'c', Value: '3' },
  ];
  region.call('CreateTags', { Resources: [id], Tags: tags });
  expect(tagsOf(region, id)).toEqual(tags);
  region.call('DeleteTags', { Resources: [id], Tags: [{ Key: 'a', Value: 'other' }, { Key: 'b' }] });
  expect(tagsOf(region, id)).toEqual([tags[0], tags[2]]);
  region.call('DeleteTags', { Resources: [id], Tags: [] });
  expect(tagsOf(region, id)).toEqual([]);
});

test('if one of several resources is not there, none is tagged', () => {
  const region = new TestRegion();
  const id = createVpc(region);
  const Resources = [id, 'subnet-0123456789abcdef0'];
  expect(refusalOf(() => region.call('CreateTags', { Resources, Tags: [{ Key: 'a' }] }))).toBe(
    "InvalidSubnetID.NotFound: The subnet ID 'subnet-0123456789abcdef0' does not exist",
  );
  expect(tagsOf(region, id)).toEqual([]);
  expect(refusalOf(() => region.call('CreateTags', { Resources: ['dragon-1'], Tags: [{ Key: 'a' }] }))).toBe(
    "InvalidID: The ID 'dragon-1' is not valid",
  );
});

test('every kind of resource is tagged by its id and filtered by kind, key and value', () => {
  const region = new TestRegion({ isSeeded: true });
  const { world } = region;
  const ids = [
    given([...world.vpcs.values()][0]).vpcId,
    given([...world.subnets.values()][0]).subnetId,
    given([...world.internetGateways.values()][0]).internetGatewayId,
    given([...world.routeTables.values()][0]).routeTableId,
    given([...world.securityGroups.values()][0]).groupId,
    given([...world.securityGroupRules.values()][0]).securityGroupRuleId,
    given([...world.networkAcls.values()][0]).networkAclId,
    given([...world.dhcpOptions.values()][0]).dhcpOptionsId,
  ];
  region.call('CreateTags', {
    Resources: ids,
    Tags: [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ],
  });
  const find = (Name: string, ...Values: string[]) =>
    region.call('DescribeTags', { Filters: [{ Name, Values }] }).Tags ?? [];
  expect(
    find('key', 'a')
      .map(({ ResourceType }) => ResourceType)
      .sort(),
  ).toEqual([
    'dhcp-options',
    'internet-gateway',
    'network-acl',
    'route-table',
    'security-group',
    'security-group-rule',
    'subnet',
    'vpc',
  ]);
  expect(find('resource-type', 'subnet')).toHaveLength(2);
  expect(find('value', '2')).toHaveLength(8);
  expect(find('tag:a', '1')).toHaveLength(8);
  expect(find('tag:a', '2')).toEqual([]);
});
