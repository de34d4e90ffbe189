import { expect, test } from 'vitest';
import { explainFlow } from '../../src/analyze/explain.ts';
import { completeTransitGateway } from '../../src/control/transit.ts';
import { parseIpv4 } from '../../src/net/address.ts';
import { planAll } from '../../src/plan/plan.ts';
import { SimulatedNetwork } from '../../src/plan/simulate/network.ts';
import { given, TestRegion } from '../support/ec2.ts';

/** Three VPCs of one instance each, 10.n.0.0/24, attached to one transit gateway that all their 10.0.0.0/8 goes to. */
function newRegion() {
  const region = new TestRegion({ isSeeded: true });
  const gateway = given(region.call('CreateTransitGateway', {}).TransitGateway);
  const TransitGatewayId = given(gateway.TransitGatewayId);
  const images = region.call('DescribeImages', {
    Filters: [{ Name: 'name', Values: ['al2023-ami-2023.*-x86_64'] }],
  });
  const places = [1, 2, 3].map((number) => {
    const CidrBlock = `10.${number}.0.0/24`;
    const VpcId = given(region.call('CreateVpc', { CidrBlock }).Vpc?.VpcId);
    const SubnetId = given(region.call('CreateSubnet', { VpcId, CidrBlock }).Subnet?.SubnetId);
    const inVpc = [{ Name: 'vpc-id', Values: [VpcId] }];
    const groups = region.call('DescribeSecurityGroups', { Filters: inVpc }).SecurityGroups;
    const GroupId = given(groups?.[0]?.GroupId);
    region.call('AuthorizeSecurityGroupIngress', {
      GroupId,
      IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '10.0.0.0/8' }] }],
    });
    const launched = region.call('RunInstances', {
      ImageId: given(images.Images?.[0]?.ImageId),
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      SubnetId,
    }).Instances?.[0];
    const instanceId = given(launched?.InstanceId);
    region.write(({ tx }) => {
      tx.instances.put({ ...given(tx.instances.get(instanceId)), state: 'running' });
    });
    const attached = region.call('CreateTransitGatewayVpcAttachment', {
      TransitGatewayId,
      VpcId,
      SubnetIds: [SubnetId],
    });
    const tables = region.call('DescribeRouteTables', { Filters: inVpc }).RouteTables;
    const RouteTableId = given(tables?.[0]?.RouteTableId);
    const table = { RouteTableId, DestinationCidrBlock: '10.0.0.0/8' };
    region.call('CreateRoute', { ...table, TransitGatewayId });
    return {
      instanceId,
      table,
      address: given(launched?.PrivateIpAddress),
      eniId: given(launched?.NetworkInterfaces?.[0]?.NetworkInterfaceId),
      attachmentId: given(attached.TransitGatewayVpcAttachment?.TransitGatewayAttachmentId),
    };
  });
  region.write(({ tx }) => completeTransitGateway(tx, TransitGatewayId));
  const tableId = given(gateway.Options?.AssociationDefaultRouteTableId);
  /** Which reach which, as both the model and the simulated rules say: `1>2`. */
  const reached = (): readonly [model: string[], rules: string[]] => {
    const worlds = [...region.store.worlds()];
    const network = new SimulatedNetwork(planAll(worlds, { internet: [], services: [] }));
    const pairs = places.flatMap((from, i) =>
      places.flatMap((to, j) => (i === j ? [] : [{ from, to, name: `${i + 1}>${j + 1}` }])),
    );
    const question = { port: 22, protocol: 'tcp' };
    const model = pairs.filter(
      ({ from, to }) =>
        explainFlow(worlds, { ...question, source: from.instanceId, destination: to.address }).isAllowed,
    );
    const rules = pairs.filter(({ from, to }) => {
      const packet = {
        protocol: 6,
        source: given(parseIpv4(from.address)),
        destination: given(parseIpv4(to.address)),
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

const cases: readonly (readonly [name: string, change: (setting: Setting) => void, pairs: string[]])[] = [
  ['all attached to one table', () => {}, ['1>2', '1>3', '2>1', '2>3', '3>1', '3>2']],
  [
    'a blackhole for one VPC cuts it off both ways',
    ({ region, tableId }) =>
      region.call('CreateTransitGatewayRoute', {
        TransitGatewayRouteTableId: tableId,
        DestinationCidrBlock: '10.3.0.0/24',
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
    (setting) =>
      setting.region.call('CreateTransitGatewayRoute', {
        TransitGatewayRouteTableId: setting.tableId,
        DestinationCidrBlock: '10.3.0.0/25',
        TransitGatewayAttachmentId: attachmentOf(setting, 2),
      }),
    ['1>2', '2>1'],
  ],
  [
    'a VPC without a route of its own neither asks nor answers',
    ({ region, places }) => region.call('DeleteRoute', given(places[1]).table),
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

test.each(cases)('model and rules agree: %s', (_name, change, pairs) => {
  const setting = newRegion();
  change(setting);
  const [model, rules] = setting.reached();
  expect(rules).toEqual(pairs);
  expect(model).toEqual(pairs);
});
