import type { PathComponent } from '@aws-sdk/client-ec2';
import { expect, test } from 'vitest';
import { consumerRecords, providerRecords } from '../../../test/private-link-world.ts';
import { ENDPOINT_WORLD, NAT_WORLD, S3_LIST } from '../../../test/walkthrough-world.ts';
import { change, route, type WorldRecords, worldOf } from '../../../test/worlds.ts';
import type { NetworkInsightsPath } from '../../model/network-insights-records.ts';
import { analysePath } from './analysis.ts';
import { Atlas } from './atlas.ts';

type Asked = Partial<NetworkInsightsPath> & Pick<NetworkInsightsPath, 'source'>;

function analyse(worlds: readonly Partial<WorldRecords>[], asked: Asked) {
  const path: NetworkInsightsPath = {
    networkInsightsPathId: 'nip-1',
    createdDate: '2026-01-01T00:00:00.000Z',
    protocol: 'tcp',
    tags: [],
    ...asked,
  };
  const atlas = new Atlas(worlds.map((each) => worldOf(each)));
  return analysePath(atlas, path, { through: [], around: [] });
}

/** The ids of the way there and the way back, or the codes. */
function summaryOf({ isFound, forward, back, explanations }: ReturnType<typeof analyse>): string {
  const ids = (components: readonly PathComponent[]) =>
    components.map(({ Component }) => Component?.Id).join(' ');
  const codes = explanations.map(({ ExplanationCode, ...told }) => {
    const { Component, RouteTable, SecurityGroup, SourceVpc, Destination, DestinationVpc } = told;
    const to = Destination ?? DestinationVpc;
    const subject = (Component ?? RouteTable ?? SecurityGroup ?? SourceVpc)?.Id;
    return [ExplanationCode, subject, ...(to === undefined ? [] : ['>', to.Id])].join(' ').trim();
  });
  return isFound ? `${ids(forward)} | ${ids(back)}` : codes.join(', ');
}

const LOCAL = route('10.0.0.0/16', 'local');

/** The walk-through, whose bastion's table has these routes. */
function routed(...routes: Parameters<typeof route>[]): WorldRecords {
  return change(NAT_WORLD, 'routeTables', 'rtb-pub', {
    routes: [LOCAL, ...routes.map((each) => route(...each))],
  });
}

const BOTH = { ...merged(providerRecords(), consumerRecords()) };

/** Two sets of records in one world. */
function merged(one: Partial<WorldRecords>, other: Partial<WorldRecords>): Partial<WorldRecords> {
  const all: Record<string, readonly unknown[]> = { ...one };
  for (const [table, rows] of Object.entries(other)) all[table] = [...(all[table] ?? []), ...rows];
  return all;
}

