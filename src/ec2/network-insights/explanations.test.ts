import { expect, test } from 'vitest';
import { BASTION_WORLD, ENDPOINT_WORLD, NAT_WORLD } from '../../../test/walkthrough-world.ts';
import {
  add,
  change,
  eni,
  entry,
  instance,
  remove,
  route,
  type WorldRecords,
  worldOf,
} from '../../../test/worlds.ts';
import { explainFlow } from '../../analyze/explain.ts';
import { DISPOSITIONS, type Disposition, type Obstacle } from '../../model/path-result.ts';
import { Atlas } from './atlas.ts';
import { explainObstacle } from './explanations.ts';

/** A component of the test worlds, as it is shown. */
function named(type: string, Id: string, Name?: string) {
  const Arn = `arn:aws:ec2:ap-northeast-2:000000000000:${type}/${Id}`;
  return Name === undefined ? { Id, Arn } : { Id, Arn, Name };
}

const VPC = { Vpc: named('vpc', 'vpc-1', 'main') };
const PRIVATE = { Subnet: named('subnet', 'subnet-priv', 'private'), ...VPC };
const PUBLIC = { Subnet: named('subnet', 'subnet-pub', 'public'), ...VPC };
const LOCAL = route('10.0.0.0/16', 'local');

const cases: readonly (readonly [
  what: string,
  records: WorldRecords,
  from: string,
  to: string,
  port: number,
  explanations: readonly object[],
])[] = [
  [
    'no route',
    BASTION_WORLD,
    'db',
    'internet',
    443,
    [
      {
        ExplanationCode: 'NO_ROUTE_TO_DESTINATION',
        RouteTable: named('route-table', 'rtb-priv', 'private'),
        ...VPC,
      },
    ],
  ],
  [
    'a route to a NAT gateway that is gone',
    change(BASTION_WORLD, 'routeTables', 'rtb-priv', { routes: [LOCAL, route('0.0.0.0/0', 'nat-1')] }),
    'db',
    'internet',
    443,
    [
      {
        ExplanationCode: 'BAD_STATE_ROUTE',
        RouteTable: named('route-table', 'rtb-priv', 'private'),
        RouteTableRoute: {
          DestinationCidr: '0.0.0.0/0',
          NatGatewayId: 'nat-1',
          Origin: 'createroute',
          State: 'blackhole',
        },
        ...VPC,
      },
    ],
  ],
  [
    'out without a public address',
    change(BASTION_WORLD, 'routeTables', 'rtb-priv', { routes: [LOCAL, route('0.0.0.0/0', 'igw-1')] }),
    'db',
    'internet',
    443,
    [
      {
        ExplanationCode: 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS',
        Direction: 'egress',
        InternetGateway: named('internet-gateway', 'igw-1'),
        NetworkInterface: named('network-interface', 'eni-p'),
        ...PRIVATE,
        PacketField: 'source-address',
      },
    ],
  ],
  [
    'in without a public address, a rule or a way back',
    BASTION_WORLD,
    'laptop',
    'db',
    22,
    [
      {
        ExplanationCode: 'IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS',
        Direction: 'ingress',
        InternetGateway: named('internet-gateway', 'igw-1'),
        NetworkInterface: named('network-interface', 'eni-p'),
        ...PRIVATE,
        PacketField: 'destination-address',
      },
      {
        ExplanationCode: 'ENI_SG_RULES_MISMATCH',
        Direction: 'ingress',
        NetworkInterface: named('network-interface', 'eni-p'),
        ...PRIVATE,
        SecurityGroups: [named('security-group', 'sg-private', 'private')],
      },
      {
        ExplanationCode: 'NO_ROUTE_TO_DESTINATION',
        RouteTable: named('route-table', 'rtb-priv', 'private'),
        ...VPC,
      },
    ],
  ],
  [
    'no rule out',
    remove(BASTION_WORLD, 'securityGroupRules', 'sgr-b-out'),
    'bastion',
    'db',
    22,
    [
      {
        ExplanationCode: 'ENI_SG_RULES_MISMATCH',
        Direction: 'egress',
        NetworkInterface: named('network-interface', 'eni-b'),
        ...PUBLIC,
        SecurityGroups: [named('security-group', 'sg-bastion', 'bastion')],
      },
    ],
  ],
  [
    'an entry that denies',
    change(BASTION_WORLD, 'networkAcls', 'acl-1', {
      entries: [entry(90, false, 'deny'), entry(100, false, 'allow'), entry(100, true, 'allow')],
    }),
    'laptop',
    'bastion',
    22,
    [
      {
        ExplanationCode: 'SUBNET_ACL_RESTRICTION',
        Direction: 'ingress',
        Acl: named('network-acl', 'acl-1'),
        AclRule: {
          Cidr: '0.0.0.0/0',
          Egress: false,
          Protocol: 'all',
          RuleAction: 'deny',
          RuleNumber: 90,
        },
        ...PUBLIC,
      },
    ],
  ],
  [
    'no entry for replies',
    change(BASTION_WORLD, 'networkAcls', 'acl-1', { entries: [entry(100, false, 'allow')] }),
    'laptop',
    'bastion',
    22,
    [
      {
        ExplanationCode: 'SUBNET_ACL_RESTRICTION',
        Direction: 'egress',
        Acl: named('network-acl', 'acl-1'),
        AclRule: {
          Cidr: '0.0.0.0/0',
          Egress: true,
          Protocol: 'all',
          RuleAction: 'deny',
          RuleNumber: 32767,
        },
        ...PUBLIC,
      },
    ],
  ],
  [
    'no internet gateway',
    { ...BASTION_WORLD, internetGateways: [{ internetGatewayId: 'igw-1', tags: [] }] },
    'bastion',
    'internet',
    443,
    [{ ExplanationCode: 'BAD_STATE_ATTACHMENT', MissingComponent: 'internet-gateway', ...VPC }],
  ],
  [
    'an instance that is stopped',
    change(BASTION_WORLD, 'instances', 'i-p', { state: 'stopped' }),
    'bastion',
    'db',
    22,
    [{ ExplanationCode: 'BAD_STATE', Component: named('instance', 'i-p', 'db'), State: 'stopped' }],
  ],
  [
    'a NAT gateway that is not ready',
    change(NAT_WORLD, 'natGateways', 'nat-1', { state: 'pending' }),
    'db',
    'internet',
    443,
    [
      {
        ExplanationCode: 'BAD_STATE',
        Component: named('natgateway', 'nat-1', 'nat'),
        NatGateway: named('natgateway', 'nat-1', 'nat'),
        State: 'pending',
      },
    ],
  ],
  [
    'a NAT gateway that is private',
    change(NAT_WORLD, 'natGateways', 'nat-1', { connectivityType: 'private' }),
    'db',
    'internet',
    443,
    [
      {
        ExplanationCode: 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS',
        Direction: 'egress',
        NatGateway: named('natgateway', 'nat-1', 'nat'),
        ...VPC,
      },
    ],
  ],
  ['control: everything is in order', ENDPOINT_WORLD, 'db', 's3', 443, []],
];

