import type { Filter } from '@aws-sdk/client-ec2';
import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';
import { completeTransitGateway } from '../../control/transit.ts';

function newRegion() {
  const region = new TestRegion();
  const gateway = given(region.call('CreateTransitGateway', {}).TransitGateway);
  const TransitGatewayId = given(gateway.TransitGatewayId);
  const tableId = given(gateway.Options?.AssociationDefaultRouteTableId);
  /** As control does when packets have followed. */
  const settle = () => region.write(({ tx }) => completeTransitGateway(tx, TransitGatewayId));
  const newVpc = (block: string, zone = 'us-east-1a') => {
    const VpcId = given(region.call('CreateVpc', { CidrBlock: block }).Vpc?.VpcId);
    const made = region.call('CreateSubnet', { VpcId, CidrBlock: block, AvailabilityZone: zone });
    return { VpcId, SubnetId: given(made.Subnet?.SubnetId) };
  };
  const attach = ({ VpcId, SubnetId }: { VpcId: string; SubnetId: string }, Options = {}) =>
    given(
      region.call('CreateTransitGatewayVpcAttachment', {
        TransitGatewayId,
        VpcId,
        SubnetIds: [SubnetId],
        Options,
      }).TransitGatewayVpcAttachment,
    );
  const search = (Filters: Filter[], TransitGatewayRouteTableId = tableId) =>
    region
      .call('SearchTransitGatewayRoutes', { TransitGatewayRouteTableId, Filters })
      .Routes?.map((route) => [
        route.DestinationCidrBlock,
        route.Type,
        route.State,
        route.TransitGatewayAttachments?.[0]?.ResourceId,
      ]);
  return { region, gateway, TransitGatewayId, tableId, settle, newVpc, attach, search };
}

const STATIC: Filter[] = [{ Name: 'type', Values: ['static', 'propagated'] }];

test('a gateway has a default route table, and is available when control has made it', () => {
  const { region, gateway, TransitGatewayId, tableId, settle } = newRegion();
  expect(gateway).toMatchObject({
    State: 'pending',
    Description: '',
    TransitGatewayArn: `arn:aws:ec2:us-east-1:123456789012:transit-gateway/${TransitGatewayId}`,
    Options: {
      AmazonSideAsn: 64512,
      AutoAcceptSharedAttachments: 'disable',
      DefaultRouteTableAssociation: 'enable',
      AssociationDefaultRouteTableId: tableId,
      DefaultRouteTablePropagation: 'enable',
      PropagationDefaultRouteTableId: tableId,
      VpnEcmpSupport: 'enable',
      DnsSupport: 'enable',
      MulticastSupport: 'disable',
    },
  });
  settle();
  const ids = { TransitGatewayRouteTableIds: [tableId] };
  expect(region.call('DescribeTransitGatewayRouteTables', ids).TransitGatewayRouteTables).toMatchObject([
    { State: 'available', DefaultAssociationRouteTable: true, DefaultPropagationRouteTable: true },
  ]);
  const filter = { Name: 'options.amazon-side-asn', Values: ['64512'] };
  expect(region.call('DescribeTransitGateways', { Filters: [filter] }).TransitGateways).toMatchObject([
    { TransitGatewayId, State: 'available' },
  ]);
});

test('a gateway without defaults has no table of its own; one can be made its default later', () => {
  const { region } = newRegion();
  const Options = {
    DefaultRouteTableAssociation: 'disable',
    DefaultRouteTablePropagation: 'disable',
  } as const;
  const made = given(region.call('CreateTransitGateway', { Options }).TransitGateway);
  const TransitGatewayId = given(made.TransitGatewayId);
  expect(made.Options?.AssociationDefaultRouteTableId).toBeUndefined();
  expect(
    refusalOf(() =>
      region.call('ModifyTransitGateway', {
        TransitGatewayId,
        Options: { DefaultRouteTableAssociation: 'enable' },
      }),
    ),
  ).toBe('MissingParameter: The request must contain the parameter AssociationDefaultRouteTableId');
  const id = given(
    region.call('CreateTransitGatewayRouteTable', { TransitGatewayId }).TransitGatewayRouteTable
      ?.TransitGatewayRouteTableId,
  );
  const changed = region.call('ModifyTransitGateway', {
    TransitGatewayId,
    Description: 'new',
    Options: { DefaultRouteTableAssociation: 'enable', AssociationDefaultRouteTableId: id },
  });
  expect(changed.TransitGateway).toMatchObject({
    Description: 'new',
    Options: { AssociationDefaultRouteTableId: id, DefaultRouteTablePropagation: 'disable' },
  });
});

