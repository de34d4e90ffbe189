import type { ResourceType } from '@aws-sdk/client-ec2';
import type { Step } from '../clients/scenario.ts';

const PUBLIC_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJpoLrnhm1SYRdRE5CWhtmdNHAMM51Bs4YnbH2HpnvYd someone';
const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::reports/*' },
  ],
});

/** Tags of a new thing: its name, and whose it is. */
function tagged(ResourceType: ResourceType, name: string) {
  const Tags = [
    { Key: 'Name', Value: name },
    { Key: 'team', Value: 'net & co' },
  ];
  return { TagSpecifications: [{ ResourceType, Tags }] };
}

const networks: readonly Step[] = [
  ['CreateVpc', { CidrBlock: '10.0.0.0/16', ...tagged('vpc', 'hub') }, { hub: 'Vpc.VpcId' }],
  ['CreateVpc', { CidrBlock: '10.1.0.0/16', ...tagged('vpc', 'spoke') }, { spoke: 'Vpc.VpcId' }],
  ['AssociateVpcCidrBlock', { VpcId: '$hub', CidrBlock: '10.50.0.0/16' }],
  ['AssociateVpcCidrBlock', { VpcId: '$hub', AmazonProvidedIpv6CidrBlock: true }],
  ['ModifyVpcAttribute', { VpcId: '$hub', EnableDnsHostnames: { Value: true } }],
  ['ModifyVpcAttribute', { VpcId: '$spoke', EnableDnsSupport: { Value: false } }],
  [
    'CreateDhcpOptions',
    {
      DhcpConfigurations: [
        { Key: 'domain-name', Values: ['corp.example'] },
        { Key: 'domain-name-servers', Values: ['10.0.0.9', '10.0.0.8'] },
        { Key: 'ntp-servers', Values: ['10.0.0.7'] },
        { Key: 'netbios-name-servers', Values: ['10.0.0.6'] },
        { Key: 'netbios-node-type', Values: ['2'] },
      ],
      ...tagged('dhcp-options', 'corp'),
    },
    { dhcp: 'DhcpOptions.DhcpOptionsId' },
  ],
  ['AssociateDhcpOptions', { VpcId: '$hub', DhcpOptionsId: '$dhcp' }],
  [
    'CreateSubnet',
    {
      VpcId: '$hub',
      CidrBlock: '10.0.0.0/24',
      AvailabilityZone: 'us-east-1a',
      ...tagged('subnet', 'public'),
    },
    { public: 'Subnet.SubnetId' },
  ],
  [
    'CreateSubnet',
    {
      VpcId: '$hub',
      CidrBlock: '10.0.1.0/24',
      AvailabilityZone: 'us-east-1b',
      ...tagged('subnet', 'private'),
    },
    { private: 'Subnet.SubnetId' },
  ],
  [
    'CreateSubnet',
    {
      VpcId: '$hub',
      CidrBlock: '10.50.0.0/24',
      AvailabilityZone: 'us-east-1a',
      ...tagged('subnet', 'later'),
    },
    { later: 'Subnet.SubnetId' },
  ],
  [
    'CreateSubnet',
    { VpcId: '$spoke', CidrBlock: '10.1.0.0/24', AvailabilityZone: 'us-east-1a', ...tagged('subnet', 'far') },
    { far: 'Subnet.SubnetId' },
  ],
  ['ModifySubnetAttribute', { SubnetId: '$public', MapPublicIpOnLaunch: { Value: true } }],
  ['AssociateSubnetCidrBlock', { SubnetId: '$public', Ipv6CidrBlock: '2001:db8:c000:3::/64' }],
  ['AssociateSubnetCidrBlock', { SubnetId: '$private', Ipv6CidrBlock: '2001:db8:c000:10::/60' }],
  ['ModifySubnetAttribute', { SubnetId: '$public', AssignIpv6AddressOnCreation: { Value: true } }],
  ['ModifySubnetAttribute', { SubnetId: '$private', EnableDns64: { Value: true } }],
  ['ModifySubnetAttribute', { SubnetId: '$private', PrivateDnsHostnameTypeOnLaunch: 'resource-name' }],
  ['ModifySubnetAttribute', { SubnetId: '$private', EnableResourceNameDnsARecordOnLaunch: { Value: true } }],
  ['CreateInternetGateway', tagged('internet-gateway', 'door'), { igw: 'InternetGateway.InternetGatewayId' }],
  ['AttachInternetGateway', { InternetGatewayId: '$igw', VpcId: '$hub' }],
  [
    'CreateEgressOnlyInternetGateway',
    { VpcId: '$hub', ...tagged('egress-only-internet-gateway', 'valve') },
    { eigw: 'EgressOnlyInternetGateway.EgressOnlyInternetGatewayId' },
  ],
  [
    'CreateVpnGateway',
    { Type: 'ipsec.1', AmazonSideAsn: 65_100, ...tagged('vpn-gateway', 'office') },
    { vgw: 'VpnGateway.VpnGatewayId' },
  ],
  ['AttachVpnGateway', { VpnGatewayId: '$vgw', VpcId: '$hub' }],
  [
    'CreateManagedPrefixList',
    {
      PrefixListName: 'partners',
      AddressFamily: 'IPv4',
      MaxEntries: 4,
      Entries: [{ Cidr: '192.0.2.0/24', Description: 'one of them' }, { Cidr: '198.51.100.0/24' }],
      ...tagged('prefix-list', 'partners'),
    },
    { list: 'PrefixList.PrefixListId' },
  ],
  [
    'DescribePrefixLists',
    { Filters: [{ Name: 'prefix-list-name', Values: ['com.amazonaws.us-east-1.s3'] }] },
    { s3: 'PrefixLists.0.PrefixListId' },
  ],
  [
    'CreateVpcPeeringConnection',
    { VpcId: '$hub', PeerVpcId: '$spoke', ...tagged('vpc-peering-connection', 'pair') },
    { pcx: 'VpcPeeringConnection.VpcPeeringConnectionId' },
  ],
  ['AcceptVpcPeeringConnection', { VpcPeeringConnectionId: '$pcx' }],
];

