import { describe, expect, it } from 'vitest';
import { form, runTypeCase, type TypeCase } from '../../../test/support/type-cases.ts';

const HEX = '[0-9a-f]{17}';
const ELB = 'arn:aws:elasticloadbalancing:us-east-1:123456789012';

const CASES: readonly TypeCase[] = [
  {
    type: 'AWS::EC2::NetworkAcl',
    given: ({ vpc = '' }) => ({ VpcId: vpc }),
    id: form('acl'),
    attributes: (id) => ({ Id: id }),
  },
  {
    type: 'AWS::EC2::NetworkAclEntry',
    given: ({ acl = '' }) => ({
      NetworkAclId: acl,
      RuleNumber: '100',
      Protocol: 6,
      RuleAction: 'allow',
      CidrBlock: '0.0.0.0/0',
      PortRange: { From: '22', To: 22 },
    }),
    id: new RegExp(`^acl-${HEX}\\|100\\|false$`),
    attributes: (id) => ({ Id: id }),
    update: [
      () => ({ Protocol: 1, Icmp: { Type: 8, Code: -1 }, PortRange: null }),
      ({ region }, _, { acl = '' }) =>
        region.world.networkAcls.get(acl)?.entries.find(({ ruleNumber }) => ruleNumber === 100)?.icmpTypeCode,
      { type: 8, code: -1 },
    ],
    replaces: [{ RuleNumber: 101 }, { Egress: true }],
  },
  {
    type: 'AWS::EC2::NetworkInterface',
    given: ({ subnet = '', group = '' }) => ({
      SubnetId: subnet,
      GroupSet: [group],
      SourceDestCheck: false,
      ConnectionTrackingSpecification: { TcpEstablishedTimeout: '600', UdpTimeout: 60 },
      PrivateIpAddresses: [
        { PrivateIpAddress: '10.0.1.20', Primary: 'true' },
        { PrivateIpAddress: '10.0.1.21', Primary: false },
      ],
    }),
    id: form('eni'),
    attributes: (id, { vpc }) => ({
      Id: id,
      VpcId: vpc,
      PrimaryPrivateIpAddress: '10.0.1.20',
      SecondaryPrivateIpAddresses: ['10.0.1.21'],
    }),
    update: [
      () => ({
        Description: 'firewall',
        SourceDestCheck: true,
        ConnectionTrackingSpecification: { TcpEstablishedTimeout: 900 },
      }),
      ({ region }, id) => {
        const eni = region.world.networkInterfaces.get(id);
        return [eni?.description, eni?.sourceDestCheck, eni?.idleTimeouts];
      },
      // What the template says no more is as is usual.
      ['firewall', true, { tcpEstablishedTimeout: 900, udpTimeout: 30 }],
    ],
    replaces: [{ SubnetId: 'subnet-0123456789abcdef0' }],
  },
  {
    type: 'AWS::EC2::NetworkInterfaceAttachment',
    given: ({ instance = '', eni = '' }) => ({
      InstanceId: instance,
      NetworkInterfaceId: eni,
      DeviceIndex: '1',
    }),
    id: form('eni-attach'),
    attributes: (id) => ({ AttachmentId: id }),
    update: [
      () => ({ DeleteOnTermination: false }),
      ({ region }, _, { eni = '' }) =>
        region.world.networkInterfaces.get(eni)?.attachment?.deleteOnTermination,
      false,
    ],
    replaces: [{ DeviceIndex: 2 }],
  },
  {
    type: 'AWS::EC2::VPCEndpointService',
    given: ({ balancer = '' }) => ({ NetworkLoadBalancerArns: [balancer], AcceptanceRequired: false }),
    id: form('vpce-svc'),
    attributes: (id) => ({ ServiceId: id }),
    update: [
      () => ({ AcceptanceRequired: true }),
      ({ region }, id) => region.world.vpcEndpointServices.get(id)?.isAcceptanceRequired,
      true,
    ],
  },
  {
    type: 'AWS::EC2::VPCEndpointServicePermissions',
    given: ({ service = '' }) => ({
      ServiceId: service,
      AllowedPrincipals: ['arn:aws:iam::123456789012:root'],
    }),
    id: form('vpce-svc'),
    update: [
      () => ({ AllowedPrincipals: ['*'] }),
      ({ region }, id) => region.world.vpcEndpointServices.get(id)?.allowedPrincipals.map((p) => p.principal),
      ['*'],
    ],
    replaces: [{ ServiceId: 'vpce-svc-0123456789abcdef0' }],
  },
  {
    type: 'AWS::EC2::VPCPeeringConnection',
    given: ({ vpc = '', bareVpc = '' }) => ({ VpcId: vpc, PeerVpcId: bareVpc }),
    id: form('pcx'),
    attributes: (id) => ({ Id: id }),
    replaces: [{ PeerVpcId: 'vpc-0123456789abcdef0' }],
  },
  {
    type: 'AWS::EC2::PrefixList',
    countsVersions: true,
    given: () => ({
      PrefixListName: 'offices',
      AddressFamily: 'IPv4',
      MaxEntries: 2,
      Entries: [{ Cidr: '192.0.2.0/24', Description: 'one' }],
    }),
    id: form('pl'),
    attributes: (id) => ({
      Arn: `arn:aws:ec2:us-east-1:123456789012:prefix-list/${id}`,
      OwnerId: '123456789012',
      PrefixListId: id,
      Version: 1,
    }),
    update: [
      () => ({ MaxEntries: 1, Entries: [{ Cidr: '198.51.100.0/24' }], PrefixListName: 'sites' }),
      ({ region }, id) => {
        const list = region.world.prefixLists.get(id);
        return [list?.prefixListName, list?.maxEntries, list?.entries];
      },
      ['sites', 1, [{ cidr: '198.51.100.0/24' }]],
    ],
    replaces: [{ AddressFamily: 'IPv6' }],
  },
  {
    type: 'AWS::EC2::FlowLog',
    given: ({ vpc = '' }) => ({
      ResourceId: vpc,
      ResourceType: 'VPC',
      TrafficType: 'ALL',
      LogDestinationType: 's3',
      LogDestination: 'arn:aws:s3:::flows',
      MaxAggregationInterval: '60',
    }),
    id: form('fl'),
    attributes: (id) => ({ Id: id }),
    replaces: [{ TrafficType: 'REJECT' }],
  },
  {
    type: 'AWS::EC2::TransitGateway',
    given: () => ({ Description: 'hub', DefaultRouteTablePropagation: 'disable', AmazonSideAsn: '64900' }),
    id: form('tgw'),
    attributes: (id) => ({
      Id: id,
      TransitGatewayArn: `arn:aws:ec2:us-east-1:123456789012:transit-gateway/${id}`,
    }),
    update: [
      () => ({ DnsSupport: 'disable', TransitGatewayCidrBlocks: ['10.99.0.0/24'] }),
      ({ region }, id) => {
        const options = region.world.transitGateways.get(id)?.options;
        return [options?.dnsSupport, options?.transitGatewayCidrBlocks];
      },
      ['disable', ['10.99.0.0/24']],
    ],
    replaces: [{ AmazonSideAsn: 64901 }],
  },
  ...['AWS::EC2::TransitGatewayAttachment', 'AWS::EC2::TransitGatewayVpcAttachment'].map(
    (type): TypeCase => ({
      type,
      given: ({ gateway = '', bareVpc = '', bareSubnet = '' }) => ({
        TransitGatewayId: gateway,
        VpcId: bareVpc,
        SubnetIds: [bareSubnet],
      }),
      id: form('tgw-attach'),
      attributes: (id) => ({ Id: id }),
      update: [
        () => ({ Options: { ApplianceModeSupport: 'enable' } }),
        ({ region }, id) => region.world.transitGatewayVpcAttachments.get(id)?.options.applianceModeSupport,
        'enable',
      ],
      replaces: [{ VpcId: 'vpc-0123456789abcdef0' }],
    }),
  ),
  {
    type: 'AWS::EC2::TransitGatewayRouteTable',
    given: ({ gateway = '' }) => ({ TransitGatewayId: gateway }),
    id: form('tgw-rtb'),
    attributes: (id) => ({ TransitGatewayRouteTableId: id }),
  },
  {
    type: 'AWS::EC2::TransitGatewayRoute',
    given: ({ transitTable = '', attachment = '' }) => ({
      TransitGatewayRouteTableId: transitTable,
      DestinationCidrBlock: '0.0.0.0/0',
      TransitGatewayAttachmentId: attachment,
    }),
    id: new RegExp(`^tgw-rtb-${HEX}\\|0\\.0\\.0\\.0/0$`),
    replaces: [{ Blackhole: true }],
  },
  ...['Association', 'Propagation'].map(
    (kind): TypeCase => ({
      type: `AWS::EC2::TransitGatewayRouteTable${kind}`,
      given: ({ transitTable = '', attachment = '' }) => ({
        TransitGatewayRouteTableId: transitTable,
        TransitGatewayAttachmentId: attachment,
      }),
      id: new RegExp(`^tgw-rtb-${HEX}\\|tgw-attach-${HEX}$`),
      replaces: [{ TransitGatewayRouteTableId: 'tgw-rtb-0123456789abcdef0' }],
    }),
  ),
  {
    type: 'AWS::EC2::VPNGatewayRoutePropagation',
    given: ({ attachedVgw = '', table = '' }) => ({ VpnGatewayId: attachedVgw, RouteTableIds: [table] }),
    id: new RegExp(`^vgw-${HEX}\\|propagation$`),
    attributes: (id) => ({ Id: id }),
    update: [
      ({ otherTable = '' }) => ({ RouteTableIds: [otherTable] }),
      ({ region }, _, { table = '', otherTable = '' }) =>
        [table, otherTable].map((id) => region.world.routeTables.get(id)?.propagatingVpnGatewayIds.length),
      [0, 1],
    ],
    replaces: [{ VpnGatewayId: 'vgw-0123456789abcdef0' }],
  },
  {
    type: 'AWS::EC2::NetworkInsightsPath',
    given: ({ instance = '', eni = '' }) => ({
      Source: instance,
      Destination: eni,
      Protocol: 'tcp',
      DestinationPort: '22',
    }),
    id: form('nip'),
    attributes: (id) => ({
      NetworkInsightsPathId: id,
      NetworkInsightsPathArn: `arn:aws:ec2:us-east-1:123456789012:network-insights-path/${id}`,
      CreatedDate: '2026-01-02T03:04:05.000Z',
      SourceArn: expect.stringMatching(/:instance\/i-/),
      DestinationArn: expect.stringMatching(/:network-interface\/eni-/),
    }),
    replaces: [{ DestinationPort: 80 }],
  },
  {
    type: 'AWS::EC2::NetworkInsightsAnalysis',
    given: ({ path = '' }) => ({ NetworkInsightsPathId: path }),
    id: form('nia'),
    attributes: (id) => ({
      NetworkInsightsAnalysisId: id,
      NetworkInsightsAnalysisArn: expect.stringContaining(id),
      NetworkPathFound: false,
      StartDate: '2026-01-02T03:04:05.000Z',
      Status: 'succeeded',
      StatusMessage: '',
    }),
    replaces: [{ NetworkInsightsPathId: 'nip-0123456789abcdef0' }],
  },
  {
    type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    given: ({ subnet = '' }) => ({
      Type: 'network',
      Scheme: 'internal',
      Subnets: [subnet],
      LoadBalancerAttributes: [{ Key: 'deletion_protection.enabled', Value: 'true' }],
    }),
    id: new RegExp(`^${ELB}:loadbalancer/net/Net-Thing-1A2B3C4D5E6F/[0-9a-f]{16}$`),
    attributes: (id) => ({
      CanonicalHostedZoneID: 'Z26RNL4JYFTOTI',
      DNSName: expect.stringMatching(/^Net-Thing-1A2B3C4D5E6F-[0-9a-f]+\.elb\.us-east-1\.amazonaws\.com$/),
      LoadBalancerArn: id,
      LoadBalancerFullName: expect.stringMatching(/^net\/Net-Thing-1A2B3C4D5E6F\//),
      LoadBalancerName: 'Net-Thing-1A2B3C4D5E6F',
    }),
    update: [
      () => ({ LoadBalancerAttributes: [{ Key: 'deletion_protection.enabled', Value: 'false' }] }),
      ({ region }, id) => region.world.loadBalancers.get(id)?.attributes['deletion_protection.enabled'],
      'false',
    ],
    replaces: [{ Scheme: 'internet-facing' }],
  },
  {
    type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
    given: ({ vpc = '', instance = '' }) => ({
      Name: 'web',
      Protocol: 'TCP',
      Port: 80,
      VpcId: vpc,
      Targets: [{ Id: instance, Port: '8080' }],
      HealthCheckIntervalSeconds: 10,
    }),
    id: new RegExp(`^${ELB}:targetgroup/web/[0-9a-f]{16}$`),
    attributes: (id) => ({
      LoadBalancerArns: [],
      TargetGroupArn: id,
      TargetGroupFullName: expect.stringMatching(/^targetgroup\/web\/[0-9a-f]{16}$/),
      TargetGroupName: 'web',
    }),
    update: [
      ({ instance = '' }) => ({ Targets: [{ Id: instance }], HealthCheckIntervalSeconds: 20 }),
      ({ region }, id) => {
        const group = region.world.targetGroups.get(id);
        return [group?.targets.map(({ port }) => port), group?.healthCheck.intervalSeconds];
      },
      [[80], 20],
    ],
    replaces: [{ Port: 81 }],
  },
  {
    type: 'AWS::ElasticLoadBalancingV2::Listener',
    given: ({ balancer = '', targets = '' }) => ({
      LoadBalancerArn: balancer,
      Port: '443',
      Protocol: 'TCP',
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targets }],
    }),
    id: new RegExp(`^${ELB}:listener/net/inner/[0-9a-f]{16}/[0-9a-f]{16}$`),
    attributes: (id) => ({ ListenerArn: id }),
    update: [() => ({ Port: 8443 }), ({ region }, id) => region.world.listeners.get(id)?.port, 8443],
    replaces: [{ LoadBalancerArn: `${ELB}:loadbalancer/net/other/0123456789abcdef` }],
  },
];

describe('a resource of each type of connection is made, changed and deleted, and leaves nothing', () => {
  it.each(CASES)('$type', runTypeCase);
});