test('an attachment has an interface in each subnet, and associates and propagates by default', () => {
  const { region, TransitGatewayId, tableId, settle, newVpc, attach, search } = newRegion();
  const vpc = newVpc('10.1.0.0/24');
  const attachment = attach(vpc);
  const id = given(attachment.TransitGatewayAttachmentId);
  expect(attachment).toMatchObject({
    State: 'pending',
    SubnetIds: [vpc.SubnetId],
    Options: { DnsSupport: 'enable', Ipv6Support: 'disable', ApplianceModeSupport: 'disable' },
  });
  expect(region.call('DescribeNetworkInterfaces', {}).NetworkInterfaces).toMatchObject([
    {
      InterfaceType: 'transit_gateway',
      RequesterManaged: true,
      Description: `Network Interface for Transit Gateway Attachment ${id}`,
    },
  ]);
  expect(refusalOf(() => region.call('DeleteSubnet', { SubnetId: vpc.SubnetId }))).toMatch(
    /^DependencyViolation/,
  );
  const Filters = [{ Name: 'association.state', Values: ['associating'] }];
  expect(
    region.call('DescribeTransitGatewayAttachments', { Filters }).TransitGatewayAttachments,
  ).toMatchObject([{ ResourceId: vpc.VpcId, Association: { TransitGatewayRouteTableId: tableId } }]);
  settle();
  const table = { TransitGatewayRouteTableId: tableId };
  expect(region.call('GetTransitGatewayRouteTableAssociations', table).Associations).toEqual([
    { TransitGatewayAttachmentId: id, ResourceId: vpc.VpcId, ResourceType: 'vpc', State: 'associated' },
  ]);
  expect(
    region.call('GetTransitGatewayRouteTablePropagations', table).TransitGatewayRouteTablePropagations,
  ).toMatchObject([{ TransitGatewayAttachmentId: id, State: 'enabled' }]);
  expect(search(STATIC)).toEqual([['10.1.0.0/24', 'propagated', 'active', vpc.VpcId]]);
  expect(refusalOf(() => attach(vpc))).toBe(
    `DuplicateTransitGatewayAttachment: ${TransitGatewayId} has non-deleted Transit Gateway Attachments with same VPC ID.`,
  );
  expect(refusalOf(() => region.call('DeleteTransitGateway', { TransitGatewayId }))).toBe(
    `IncorrectState: ${TransitGatewayId} has non-deleted VPC Attachments: ${id}.`,
  );
});

test('routes: a static one beats a propagated one and is searched for as AWS does', () => {
  const { region, tableId, newVpc, attach, search } = newRegion();
  const one = newVpc('10.1.0.0/24');
  const two = newVpc('10.2.0.0/24');
  attach(one);
  const TransitGatewayAttachmentId = attach(two).TransitGatewayAttachmentId;
  const create = (DestinationCidrBlock: string, rest = {}) =>
    region.call('CreateTransitGatewayRoute', {
      TransitGatewayRouteTableId: tableId,
      DestinationCidrBlock,
      TransitGatewayAttachmentId,
      ...rest,
    });
  create('10.1.0.9/24');
  create('0.0.0.0/0');
  create('10.9.0.0/16', { TransitGatewayAttachmentId: undefined, Blackhole: true });
  expect(search([{ Name: 'route-search.exact-match', Values: ['10.1.0.0/24'] }])).toEqual([
    ['10.1.0.0/24', 'static', 'active', two.VpcId],
  ]);
  expect(search([{ Name: 'route-search.longest-prefix-match', Values: ['10.2.0.7'] }])).toEqual([
    ['10.2.0.0/24', 'propagated', 'active', two.VpcId],
  ]);
  expect(search([{ Name: 'route-search.subnet-of-match', Values: ['10.0.0.0/8'] }])).toHaveLength(3);
  expect(search([{ Name: 'route-search.supernet-of-match', Values: ['10.9.1.0/24'] }])).toEqual([
    ['0.0.0.0/0', 'static', 'active', two.VpcId],
    ['10.9.0.0/16', 'static', 'blackhole', undefined],
  ]);
  expect(refusalOf(() => create('10.1.0.0/24'))).toBe(
    `RouteAlreadyExists: Route 10.1.0.0/24 already exists in Transit Gateway Route Table ${tableId}.`,
  );
  expect(refusalOf(() => create('10.3.0.0/24', { Blackhole: true }))).toMatch(/^InvalidParameterCombination/);
  const table = { TransitGatewayRouteTableId: tableId };
  const remove = (DestinationCidrBlock: string) =>
    region.call('DeleteTransitGatewayRoute', { ...table, DestinationCidrBlock });
  const replace = (DestinationCidrBlock: string) =>
    region.call('ReplaceTransitGatewayRoute', { ...table, DestinationCidrBlock, Blackhole: true });
  expect(replace('10.1.0.0/24').Route).toMatchObject({ State: 'blackhole', Type: 'static' });
  expect(search([{ Name: 'route-search.exact-match', Values: ['10.1.0.0/24'] }])).toEqual([
    ['10.1.0.0/24', 'static', 'blackhole', undefined],
  ]);
  // What an attachment made known is no route of the user's to replace.
  expect(refusalOf(() => replace('10.2.0.0/24'))).toMatch(/^InvalidRoute.NotFound/);
  expect(remove('10.1.0.0/24').Route).toMatchObject({ State: 'deleted', Type: 'static' });
  expect(refusalOf(() => remove('10.1.0.0/24'))).toMatch(/^InvalidRoute.NotFound/);
  expect(search([{ Name: 'route-search.exact-match', Values: ['10.1.0.0/24'] }])).toEqual([
    ['10.1.0.0/24', 'propagated', 'active', one.VpcId],
  ]);
});