const tcp = (port: number) => ({ IpProtocol: 'tcp', FromPort: port, ToPort: port });
const everything = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };

const groups: readonly Step[] = [
  [
    'CreateSecurityGroup',
    {
      GroupName: 'bastion',
      Description: 'who may in',
      VpcId: '$hub',
      ...tagged('security-group', 'bastion'),
    },
    { bastionGroup: 'GroupId' },
  ],
  ['CreateSecurityGroup', { GroupName: 'inner', Description: 'inner', VpcId: '$hub' }, { inner: 'GroupId' }],
  [
    'CreateSecurityGroup',
    { GroupName: 'inner', Description: 'far', VpcId: '$spoke' },
    { farGroup: 'GroupId' },
  ],
  ['CreateSecurityGroup', { GroupName: 'mute', Description: 'mute', VpcId: '$hub' }, { mute: 'GroupId' }],
  [
    'AuthorizeSecurityGroupIngress',
    {
      GroupId: '$bastionGroup',
      IpPermissions: [
        {
          ...tcp(22),
          IpRanges: [{ CidrIp: '198.51.100.10/32', Description: 'the laptop' }, { CidrIp: '203.0.113.0/24' }],
          Ipv6Ranges: [{ CidrIpv6: '2001:db8::/32' }],
          PrefixListIds: [{ PrefixListId: '$list' }],
        },
        { IpProtocol: 'icmp', FromPort: 8, ToPort: -1, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
        { IpProtocol: '47', IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
      ],
    },
  ],
  [
    'AuthorizeSecurityGroupIngress',
    {
      GroupId: '$inner',
      IpPermissions: [
        { ...tcp(22), UserIdGroupPairs: [{ GroupId: '$bastionGroup' }, { GroupId: '$farGroup' }] },
        { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: '$inner' }] },
        { IpProtocol: 'udp', FromPort: 5000, ToPort: 5010, IpRanges: [{ CidrIp: '10.0.0.0/16' }] },
        { ...tcp(443), IpRanges: [{ CidrIp: '10.0.0.0/8' }] },
      ],
    },
  ],
  ['RevokeSecurityGroupEgress', { GroupId: '$inner', IpPermissions: [everything] }],
  [
    'AuthorizeSecurityGroupEgress',
    {
      GroupId: '$inner',
      IpPermissions: [
        { ...tcp(443), PrefixListIds: [{ PrefixListId: '$s3' }], IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
        { ...tcp(22), UserIdGroupPairs: [{ GroupId: '$farGroup' }] },
      ],
    },
  ],
  ['RevokeSecurityGroupEgress', { GroupId: '$mute', IpPermissions: [everything] }],
  [
    'AuthorizeSecurityGroupIngress',
    { GroupId: '$farGroup', IpPermissions: [{ ...tcp(22), UserIdGroupPairs: [{ GroupId: '$inner' }] }] },
  ],
];

const run = {
  ImageId: '$image',
  InstanceType: 't3.micro',
  MinCount: 1,
  MaxCount: 1,
} as const;

const machines: readonly Step[] = [
  [
    'DescribeImages',
    { Filters: [{ Name: 'name', Values: ['al2023-ami-2023.*-x86_64'] }] },
    { image: 'Images.0.ImageId' },
  ],
  [
    'ImportKeyPair',
    { KeyName: 'mine', PublicKeyMaterial: Buffer.from(PUBLIC_KEY), ...tagged('key-pair', 'mine') },
  ],
  [
    'RunInstances',
    {
      ...run,
      KeyName: 'mine',
      SubnetId: '$public',
      PrivateIpAddress: '10.0.0.10',
      Ipv6AddressCount: 2,
      SecurityGroupIds: ['$bastionGroup'],
      UserData: Buffer.from('#!/bin/sh\necho "$HOME" %{x}\n').toString('base64'),
      ...tagged('instance', 'bastion'),
    },
    { bastion: 'Instances.0.InstanceId' },
  ],
  [
    'RunInstances',
    {
      ...run,
      InstanceType: 't3.small',
      SubnetId: '$private',
      PrivateIpAddress: '10.0.1.4',
      SecurityGroupIds: ['$inner', '$mute'],
      IamInstanceProfile: { Name: 'reader' },
      MetadataOptions: {
        HttpTokens: 'required',
        HttpPutResponseHopLimit: 3,
        InstanceMetadataTags: 'enabled',
      },
      ...tagged('instance', 'db'),
    },
    { db: 'Instances.0.InstanceId' },
  ],
  [
    'RunInstances',
    {
      ...run,
      NetworkInterfaces: [
        {
          DeviceIndex: 0,
          SubnetId: '$public',
          PrivateIpAddress: '10.0.0.20',
          Groups: ['$inner'],
          AssociatePublicIpAddress: false,
        },
      ],
      ...tagged('instance', 'appliance'),
    },
    {
      appliance: 'Instances.0.InstanceId',
      applianceEni: 'Instances.0.NetworkInterfaces.0.NetworkInterfaceId',
    },
  ],
  [
    'ModifyNetworkInterfaceAttribute',
    { NetworkInterfaceId: '$applianceEni', SourceDestCheck: { Value: false } },
  ],
  [
    'RunInstances',
    {
      ...run,
      SubnetId: '$far',
      PrivateIpAddress: '10.1.0.10',
      SecurityGroupIds: ['$farGroup'],
      ...tagged('instance', 'far'),
    },
  ],
  [
    'CreateNetworkInterface',
    {
      SubnetId: '$private',
      Description: 'second',
      Groups: ['$inner'],
      PrivateIpAddress: '10.0.1.50',
      Ipv6AddressCount: 1,
      ...tagged('network-interface', 'second'),
    },
    { second: 'NetworkInterface.NetworkInterfaceId' },
  ],
  ['AttachNetworkInterface', { NetworkInterfaceId: '$second', InstanceId: '$db', DeviceIndex: 1 }],
  [
    'CreateNetworkInterface',
    {
      SubnetId: '$public',
      Description: 'spare',
      Groups: ['$bastionGroup'],
      PrivateIpAddresses: [
        { PrivateIpAddress: '10.0.0.60', Primary: true },
        { PrivateIpAddress: '10.0.0.61', Primary: false },
      ],
      ...tagged('network-interface', 'spare'),
    },
    { spare: 'NetworkInterface.NetworkInterfaceId' },
  ],
  ['ModifyNetworkInterfaceAttribute', { NetworkInterfaceId: '$spare', SourceDestCheck: { Value: false } }],
  ['AllocateAddress', tagged('elastic-ip', 'for the spare'), { spareAddress: 'AllocationId' }],
  [
    'AssociateAddress',
    { AllocationId: '$spareAddress', NetworkInterfaceId: '$spare', PrivateIpAddress: '10.0.0.61' },
  ],
  ['AllocateAddress', tagged('elastic-ip', 'for the appliance'), { applianceAddress: 'AllocationId' }],
  ['AssociateAddress', { AllocationId: '$applianceAddress', InstanceId: '$appliance' }],
  ['AllocateAddress', tagged('elastic-ip', 'for nobody')],
];

const gateways: readonly Step[] = [
  ['AllocateAddress', tagged('elastic-ip', 'for the NAT gateway'), { natAddress: 'AllocationId' }],
  [
    'CreateNatGateway',
    {
      SubnetId: '$public',
      AllocationId: '$natAddress',
      PrivateIpAddress: '10.0.0.30',
      ...tagged('natgateway', 'out'),
    },
    { nat: 'NatGateway.NatGatewayId' },
  ],
  [
    'CreateNatGateway',
    {
      SubnetId: '$private',
      ConnectivityType: 'private',
      PrivateIpAddress: '10.0.1.30',
      ...tagged('natgateway', 'between'),
    },
    { privateNat: 'NatGateway.NatGatewayId' },
  ],
  [
    'CreateTransitGateway',
    {
      Description: 'the hub',
      Options: { AmazonSideAsn: 64_555, DnsSupport: 'disable' },
      ...tagged('transit-gateway', 'hub'),
    },
    {
      tgw: 'TransitGateway.TransitGatewayId',
      tgwDefault: 'TransitGateway.Options.AssociationDefaultRouteTableId',
    },
  ],
  [
    'CreateTransitGatewayVpcAttachment',
    {
      TransitGatewayId: '$tgw',
      VpcId: '$hub',
      SubnetIds: ['$private'],
      Options: { ApplianceModeSupport: 'enable' },
      ...tagged('transit-gateway-attachment', 'to the hub'),
    },
    { hubAttachment: 'TransitGatewayVpcAttachment.TransitGatewayAttachmentId' },
  ],
  [
    'CreateTransitGatewayVpcAttachment',
    { TransitGatewayId: '$tgw', VpcId: '$spoke', SubnetIds: ['$far'] },
    { farAttachment: 'TransitGatewayVpcAttachment.TransitGatewayAttachmentId' },
  ],
  [
    'CreateTransitGatewayRouteTable',
    { TransitGatewayId: '$tgw', ...tagged('transit-gateway-route-table', 'apart') },
    { tgwTable: 'TransitGatewayRouteTable.TransitGatewayRouteTableId' },
  ],
  [
    'DisassociateTransitGatewayRouteTable',
    { TransitGatewayRouteTableId: '$tgwDefault', TransitGatewayAttachmentId: '$farAttachment' },
  ],
  [
    'AssociateTransitGatewayRouteTable',
    { TransitGatewayRouteTableId: '$tgwTable', TransitGatewayAttachmentId: '$farAttachment' },
  ],
  [
    'EnableTransitGatewayRouteTablePropagation',
    { TransitGatewayRouteTableId: '$tgwTable', TransitGatewayAttachmentId: '$hubAttachment' },
  ],
  [
    'CreateTransitGatewayRoute',
    { TransitGatewayRouteTableId: '$tgwTable', DestinationCidrBlock: '10.9.0.0/16', Blackhole: true },
  ],
  [
    'CreateTransitGatewayRoute',
    {
      TransitGatewayRouteTableId: '$tgwDefault',
      DestinationCidrBlock: '10.8.0.0/16',
      TransitGatewayAttachmentId: '$farAttachment',
    },
  ],
];

const inHub = { Filters: [{ Name: 'vpc-id', Values: ['$hub'] }] };

const routes: readonly Step[] = [
  ['DescribeRouteTables', inHub, { main: 'RouteTables.0.RouteTableId' }],
  ['CreateRoute', { RouteTableId: '$main', DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: '$nat' }],
  [
    'CreateRoute',
    { RouteTableId: '$main', DestinationIpv6CidrBlock: '::/0', EgressOnlyInternetGatewayId: '$eigw' },
  ],
  [
    'CreateRoute',
    { RouteTableId: '$main', DestinationCidrBlock: '10.1.0.0/16', VpcPeeringConnectionId: '$pcx' },
  ],
  ['CreateRoute', { RouteTableId: '$main', DestinationCidrBlock: '10.2.0.0/16', TransitGatewayId: '$tgw' }],
  ['CreateRoute', { RouteTableId: '$main', DestinationCidrBlock: '10.3.0.0/16', GatewayId: '$vgw' }],
  [
    'CreateRoute',
    { RouteTableId: '$main', DestinationCidrBlock: '10.4.0.0/16', NetworkInterfaceId: '$applianceEni' },
  ],
  [
    'CreateRoute',
    { RouteTableId: '$main', DestinationCidrBlock: '10.5.0.0/16', NetworkInterfaceId: '$second' },
  ],
  [
    'CreateRoute',
    { RouteTableId: '$main', DestinationCidrBlock: '10.6.0.0/16', NatGatewayId: '$privateNat' },
  ],
  [
    'CreateRouteTable',
    { VpcId: '$hub', ...tagged('route-table', 'public') },
    { publicTable: 'RouteTable.RouteTableId' },
  ],
  ['AssociateRouteTable', { RouteTableId: '$publicTable', SubnetId: '$public' }],
  ['CreateRoute', { RouteTableId: '$publicTable', DestinationCidrBlock: '0.0.0.0/0', GatewayId: '$igw' }],
  ['CreateRoute', { RouteTableId: '$publicTable', DestinationIpv6CidrBlock: '::/0', GatewayId: '$igw' }],
  [
    'CreateRoute',
    { RouteTableId: '$publicTable', DestinationPrefixListId: '$list', VpcPeeringConnectionId: '$pcx' },
  ],
  ['EnableVgwRoutePropagation', { RouteTableId: '$publicTable', GatewayId: '$vgw' }],
  ['CreateRouteTable', { VpcId: '$hub', ...tagged('route-table', 'nobody') }],
  [
    'DescribeRouteTables',
    { Filters: [{ Name: 'vpc-id', Values: ['$spoke'] }] },
    { farTable: 'RouteTables.0.RouteTableId' },
  ],
  [
    'CreateRoute',
    { RouteTableId: '$farTable', DestinationCidrBlock: '10.0.0.0/16', VpcPeeringConnectionId: '$pcx' },
  ],
  [
    'CreateRoute',
    { RouteTableId: '$farTable', DestinationCidrBlock: '10.50.0.0/16', TransitGatewayId: '$tgw' },
  ],
];

const entry = (RuleNumber: number, Egress: boolean, RuleAction: 'allow' | 'deny' = 'allow') => ({
  RuleNumber,
  Egress,
  RuleAction,
  CidrBlock: '0.0.0.0/0',
});

const acls: readonly Step[] = [
  [
    'CreateNetworkAcl',
    { VpcId: '$hub', ...tagged('network-acl', 'strict') },
    { acl: 'NetworkAcl.NetworkAclId' },
  ],
  [
    'CreateNetworkAclEntry',
    { NetworkAclId: '$acl', Protocol: '6', PortRange: { From: 22, To: 22 }, ...entry(100, false) },
  ],
  [
    'CreateNetworkAclEntry',
    { NetworkAclId: '$acl', Protocol: '1', IcmpTypeCode: { Type: 8, Code: -1 }, ...entry(110, false) },
  ],
  [
    'CreateNetworkAclEntry',
    { NetworkAclId: '$acl', Protocol: '-1', ...entry(90, false, 'deny'), CidrBlock: '203.0.113.7/32' },
  ],
  [
    'CreateNetworkAclEntry',
    {
      NetworkAclId: '$acl',
      Protocol: '-1',
      RuleNumber: 120,
      Egress: false,
      RuleAction: 'allow',
      Ipv6CidrBlock: '::/0',
    },
  ],
  ['CreateNetworkAclEntry', { NetworkAclId: '$acl', Protocol: '-1', ...entry(100, true) }],
  [
    'DescribeNetworkAcls',
    { Filters: [{ Name: 'association.subnet-id', Values: ['$public'] }] },
    {
      defaultAcl: 'NetworkAcls.0.NetworkAclId',
      publicAcl: 'NetworkAcls.0.Associations.0.NetworkAclAssociationId',
    },
  ],
  ['ReplaceNetworkAclAssociation', { AssociationId: '$publicAcl', NetworkAclId: '$acl' }],
  [
    'DescribeNetworkAcls',
    { Filters: [{ Name: 'vpc-id', Values: ['$spoke'] }] },
    { farAcl: 'NetworkAcls.0.NetworkAclId' },
  ],
  [
    'CreateNetworkAclEntry',
    { NetworkAclId: '$farAcl', Protocol: '-1', ...entry(50, false, 'deny'), CidrBlock: '10.50.0.0/16' },
  ],
];

const others: readonly Step[] = [
  [
    'CreateVpcEndpoint',
    {
      VpcId: '$hub',
      ServiceName: 'com.amazonaws.us-east-1.s3',
      RouteTableIds: ['$main', '$publicTable'],
      PolicyDocument: POLICY,
      ...tagged('vpc-endpoint', 'store'),
    },
  ],
  [
    'CreateVpcEndpoint',
    {
      VpcId: '$hub',
      VpcEndpointType: 'Interface',
      ServiceName: 'com.amazonaws.us-east-1.ssm',
      SubnetIds: ['$private'],
      SecurityGroupIds: ['$inner'],
      PrivateDnsEnabled: true,
      ...tagged('vpc-endpoint', 'parameters'),
    },
  ],
  [
    'CreateFlowLogs',
    {
      ResourceIds: ['$hub'],
      ResourceType: 'VPC',
      TrafficType: 'REJECT',
      LogDestinationType: 's3',
      LogDestination: 'arn:aws:s3:::logs/net',
      LogFormat: ['version', 'vpc-id', 'srcaddr', 'action'].map((field) => `\${${field}}`).join(' '),
      MaxAggregationInterval: 60,
      DestinationOptions: {
        FileFormat: 'plain-text',
        HiveCompatiblePartitions: true,
        PerHourPartition: true,
      },
      ...tagged('vpc-flow-log', 'refused'),
    },
  ],
  [
    'CreateFlowLogs',
    {
      ResourceIds: ['$second'],
      ResourceType: 'NetworkInterface',
      TrafficType: 'ALL',
      LogGroupName: 'second',
      DeliverLogsPermissionArn: 'arn:aws:iam::123456789012:role/logs',
    },
  ],
];

/** A region with every kind of thing that an export writes, each with something about it that is not as usual. */
export const richSteps: readonly Step[] = [
  ...networks,
  ...groups,
  ...machines,
  ...gateways,
  ...routes,
  ...acls,
  ...others,
];
