import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';

/** Chance falls on the first, so the first VPC has the first block of the pool. */
const FIRST_BLOCK = '2001:db8:c000::/56';
const SUBNET_BLOCK = '2001:db8:c000:1::/64';

function newVpc(AmazonProvidedIpv6CidrBlock = true) {
  const region = new TestRegion();
  const vpc = given(region.call('CreateVpc', { CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock }).Vpc);
  const VpcId = given(vpc.VpcId);
  const show = () => given(region.call('DescribeVpcs', { VpcIds: [VpcId] }).Vpcs?.[0]);
  const createSubnet = (rest: object = {}) =>
    given(region.call('CreateSubnet', { VpcId, CidrBlock: '10.0.0.0/24', ...rest }).Subnet);
  return { region, vpc, VpcId, show, createSubnet };
}

test('a VPC is made with a block of its own, or given one later', () => {
  const { region, vpc, show } = newVpc();
  expect(vpc.Ipv6CidrBlockAssociationSet).toMatchObject([
    { Ipv6CidrBlock: FIRST_BLOCK, Ipv6CidrBlockState: { State: 'associating' }, Ipv6Pool: 'Amazon' },
  ]);
  expect(show().Ipv6CidrBlockAssociationSet).toMatchObject([
    {
      Ipv6CidrBlock: FIRST_BLOCK,
      Ipv6CidrBlockState: { State: 'associated' },
    },
  ]);
  const VpcId = given(region.call('CreateVpc', { CidrBlock: '10.1.0.0/16' }).Vpc?.VpcId);
  const reply = region.call('AssociateVpcCidrBlock', { VpcId, AmazonProvidedIpv6CidrBlock: true });
  expect(reply.Ipv6CidrBlockAssociation?.Ipv6CidrBlock).toBe('2001:db8:c000:100::/56');
  const Filters = [
    { Name: 'ipv6-cidr-block-association.ipv6-cidr-block', Values: ['2001:db8:c000:100::/56'] },
  ];
  expect(region.call('DescribeVpcs', { Filters }).Vpcs?.map((each) => each.VpcId)).toEqual([VpcId]);
});