test.each(cases)('%s', (_, records, source, destination, port, explanations) => {
  const world = worldOf(records);
  const { result } = explainFlow([world], { source, destination, port, protocol: 'tcp' });
  const atlas = new Atlas([world]);
  expect(result.obstacles.map((obstacle) => explainObstacle(atlas, obstacle))).toEqual(explanations);
});

/** AWS's codes for things that the worlds above do not have, by what is told of them. */
const codes: Readonly<Record<Disposition, string>> = {
  'no-route': 'NO_ROUTE_TO_DESTINATION',
  blackhole: 'BAD_STATE',
  'routing-loop': 'NO_PATH',
  'other-vpc': 'NO_ROUTE_TO_DESTINATION',
  'no-such-address': 'NO_POSSIBLE_DESTINATION',
  'no-internet-gateway': 'BAD_STATE_ATTACHMENT',
  'no-public-address': 'IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS',
  'private-address': 'IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS',
  'nat-gateway-not-available': 'BAD_STATE',
  'nat-gateway-in-private-subnet': 'NO_ROUTE_TO_DESTINATION',
  'nat-gateway-is-private': 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS',
  'nat-gateway-protocol': 'PROTOCOL_RESTRICTION',
  unsolicited: 'NO_POSSIBLE_DESTINATION',
  'egress-security-group': 'ENI_SG_RULES_MISMATCH',
  'ingress-security-group': 'ENI_SG_RULES_MISMATCH',
  'network-acl': 'SUBNET_ACL_RESTRICTION',
  'network-acl-reply': 'SUBNET_ACL_RESTRICTION',
  'source-destination-check': 'ENI_SOURCE_DEST_CHECK_RESTRICTION',
  'dns-support-off': 'NO_PATH',
  'not-running': 'BAD_STATE',
  'endpoint-port': 'NO_PATH',
  'endpoint-not-available': 'BAD_STATE',
  'no-listener': 'ELBV2_LISTENERS_MISMATCH',
  'no-target': 'ELBV2_NO_TARGETS_IN_AZ',
  'endpoint-policy': 'NO_PATH',
};

