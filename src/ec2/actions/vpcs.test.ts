import fc from 'fast-check';
import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';
import { cidrOf, overlaps } from '../../net/cidr.ts';

function createVpc(region: TestRegion, CidrBlock = '10.0.0.0/16'): string {
  return given(region.call('CreateVpc', { CidrBlock }).Vpc?.VpcId);
}

function createSubnet(region: TestRegion, VpcId: string, CidrBlock: string): string {
  return given(region.call('CreateSubnet', { VpcId, CidrBlock }).Subnet?.SubnetId);
}

const vpcBlocks: readonly (readonly [block: string, outcome: string])[] = [
  ['10.0.0.0/16', '10.0.0.0/16'],
  ['100.68.0.18/18', '100.68.0.0/18'],
  ['10.0.0.0/28', '10.0.0.0/28'],
  ['10.0.0.0/15', "InvalidVpc.Range: The CIDR '10.0.0.0/15' is invalid."],
  ['10.0.0.0/29', "InvalidVpc.Range: The CIDR '10.0.0.0/29' is invalid."],
  ['0.0.0.0/0', "InvalidVpc.Range: The CIDR '0.0.0.0/0' is invalid."],
  ['127.0.0.0/16', "InvalidVpc.Range: The CIDR '127.0.0.0/16' is invalid."],
  ['169.254.0.0/16', "InvalidVpc.Range: The CIDR '169.254.0.0/16' is invalid."],
  ['224.0.0.0/16', "InvalidVpc.Range: The CIDR '224.0.0.0/16' is invalid."],
  ...[
    '',
    '10.0.0.0',
    '10.0.0/16',
    '10.0.0.256/24',
    '10.0.0.0/33',
    '010.0.0.0/16',
    ' 10.0.0.0/16',
    'fd00::/64',
    '10.0.0.0/16/8',
  ].map(
    (block) =>
      [
        block,
        `InvalidParameterValue: Value (${block}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`,
      ] as const,
  ),
];

test.each(vpcBlocks)('S1 S2 a VPC of %j: %s', (CidrBlock, outcome) => {
  const region = new TestRegion();
  let made: string | undefined;
  const refusal = refusalOf(() => {
    made = region.call('CreateVpc', { CidrBlock }).Vpc?.CidrBlock;
  });
  expect(made ?? refusal).toBe(outcome);
  expect(region.store.world(region.scope)?.vpcs.size ?? 0).toBe(made === undefined ? 0 : 1);
});

test('S17 S16 a new VPC comes with main table, default ACL and default group, and nothing else', () => {
  const region = new TestRegion();
  const VpcId = createVpc(region);
  const { world } = region;
  const main = given([...world.routeTables.values()][0]);
  expect(main.associations).toMatchObject([{ isMain: true }]);
  expect(main.routes).toEqual([
    {
      destination: { kind: 'cidr', cidrBlock: '10.0.0.0/16' },
      target: { kind: 'local' },
      origin: 'CreateRouteTable',
    },
  ]);
  expect([...world.networkAcls.values()]).toMatchObject([{ isDefault: true, vpcId: VpcId }]);
  expect([...world.securityGroups.values()]).toMatchObject([{ groupName: 'default', vpcId: VpcId }]);
  expect([world.subnets.size, world.internetGateways.size, world.networkInterfaces.size]).toEqual([0, 0, 0]);
  expect(
    region.call('DescribeVpcAttribute', { VpcId, Attribute: 'enableDnsSupport' }).EnableDnsSupport?.Value,
  ).toBe(true);
  expect(
    region.call('DescribeVpcAttribute', { VpcId, Attribute: 'enableDnsHostnames' }).EnableDnsHostnames?.Value,
  ).toBe(false);
});

test('S125 a rehearsed CreateVpc leaves nothing', () => {
  const region = new TestRegion();
  region.rehearse('CreateVpc', { CidrBlock: '10.0.0.0/16' });
  const { vpcs, routeTables, networkAcls, securityGroups, securityGroupRules } = region.world;
  expect(
    [vpcs, routeTables, networkAcls, securityGroups, securityGroupRules].map(({ size }) => size),
  ).toEqual([0, 0, 0, 0, 0]);
});