test.each([
  ['at creation', true],
  ['later', false],
])('S19 S61 S73 a block given %s brings local routes, ACL entries and an egress rule', (_, isAtCreation) => {
  const { region, VpcId } = newVpc(isAtCreation);
  const custom = given(region.call('CreateNetworkAcl', { VpcId }).NetworkAcl?.NetworkAclId);
  if (!isAtCreation) region.call('AssociateVpcCidrBlock', { VpcId, AmazonProvidedIpv6CidrBlock: true });
  expect(region.call('DescribeRouteTables', {}).RouteTables?.[0]?.Routes).toEqual([
    expect.objectContaining({ DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local' }),
    expect.objectContaining({ DestinationIpv6CidrBlock: FIRST_BLOCK, GatewayId: 'local', State: 'active' }),
  ]);
  const entriesOf = (isDefault: boolean) =>
    region
      .call('DescribeNetworkAcls', { Filters: [{ Name: 'default', Values: [String(isDefault)] }] })
      .NetworkAcls?.[0]?.Entries?.filter(({ Egress }) => Egress !== true)
      .map((entry) => [entry.RuleNumber, entry.RuleAction, entry.CidrBlock ?? entry.Ipv6CidrBlock]);
  expect(custom).toMatch(/^acl-/);
  const denials = [
    [32767, 'deny', '0.0.0.0/0'],
    [32768, 'deny', '::/0'],
  ];
  expect(entriesOf(true)).toEqual([[100, 'allow', '0.0.0.0/0'], [101, 'allow', '::/0'], ...denials]);
  expect(entriesOf(false)).toEqual(denials);
  const group = given(region.world.securityGroups.where('vpcId', VpcId)[0]);
  const rules = region.world.securityGroupRules
    .where('groupId', group.groupId)
    .filter(({ isEgress }) => isEgress)
    .map(({ peer }) => peer);
  expect(rules).toEqual([
    { kind: 'cidr', cidrBlock: '0.0.0.0/0' },
    { kind: 'cidr-ipv6', cidrBlock: '::/0' },
  ]);
});

test('S73 an ACL that somebody changed gets no rule that allows', () => {
  const { region, VpcId } = newVpc(false);
  const acl = given(region.world.networkAcls.where('vpcId', VpcId)[0]);
  region.call('DeleteNetworkAclEntry', {
    NetworkAclId: acl.networkAclId,
    RuleNumber: 100,
    Egress: false,
  });
  region.call('AssociateVpcCidrBlock', { VpcId, AmazonProvidedIpv6CidrBlock: true });
  const entries = given(region.world.networkAcls.get(acl.networkAclId)).entries;
  expect(entries.filter(({ ipv6CidrBlock }) => ipv6CidrBlock !== undefined)).toMatchObject([
    { isEgress: true, ruleNumber: 101, ruleAction: 'allow' },
    { isEgress: true, ruleNumber: 32768 },
    { isEgress: false, ruleNumber: 32768 },
  ]);
});

test('a block is taken back when no subnet has any of it', () => {
  const { region, VpcId, show, createSubnet } = newVpc();
  const AssociationId = given(show().Ipv6CidrBlockAssociationSet?.[0]?.AssociationId);
  const subnet = createSubnet({ Ipv6CidrBlock: SUBNET_BLOCK });
  const disassociate = () => region.call('DisassociateVpcCidrBlock', { AssociationId });
  expect(refusalOf(disassociate)).toBe(
    `DependencyViolation: The CIDR block '${FIRST_BLOCK}' of the vpc '${VpcId}' has dependencies and cannot be disassociated.`,
  );
  region.call('DisassociateSubnetCidrBlock', {
    AssociationId: given(subnet.Ipv6CidrBlockAssociationSet?.[0]?.AssociationId),
  });
  expect(disassociate().Ipv6CidrBlockAssociation).toMatchObject({
    Ipv6CidrBlock: FIRST_BLOCK,
    Ipv6CidrBlockState: { State: 'disassociating' },
  });
  expect(show().Ipv6CidrBlockAssociationSet).toEqual([]);
  expect(region.world.routeTables.where('vpcId', VpcId)[0]?.routes).toHaveLength(1);
});

test('S5 a subnet has a block from its creation or later, and then may give addresses of it', () => {
  const { region, createSubnet } = newVpc();
  const first = createSubnet({ Ipv6CidrBlock: '2001:DB8:C000:1:0:0:0:9/64' });
  expect(first.Ipv6CidrBlockAssociationSet).toMatchObject([
    {
      Ipv6CidrBlock: SUBNET_BLOCK,
      Ipv6CidrBlockState: { State: 'associated' },
    },
  ]);
  const SubnetId = given(createSubnet({ CidrBlock: '10.0.1.0/24' }).SubnetId);
  const assign = () =>
    region.call('ModifySubnetAttribute', { SubnetId, AssignIpv6AddressOnCreation: { Value: true } });
  expect(refusalOf(assign)).toBe('InvalidParameterValue: The subnet has no IPv6 block.');
  const Ipv6CidrBlock = '2001:db8:c000:2::/64';
  expect(
    region.call('AssociateSubnetCidrBlock', { SubnetId, Ipv6CidrBlock }).Ipv6CidrBlockAssociation
      ?.Ipv6CidrBlockState?.State,
  ).toBe('associating');
  assign();
  const [shown] = given(region.call('DescribeSubnets', { SubnetIds: [SubnetId] }).Subnets);
  expect(shown).toMatchObject({
    AssignIpv6AddressOnCreation: true,
    Ipv6CidrBlockAssociationSet: [{ Ipv6CidrBlock }],
  });
});

type Made = ReturnType<typeof newVpc>;
const REFUSALS: readonly (readonly [string, (made: Made) => unknown, string])[] = [
  [
    'a block outside of the VPC',
    ({ createSubnet }) => createSubnet({ Ipv6CidrBlock: '2001:db8:1::/64' }),
    "InvalidSubnet.Range: The CIDR '2001:db8:1::/64' is invalid.",
  ],
  [
    'a block of another size',
    ({ createSubnet }) => createSubnet({ Ipv6CidrBlock: '2001:db8:c000::/65' }),
    "InvalidSubnet.Range: The CIDR '2001:db8:c000::/65' is invalid.",
  ],
  [
    'no block',
    ({ createSubnet }) => createSubnet({ Ipv6CidrBlock: '10.0.0.0/24' }),
    'InvalidParameterValue: Value (10.0.0.0/24) for parameter ipv6CidrBlock is invalid. This is not a valid CIDR block.',
  ],
  [
    'the block of a neighbour',
    ({ createSubnet }) => {
      createSubnet({ Ipv6CidrBlock: SUBNET_BLOCK });
      createSubnet({ Ipv6CidrBlock: SUBNET_BLOCK, CidrBlock: '10.0.1.0/24' });
    },
    `InvalidSubnet.Conflict: The CIDR '${SUBNET_BLOCK}' conflicts with another subnet`,
  ],
  [
    'a block that nobody has',
    ({ region }) => region.call('DisassociateSubnetCidrBlock', { AssociationId: 'subnet-cidr-assoc-0' }),
    "InvalidSubnetCidrBlockAssociationID.NotFound: The subnet CIDR block association ID 'subnet-cidr-assoc-0' does not exist",
  ],
  [
    'a pool of his own',
    ({ region, VpcId }) =>
      region.call('AssociateVpcCidrBlock', { VpcId, Ipv6Pool: 'ipv6pool-ec2-0', Ipv6CidrBlock: '2600::/56' }),
    'UnsupportedOperation: Cloudcroft has no IPv6 pools: ask for an IPv6 block with AmazonProvidedIpv6CidrBlock.',
  ],
  [
    'both families at once',
    ({ region, VpcId }) =>
      region.call('AssociateVpcCidrBlock', {
        VpcId,
        CidrBlock: '10.1.0.0/16',
        AmazonProvidedIpv6CidrBlock: true,
      }),
    'InvalidParameterCombination: The parameters cidrBlock and amazonProvidedIpv6CidrBlock cannot be used together',
  ],
];

test.each(REFUSALS)('%s is refused', (_, act, refusal) => {
  expect(refusalOf(() => act(newVpc()))).toBe(refusal);
});

test('S23 routes by IPv6 lead to gateways, whatever IPv4 does', () => {
  const { region, VpcId } = newVpc();
  const RouteTableId = given(region.world.routeTables.where('vpcId', VpcId)[0]).routeTableId;
  const gateway = region.call('CreateEgressOnlyInternetGateway', { VpcId }).EgressOnlyInternetGateway;
  const EgressOnlyInternetGatewayId = given(gateway?.EgressOnlyInternetGatewayId);
  const create = (rest: object) =>
    region.call('CreateRoute', { RouteTableId, EgressOnlyInternetGatewayId, ...rest });
  create({ DestinationIpv6CidrBlock: '0::/0' });
  expect(refusalOf(() => create({ DestinationIpv6CidrBlock: '::/0' }))).toBe(
    'RouteAlreadyExists: The route identified by ::/0 already exists.',
  );
  expect(refusalOf(() => create({ DestinationCidrBlock: '0.0.0.0/0' }))).toBe(
    'InvalidParameterValue: The destination 0.0.0.0/0 is not an IPv6 CIDR block: an egress-only internet gateway takes IPv6 only.',
  );
  expect(refusalOf(() => create({ DestinationIpv6CidrBlock: SUBNET_BLOCK }))).toContain(
    'This route can target only an interface or an instance',
  );
  const find = (state: string) =>
    region.call('DescribeRouteTables', {
      Filters: [
        { Name: 'route.egress-only-internet-gateway-id', Values: [EgressOnlyInternetGatewayId] },
        { Name: 'route.destination-ipv6-cidr-block', Values: ['::/0'] },
        { Name: 'route.state', Values: [state] },
      ],
    }).RouteTables;
  expect(find('blackhole')).toEqual([]);
  region.call('DeleteEgressOnlyInternetGateway', { EgressOnlyInternetGatewayId });
  expect(find('blackhole')).toHaveLength(1);
  region.call('DeleteRoute', { RouteTableId, DestinationIpv6CidrBlock: '::/0' });
});