test.each(DISPOSITIONS.map((disposition) => [disposition]))(
  '%s has a code, whatever is missing',
  (disposition) => {
    const obstacle: Obstacle = {
      stage: 'route',
      isReply: false,
      disposition,
      sentence: '',
      mend: undefined,
      objectIds: [],
    };
    expect(explainObstacle(new Atlas([]), obstacle).ExplanationCode).toBe(codes[disposition]);
  },
);

const told: readonly (readonly [code: string, obstacle: Partial<Obstacle>])[] = [
  ['PCX_REQUIRES_ADDRESS_IN_VPC_CIDR', { disposition: 'other-vpc', objectIds: ['pcx-1'] }],
  ['NO_POSSIBLE_DESTINATION', { disposition: 'other-vpc', objectIds: ['tgw-1', 'vpc-2'] }],
  [
    'TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION',
    {
      disposition: 'no-route',
      objectIds: ['tgw-1', 'tgw-attach-1'],
      particulars: { transit: { fromAttachmentId: 'tgw-attach-1' } },
    },
  ],
  [
    'TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT',
    {
      disposition: 'no-route',
      objectIds: ['tgw-1', 'tgw-rtb-1'],
      particulars: { transit: { fromAttachmentId: 'tgw-attach-1' } },
    },
  ],
  [
    'TGW_RTB_BAD_STATE_ROUTE',
    {
      disposition: 'blackhole',
      objectIds: ['tgw-1', 'tgw-rtb-1'],
      particulars: {
        transit: {
          fromAttachmentId: 'tgw-attach-1',
          route: { destinationCidrBlock: '10.1.0.0/16', type: 'static', state: 'blackhole' },
        },
      },
    },
  ],
  ['IGW_EXPECTS_PUBLIC_ADDRESS', { disposition: 'private-address', objectIds: ['eni-1'] }],
];

test.each(told)('%s', (code, given) => {
  const obstacle: Obstacle = {
    stage: 'route',
    isReply: false,
    disposition: 'no-route',
    sentence: '',
    mend: undefined,
    objectIds: [],
    ...given,
  };
  expect(explainObstacle(new Atlas([]), obstacle).ExplanationCode).toBe(code);
});

test('an interface whose check is on is named with its addresses', () => {
  const appliance = add(BASTION_WORLD, 'instances', instance('i-a', 'subnet-pub', 'appliance'));
  const records = change(
    add(appliance, 'networkInterfaces', eni('eni-a', 4, 'subnet-pub', '10.0.0.9', ['sg-bastion'], 'i-a')),
    'routeTables',
    'rtb-priv',
    { routes: [LOCAL, route('0.0.0.0/0', 'eni-a')] },
  );
  const world = worldOf(records);
  const { result } = explainFlow([world], {
    source: 'db',
    destination: 'internet',
    port: 22,
    protocol: 'tcp',
  });
  const atlas = new Atlas([world]);
  expect(result.obstacles.map((obstacle) => explainObstacle(atlas, obstacle))[0]).toEqual({
    ExplanationCode: 'ENI_SOURCE_DEST_CHECK_RESTRICTION',
    Direction: 'ingress',
    NetworkInterface: named('network-interface', 'eni-a'),
    ...PUBLIC,
    Addresses: ['10.0.0.9/32'],
    PacketField: 'destination-address',
  });
});
