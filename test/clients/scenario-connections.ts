import { BALANCER } from '../support/load-balancers.ts';
import type { Step } from './scenario.ts';

/** What joins networks: peering, transit gateways, endpoints, VPN gateways. */
export const connectionSteps: readonly Step[] = [
  ['CreateVpc', { CidrBlock: '10.0.0.0/16' }, { vpc: 'Vpc.VpcId' }],
  ['ModifyVpcAttribute', { VpcId: '$vpc', EnableDnsHostnames: { Value: true } }],
  ['CreateVpc', { CidrBlock: '10.1.0.0/16' }, { peer: 'Vpc.VpcId' }],
  ['CreateSubnet', { VpcId: '$vpc', CidrBlock: '10.0.0.0/24' }, { subnet: 'Subnet.SubnetId' }],
  ['CreateSubnet', { VpcId: '$peer', CidrBlock: '10.1.0.0/24' }, { peerSubnet: 'Subnet.SubnetId' }],
  ['CreateRouteTable', { VpcId: '$vpc' }, { table: 'RouteTable.RouteTableId' }],

  [
    'CreateVpcPeeringConnection',
    { VpcId: '$vpc', PeerVpcId: '$peer' },
    { pcx: 'VpcPeeringConnection.VpcPeeringConnectionId' },
  ],
  ['AcceptVpcPeeringConnection', { VpcPeeringConnectionId: '$pcx' }],
  ['DescribeVpcPeeringConnections', { VpcPeeringConnectionIds: ['$pcx'] }],
  [
    'ModifyVpcPeeringConnectionOptions',
    {
      VpcPeeringConnectionId: '$pcx',
      RequesterPeeringConnectionOptions: { AllowDnsResolutionFromRemoteVpc: true },
    },
  ],
  ['CreateSecurityGroup', { VpcId: '$vpc', GroupName: 'a', Description: 'a' }, { group: 'GroupId' }],
  ['CreateSecurityGroup', { VpcId: '$peer', GroupName: 'b', Description: 'b' }, { peerGroup: 'GroupId' }],
  [
    'AuthorizeSecurityGroupIngress',
    {
      GroupId: '$group',
      IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: '$peerGroup' }] }],
    },
  ],
  ['DescribeSecurityGroupReferences', { GroupId: ['$peerGroup'] }],
  ['DeleteSecurityGroup', { GroupId: '$peerGroup' }],
  ['DescribeStaleSecurityGroups', { VpcId: '$vpc' }],
  ['DeleteVpcPeeringConnection', { VpcPeeringConnectionId: '$pcx' }],
  [
    'CreateVpcPeeringConnection',
    { VpcId: '$vpc', PeerVpcId: '$peer' },
    { rejected: 'VpcPeeringConnection.VpcPeeringConnectionId' },
  ],
  ['RejectVpcPeeringConnection', { VpcPeeringConnectionId: '$rejected' }],

  [
    'CreateTransitGateway',
    { Description: 'hub', Options: { AmazonSideAsn: 64_555, DefaultRouteTablePropagation: 'disable' } },
    { tgw: 'TransitGateway.TransitGatewayId' },
  ],
  ['ModifyTransitGateway', { TransitGatewayId: '$tgw', Options: { DnsSupport: 'disable' } }],
  ['DescribeTransitGateways', { TransitGatewayIds: ['$tgw'] }],
  [
    'CreateTransitGatewayVpcAttachment',
    { TransitGatewayId: '$tgw', VpcId: '$vpc', SubnetIds: ['$subnet'] },
    { attachment: 'TransitGatewayVpcAttachment.TransitGatewayAttachmentId' },
  ],
  [
    'ModifyTransitGatewayVpcAttachment',
    { TransitGatewayAttachmentId: '$attachment', Options: { ApplianceModeSupport: 'enable' } },
  ],
  ['DescribeTransitGatewayVpcAttachments', { TransitGatewayAttachmentIds: ['$attachment'] }],
  [
    'DescribeTransitGatewayAttachments',
    { Filters: [{ Name: 'resource-id', Values: ['$vpc'] }] },
    { defaultTable: 'TransitGatewayAttachments.0.Association.TransitGatewayRouteTableId' },
  ],
  [
    'CreateTransitGatewayRouteTable',
    { TransitGatewayId: '$tgw' },
    { tgwTable: 'TransitGatewayRouteTable.TransitGatewayRouteTableId' },
  ],
  ['DescribeTransitGatewayRouteTables', { TransitGatewayRouteTableIds: ['$tgwTable'] }],
  [
    'DisassociateTransitGatewayRouteTable',
    { TransitGatewayRouteTableId: '$defaultTable', TransitGatewayAttachmentId: '$attachment' },
  ],
  [
    'AssociateTransitGatewayRouteTable',
    { TransitGatewayRouteTableId: '$tgwTable', TransitGatewayAttachmentId: '$attachment' },
  ],
  ['GetTransitGatewayRouteTableAssociations', { TransitGatewayRouteTableId: '$tgwTable' }],
  [
    'EnableTransitGatewayRouteTablePropagation',
    { TransitGatewayRouteTableId: '$tgwTable', TransitGatewayAttachmentId: '$attachment' },
  ],
  ['GetTransitGatewayRouteTablePropagations', { TransitGatewayRouteTableId: '$tgwTable' }],
  [
    'CreateTransitGatewayRoute',
    {
      TransitGatewayRouteTableId: '$tgwTable',
      DestinationCidrBlock: '0.0.0.0/0',
      TransitGatewayAttachmentId: '$attachment',
    },
  ],
  [
    'ReplaceTransitGatewayRoute',
    { TransitGatewayRouteTableId: '$tgwTable', DestinationCidrBlock: '0.0.0.0/0', Blackhole: true },
  ],
  [
    'SearchTransitGatewayRoutes',
    {
      TransitGatewayRouteTableId: '$tgwTable',
      Filters: [{ Name: 'type', Values: ['static', 'propagated'] }],
    },
  ],
  [
    'DeleteTransitGatewayRoute',
    { TransitGatewayRouteTableId: '$tgwTable', DestinationCidrBlock: '0.0.0.0/0' },
  ],
  [
    'DisableTransitGatewayRouteTablePropagation',
    { TransitGatewayRouteTableId: '$tgwTable', TransitGatewayAttachmentId: '$attachment' },
  ],
  ['DeleteTransitGatewayVpcAttachment', { TransitGatewayAttachmentId: '$attachment' }],
  ['DeleteTransitGatewayRouteTable', { TransitGatewayRouteTableId: '$tgwTable' }],
  ['DeleteTransitGateway', { TransitGatewayId: '$tgw' }],

  [
    'CreateVpcEndpoint',
    { VpcId: '$vpc', ServiceName: 'com.amazonaws.us-east-1.s3', RouteTableIds: ['$table'] },
    { gatewayEndpoint: 'VpcEndpoint.VpcEndpointId' },
  ],
  [
    'ModifyVpcEndpoint',
    {
      VpcEndpointId: '$gatewayEndpoint',
      PolicyDocument:
        '{"Version":"2008-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}',
    },
  ],
  ['DescribeVpcEndpoints', { VpcEndpointIds: ['$gatewayEndpoint'] }],
  [
    'CreateVpcEndpointServiceConfiguration',
    { NetworkLoadBalancerArns: [BALANCER], AcceptanceRequired: true },
    { service: 'ServiceConfiguration.ServiceId', serviceName: 'ServiceConfiguration.ServiceName' },
  ],
  [
    'ModifyVpcEndpointServiceConfiguration',
    { ServiceId: '$service', AcceptanceRequired: true, PrivateDnsName: 'api.example.com' },
  ],
  ['StartVpcEndpointServicePrivateDnsVerification', { ServiceId: '$service' }],
  [
    'ModifyVpcEndpointServicePermissions',
    { ServiceId: '$service', AddAllowedPrincipals: ['arn:aws:iam::210987654321:root'] },
  ],
  ['DescribeVpcEndpointServicePermissions', { ServiceId: '$service' }],
  ['DescribeVpcEndpointServiceConfigurations', { ServiceIds: ['$service'] }],
  ['DescribeVpcEndpointServices', { ServiceNames: ['$serviceName', 'com.amazonaws.us-east-1.s3'] }],
  [
    'CreateVpcEndpoint',
    {
      VpcId: '$vpc',
      VpcEndpointType: 'Interface',
      ServiceName: '$serviceName',
      SubnetIds: ['$subnet'],
      PrivateDnsEnabled: false,
    },
    { endpoint: 'VpcEndpoint.VpcEndpointId' },
  ],
  ['DescribeVpcEndpointConnections', { Filters: [{ Name: 'service-id', Values: ['$service'] }] }],
  ['AcceptVpcEndpointConnections', { ServiceId: '$service', VpcEndpointIds: ['$endpoint'] }],
  ['RejectVpcEndpointConnections', { ServiceId: '$service', VpcEndpointIds: ['$endpoint'] }],
  ['DeleteVpcEndpoints', { VpcEndpointIds: ['$endpoint', '$gatewayEndpoint'] }],
  ['DeleteVpcEndpointServiceConfigurations', { ServiceIds: ['$service'] }],

  [
    'CreateCustomerGateway',
    { Type: 'ipsec.1', IpAddress: '203.0.113.7', BgpAsn: 65_001 },
    { cgw: 'CustomerGateway.CustomerGatewayId' },
  ],
  ['DescribeCustomerGateways', { CustomerGatewayIds: ['$cgw'] }],
  ['DeleteCustomerGateway', { CustomerGatewayId: '$cgw' }],
  ['CreateVpnGateway', { Type: 'ipsec.1' }, { vgw: 'VpnGateway.VpnGatewayId' }],
  ['AttachVpnGateway', { VpnGatewayId: '$vgw', VpcId: '$vpc' }],
  ['EnableVgwRoutePropagation', { GatewayId: '$vgw', RouteTableId: '$table' }],
  ['DescribeVpnGateways', { VpnGatewayIds: ['$vgw'] }],
  ['DisableVgwRoutePropagation', { GatewayId: '$vgw', RouteTableId: '$table' }],
  ['DetachVpnGateway', { VpnGatewayId: '$vgw', VpcId: '$vpc' }],
  ['DeleteVpnGateway', { VpnGatewayId: '$vgw' }],
];
