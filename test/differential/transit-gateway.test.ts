import { describe, expect, test } from 'vitest';
import { explainFlow } from '../../src/analyze/explain.ts';
import { completeTransitGateway } from '../../src/control/transit.ts';
import { planAll } from '../../src/plan/plan.ts';
import { numberOf } from '../../src/plan/simulate/chain.ts';
import { ipv6SideOf } from '../../src/plan/simulate/ipv6.ts';
import { SimulatedNetwork } from '../../src/plan/simulate/network.ts';
import { given, TestRegion } from '../support/ec2.ts';

type Family = 'IPv4' | 'IPv6';

/** By family: what all VPCs' blocks lie in. */
const EVERY_VPC = { IPv4: '10.0.0.0/8', IPv6: '2001:db8:c000::/36' } as const;

/** Half of a VPC's block, the one with the instance in it. */
const HALVES = { IPv4: ['/24', '/25'], IPv6: ['/56', '/57'] } as const;

/** Three VPCs of one instance each, 10.n.0.0/24 and a block of IPv6, attached to one transit gateway by routes for all of them. */
function newRegion() {
  const region = new TestRegion({ isSeeded: true });
  const gateway = given(region.call('CreateTransitGateway', {}).TransitGateway);
  const TransitGatewayId = given(gateway.TransitGatewayId);
  const images = region.call('DescribeImages', {
    Filters: [{ Name: 'name', Values: ['al2023-ami-2023.*-x86_64'] }],
  });
  const places = [1, 2, 3].map((number) => {
    const CidrBlock = `10.${number}.0.0/24`;
    const vpc = region.call('CreateVpc', { CidrBlock, AmazonProvidedIpv6CidrBlock: true }).Vpc;
    const VpcId = given(vpc?.VpcId);
    const described = region.call('DescribeVpcs', { VpcIds: [VpcId] }).Vpcs?.[0];
    const ipv6Block = given(described?.Ipv6CidrBlockAssociationSet?.[0]?.Ipv6CidrBlock);
    const Ipv6CidrBlock = ipv6Block.replace('/56', '/64');
    const made = region.call('CreateSubnet', { VpcId, CidrBlock, Ipv6CidrBlock });
    const SubnetId = given(made.Subnet?.SubnetId);
    const inVpc = [{ Name: 'vpc-id', Values: [VpcId] }];
    const groups = region.call('DescribeSecurityGroups', { Filters: inVpc }).SecurityGroups;
    const GroupId = given(groups?.[0]?.GroupId);
    region.call('AuthorizeSecurityGroupIngress', {
      GroupId,
      IpPermissions: [
        {
          IpProtocol: '-1',
          IpRanges: [{ CidrIp: EVERY_VPC.IPv4 }],
          Ipv6Ranges: [{ CidrIpv6: EVERY_VPC.IPv6 }],
        },
      ],
    });
    const launched = region.call('RunInstances', {
      ImageId: given(images.Images?.[0]?.ImageId),
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      SubnetId,
      Ipv6AddressCount: 1,
    }).Instances?.[0];
    const instanceId = given(launched?.InstanceId);
    region.write(({ tx }) => {
      tx.instances.put({ ...given(tx.instances.get(instanceId)), state: 'running' });
    });
    const attached = region.call('CreateTransitGatewayVpcAttachment', {
      TransitGatewayId,
      VpcId,
      SubnetIds: [SubnetId],
      Options: { Ipv6Support: 'enable' },
    });
    const tables = region.call('DescribeRouteTables', { Filters: inVpc }).RouteTables;
    const RouteTableId = given(tables?.[0]?.RouteTableId);
    const routes = {
      IPv4: { RouteTableId, DestinationCidrBlock: EVERY_VPC.IPv4 },
      IPv6: { RouteTableId, DestinationIpv6CidrBlock: EVERY_VPC.IPv6 },
    };
    for (const route of Object.values(routes)) region.call('CreateRoute', { ...route, TransitGatewayId });
    return {
      instanceId,
      routes,
      block: { IPv4: CidrBlock, IPv6: ipv6Block },
      address: {
        IPv4: given(launched?.PrivateIpAddress),
        IPv6: given(launched?.NetworkInterfaces?.[0]?.Ipv6Addresses?.[0]?.Ipv6Address),
      },
      eniId: given(launched?.NetworkInterfaces?.[0]?.NetworkInterfaceId),
      attachmentId: given(attached.TransitGatewayVpcAttachment?.TransitGatewayAttachmentId),
    };
  });
  region.write(({ tx }) => completeTransitGateway(tx, TransitGatewayId));
  const tableId = given(gateway.Options?.AssociationDefaultRouteTableId);
  /** Which reach which, as both the model and the simulated rules say: `1>2`. */
  const reached = (family: Family): readonly [model: string[], rules: string[]] => {
    const worlds = [...region.store.worlds()];
    const machines = planAll(worlds, { internet: [], services: [] });
    const network = new SimulatedNetwork(family === 'IPv6' ? ipv6SideOf(machines) : machines);
    const pairs = places.flatMap((from, i) =>
      places.flatMap((to, j) => (i === j ? [] : [{ from, to, name: `${i + 1}>${j + 1}` }])),
    );
    const question = { port: 22, protocol: 'tcp' };
    const model = pairs.filter(
      ({ from, to }) =>
        explainFlow(worlds, { ...question, source: from.instanceId, destination: to.address[family] })
          .isAllowed,
    );
    const rules = pairs.filter(({ from, to }) => {
      const packet = {
        protocol: 6,
        source: numberOf(from.address[family]),
        destination: numberOf(to.address[family]),
        sourcePort: 40_000,
        destinationPort: 22,
        icmp: 0,
        isReply: false,
      };
      return network.exchange(from.eniId, packet).isAnswered;
    });
    return [model.map(({ name }) => name), rules.map(({ name }) => name)];
  };
  return { region, TransitGatewayId, tableId, places, reached };
}

