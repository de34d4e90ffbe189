import type {
  BalancedProtocol,
  Listener,
  LoadBalancer,
  TargetGroup,
} from '../src/model/load-balancer-records.ts';
import type { NetworkInterface, VpcEndpoint } from '../src/model/records.ts';
import {
  acl,
  eni,
  group,
  instance,
  OPEN_ENTRIES,
  route,
  routeTable,
  rule,
  subnet,
  vpc,
  type WorldRecords,
} from './worlds.ts';

export const NODE = 'eni-00000000000000001';
export const SERVER = 'eni-00000000000000002';
export const OTHER_SERVER = 'eni-00000000000000003';
export const CLIENT = 'eni-00000000000000004';
export const ENDPOINT = 'eni-00000000000000005';

export const NODE_ADDRESS = '10.0.0.10';
export const SERVER_ADDRESS = '10.0.1.10';
export const ENDPOINT_ADDRESS = '10.0.2.20';

const BALANCER = 'arn:aws:elasticloadbalancing:ap-northeast-2:000000000000:loadbalancer/net/front/1';
const GROUP = 'arn:aws:elasticloadbalancing:ap-northeast-2:000000000000:targetgroup/servers/2';
const PROVIDER = '000000000000';
const TIME = '2026-01-01T00:00:00.000Z';

/** What a test may have otherwise. */
export interface Variation {
  /** Whom the servers' group lets in; the node, unless said. */
  readonly serverPeer?: string;
  /** Whom the endpoint's group lets in at port 80. */
  readonly endpointPeer?: string;
  readonly listener?: BalancedProtocol;
  readonly targets?: TargetGroup['targets'];
  readonly targetType?: TargetGroup['targetType'];
  readonly isCrossZone?: boolean;
  readonly endpointState?: VpcEndpoint['state'];
  readonly isServerRunning?: boolean;
  readonly serverEntries?: Parameters<typeof acl>[2];
  readonly hasService?: boolean;
}

/** A requester-managed interface. */
function managed(
  id: string,
  ordinal: number,
  subnetId: string,
  address: string,
  interfaceType: NetworkInterface['interfaceType'],
  groupIds: readonly string[],
  vpcId: string,
): NetworkInterface {
  const { attachment, ...made } = eni(id, ordinal, subnetId, address, groupIds, '', vpcId);
  if (attachment === undefined) throw new Error('an interface of a test is attached');
  const { instanceId: _none, ...rest } = attachment;
  return { ...made, interfaceType, requesterId: 'amazon-elb', attachment: rest };
}

/**
 * VPC 1, 10.0.0.0/16: a load balancer's node in the public subnet 10.0.0.0/24, servers in 10.0.1.0/24 (zone a) and
 * 10.0.3.0/24 (zone c), and the endpoint service that leads to it.
 */
export function providerRecords(variation: Variation = {}): Partial<WorldRecords> {
  const { serverPeer = `${NODE_ADDRESS}/32`, isServerRunning = true } = variation;
  const { targets = [{ id: 'i-2', port: 8080 }], targetType = 'instance' } = variation;
  const server = instance('i-2', 'subnet-1', 'server');
  const farSubnet = { ...subnet('subnet-3', 4, '10.0.3.0/24', 'far'), availabilityZone: 'ap-northeast-2c' };
  const farServer = {
    ...eni(OTHER_SERVER, 7, 'subnet-3', '10.0.3.10', ['sg-server'], 'i-3'),
    availabilityZone: 'ap-northeast-2c',
  };
  return {
    vpcs: [vpc('vpc-1', '10.0.0.0/16', 'provider')],
    subnets: [
      subnet('subnet-0', 1, '10.0.0.0/24', 'nodes'),
      subnet('subnet-1', 2, '10.0.1.0/24', 'servers'),
      farSubnet,
    ],
    internetGateways: [{ internetGatewayId: 'igw-1', vpcId: 'vpc-1', tags: [] }],
    routeTables: [
      routeTable('rtb-1', [route('10.0.0.0/16', 'local'), route('0.0.0.0/0', 'igw-1')], undefined, 'main'),
    ],
    securityGroups: [group('sg-server', 'servers')],
    securityGroupRules: [
      rule('sgr-1', 'sg-server', false, 8080, serverPeer),
      rule('sgr-2', 'sg-server', true, -1, '0.0.0.0/0'),
    ],
    networkAcls: [
      acl('acl-1', ['subnet-0', 'subnet-3'], OPEN_ENTRIES),
      acl('acl-2', ['subnet-1'], variation.serverEntries ?? OPEN_ENTRIES),
    ],
    networkInterfaces: [
      {
        ...managed(NODE, 5, 'subnet-0', NODE_ADDRESS, 'network_load_balancer', [], 'vpc-1'),
        autoAssignedPublicIp: '198.18.0.21',
      },
      eni(SERVER, 6, 'subnet-1', SERVER_ADDRESS, ['sg-server'], 'i-2'),
      farServer,
    ],
    instances: [
      isServerRunning ? server : { ...server, state: 'stopped' },
      instance('i-3', 'subnet-3', 'far server'),
    ],
    loadBalancers: [balancerOf(variation)],
    targetGroups: [targetGroupOf(targets, targetType)],
    listeners: [listenerOf(variation.listener ?? 'TCP')],
    vpcEndpointServices:
      variation.hasService === false
        ? []
        : [
            {
              serviceId: 'vpce-svc-1',
              serviceName: 'com.amazonaws.vpce.ap-northeast-2.vpce-svc-1',
              serviceType: 'Interface',
              isAcceptanceRequired: true,
              networkLoadBalancerArns: [BALANCER],
              gatewayLoadBalancerArns: [],
              supportedIpAddressTypes: ['ipv4'],
              allowedPrincipals: [],
              tags: [],
            },
          ],
  };
}

