import { expect, test } from 'vitest';
import { analysePath } from '../../../test/support/analyses.ts';
import { given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';

/** Two VPCs, 10.1.0.0/16 and 10.2.0.0/16, and an instance in each that lets everybody in. */
function newVpcs() {
  const region = new TestRegion({ isSeeded: true });
  const [image] =
    region.call('DescribeImages', { Filters: [{ Name: 'name', Values: ['al2023-ami-2023.*-x86_64'] }] })
      .Images ?? [];
  const make = (number: number) => {
    const VpcId = given(region.call('CreateVpc', { CidrBlock: `10.${number}.0.0/16` }).Vpc?.VpcId);
    const CidrBlock = `10.${number}.0.0/24`;
    const SubnetId = given(region.call('CreateSubnet', { VpcId, CidrBlock }).Subnet?.SubnetId);
    const filter = [{ Name: 'vpc-id', Values: [VpcId] }];
    const [table] = region.call('DescribeRouteTables', { Filters: filter }).RouteTables ?? [];
    const [group] = region.call('DescribeSecurityGroups', { Filters: filter }).SecurityGroups ?? [];
    region.call('AuthorizeSecurityGroupIngress', {
      GroupId: given(group?.GroupId),
      IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '10.0.0.0/8' }] }],
    });
    const { Instances } = region.call('RunInstances', {
      ImageId: given(image?.ImageId),
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      SubnetId,
    });
    const [instance] = Instances ?? [];
    const id = given(instance?.InstanceId);
    region.write(({ tx }) => tx.instances.put({ ...given(tx.instances.get(id)), state: 'running' }));
    const address = given(instance?.PrivateIpAddress);
    return { VpcId, SubnetId, id, address, RouteTableId: given(table?.RouteTableId) };
  };
  const [one, other] = [make(1), make(2)];
  const route = (target: { TransitGatewayId: string } | { VpcPeeringConnectionId: string }) => {
    const DestinationCidrBlock = '10.2.0.0/16';
    region.call('CreateRoute', { RouteTableId: one.RouteTableId, DestinationCidrBlock, ...target });
    const back = { RouteTableId: other.RouteTableId, DestinationCidrBlock: '10.1.0.0/16' };
    region.call('CreateRoute', { ...back, ...target });
  };
  /** What is found, by the prefixes of the ids on the way there. */
  const ask = (question: {
    Source: string;
    Destination?: string;
    SourceIp?: string;
    DestinationIp?: string;
  }) => {
    const { NetworkInsightsPath } = region.call('CreateNetworkInsightsPath', {
      Protocol: 'tcp',
      DestinationPort: 22,
      ...question,
    });
    const {
      NetworkPathFound,
      ForwardPathComponents = [],
      Explanations = [],
    } = analysePath(region, {
      NetworkInsightsPathId: given(NetworkInsightsPath?.NetworkInsightsPathId),
    });
    return [
      NetworkPathFound,
      ...ForwardPathComponents.map(({ Component }) => Component?.Id?.replace(/-[^-]*$/, '')),
      ...Explanations.map(({ ExplanationCode }) => ExplanationCode),
    ].join(' ');
  };
  return { region, one, other, route, ask };
}

test('a path through a transit gateway, from and to it', () => {
  const { region, one, other, route, ask } = newVpcs();
  const gateway = given(region.call('CreateTransitGateway', {}).TransitGateway);
  const TransitGatewayId = given(gateway.TransitGatewayId);
  const [attachment] = [one, other].map(({ VpcId, SubnetId }) =>
    given(
      region.call('CreateTransitGatewayVpcAttachment', { TransitGatewayId, VpcId, SubnetIds: [SubnetId] })
        .TransitGatewayVpcAttachment?.TransitGatewayAttachmentId,
    ),
  );
  const direct = { Source: one.id, Destination: other.id };
  expect(ask(direct)).toMatch(/^false .*NO_ROUTE_TO_DESTINATION/);
  route({ TransitGatewayId });
  expect(ask(direct)).toBe('true i eni sg acl rtb tgw-attach tgw-rtb tgw-attach acl sg eni i');
  expect(ask({ Source: one.id, Destination: TransitGatewayId, DestinationIp: other.address })).toBe(
    'true i eni sg acl rtb tgw-attach tgw-rtb tgw-attach',
  );
  const from = { SourceIp: one.address, Destination: other.id };
  expect(ask({ Source: given(attachment), ...from })).toBe('true tgw-attach tgw-rtb tgw-attach acl sg eni i');
  const bare = { Source: TransitGatewayId, Destination: other.id };
  expect(refusalOf(() => ask(bare))).toMatch(/^InvalidParameterCombination: .*give SourceIp/);
});

test('a path through a peering connection, from and to it', () => {
  const { region, one, other, route, ask } = newVpcs();
  const { VpcPeeringConnection } = region.call('CreateVpcPeeringConnection', {
    VpcId: one.VpcId,
    PeerVpcId: other.VpcId,
  });
  const VpcPeeringConnectionId = given(VpcPeeringConnection?.VpcPeeringConnectionId);
  region.call('AcceptVpcPeeringConnection', { VpcPeeringConnectionId });
  const direct = { Source: one.id, Destination: other.id };
  expect(ask(direct)).toMatch(/^false NO_ROUTE_TO_DESTINATION/);
  route({ VpcPeeringConnectionId });
  expect(ask(direct)).toBe('true i eni sg acl rtb pcx acl sg eni i');
  expect(ask({ Source: one.id, Destination: VpcPeeringConnectionId, DestinationIp: other.address })).toBe(
    'true i eni sg acl rtb pcx',
  );
  expect(ask({ Source: VpcPeeringConnectionId, SourceIp: one.address, Destination: other.id })).toBe(
    'true pcx acl sg eni i',
  );
  expect(ask({ Source: one.id, Destination: VpcPeeringConnectionId, DestinationIp: '8.8.8.8' })).toMatch(
    /^false /,
  );
});

test('S30 what comes in by an internet gateway goes by the gateway’s own route table', () => {
  const { region, one, ask } = newVpcs();
  const InternetGatewayId = given(
    region.call('CreateInternetGateway', {}).InternetGateway?.InternetGatewayId,
  );
  region.call('AttachInternetGateway', { InternetGatewayId, VpcId: one.VpcId });
  const table = region.call('CreateRouteTable', { VpcId: one.VpcId }).RouteTable;
  const RouteTableId = given(table?.RouteTableId);
  region.call('AssociateRouteTable', { RouteTableId, GatewayId: InternetGatewayId });
  region.call('CreateRoute', {
    RouteTableId: one.RouteTableId,
    DestinationCidrBlock: '0.0.0.0/0',
    GatewayId: InternetGatewayId,
  });
  const AllocationId = given(region.call('AllocateAddress', {}).AllocationId);
  region.call('AssociateAddress', { AllocationId, InstanceId: one.id });
  const groups = region.world.securityGroups.where('vpcId', one.VpcId);
  region.call('AuthorizeSecurityGroupIngress', {
    GroupId: given(groups[0]).groupId,
    IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
  });
  const question = { Source: InternetGatewayId, Destination: one.id };
  expect(ask(question)).toBe('true igw rtb acl sg eni i');
  const made = region.call('CreateNetworkInterface', { SubnetId: one.SubnetId });
  region.call('CreateRoute', {
    RouteTableId,
    DestinationCidrBlock: '10.1.0.0/24',
    NetworkInterfaceId: given(made.NetworkInterface?.NetworkInterfaceId),
  });
  expect(ask(question)).toMatch(/^false .*BAD_STATE_ROUTE/);
});
