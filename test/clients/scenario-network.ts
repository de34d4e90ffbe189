import type { Step } from './scenario.ts';

const ANYWHERE = [{ CidrIp: '0.0.0.0/0' }];

/** Networks and what belongs to them: addressing, routes, gateways, ACLs, groups, lists, logs. */
export const networkSteps: readonly Step[] = [
  ['DescribeRegions', { AllRegions: true }],
  ['DescribeAvailabilityZones', { Filters: [{ Name: 'zone-name', Values: ['us-east-1?'] }] }],
  ['DescribeAccountAttributes', { AttributeNames: ['supported-platforms', 'default-vpc'] }],
  [
    'CreateVpc',
    {
      CidrBlock: '10.0.0.0/16',
      AmazonProvidedIpv6CidrBlock: true,
      TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'Name', Value: 'a <b> & "c" é漢😀 +%20' }] }],
    },
    { vpc: 'Vpc.VpcId', ipv6: 'Vpc.Ipv6CidrBlockAssociationSet.0.AssociationId' },
  ],
  ['DescribeVpcs', { VpcIds: ['$vpc'] }, { block6: 'Vpcs.0.Ipv6CidrBlockAssociationSet.0.Ipv6CidrBlock' }],
  ['ModifyVpcAttribute', { VpcId: '$vpc', EnableDnsHostnames: { Value: true } }],
  ['DescribeVpcAttribute', { VpcId: '$vpc', Attribute: 'enableDnsHostnames' }],
  ['CreateVpc', { CidrBlock: '10.9.0.0/16', InstanceTenancy: 'dedicated' }, { spare: 'Vpc.VpcId' }],
  ['ModifyVpcTenancy', { VpcId: '$spare', InstanceTenancy: 'default' }],
  [
    'AssociateVpcCidrBlock',
    { VpcId: '$spare', CidrBlock: '10.10.0.0/16' },
    { secondBlock: 'CidrBlockAssociation.AssociationId' },
  ],
  ['DisassociateVpcCidrBlock', { AssociationId: '$secondBlock' }],
  ['DeleteVpc', { VpcId: '$spare' }],
  [
    'CreateSubnet',
    {
      VpcId: '$vpc',
      CidrBlock: '10.0.0.0/24',
      AvailabilityZone: 'us-east-1a',
      TagSpecifications: [{ ResourceType: 'subnet', Tags: [{ Key: 'tier', Value: 'public' }] }],
    },
    { subnet: 'Subnet.SubnetId' },
  ],
  ['ModifySubnetAttribute', { SubnetId: '$subnet', MapPublicIpOnLaunch: { Value: true } }],
  ['CreateSubnet', { VpcId: '$vpc', CidrBlock: '10.0.1.0/24' }, { otherSubnet: 'Subnet.SubnetId' }],
  ['DescribeSubnets', { Filters: [{ Name: 'vpc-id', Values: ['$vpc'] }] }],
  ['DescribeTags', { Filters: [{ Name: 'resource-id', Values: ['$vpc'] }] }],
  ['CreateTags', { Resources: ['$subnet', '$otherSubnet'], Tags: [{ Key: 'empty', Value: '' }] }],
  ['DeleteTags', { Resources: ['$otherSubnet'], Tags: [{ Key: 'empty' }] }],

  [
    'CreateDhcpOptions',
    { DhcpConfigurations: [{ Key: 'domain-name', Values: ['example.test'] }] },
    { dhcp: 'DhcpOptions.DhcpOptionsId' },
  ],
  ['AssociateDhcpOptions', { DhcpOptionsId: '$dhcp', VpcId: '$vpc' }],
  ['DescribeDhcpOptions', { DhcpOptionsIds: ['$dhcp'] }],
  ['AssociateDhcpOptions', { DhcpOptionsId: 'default', VpcId: '$vpc' }],
  ['DeleteDhcpOptions', { DhcpOptionsId: '$dhcp' }],

  ['CreateInternetGateway', {}, { igw: 'InternetGateway.InternetGatewayId' }],
  ['AttachInternetGateway', { InternetGatewayId: '$igw', VpcId: '$vpc' }],
  ['DescribeInternetGateways', { InternetGatewayIds: ['$igw'] }],
  [
    'CreateEgressOnlyInternetGateway',
    { VpcId: '$vpc' },
    { eigw: 'EgressOnlyInternetGateway.EgressOnlyInternetGatewayId' },
  ],
  ['DescribeEgressOnlyInternetGateways', { EgressOnlyInternetGatewayIds: ['$eigw'] }],

  ['CreateRouteTable', { VpcId: '$vpc' }, { table: 'RouteTable.RouteTableId' }],
  ['CreateRouteTable', { VpcId: '$vpc' }, { otherTable: 'RouteTable.RouteTableId' }],
  ['CreateRoute', { RouteTableId: '$table', DestinationCidrBlock: '0.0.0.0/0', GatewayId: '$igw' }],
  [
    'CreateRoute',
    { RouteTableId: '$table', DestinationIpv6CidrBlock: '::/0', EgressOnlyInternetGatewayId: '$eigw' },
  ],
  ['ReplaceRoute', { RouteTableId: '$table', DestinationIpv6CidrBlock: '::/0', GatewayId: '$igw' }],
  ['AssociateRouteTable', { RouteTableId: '$table', SubnetId: '$subnet' }, { association: 'AssociationId' }],
  [
    'ReplaceRouteTableAssociation',
    { RouteTableId: '$otherTable', AssociationId: '$association' },
    { association: 'NewAssociationId' },
  ],
  ['DescribeRouteTables', { Filters: [{ Name: 'vpc-id', Values: ['$vpc'] }], MaxResults: 5 }],
  ['DisassociateRouteTable', { AssociationId: '$association' }],
  ['DeleteRoute', { RouteTableId: '$table', DestinationIpv6CidrBlock: '::/0' }],
  ['DeleteRouteTable', { RouteTableId: '$otherTable' }],
  ['AssociateRouteTable', { RouteTableId: '$table', SubnetId: '$subnet' }],
  ['DeleteEgressOnlyInternetGateway', { EgressOnlyInternetGatewayId: '$eigw' }],

  ['AllocateAddress', { Domain: 'vpc' }, { address: 'AllocationId' }],
  ['AllocateAddress', { Domain: 'vpc' }, { otherAddress: 'AllocationId' }],
  ['DescribeAddresses', { AllocationIds: ['$address'] }],
  ['DescribeAddressesAttribute', { AllocationIds: ['$address'], Attribute: 'domain-name' }],
  ['CreateNatGateway', { SubnetId: '$subnet', AllocationId: '$address' }, { nat: 'NatGateway.NatGatewayId' }],
  ['DescribeNatGateways', { NatGatewayIds: ['$nat'] }],
  [
    'AssociateNatGatewayAddress',
    { NatGatewayId: '$nat', AllocationIds: ['$otherAddress'] },
    { natAssociation: 'NatGatewayAddresses.1.AssociationId' },
  ],
  ['DisassociateNatGatewayAddress', { NatGatewayId: '$nat', AssociationIds: ['$natAssociation'] }],
  [
    'CreateNatGateway',
    { SubnetId: '$otherSubnet', ConnectivityType: 'private' },
    { privateNat: 'NatGateway.NatGatewayId' },
  ],
  ['AssignPrivateNatGatewayAddress', { NatGatewayId: '$privateNat', PrivateIpAddresses: ['10.0.1.77'] }],
  ['UnassignPrivateNatGatewayAddress', { NatGatewayId: '$privateNat', PrivateIpAddresses: ['10.0.1.77'] }],
  ['DeleteNatGateway', { NatGatewayId: '$privateNat' }],
  ['DeleteNatGateway', { NatGatewayId: '$nat' }],
  ['DescribeNatGateways', { Filter: [{ Name: 'state', Values: ['deleted'] }] }],
  ['EnableAddressTransfer', { AllocationId: '$address', TransferAccountId: '210987654321' }],
  ['DescribeAddressTransfers', { AllocationIds: ['$address'] }, { offered: 'AddressTransfers.0.PublicIp' }],
  ['AcceptAddressTransfer', { Address: '$offered' }, {}, 'partner'],
  ['EnableAddressTransfer', { AllocationId: '$otherAddress', TransferAccountId: '210987654321' }],
  ['DisableAddressTransfer', { AllocationId: '$otherAddress' }],
  ['ReleaseAddress', { AllocationId: '$otherAddress' }],

  ['CreateNetworkAcl', { VpcId: '$vpc' }, { acl: 'NetworkAcl.NetworkAclId' }],
  [
    'CreateNetworkAclEntry',
    {
      NetworkAclId: '$acl',
      RuleNumber: 100,
      Protocol: '6',
      RuleAction: 'allow',
      Egress: false,
      CidrBlock: '0.0.0.0/0',
      PortRange: { From: 22, To: 80 },
    },
  ],
  [
    'ReplaceNetworkAclEntry',
    {
      NetworkAclId: '$acl',
      RuleNumber: 100,
      Protocol: '1',
      RuleAction: 'deny',
      Egress: false,
      CidrBlock: '10.0.0.0/8',
      IcmpTypeCode: { Type: -1, Code: -1 },
    },
  ],
  [
    'DescribeNetworkAcls',
    { Filters: [{ Name: 'association.subnet-id', Values: ['$subnet'] }] },
    { aclAssociation: 'NetworkAcls.0.Associations.0.NetworkAclAssociationId' },
  ],
  [
    'ReplaceNetworkAclAssociation',
    { AssociationId: '$aclAssociation', NetworkAclId: '$acl' },
    { aclAssociation: 'NewAssociationId' },
  ],
  ['DescribeNetworkAcls', { NetworkAclIds: ['$acl'] }],
  ['DeleteNetworkAclEntry', { NetworkAclId: '$acl', RuleNumber: 100, Egress: false }],
  [
    'DescribeNetworkAcls',
    {
      Filters: [
        { Name: 'vpc-id', Values: ['$vpc'] },
        { Name: 'default', Values: ['true'] },
      ],
    },
    { defaultAcl: 'NetworkAcls.0.NetworkAclId' },
  ],
  ['ReplaceNetworkAclAssociation', { AssociationId: '$aclAssociation', NetworkAclId: '$defaultAcl' }],
  ['DeleteNetworkAcl', { NetworkAclId: '$acl' }],

  [
    'CreateManagedPrefixList',
    {
      PrefixListName: 'offices',
      AddressFamily: 'IPv4',
      MaxEntries: 5,
      Entries: [{ Cidr: '192.0.2.0/24', Description: 'first' }],
    },
    { list: 'PrefixList.PrefixListId' },
  ],
  [
    'ModifyManagedPrefixList',
    {
      PrefixListId: '$list',
      CurrentVersion: 1,
      AddEntries: [{ Cidr: '198.51.100.0/24' }],
      RemoveEntries: [{ Cidr: '192.0.2.0/24' }],
    },
  ],
  ['DescribeManagedPrefixLists', { PrefixListIds: ['$list'] }],
  ['GetManagedPrefixListEntries', { PrefixListId: '$list' }],
  ['DescribePrefixLists', {}],

  [
    'CreateSecurityGroup',
    { VpcId: '$vpc', GroupName: 'web', Description: 'what answers the web' },
    { group: 'GroupId' },
  ],
  [
    'AuthorizeSecurityGroupIngress',
    {
      GroupId: '$group',
      IpPermissions: [
        {
          IpProtocol: 'tcp',
          FromPort: 80,
          ToPort: 80,
          IpRanges: ANYWHERE,
          Ipv6Ranges: [{ CidrIpv6: '::/0' }],
        },
        { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, PrefixListIds: [{ PrefixListId: '$list' }] },
        { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: '$group', Description: 'each other' }] },
      ],
    },
    { rule: 'SecurityGroupRules.0.SecurityGroupRuleId' },
  ],
  [
    'AuthorizeSecurityGroupEgress',
    {
      GroupId: '$group',
      IpPermissions: [{ IpProtocol: 'udp', FromPort: 53, ToPort: 53, IpRanges: ANYWHERE }],
    },
    { egressRule: 'SecurityGroupRules.0.SecurityGroupRuleId' },
  ],
  ['DescribeSecurityGroups', { GroupIds: ['$group'] }],
  ['GetSecurityGroupsForVpc', { VpcId: '$vpc' }],
  [
    'UpdateSecurityGroupRuleDescriptionsIngress',
    {
      GroupId: '$group',
      SecurityGroupRuleDescriptions: [{ SecurityGroupRuleId: '$rule', Description: 'the web' }],
    },
  ],
  [
    'UpdateSecurityGroupRuleDescriptionsEgress',
    {
      GroupId: '$group',
      SecurityGroupRuleDescriptions: [{ SecurityGroupRuleId: '$egressRule', Description: 'names' }],
    },
  ],
  [
    'ModifySecurityGroupRules',
    {
      GroupId: '$group',
      SecurityGroupRules: [
        {
          SecurityGroupRuleId: '$rule',
          SecurityGroupRule: { IpProtocol: 'tcp', FromPort: 8080, ToPort: 8081, CidrIpv4: '10.0.0.0/8' },
        },
      ],
    },
  ],
  ['DescribeSecurityGroupRules', { Filters: [{ Name: 'group-id', Values: ['$group'] }] }],
  ['RevokeSecurityGroupIngress', { GroupId: '$group', SecurityGroupRuleIds: ['$rule'] }],
  ['RevokeSecurityGroupEgress', { GroupId: '$group', SecurityGroupRuleIds: ['$egressRule'] }],
  ['DeleteSecurityGroup', { GroupId: '$group' }],
  ['DeleteManagedPrefixList', { PrefixListId: '$list' }],

  [
    'CreateFlowLogs',
    {
      ResourceType: 'VPC',
      ResourceIds: ['$vpc'],
      TrafficType: 'ALL',
      LogDestinationType: 's3',
      LogDestination: 'arn:aws:s3:::flow-log-bucket/of-mine',
      DestinationOptions: { FileFormat: 'parquet', HiveCompatiblePartitions: true, PerHourPartition: false },
    },
    { log: 'FlowLogIds.0' },
  ],
  ['DescribeFlowLogs', { FlowLogIds: ['$log'] }],
  ['DeleteFlowLogs', { FlowLogIds: ['$log'] }],

  ['CreateVpc', { CidrBlock: '10.8.0.0/16', AmazonProvidedIpv6CidrBlock: true }, { sixth: 'Vpc.VpcId' }],
  [
    'DescribeVpcs',
    { VpcIds: ['$sixth'] },
    { sixthBlock: 'Vpcs.0.Ipv6CidrBlockAssociationSet.0.Ipv6CidrBlock' },
  ],
  ['CreateSubnet', { VpcId: '$sixth', CidrBlock: '10.8.0.0/24' }, { sixthSubnet: 'Subnet.SubnetId' }],
  [
    'AssociateSubnetCidrBlock',
    { SubnetId: '$sixthSubnet', Ipv6CidrBlock: '$sixthBlock' },
    { subnetBlock: 'Ipv6CidrBlockAssociation.AssociationId' },
  ],
  ['DisassociateSubnetCidrBlock', { AssociationId: '$subnetBlock' }],
  ['DeleteSubnet', { SubnetId: '$sixthSubnet' }],
  ['DetachInternetGateway', { InternetGatewayId: '$igw', VpcId: '$vpc' }],
  ['DeleteInternetGateway', { InternetGatewayId: '$igw' }],

  [
    'DescribeSubnets',
    {
      Filters: [
        { Name: 'default-for-az', Values: ['true'] },
        { Name: 'availability-zone', Values: ['us-east-1a'] },
      ],
    },
    { defaultSubnet: 'Subnets.0.SubnetId' },
  ],
  ['DeleteSubnet', { SubnetId: '$defaultSubnet' }],
  ['CreateDefaultSubnet', { AvailabilityZone: 'us-east-1a' }],
  ['CreateDefaultVpc', {}, {}, 'partner'],
];