type Setting = ReturnType<typeof newRegion>;

const attachmentOf = ({ places }: Setting, number: number) => given(places[number - 1]).attachmentId;

const cases: readonly (readonly [
  name: string,
  change: (setting: Setting, family: Family) => void,
  pairs: string[],
])[] = [
  ['all attached to one table', () => {}, ['1>2', '1>3', '2>1', '2>3', '3>1', '3>2']],
  [
    'a blackhole for one VPC cuts it off both ways',
    ({ region, tableId, places }, family) =>
      region.call('CreateTransitGatewayRoute', {
        TransitGatewayRouteTableId: tableId,
        DestinationCidrBlock: given(places[2]).block[family],
        Blackhole: true,
      }),
    ['1>2', '2>1'],
  ],
  [
    'what no table routes for reaches nothing, and answers nothing',
    (setting) =>
      setting.region.call('DisassociateTransitGatewayRouteTable', {
        TransitGatewayRouteTableId: setting.tableId,
        TransitGatewayAttachmentId: attachmentOf(setting, 1),
      }),
    ['2>3', '3>2'],
  ],
  [
    'what no table knows the way to is not reached, and gets no answers',
    (setting) =>
      setting.region.call('DisableTransitGatewayRouteTablePropagation', {
        TransitGatewayRouteTableId: setting.tableId,
        TransitGatewayAttachmentId: attachmentOf(setting, 2),
      }),
    ['1>3', '3>1'],
  ],
  [
    'a static route to another VPC misleads',
    (setting, family) =>
      setting.region.call('CreateTransitGatewayRoute', {
        TransitGatewayRouteTableId: setting.tableId,
        DestinationCidrBlock: given(setting.places[2]).block[family].replace(
          HALVES[family][0],
          HALVES[family][1],
        ),
        TransitGatewayAttachmentId: attachmentOf(setting, 2),
      }),
    ['1>2', '2>1'],
  ],
  [
    'a VPC without a route of its own neither asks nor answers',
    ({ region, places }, family) => region.call('DeleteRoute', given(places[1]).routes[family]),
    ['1>3', '3>1'],
  ],
  [
    'a deleted attachment',
    (setting) =>
      setting.region.call('DeleteTransitGatewayVpcAttachment', {
        TransitGatewayAttachmentId: attachmentOf(setting, 3),
      }),
    ['1>2', '2>1'],
  ],
];

describe.each(['IPv4', 'IPv6'] as const)('by %s', (family) => {
  test.each(cases)('model and rules agree: %s', (_name, change, pairs) => {
    const setting = newRegion();
    change(setting, family);
    const [model, rules] = setting.reached(family);
    expect(rules).toEqual(pairs);
    expect(model).toEqual(pairs);
  });
});

test('an attachment without IPv6 support carries IPv4 alone', () => {
  const setting = newRegion();
  setting.region.call('ModifyTransitGatewayVpcAttachment', {
    TransitGatewayAttachmentId: attachmentOf(setting, 2),
    Options: { Ipv6Support: 'disable' },
  });
  const [model, rules] = setting.reached('IPv6');
  expect(rules).toEqual(['1>3', '3>1']);
  expect(model).toEqual(rules);
  expect(setting.reached('IPv4')[1]).toEqual(['1>2', '1>3', '2>1', '2>3', '3>1', '3>2']);
});
