import type { CreateCustomerGatewayRequest } from '@aws-sdk/client-ec2';
import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';

function newRegion() {
  const region = new TestRegion();
  const createVpc = (CidrBlock = '10.0.0.0/16') => given(region.call('CreateVpc', { CidrBlock }).Vpc?.VpcId);
  const createGateway = (rest: object = {}) =>
    given(region.call('CreateVpnGateway', { Type: 'ipsec.1', ...rest }).VpnGateway?.VpnGatewayId);
  const show = (id: string) =>
    given(region.call('DescribeVpnGateways', { VpnGatewayIds: [id] }).VpnGateways?.[0]);
  const VpcId = createVpc();
  const VpnGatewayId = createGateway();
  const RouteTableId = given(region.world.routeTables.where('vpcId', VpcId)[0]).routeTableId;
  const attach = (rest: object = {}) => region.call('AttachVpnGateway', { VpcId, VpnGatewayId, ...rest });
  return { region, VpcId, VpnGatewayId, RouteTableId, createVpc, createGateway, show, attach };
}

test('a VPN gateway is attached, detached, deleted', () => {
  const { region, VpcId, VpnGatewayId, show, attach } = newRegion();
  expect(show(VpnGatewayId)).toMatchObject({ State: 'available', AmazonSideAsn: 64512, VpcAttachments: [] });
  expect(attach().VpcAttachment).toEqual({ VpcId, State: 'attaching' });
  expect(show(VpnGatewayId).VpcAttachments).toEqual([{ VpcId, State: 'attached' }]);
  expect(refusalOf(() => region.call('DeleteVpnGateway', { VpnGatewayId }))).toContain('IncorrectState: ');
  expect(refusalOf(() => region.call('DeleteVpc', { VpcId }))).toContain('DependencyViolation: ');
  region.call('DetachVpnGateway', { VpcId, VpnGatewayId });
  expect(show(VpnGatewayId).VpcAttachments).toEqual([{ VpcId, State: 'detached' }]);
  region.call('DeleteVpnGateway', { VpnGatewayId });
  expect(show(VpnGatewayId)).toMatchObject({ State: 'deleted', VpcAttachments: [] });
});

test('an empty zone is none, as Terraform sends it', () => {
  const { createGateway, show } = newRegion();
  expect(show(createGateway({ AvailabilityZone: '' })).AvailabilityZone).toBeUndefined();
});

test('a table takes the routes of the VPC’s gateway as long as that is attached', () => {
  const { region, VpcId, VpnGatewayId, RouteTableId, attach } = newRegion();
  const input = { RouteTableId, GatewayId: VpnGatewayId };
  expect(refusalOf(() => region.call('EnableVgwRoutePropagation', input))).toBe(
    `Gateway.NotAttached: resource ${VpnGatewayId} is not attached to network ${VpcId}`,
  );
  attach();
  const propagating = () =>
    region.call('DescribeRouteTables', { RouteTableIds: [RouteTableId] }).RouteTables?.[0]?.PropagatingVgws;
  region.call('EnableVgwRoutePropagation', input);
  expect(propagating()).toEqual([{ GatewayId: VpnGatewayId }]);
  region.call('DisableVgwRoutePropagation', input);
  expect(propagating()).toEqual([]);
  region.call('EnableVgwRoutePropagation', input);
  region.call('DetachVpnGateway', { VpcId, VpnGatewayId });
  expect(propagating()).toEqual([]);
});

test('S28 a route to a VPN gateway is a blackhole when that is detached', () => {
  const { region, VpcId, VpnGatewayId, RouteTableId, attach } = newRegion();
  attach();
  region.call('CreateRoute', {
    RouteTableId,
    DestinationCidrBlock: '192.168.0.0/16',
    GatewayId: VpnGatewayId,
  });
  const stateOf = () =>
    region
      .call('DescribeRouteTables', { Filters: [{ Name: 'route.gateway-id', Values: [VpnGatewayId] }] })
      .RouteTables?.[0]?.Routes?.find(({ GatewayId }) => GatewayId === VpnGatewayId)?.State;
  expect(stateOf()).toBe('active');
  region.call('DetachVpnGateway', { VpcId, VpnGatewayId });
  expect(stateOf()).toBe('blackhole');
});