const cases: readonly (readonly [
  what: string,
  world: Partial<WorldRecords>,
  asked: Asked,
  summary: string,
])[] = [
  [
    'to an internet gateway, by a NAT gateway',
    NAT_WORLD,
    { source: 'i-p', destination: 'igw-1', destinationPort: 443 },
    'i-p eni-p sg-private acl-1 rtb-priv acl-1 nat-1 acl-1 rtb-pub igw-1 | igw-1 acl-1 nat-1 acl-1 acl-1 sg-private eni-p i-p',
  ],
  [
    'to a gateway that the packets do not pass',
    change(NAT_WORLD, 'internetGateways', 'igw-1', { internetGatewayId: 'igw-2' }),
    { source: 'igw-2', destination: 'i-p' },
    'IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS, ENI_SG_RULES_MISMATCH, NO_ROUTE_TO_DESTINATION rtb-priv > igw-2',
  ],
  [
    'to a gateway endpoint',
    ENDPOINT_WORLD,
    { source: 'eni-p', destination: 'vpce-1', destinationPort: 443 },
    'i-p eni-p sg-private acl-1 rtb-priv vpce-1 | acl-1 sg-private eni-p i-p',
  ],
  [
    'to an endpoint that no route leads to',
    change(ENDPOINT_WORLD, 'routeTables', 'rtb-priv', { routes: NAT_WORLD.routeTables[0]?.routes ?? [] }),
    { source: 'eni-p', destination: 'vpce-1', destinationPort: 443 },
    'NO_ROUTE_TO_DESTINATION rtb-priv > vpce-1',
  ],
  [
    'to a gateway to which no route leads',
    routed(),
    { source: 'i-b', destination: 'igw-1', destinationPort: 443 },
    'NO_ROUTE_TO_DESTINATION rtb-pub > igw-1',
  ],
  [
    'to a gateway to which routes lead for others',
    routed(['1.0.0.0/8', 'igw-1']),
    { source: 'i-b', destination: 'igw-1', destinationIp: '8.8.8.8', destinationPort: 443 },
    'CANNOT_ROUTE rtb-pub',
  ],
  [
    'to an endpoint by which others are reached, of packets that get there another way',
    change(ENDPOINT_WORLD, 'routeTables', 'rtb-priv', {
      routes: [LOCAL, route('1.0.0.0/8', 'vpce-1'), route('0.0.0.0/0', 'nat-1')],
    }),
    { source: 'eni-p', destination: 'vpce-1', destinationPort: 443 },
    'CANNOT_ROUTE rtb-priv',
  ],
  [
    'to an endpoint whose route is beaten by a more specific one',
    change(ENDPOINT_WORLD, 'routeTables', 'rtb-priv', {
      routes: [LOCAL, route('52.0.0.0/8', 'vpce-1'), route('52.219.0.0/16', 'nat-1')],
    }),
    { source: 'eni-p', destination: 'vpce-1', destinationPort: 443 },
    'MORE_SPECIFIC_ROUTE rtb-priv',
  ],
  [
    'to an endpoint whose route is beaten by one to the same block',
    change(ENDPOINT_WORLD, 'routeTables', 'rtb-priv', {
      routes: [LOCAL, route('52.219.32.0/22', 'nat-1'), route(S3_LIST, 'vpce-1')],
    }),
    { source: 'eni-p', destination: 'vpce-1', destinationPort: 443 },
    'HIGHER_PRIORITY_ROUTE rtb-priv',
  ],
  [
    'from a gateway back to which no route leads',
    routed(),
    { source: 'igw-1', destination: 'i-b', destinationPort: 22 },
    'NO_ROUTE_TO_DESTINATION rtb-pub > igw-1',
  ],
  [
    'from a gateway that is attached to nothing',
    { ...NAT_WORLD, internetGateways: [{ internetGatewayId: 'igw-1', tags: [] }] },
    { source: 'igw-1', destination: 'i-b', destinationPort: 22 },
    'UNASSOCIATED_COMPONENT igw-1',
  ],
  [
    'from a private address beyond a gateway',
    NAT_WORLD,
    { source: 'igw-1', sourceIp: '10.9.9.9', destination: 'i-b', destinationPort: 22 },
    'IGW_SOURCE_ADDRESS_NOT_IN_RFC1918_INGRESS',
  ],
  [
    'from a shared address beyond a gateway',
    NAT_WORLD,
    { source: 'igw-1', sourceIp: '100.64.0.1', destination: 'i-b', destinationPort: 22 },
    'IGW_SOURCE_ADDRESS_NOT_IN_RFC6598_INGRESS',
  ],
  [
    'to a NAT gateway, from the Internet',
    NAT_WORLD,
    { source: 'igw-1', destination: 'eni-n', destinationPort: 22 },
    'NGW_REQUIRES_SOURCE_IN_VPC',
  ],
  [
    'to a NAT gateway, from its own VPC',
    NAT_WORLD,
    { source: 'i-p', destination: 'eni-n', destinationPort: 22 },
    'NO_POSSIBLE_DESTINATION',
  ],
  [
    'between VPCs that nothing joins',
    BOTH,
    { source: 'i-4', destination: 'i-2', destinationPort: 8080 },
    'DISCONNECTED_VPCS vpc-2 > vpc-1',
  ],
  [
    'to a member of a group, by its public address',
    change(NAT_WORLD, 'securityGroupRules', 'sgr-b-in', {
      peer: { kind: 'group', groupId: 'sg-private', userId: '1' },
    }),
    { source: 'i-p', destination: 'i-b', destinationIp: '198.18.0.5', destinationPort: 22 },
    'SG_REFERENCES_NOT_PRESERVED sg-bastion',
  ],
  [
    'to a service whose load balancer has no targets at all',
    merged(providerRecords({ targets: [] }), consumerRecords()),
    { source: 'i-4', destination: 'vpce-svc-1', destinationPort: 80 },
    'ELBV2_LISTENER_HAS_NO_TG net/front/1',
  ],
  [
    'to a service whose load balancer has its targets in another zone',
    merged(providerRecords({ targets: [{ id: 'i-3', port: 8080 }], isCrossZone: false }), consumerRecords()),
    { source: 'i-4', destination: 'vpce-svc-1', destinationPort: 80 },
    'ELBV2_NO_TARGETS_IN_AZ net/front/1',
  ],
  [
    'to an address by which nobody is known',
    NAT_WORLD,
    { source: 'i-b', destinationIp: '10.0.1.99', destinationPort: 22 },
    'NO_POSSIBLE_DESTINATION',
  ],
  [
    'to an endpoint service, by its endpoint: the port of the listener',
    BOTH,
    { source: 'i-4', destination: 'vpce-svc-1' },
    'i-4 eni-00000000000000004 sg-client sg-endpoint eni-00000000000000005 vpce-1 | vpce-1 eni-00000000000000005 sg-endpoint sg-client eni-00000000000000004 i-4',
  ],
  [
    'to an endpoint service, at a port without a listener',
    BOTH,
    { source: 'i-4', destination: 'vpce-svc-1', destinationPort: 81 },
    'ENI_SG_RULES_MISMATCH, ELBV2_LISTENERS_MISMATCH net/front/1',
  ],
  [
    'from what begins no connections',
    BOTH,
    { source: 'eni-00000000000000001', destination: 'i-2' },
    'NO_PATH eni-00000000000000001',
  ],
  ['from what is gone', NAT_WORLD, { source: 'i-9', destination: 'i-b' }, 'NO_SOURCE_OR_DESTINATION i-9'],
];