test('an attachment has one association and any number of propagations', () => {
  const { region, TransitGatewayId, tableId, settle, newVpc, attach } = newRegion();
  const TransitGatewayAttachmentId = given(attach(newVpc('10.1.0.0/24')).TransitGatewayAttachmentId);
  settle();
  const other = given(
    region.call('CreateTransitGatewayRouteTable', { TransitGatewayId }).TransitGatewayRouteTable
      ?.TransitGatewayRouteTableId,
  );
  const to = (id: string) => ({ TransitGatewayRouteTableId: id, TransitGatewayAttachmentId });
  expect(refusalOf(() => region.call('AssociateTransitGatewayRouteTable', to(other)))).toBe(
    `Resource.AlreadyAssociated: Transit Gateway Attachment ${TransitGatewayAttachmentId} is already associated to a route table.`,
  );
  const gone = region.call('DisassociateTransitGatewayRouteTable', to(tableId));
  expect(gone.Association?.State).toBe('disassociating');
  settle();
  expect(region.call('AssociateTransitGatewayRouteTable', to(other)).Association?.State).toBe('associating');
  expect(
    refusalOf(() => region.call('DeleteTransitGatewayRouteTable', { TransitGatewayRouteTableId: other })),
  ).toBe(`IncorrectState: Transit Gateway Route Table ${other} has non-deleted associations.`);
  expect(
    refusalOf(() => region.call('DeleteTransitGatewayRouteTable', { TransitGatewayRouteTableId: tableId })),
  ).toMatch(/^IncorrectState: .* default association route table\.$/);
  expect(region.call('EnableTransitGatewayRouteTablePropagation', to(other)).Propagation?.State).toBe(
    'enabling',
  );
  expect(refusalOf(() => region.call('EnableTransitGatewayRouteTablePropagation', to(other)))).toMatch(
    /^TransitGatewayRouteTablePropagation.Duplicate/,
  );
  region.call('DisableTransitGatewayRouteTablePropagation', to(tableId));
  settle();
  const table = { TransitGatewayRouteTableId: tableId };
  expect(
    region.call('GetTransitGatewayRouteTablePropagations', table).TransitGatewayRouteTablePropagations,
  ).toEqual([]);
});

test('a route of a VPC leads to a gateway that it is attached to, and is a blackhole afterwards', () => {
  const { region, TransitGatewayId, settle, newVpc, attach } = newRegion();
  const { VpcId, SubnetId } = newVpc('10.1.0.0/24');
  const RouteTableId = given(
    region.call('DescribeRouteTables', { Filters: [{ Name: 'vpc-id', Values: [VpcId] }] }).RouteTables?.[0]
      ?.RouteTableId,
  );
  const lead = () =>
    region.call('CreateRoute', { RouteTableId, DestinationCidrBlock: '10.0.0.0/8', TransitGatewayId });
  expect(refusalOf(lead)).toBe(
    `InvalidTransitGatewayID.NotFound: The transitGateway ID '${TransitGatewayId}' does not exist.`,
  );
  const TransitGatewayAttachmentId = given(attach({ VpcId, SubnetId }).TransitGatewayAttachmentId);
  lead();
  const route = () =>
    region
      .call('DescribeRouteTables', {
        Filters: [{ Name: 'route.transit-gateway-id', Values: [TransitGatewayId] }],
      })
      .RouteTables?.[0]?.Routes?.at(-1);
  expect(route()).toMatchObject({ TransitGatewayId, State: 'active' });
  const gone = region.call('DeleteTransitGatewayVpcAttachment', { TransitGatewayAttachmentId });
  expect(gone.TransitGatewayVpcAttachment?.State).toBe('deleting');
  settle();
  expect(route()).toMatchObject({ TransitGatewayId, State: 'blackhole' });
  expect(region.call('DescribeNetworkInterfaces', {}).NetworkInterfaces).toEqual([]);
  region.call('DeleteTransitGateway', { TransitGatewayId });
  settle();
  expect(region.call('DescribeTransitGateways', {}).TransitGateways?.[0]?.State).toBe('deleted');
  expect(refusalOf(() => region.call('DeleteTransitGateway', { TransitGatewayId }))).toBe(
    `InvalidTransitGatewayID.NotFound: Transit Gateway ${TransitGatewayId} was deleted or does not exist.`,
  );
});