type Made = ReturnType<typeof newRegion>;
const REFUSALS: readonly (readonly [string, (made: Made) => unknown, string])[] = [
  [
    'a second VPC',
    ({ attach, createVpc }) => {
      attach();
      attach({ VpcId: createVpc('10.1.0.0/16') });
    },
    'VpnGatewayAttachmentLimitExceeded: The maximum number of virtual private gateway attachments has been reached.',
  ],
  [
    'a second gateway',
    ({ attach, createGateway }) => {
      attach();
      attach({ VpnGatewayId: createGateway() });
    },
    'InvalidVpcState: ',
  ],
  [
    'an attachment that is not there',
    ({ region, VpcId, VpnGatewayId }) => region.call('DetachVpnGateway', { VpcId, VpnGatewayId }),
    'InvalidVpnGatewayAttachment.NotFound: ',
  ],
  [
    'a public number',
    ({ createGateway }) => createGateway({ AmazonSideAsn: 15169 }),
    'InvalidParameterValue: Value (15169) for parameter amazonSideAsn is invalid.',
  ],
  [
    'an unknown gateway',
    ({ region }) => region.call('DeleteVpnGateway', { VpnGatewayId: 'vgw-0abc' }),
    "InvalidVpnGatewayID.NotFound: The vpnGateway ID 'vgw-0abc' does not exist",
  ],
  [
    'an unknown gateway of a table',
    ({ region, RouteTableId }) =>
      region.call('EnableVgwRoutePropagation', { RouteTableId, GatewayId: 'vgw-0abc' }),
    "InvalidGatewayID.NotFound: The gateway ID 'vgw-0abc' does not exist",
  ],
  [
    'a second way out for IPv6',
    ({ region, VpcId }) => {
      region.call('CreateEgressOnlyInternetGateway', { VpcId });
      region.call('CreateEgressOnlyInternetGateway', { VpcId });
    },
    'InvalidParameterValue: Network vpc-',
  ],
  [
    'an unknown way out for IPv6',
    ({ region }) =>
      region.call('DeleteEgressOnlyInternetGateway', { EgressOnlyInternetGatewayId: 'eigw-0abc' }),
    "InvalidGatewayID.NotFound: The eigw ID 'eigw-0abc' does not exist",
  ],
];

test.each(REFUSALS)('%s is refused', (_, act, refusal) => {
  expect(refusalOf(() => act(newRegion()))).toContain(refusal);
});

test.each([
  ['amazon-side-asn', '64512', 1],
  ['attachment.state', 'attached', 1],
  ['attachment.vpc-id', 'vpc-*', 1],
  ['availability-zone', 'us-east-1a', 0],
  ['state', 'available', 1],
  ['type', 'ipsec.1', 1],
  ['vpn-gateway-id', 'vgw-*', 1],
  ['tag:Name', 'x', 0],
])('filter %s=%s finds %i', (Name, value, count) => {
  const { region, attach } = newRegion();
  attach();
  expect(
    region.call('DescribeVpnGateways', { Filters: [{ Name, Values: [value] }] }).VpnGateways,
  ).toHaveLength(count);
});

const ROUTER: CreateCustomerGatewayRequest = { Type: 'ipsec.1', BgpAsn: 65001, IpAddress: '203.0.113.9' };

test('a customer gateway told twice is one, and stays visible when it is deleted', () => {
  const { region } = newRegion();
  const create = (rest: object = {}) =>
    given(region.call('CreateCustomerGateway', { ...ROUTER, ...rest }).CustomerGateway);
  const { CustomerGatewayId } = create();
  expect(create().CustomerGatewayId).toBe(CustomerGatewayId);
  expect(create({ DeviceName: 'spare' }).CustomerGatewayId).not.toBe(CustomerGatewayId);
  region.call('DeleteCustomerGateway', { CustomerGatewayId });
  const Filters = [
    { Name: 'ip-address', Values: ['203.0.113.9'] },
    { Name: 'bgp-asn', Values: ['65001'] },
    { Name: 'state', Values: ['deleted'] },
  ];
  expect(region.call('DescribeCustomerGateways', { Filters }).CustomerGateways).toEqual([
    {
      CustomerGatewayId,
      State: 'deleted',
      Type: 'ipsec.1',
      BgpAsn: '65001',
      IpAddress: '203.0.113.9',
      Tags: [],
    },
  ]);
});

test.each([
  [{ Type: undefined }, 'MissingParameter: The request must contain the parameter type'],
  [{ IpAddress: undefined }, 'MissingParameter: The request must contain the parameter ipAddress'],
  [{ IpAddress: 'here' }, 'InvalidParameterValue: Value (here) for parameter ipAddress is invalid.'],
  [{ BgpAsn: 0 }, 'InvalidParameterValue: Value (0) for parameter bgpAsn is invalid.'],
  [{ BgpAsnExtended: 4_200_000_000 }, 'InvalidParameterCombination: '],
])('a customer gateway with %j is refused', (rest, refusal) => {
  const { region } = newRegion();
  const input = { ...ROUTER, ...rest };
  // What a client could send, whatever the SDK's types say.
  expect(
    refusalOf(() => region.call('CreateCustomerGateway', input as CreateCustomerGatewayRequest)),
  ).toContain(refusal);
});
