import { describe, expect, it } from 'vitest';
import { form, runTypeCase, type TypeCase, tagsOf } from '../../../test/support/type-cases.ts';

const HEX = '[0-9a-f]{17}';

const CASES: readonly TypeCase[] = [
  {
    type: 'AWS::EC2::VPC',
    given: () => ({
      CidrBlock: '10.9.0.0/16',
      EnableDnsHostnames: 'true',
      Tags: [{ Key: 'Name', Value: 'a' }],
    }),
    id: form('vpc'),
    attributes: (id) => ({
      VpcId: id,
      CidrBlock: '10.9.0.0/16',
      CidrBlockAssociations: [expect.stringMatching(form('vpc-cidr-assoc'))],
      Ipv6CidrBlocks: [],
      DefaultNetworkAcl: expect.stringMatching(form('acl')),
      DefaultSecurityGroup: expect.stringMatching(form('sg')),
    }),
    update: [
      () => ({ EnableDnsHostnames: false, EnableDnsSupport: false, Tags: [{ Key: 'Name', Value: 'b' }] }),
      ({ region }, id) => {
        const vpc = region.world.vpcs.get(id);
        return [vpc?.enableDnsHostnames, vpc?.enableDnsSupport, tagsOf(vpc)];
      },
      [false, false, 'team=net Name=b aws:cloudformation:stack-name=Net'],
    ],
    replaces: [{ CidrBlock: '10.8.0.0/16' }, { InstanceTenancy: 'dedicated' }],
  },
  {
    type: 'AWS::EC2::VPCCidrBlock',
    given: ({ vpc = '' }) => ({ VpcId: vpc, CidrBlock: '10.1.0.0/16' }),
    id: form('vpc-cidr-assoc'),
    attributes: (id) => ({ Id: id }),
    replaces: [{ CidrBlock: '10.2.0.0/16' }],
  },
  {
    type: 'AWS::EC2::VPCCidrBlock',
    given: ({ vpc = '' }) => ({ VpcId: vpc, AmazonProvidedIpv6CidrBlock: true }),
    id: form('vpc-cidr-assoc'),
    attributes: (id) => ({ Id: id, Ipv6CidrBlock: expect.stringMatching(/::\/56$/) }),
  },
  {
    type: 'AWS::EC2::DHCPOptions',
    given: () => ({ DomainName: 'example.com', DomainNameServers: ['10.0.0.2'] }),
    id: form('dopt'),
    attributes: (id) => ({ DhcpOptionsId: id }),
    replaces: [{ DomainName: 'example.org' }],
  },
  {
    type: 'AWS::EC2::VPCDHCPOptionsAssociation',
    given: ({ vpc = '', dopt = '' }) => ({ VpcId: vpc, DhcpOptionsId: dopt }),
    id: new RegExp(`^dopt-${HEX}\\|vpc-${HEX}$`),
    update: [
      () => ({ DhcpOptionsId: 'default' }),
      ({ region }, _, { vpc = '' }) => region.world.vpcs.get(vpc)?.dhcpOptionsId,
      'default',
    ],
  },
  {
    type: 'AWS::EC2::Subnet',
    given: ({ vpc = '' }) => ({
      VpcId: vpc,
      CidrBlock: '10.0.7.0/24',
      AvailabilityZone: 'us-east-1b',
      MapPublicIpOnLaunch: true,
      PrivateDnsNameOptionsOnLaunch: { HostnameType: 'resource-name', EnableResourceNameDnsARecord: true },
    }),
    id: form('subnet'),
    attributes: (id, { vpc }) => ({
      SubnetId: id,
      VpcId: vpc,
      CidrBlock: '10.0.7.0/24',
      AvailabilityZone: 'us-east-1b',
      AvailabilityZoneId: 'use1-az2',
      Ipv6CidrBlocks: [],
      NetworkAclAssociationId: expect.stringMatching(form('aclassoc')),
    }),
    update: [
      () => ({ MapPublicIpOnLaunch: false, PrivateDnsNameOptionsOnLaunch: {} }),
      ({ region }, id) => {
        const subnet = region.world.subnets.get(id);
        return [subnet?.mapPublicIpOnLaunch, subnet?.privateDnsHostnameType];
      },
      [false, 'ip-name'],
    ],
    replaces: [{ CidrBlock: '10.0.8.0/24' }, { AvailabilityZone: 'us-east-1a' }],
  },
  {
    type: 'AWS::EC2::SubnetRouteTableAssociation',
    given: ({ subnet = '', table = '' }) => ({ SubnetId: subnet, RouteTableId: table }),
    id: form('rtbassoc'),
    attributes: (id) => ({ Id: id }),
    update: [
      ({ otherTable = '' }) => ({ RouteTableId: otherTable }),
      ({ region }, _, { otherTable = '' }) =>
        region.world.routeTables.get(otherTable)?.associations.map(({ subnetId }) => subnetId === undefined),
      [false],
    ],
    replaces: [{ SubnetId: 'subnet-0123456789abcdef0' }],
  },
  {
    type: 'AWS::EC2::GatewayRouteTableAssociation',
    given: ({ igw = '', table = '' }) => ({ GatewayId: igw, RouteTableId: table }),
    id: form('rtbassoc'),
    attributes: (id) => ({ AssociationId: id }),
    update: [
      ({ otherTable = '' }) => ({ RouteTableId: otherTable }),
      ({ region }, _, { otherTable = '' }) =>
        region.world.routeTables
          .get(otherTable)
          ?.associations.map(({ gatewayId }) => gatewayId === undefined),
      [false],
    ],
    replaces: [{ GatewayId: 'igw-0123456789abcdef0' }],
  },
  {
    type: 'AWS::EC2::SubnetNetworkAclAssociation',
    given: ({ subnet = '', acl = '' }) => ({ SubnetId: subnet, NetworkAclId: acl }),
    id: form('aclassoc'),
    attributes: (id) => ({ AssociationId: id }),
    update: [
      ({ otherAcl = '' }) => ({ NetworkAclId: otherAcl }),
      ({ region }, _, { otherAcl = '' }) => region.world.networkAcls.get(otherAcl)?.associations.length,
      1,
    ],
  },
  {
    type: 'AWS::EC2::RouteTable',
    given: ({ vpc = '' }) => ({ VpcId: vpc }),
    id: form('rtb'),
    attributes: (id) => ({ RouteTableId: id }),
    update: [
      () => ({ Tags: [{ Key: 'Name', Value: 'b' }] }),
      ({ region }, id) => tagsOf(region.world.routeTables.get(id)),
      'team=net Name=b aws:cloudformation:stack-name=Net',
    ],
    replaces: [{ VpcId: 'vpc-0123456789abcdef0' }],
  },
  {
    type: 'AWS::EC2::Route',
    given: ({ table = '', igw = '' }) => ({
      RouteTableId: table,
      DestinationCidrBlock: '0.0.0.0/0',
      GatewayId: igw,
    }),
    id: new RegExp(`^rtb-${HEX}\\|0\\.0\\.0\\.0/0$`),
    attributes: () => ({ CidrBlock: '0.0.0.0/0' }),
    update: [
      ({ eni = '' }) => ({ GatewayId: null, NetworkInterfaceId: eni }),
      ({ region }, _, { table = '' }) => region.world.routeTables.get(table)?.routes.at(-1)?.target.kind,
      'network-interface',
    ],
    replaces: [{ DestinationCidrBlock: '1.0.0.0/8' }, { RouteTableId: 'rtb-0123456789abcdef0' }],
  },
  {
    type: 'AWS::EC2::InternetGateway',
    given: () => ({}),
    id: form('igw'),
    attributes: (id) => ({ InternetGatewayId: id }),
  },
  {
    type: 'AWS::EC2::VPCGatewayAttachment',
    given: ({ bareVpc = '', freeIgw = '' }) => ({ VpcId: bareVpc, InternetGatewayId: freeIgw }),
    id: new RegExp(`^IGW\\|vpc-${HEX}$`),
    attributes: () => ({ AttachmentType: 'IGW' }),
    replaces: [{ VpcId: 'vpc-0123456789abcdef0' }, { InternetGatewayId: null, VpnGatewayId: 'vgw-1' }],
  },
  {
    type: 'AWS::EC2::VPCGatewayAttachment',
    given: ({ bareVpc = '', vgw = '' }) => ({ VpcId: bareVpc, VpnGatewayId: vgw }),
    id: new RegExp(`^VGW\\|vpc-${HEX}$`),
    attributes: () => ({ AttachmentType: 'VGW' }),
  },
  {
    type: 'AWS::EC2::EgressOnlyInternetGateway',
    given: ({ vpc = '' }) => ({ VpcId: vpc }),
    id: form('eigw'),
    attributes: (id) => ({ Id: id }),
  },
  {
    type: 'AWS::EC2::VPNGateway',
    given: () => ({ Type: 'ipsec.1' }),
    id: form('vgw'),
    attributes: (id) => ({ VPNGatewayId: id }),
  },
  {
    type: 'AWS::EC2::CustomerGateway',
    given: () => ({ Type: 'ipsec.1', IpAddress: '198.51.100.7', BgpAsn: '65000' }),
    id: form('cgw'),
    attributes: (id) => ({ CustomerGatewayId: id }),
    replaces: [{ IpAddress: '198.51.100.8' }],
  },
  {
    type: 'AWS::EC2::EIP',
    given: () => ({ Domain: 'vpc' }),
    id: /^198\.1[89]\.\d+\.\d+$/,
    attributes: (id) => ({ PublicIp: id, AllocationId: expect.stringMatching(form('eipalloc')) }),
    update: [
      ({ instance = '' }) => ({ InstanceId: instance }),
      ({ region }, id) => region.world.addresses.where('publicIp', id)[0]?.privateIpAddress,
      '10.0.1.5',
    ],
  },
  {
    type: 'AWS::EC2::EIPAssociation',
    given: ({ allocation = '', eni = '' }) => ({ AllocationId: allocation, NetworkInterfaceId: eni }),
    id: form('eipassoc'),
    attributes: (id) => ({ Id: id }),
    update: [
      ({ instance = '' }) => ({ NetworkInterfaceId: null, InstanceId: instance }),
      ({ region }, _, { allocation = '' }) => region.world.addresses.get(allocation)?.privateIpAddress,
      '10.0.1.5',
    ],
  },
  {
    type: 'AWS::EC2::NatGateway',
    given: ({ subnet = '', allocation = '' }) => ({ SubnetId: subnet, AllocationId: allocation }),
    id: form('nat'),
    attributes: (id) => ({ NatGatewayId: id }),
    replaces: [{ SubnetId: 'subnet-0123456789abcdef0' }, { ConnectivityType: 'private' }],
  },
  {
    type: 'AWS::EC2::SecurityGroup',
    given: ({ vpc = '' }) => ({
      VpcId: vpc,
      GroupDescription: 'web',
      SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort: '80', ToPort: 80, CidrIp: '0.0.0.0/0' }],
    }),
    id: form('sg'),
    attributes: (id, { vpc }) => ({
      GroupId: id,
      Id: id,
      GroupName: 'Net-Thing-1A2B3C4D5E6F',
      VpcId: vpc,
      SecurityGroupVpcId: vpc,
    }),
    update: [
      () => ({
        SecurityGroupIngress: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIpv6: '::/0' }],
        SecurityGroupEgress: [{ IpProtocol: 'udp', FromPort: 53, ToPort: 53, CidrIp: '10.0.0.0/8' }],
      }),
      ({ region }, id) =>
        region.world.securityGroupRules
          .where('groupId', id)
          .map(
            ({ isEgress, ipProtocol, fromPort }) => `${isEgress ? 'out' : 'in'} ${ipProtocol} ${fromPort}`,
          ),
      ['in tcp 443', 'out udp 53'],
    ],
    replaces: [{ GroupDescription: 'another' }, { GroupName: 'web' }],
  },
  {
    type: 'AWS::EC2::SecurityGroupIngress',
    given: ({ group = '' }) => ({ GroupId: group, IpProtocol: '-1', SourceSecurityGroupId: group }),
    id: form('sgr'),
    attributes: (id) => ({ Id: id }),
    update: [
      () => ({ Description: 'each other' }),
      ({ region }, id) => region.world.securityGroupRules.get(id)?.description,
      'each other',
    ],
    replaces: [{ IpProtocol: 'udp' }],
  },
  {
    type: 'AWS::EC2::SecurityGroupEgress',
    given: ({ group = '' }) => ({
      GroupId: group,
      IpProtocol: 'tcp',
      FromPort: 1,
      ToPort: 2,
      CidrIp: '10.0.0.0/8',
    }),
    id: form('sgr'),
    attributes: (id) => ({ Id: id }),
  },
  {
    type: 'AWS::EC2::Instance',
    given: ({ image = '', subnet = '', group = '' }) => ({
      ImageId: image,
      AvailabilityZone: 'us-east-1a',
      InstanceType: 't3.micro',
      SubnetId: subnet,
      SecurityGroupIds: [group],
      SourceDestCheck: 'false',
      UserData: 'IyEvYmluL3No',
      BlockDeviceMappings: [{ DeviceName: '/dev/xvdb', NoDevice: {} }],
    }),
    id: form('i'),
    attributes: (id, { vpc }) => ({
      InstanceId: id,
      AvailabilityZone: 'us-east-1a',
      VpcId: vpc,
      PrivateDnsName: 'ip-10-0-1-8.ec2.internal',
      PrivateIp: '10.0.1.8',
      PublicDnsName: '',
      PublicIp: '',
    }),
    update: [
      () => ({ InstanceType: 't3.small', UserData: null, SourceDestCheck: true, IamInstanceProfile: 'web' }),
      ({ region }, id) => {
        const found = region.world.instances.get(id);
        return [found?.instanceType, found?.userData, found?.state, found?.instanceProfile?.arn];
      },
      ['t3.small', '', 'running', 'arn:aws:iam::123456789012:instance-profile/web'],
    ],
    replaces: [{ ImageId: 'ami-0123456789abcdef0' }, { KeyName: 'k' }, { PrivateIpAddress: '10.0.1.9' }],
  },
  {
    type: 'AWS::EC2::LaunchTemplate',
    countsVersions: true,
    given: ({ image = '' }) => ({
      LaunchTemplateData: { ImageId: image, MetadataOptions: { HttpTokens: 'required' } },
      TagSpecifications: [{ ResourceType: 'launch-template', Tags: [{ Key: 'Name', Value: 'a' }] }],
    }),
    id: form('lt'),
    attributes: (id) => ({ LaunchTemplateId: id, DefaultVersionNumber: '1', LatestVersionNumber: '1' }),
    update: [
      ({ image = '' }) => ({ LaunchTemplateData: { ImageId: image, InstanceType: 't3.nano' } }),
      ({ region }, id) => region.world.launchTemplates.get(id)?.latestVersionNumber,
      2,
    ],
    replaces: [{ LaunchTemplateName: 'mine' }],
  },
  {
    type: 'AWS::EC2::KeyPair',
    given: () => ({ KeyName: 'deploy', KeyType: 'ed25519' }),
    id: /^deploy$/,
    attributes: () => ({
      KeyFingerprint: expect.stringMatching(/=$/),
      KeyPairId: expect.stringMatching(form('key')),
    }),
    replaces: [{ KeyType: 'rsa' }],
  },
  {
    type: 'AWS::EC2::VPCEndpoint',
    given: ({ vpc = '', table = '' }) => ({
      VpcId: vpc,
      ServiceName: 'com.amazonaws.us-east-1.s3',
      RouteTableIds: [table],
    }),
    id: form('vpce'),
    attributes: (id) => ({
      Id: id,
      CreationTimestamp: '2026-01-02T03:04:05.000Z',
      DnsEntries: [],
      NetworkInterfaceIds: [],
    }),
    update: [
      ({ otherTable = '' }) => ({ RouteTableIds: [otherTable] }),
      ({ region }, id, { otherTable = '' }) =>
        region.world.vpcEndpoints.get(id)?.routeTableIds[0] === otherTable,
      true,
    ],
    replaces: [{ VpcEndpointType: 'Interface' }],
  },
  {
    type: 'AWS::EC2::VPCEndpoint',
    given: ({ vpc = '', subnet = '', group = '' }) => ({
      VpcId: vpc,
      ServiceName: 'com.amazonaws.us-east-1.ssm',
      VpcEndpointType: 'Interface',
      SubnetIds: [subnet],
      SecurityGroupIds: [group],
      PolicyDocument: { Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }] },
    }),
    id: form('vpce'),
    attributes: (id) => ({
      Id: id,
      CreationTimestamp: '2026-01-02T03:04:05.000Z',
      DnsEntries: expect.arrayContaining([expect.stringMatching(/^Z7HUB22UULQXV:vpce-.*amazonaws\.com$/)]),
      NetworkInterfaceIds: [expect.stringMatching(form('eni'))],
    }),
  },
];

describe('a resource of each type is made, changed in place and deleted, and leaves nothing', () => {
  it.each(CASES)('$type', runTypeCase);
});