const refusals: readonly (readonly [options: object, refusal: RegExp])[] = [
  [{ AmazonSideAsn: 64511 }, /^InvalidParameterValue: Value \(64511\) for parameter AmazonSideAsn/],
  [{ AmazonSideAsn: 4294967295 }, /^InvalidParameterValue/],
  [{ TransitGatewayCidrBlocks: ['10.0.0.0/25'] }, /^InvalidParameterValue: .*This is not a valid CIDR block/],
  [{ TransitGatewayCidrBlocks: ['169.254.1.0/24'] }, /^InvalidParameterValue/],
  [{ TransitGatewayCidrBlocks: ['2001:db8::/65'] }, /^InvalidParameterValue/],
  [{ MulticastSupport: 'enable' }, /^UnsupportedOperation/],
];

test.each(refusals)('a gateway with %j is refused', (Options, refusal) => {
  const region = new TestRegion();
  expect(refusalOf(() => region.call('CreateTransitGateway', { Options }))).toMatch(refusal);
});

test('subnets of an attachment: of the VPC, one a zone; they come and go', () => {
  const { region, TransitGatewayId, newVpc, attach } = newRegion();
  const vpc = newVpc('10.1.0.0/24');
  const foreign = newVpc('10.2.0.0/24');
  region.call('AssociateVpcCidrBlock', { VpcId: vpc.VpcId, CidrBlock: '10.3.0.0/16' });
  const subnet = (CidrBlock: string, AvailabilityZone: string) =>
    given(region.call('CreateSubnet', { VpcId: vpc.VpcId, CidrBlock, AvailabilityZone }).Subnet?.SubnetId);
  const same = subnet('10.3.0.0/24', 'us-east-1a');
  const other = subnet('10.3.1.0/24', 'us-east-1b');
  const wish = (SubnetIds: string[]) => () =>
    region.call('CreateTransitGatewayVpcAttachment', { TransitGatewayId, VpcId: vpc.VpcId, SubnetIds });
  expect(refusalOf(wish([vpc.SubnetId, same]))).toBe(
    'DuplicateSubnetsInSameZone: Duplicate Subnets for same AZ',
  );
  expect(refusalOf(wish([foreign.SubnetId]))).toMatch(/^InvalidSubnetID.NotFound/);
  expect(refusalOf(wish([]))).toMatch(/^MissingParameter/);
  const TransitGatewayAttachmentId = given(attach(vpc).TransitGatewayAttachmentId);
  const changed = region.call('ModifyTransitGatewayVpcAttachment', {
    TransitGatewayAttachmentId,
    AddSubnetIds: [other],
    RemoveSubnetIds: [vpc.SubnetId],
  });
  expect(changed.TransitGatewayVpcAttachment?.SubnetIds).toEqual([other]);
  const interfaces = region.call('DescribeNetworkInterfaces', {}).NetworkInterfaces;
  expect(interfaces?.map(({ SubnetId }) => SubnetId)).toEqual([other]);
});

test('tags at creation and after it, of all three kinds', () => {
  const { region, TransitGatewayId, tableId } = newRegion();
  region.call('CreateTags', { Resources: [TransitGatewayId, tableId], Tags: [{ Key: 'a', Value: 'b' }] });
  expect(
    region.call('DescribeTags', {}).Tags?.map(({ ResourceType, ResourceId }) => [ResourceType, ResourceId]),
  ).toEqual(
    expect.arrayContaining([
      ['transit-gateway', TransitGatewayId],
      ['transit-gateway-route-table', tableId],
    ]),
  );
});