test.each(cases)('%s', (_, world, asked, summary) => {
  expect(summaryOf(analyse([world], asked))).toBe(summary);
});

test('a NAT gateway changes the source there and the destination back, and nothing else', () => {
  const { forward, back } = analyse([NAT_WORLD], {
    source: 'i-p',
    destination: 'igw-1',
    destinationPort: 443,
  });
  const nat = (components: readonly PathComponent[]) =>
    components.find(({ Component }) => Component?.Id === 'nat-1');
  expect(nat(forward)?.OutboundHeader).toEqual({ SourceAddresses: ['10.0.0.6/32'] });
  expect(nat(back)?.OutboundHeader).toEqual({
    DestinationAddresses: ['10.0.1.4/32'],
    DestinationPortRanges: [{ From: 32_768, To: 60_999 }],
  });
  expect(forward.at(-1)?.OutboundHeader).toEqual({
    DestinationAddresses: ['203.0.113.7/32'],
    DestinationPortRanges: [{ From: 443, To: 443 }],
    Protocol: '6',
    SourceAddresses: ['198.18.0.9/32'],
    SourcePortRanges: [{ From: 1024, To: 65_535 }],
  });
});

test('source ports are followed as they are asked', () => {
  const { forward } = analyse([NAT_WORLD], {
    source: 'i-b',
    destination: 'i-p',
    destinationPort: 22,
    filterAtSource: { sourcePorts: { from: 1000, to: 1000 }, destinationPorts: { from: 22, to: 22 } },
  });
  expect(forward[0]?.OutboundHeader?.SourcePortRanges).toEqual([{ From: 1000, To: 1000 }]);
});