/** VPC 2, 10.0.0.0/16 as well: a client, and an endpoint to the service of VPC 1. */
export function consumerRecords(variation: Variation = {}): Partial<WorldRecords> {
  const { endpointPeer = '10.0.2.0/24', endpointState = 'available' } = variation;
  return {
    vpcs: [vpc('vpc-2', '10.0.0.0/16', 'consumer')],
    subnets: [subnet('subnet-2', 3, '10.0.2.0/24', 'clients', 'vpc-2')],
    routeTables: [routeTable('rtb-2', [route('10.0.0.0/16', 'local')], undefined, 'consumer main', 'vpc-2')],
    securityGroups: [group('sg-client', 'clients', 'vpc-2'), group('sg-endpoint', 'endpoint', 'vpc-2')],
    securityGroupRules: [
      rule('sgr-3', 'sg-client', true, -1, '0.0.0.0/0'),
      rule('sgr-4', 'sg-endpoint', false, 80, endpointPeer),
    ],
    networkAcls: [acl('acl-3', ['subnet-2'], OPEN_ENTRIES, 'vpc-2')],
    networkInterfaces: [
      eni(CLIENT, 8, 'subnet-2', '10.0.2.10', ['sg-client'], 'i-4', 'vpc-2'),
      managed(ENDPOINT, 9, 'subnet-2', ENDPOINT_ADDRESS, 'vpc_endpoint', ['sg-endpoint'], 'vpc-2'),
    ],
    instances: [instance('i-4', 'subnet-2', 'client', 'vpc-2')],
    vpcEndpoints: [
      {
        vpcEndpointId: 'vpce-1',
        vpcEndpointType: 'Interface',
        vpcId: 'vpc-2',
        serviceName: 'com.amazonaws.vpce.ap-northeast-2.vpce-svc-1',
        serviceOwnerId: PROVIDER,
        state: endpointState,
        policyDocument: '{}',
        routeTableIds: [],
        subnetIds: ['subnet-2'],
        groupIds: ['sg-endpoint'],
        networkInterfaceIds: [ENDPOINT],
        privateDnsEnabled: false,
        creationTimestamp: TIME,
        tags: [],
      },
    ],
  };
}

function balancerOf({ isCrossZone = false }: Variation): LoadBalancer {
  return {
    loadBalancerArn: BALANCER,
    loadBalancerName: 'front',
    dnsName: 'front-1.elb.ap-northeast-2.amazonaws.com',
    scheme: 'internet-facing',
    vpcId: 'vpc-1',
    state: 'active',
    createdTime: TIME,
    networkInterfaceIds: [NODE],
    attributes: { 'load_balancing.cross_zone.enabled': String(isCrossZone) },
    tags: [],
  };
}

function targetGroupOf(targets: TargetGroup['targets'], targetType: TargetGroup['targetType']): TargetGroup {
  return {
    targetGroupArn: GROUP,
    targetGroupName: 'servers',
    protocol: 'TCP_UDP',
    port: 8080,
    vpcId: 'vpc-1',
    targetType,
    healthCheck: {
      isEnabled: true,
      protocol: 'TCP',
      port: 'traffic-port',
      intervalSeconds: 30,
      timeoutSeconds: 10,
      healthyThreshold: 5,
      unhealthyThreshold: 2,
    },
    attributes: {},
    targets,
    tags: [],
  };
}

function listenerOf(protocol: BalancedProtocol): Listener {
  return {
    listenerArn: `${BALANCER.replace(':loadbalancer/', ':listener/')}/3`,
    loadBalancerArn: BALANCER,
    vpcId: 'vpc-1',
    protocol,
    port: 80,
    targetGroupArn: GROUP,
    attributes: {},
    tags: [],
  };
}