test('an attribute of a VPC is modified one at a time', () => {
  const region = new TestRegion();
  const VpcId = createVpc(region);
  region.call('ModifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: true } });
  expect(region.world.vpcs.get(VpcId)).toMatchObject({ enableDnsHostnames: true, enableDnsSupport: true });
  const both = { VpcId, EnableDnsHostnames: { Value: true }, EnableDnsSupport: { Value: true } };
  expect(refusalOf(() => region.call('ModifyVpcAttribute', both))).toBe(
    'InvalidParameterCombination: Fields for multiple attribute types specified',
  );
});

test('S120 deleting a VPC takes what came with it along', () => {
  const region = new TestRegion();
  const VpcId = createVpc(region);
  region.call('DeleteVpc', { VpcId });
  const { vpcs, routeTables, networkAcls, securityGroups, securityGroupRules } = region.world;
  expect(
    [vpcs, routeTables, networkAcls, securityGroups, securityGroupRules].map(({ size }) => size),
  ).toEqual([0, 0, 0, 0, 0]);
});

const holders: readonly (readonly [what: string, make: (region: TestRegion, VpcId: string) => unknown])[] = [
  ['a subnet', (region, VpcId) => createSubnet(region, VpcId, '10.0.0.0/24')],
  [
    'a security group',
    (region, VpcId) => region.call('CreateSecurityGroup', { VpcId, GroupName: 'g', Description: 'd' }),
  ],
  ['a route table', (region, VpcId) => region.call('CreateRouteTable', { VpcId })],
  ['a network ACL', (region, VpcId) => region.call('CreateNetworkAcl', { VpcId })],
  [
    'an internet gateway',
    (region, VpcId) => {
      const InternetGatewayId = region.call('CreateInternetGateway', {}).InternetGateway?.InternetGatewayId;
      return region.call('AttachInternetGateway', { VpcId, InternetGatewayId });
    },
  ],
];

test.each(holders)('S119 a VPC with %s is not deleted', (_, make) => {
  const region = new TestRegion();
  const VpcId = createVpc(region);
  make(region, VpcId);
  expect(refusalOf(() => region.call('DeleteVpc', { VpcId }))).toBe(
    `DependencyViolation: The vpc '${VpcId}' has dependencies and cannot be deleted.`,
  );
  expect(region.world.securityGroups.where('vpcId', VpcId).length).toBeGreaterThan(0);
});

const additions: readonly (readonly [block: string, refusal: string])[] = [
  ['10.1.0.0/16', 'no error'],
  ['100.64.0.0/16', 'no error'],
  ['203.0.113.0/24', 'no error'],
  [
    '10.0.128.0/24',
    "InvalidVpc.Range: The CIDR '10.0.128.0/24' conflicts with another CIDR of the vpc 'vpc-00000000000000001'.",
  ],
  ['10.2.0.0/29', "InvalidVpc.Range: The CIDR '10.2.0.0/29' is invalid."],
  ...['172.16.0.0/16', '192.168.0.0/16', '198.19.0.0/16'].map(
    (block) =>
      [
        block,
        `InvalidVpc.Range: The CIDR '${block}' is restricted. Use a CIDR from the same private address range as the current VPC CIDR, or use a publicly-routable CIDR.`,
      ] as const,
  ),
  [
    'nonsense',
    'InvalidParameterValue: Value (nonsense) for parameter cidrBlock is invalid. This is not a valid CIDR block.',
  ],
];

test.each(additions)('S8 S14 adding %s to a VPC of 10.0.0.0/16: %s', (CidrBlock, refusal) => {
  const region = new TestRegion();
  const VpcId = createVpc(region);
  expect(refusalOf(() => region.call('AssociateVpcCidrBlock', { VpcId, CidrBlock }))).toBe(refusal);
});

test('S8 S10 a further block has local routes everywhere while it is there; the first stays', () => {
  const region = new TestRegion();
  const VpcId = createVpc(region);
  region.call('CreateRouteTable', { VpcId });
  const added = region.call('AssociateVpcCidrBlock', { VpcId, CidrBlock: '10.1.0.0/16' });
  const routes = () => region.world.routeTables.where('vpcId', VpcId).map((table) => table.routes.length);
  expect(routes()).toEqual([2, 2]);
  const SubnetId = createSubnet(region, VpcId, '10.1.2.0/24');
  const AssociationId = given(added.CidrBlockAssociation?.AssociationId);
  expect(refusalOf(() => region.call('DisassociateVpcCidrBlock', { AssociationId }))).toMatch(
    /^DependencyViolation/,
  );
  region.call('DeleteSubnet', { SubnetId });
  region.call('DisassociateVpcCidrBlock', { AssociationId });
  expect(routes()).toEqual([1, 1]);
  const first = given(region.world.vpcs.get(VpcId)?.cidrBlockAssociations[0]).associationId;
  expect(refusalOf(() => region.call('DisassociateVpcCidrBlock', { AssociationId: first }))).toBe(
    `OperationNotPermitted: The vpc CIDR block with association ID ${first} may not be disassociated. It is the primary IPv4 CIDR block of the VPC`,
  );
});

test('S11 a block is associating and disassociating in the answers, and associated in between', () => {
  const region = new TestRegion();
  const VpcId = createVpc(region);
  const states = () =>
    given(region.call('DescribeVpcs', { VpcIds: [VpcId] }).Vpcs?.[0]?.CidrBlockAssociationSet).map(
      ({ CidrBlock, CidrBlockState }) => [CidrBlock, CidrBlockState?.State],
    );
  const added = region.call('AssociateVpcCidrBlock', { VpcId, CidrBlock: '10.1.0.0/16' });
  expect(added.CidrBlockAssociation?.CidrBlockState).toEqual({ State: 'associating' });
  expect(states()).toEqual([
    ['10.0.0.0/16', 'associated'],
    ['10.1.0.0/16', 'associated'],
  ]);
  const AssociationId = given(added.CidrBlockAssociation?.AssociationId);
  const removed = region.call('DisassociateVpcCidrBlock', { AssociationId });
  expect(removed.CidrBlockAssociation?.CidrBlockState).toEqual({ State: 'disassociating' });
  expect(states()).toEqual([['10.0.0.0/16', 'associated']]);
});

test('S12 a block is not resized: neither a larger nor a smaller one takes its place', () => {
  const region = new TestRegion();
  const VpcId = createVpc(region);
  for (const CidrBlock of ['10.0.0.0/17', '10.0.0.0/16', '10.0.128.0/20']) {
    expect(refusalOf(() => region.call('AssociateVpcCidrBlock', { VpcId, CidrBlock }))).toBe(
      `InvalidVpc.Range: The CIDR '${CidrBlock}' conflicts with another CIDR of the vpc '${VpcId}'.`,
    );
  }
  const SubnetId = createSubnet(region, VpcId, '10.0.9.0/24');
  for (const CidrBlock of ['10.0.8.0/23', '10.0.9.0/25']) {
    expect(refusalOf(() => createSubnet(region, VpcId, CidrBlock))).toMatch(/^InvalidSubnet.Conflict/);
  }
  expect(region.world.subnets.get(SubnetId)?.cidrBlock).toBe('10.0.9.0/24');
});

test('S9 a block is not added over the destination of a route', () => {
  const region = new TestRegion();
  const VpcId = createVpc(region);
  const gateway = given(region.call('CreateInternetGateway', {}).InternetGateway?.InternetGatewayId);
  region.call('AttachInternetGateway', { VpcId, InternetGatewayId: gateway });
  const [table] = region.world.routeTables.where('vpcId', VpcId);
  region.call('CreateRoute', {
    RouteTableId: table?.routeTableId,
    DestinationCidrBlock: '10.5.0.0/24',
    GatewayId: gateway,
  });
  expect(refusalOf(() => region.call('AssociateVpcCidrBlock', { VpcId, CidrBlock: '10.5.0.0/16' }))).toMatch(
    /^InvalidVpc.Range/,
  );
  expect(refusalOf(() => region.call('AssociateVpcCidrBlock', { VpcId, CidrBlock: '10.5.0.0/28' }))).toBe(
    'no error',
  );
});

test('S18 a VPC has five blocks at most', () => {
  const region = new TestRegion();
  const VpcId = createVpc(region);
  for (const second of [1, 2, 3, 4])
    region.call('AssociateVpcCidrBlock', { VpcId, CidrBlock: `10.${second}.0.0/16` });
  expect(refusalOf(() => region.call('AssociateVpcCidrBlock', { VpcId, CidrBlock: '10.5.0.0/16' }))).toBe(
    `CidrLimitExceeded: This network '${VpcId}' has met its maximum number of allowed CIDRs: 5`,
  );
});

const subnetBlocks: readonly (readonly [block: string, outcome: string])[] = [
  ['10.0.0.0/24', '10.0.0.0/24'],
  ['10.0.3.77/24', '10.0.3.0/24'],
  ['10.0.255.240/28', '10.0.255.240/28'],
  ['10.0.0.0/29', "InvalidSubnet.Range: The CIDR '10.0.0.0/29' is invalid."],
  ['10.0.0.0/15', "InvalidSubnet.Range: The CIDR '10.0.0.0/15' is invalid."],
  ['10.1.0.0/24', "InvalidSubnet.Range: The CIDR '10.1.0.0/24' is invalid."],
  ['10.0.9.0/25', "InvalidSubnet.Conflict: The CIDR '10.0.9.0/25' conflicts with another subnet"],
  ['10.0.0.0/16', "InvalidSubnet.Conflict: The CIDR '10.0.0.0/16' conflicts with another subnet"],
  [
    '10.0.0.0',
    'InvalidParameterValue: Value (10.0.0.0) for parameter cidrBlock is invalid. This is not a valid CIDR block.',
  ],
];

test.each(subnetBlocks)('S2 S3 a subnet of %j beside 10.0.9.0/24: %s', (CidrBlock, outcome) => {
  const region = new TestRegion();
  const VpcId = createVpc(region);
  createSubnet(region, VpcId, '10.0.9.0/24');
  let made: string | undefined;
  const refusal = refusalOf(() => {
    made = region.call('CreateSubnet', { VpcId, CidrBlock }).Subnet?.CidrBlock;
  });
  expect(made ?? refusal).toBe(outcome);
});

test('S4 S16 S65 a subnet begins in the first zone with 251 of 256 addresses, under the default ACL', () => {
  const region = new TestRegion();
  const { Subnet } = region.call('CreateSubnet', { VpcId: createVpc(region), CidrBlock: '10.0.0.0/24' });
  expect(Subnet).toMatchObject({
    AvailabilityZone: 'us-east-1a',
    AvailabilityZoneId: 'use1-az1',
    AvailableIpAddressCount: 251,
    MapPublicIpOnLaunch: false,
    DefaultForAz: false,
  });
  const [acl] = [...region.world.networkAcls.values()];
  expect(acl?.associations.map(({ subnetId }) => subnetId)).toEqual([Subnet?.SubnetId]);
});

test('a zone is chosen by name or by id, and an unknown one is refused with those there are', () => {
  const region = new TestRegion();
  const VpcId = createVpc(region);
  const create = (zone: object) =>
    region.call('CreateSubnet', { VpcId, CidrBlock: '10.0.0.0/24', ...zone }).Subnet?.AvailabilityZone;
  expect(refusalOf(() => create({ AvailabilityZone: 'us-east-1x' }))).toBe(
    'InvalidParameterValue: Value (us-east-1x) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: us-east-1a, us-east-1b, us-east-1c, us-east-1d, us-east-1e, us-east-1f.',
  );
  expect(create({ AvailabilityZoneId: 'use1-az3' })).toBe('us-east-1c');
});

test('S119 deleting a subnet ends its associations, and an interface in it forbids it', () => {
  const region = new TestRegion();
  const VpcId = createVpc(region);
  const SubnetId = createSubnet(region, VpcId, '10.0.0.0/24');
  const RouteTableId = given(region.call('CreateRouteTable', { VpcId }).RouteTable?.RouteTableId);
  region.call('AssociateRouteTable', { RouteTableId, SubnetId });
  region.call('DeleteSubnet', { SubnetId });
  expect(region.world.routeTables.get(RouteTableId)?.associations).toEqual([]);
  expect([...region.world.networkAcls.values()].flatMap(({ associations }) => associations)).toEqual([]);
});

test('one attribute of a subnet is modified at a time', () => {
  const region = new TestRegion();
  const SubnetId = createSubnet(region, createVpc(region), '10.0.0.0/24');
  region.call('ModifySubnetAttribute', { SubnetId, MapPublicIpOnLaunch: { Value: true } });
  expect(region.world.subnets.get(SubnetId)?.mapPublicIpOnLaunch).toBe(true);
  const both = {
    SubnetId,
    MapPublicIpOnLaunch: { Value: true },
    PrivateDnsHostnameTypeOnLaunch: 'ip-name',
  } as const;
  expect(refusalOf(() => region.call('ModifySubnetAttribute', both))).toBe(
    'InvalidParameterCombination: Only one subnet attribute can be modified at a time',
  );
});

test('S3 no two subnets of a VPC overlap, whatever is asked for', () => {
  const block = fc
    .tuple(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 16, max: 28 }))
    .map(([low, length]) => `10.0.${low >>> 8}.${low & 255}/${length}`);
  fc.assert(
    fc.property(fc.array(block, { maxLength: 12 }), (blocks) => {
      const region = new TestRegion();
      const VpcId = createVpc(region);
      const taken = blocks.map((CidrBlock) => ({
        CidrBlock,
        isTaken: refusalOf(() => region.call('CreateSubnet', { VpcId, CidrBlock })) === 'no error',
      }));
      const made = region.world.subnets.where('vpcId', VpcId).map(({ cidrBlock = '' }) => cidrOf(cidrBlock));
      for (const [index, one] of made.entries()) {
        for (const other of made.slice(index + 1)) expect(overlaps(one, other)).toBe(false);
      }
      for (const { CidrBlock, isTaken } of taken) {
        if (!isTaken) expect(made.some((one) => overlaps(one, cidrOf(CidrBlock)))).toBe(true);
      }
    }),
    { numRuns: 40 },
  );
});
