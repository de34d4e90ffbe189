import { describe, expect, test } from 'vitest';
import { explainFlow } from '../src/analyze/explain.ts';
import type { Question } from '../src/analyze/question.ts';
import { DISPOSITIONS, type Disposition } from '../src/model/path-result.ts';
import { runAwsLine } from './support/aws-cli.ts';
import { ControlledRegion } from './support/controlled-region.ts';
import { given, TestRegion } from './support/ec2.ts';
import { askLoadBalancing } from './support/load-balancers.ts';

type Ask = readonly [source: string, destination: string, port?: number | undefined, protocol?: string];

/** A VPC with a bastion in a public subnet and a database in a private one; both may be reached by SSH from anywhere. */
interface Net {
  readonly controlled: ControlledRegion;
  readonly region: TestRegion;
  readonly vpcId: string;
  readonly gatewayId: string;
  readonly publicSubnet: string;
  readonly privateSubnet: string;
  readonly publicTable: string;
  readonly mainTable: string;
  readonly groupId: string;
  readonly bastion: string;
  readonly db: string;
}

const ANYWHERE = '0.0.0.0/0';

async function build(): Promise<Net> {
  const controlled = await ControlledRegion.start(new TestRegion({ isSeeded: true }));
  const { region } = controlled;
  const { vpcId, subnetId: publicSubnet } = controlled.network('10.0.0.0/24', '10.0.0.0/16');
  const made = region.call('CreateSubnet', { VpcId: vpcId, CidrBlock: '10.0.1.0/24' });
  const privateSubnet = given(made.Subnet?.SubnetId);
  const gateway = region.call('CreateInternetGateway', {}).InternetGateway;
  const gatewayId = given(gateway?.InternetGatewayId);
  region.call('AttachInternetGateway', { InternetGatewayId: gatewayId, VpcId: vpcId });
  const publicTable = given(region.call('CreateRouteTable', { VpcId: vpcId }).RouteTable?.RouteTableId);
  const way = { RouteTableId: publicTable, DestinationCidrBlock: ANYWHERE, GatewayId: gatewayId };
  region.call('CreateRoute', way);
  region.call('AssociateRouteTable', { RouteTableId: publicTable, SubnetId: publicSubnet });
  region.call('ModifySubnetAttribute', { SubnetId: publicSubnet, MapPublicIpOnLaunch: { Value: true } });
  const world = region.world;
  const mainTable = given(
    world.routeTables.where('vpcId', vpcId).find(({ routeTableId }) => routeTableId !== publicTable),
  ).routeTableId;
  const [group] = world.securityGroups.where('vpcId', vpcId);
  const groupId = given(group).groupId;
  const ssh = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: ANYWHERE }] };
  region.call('AuthorizeSecurityGroupIngress', { GroupId: groupId, IpPermissions: [ssh] });
  const launch = (subnetId: string, name: string): string => {
    const instanceId = controlled.launch(subnetId);
    region.call('CreateTags', { Resources: [instanceId], Tags: [{ Key: 'Name', Value: name }] });
    return instanceId;
  };
  const bastion = launch(publicSubnet, 'bastion');
  const db = launch(privateSubnet, 'db');
  await controlled.control.idle();
  const ids = { vpcId, gatewayId, publicSubnet, privateSubnet, publicTable, mainTable, groupId, bastion, db };
  return { controlled, region, ...ids };
}

function addNatGateway({ region }: Net, subnetId: string): string {
  const address = region.call('AllocateAddress', { Domain: 'vpc' });
  const made = region.call('CreateNatGateway', {
    SubnetId: subnetId,
    AllocationId: given(address.AllocationId),
  });
  return given(made.NatGateway?.NatGatewayId);
}

function routeMain({ region, mainTable }: Net, DestinationCidrBlock: string, target: object): void {
  region.call('CreateRoute', { RouteTableId: mainTable, DestinationCidrBlock, ...target });
}

/** A route table of the internet gateway's own, which leads what comes in for the public subnet to an interface. */
function addGatewayTable({ region, vpcId, gatewayId }: Net, NetworkInterfaceId: string): void {
  const RouteTableId = given(region.call('CreateRouteTable', { VpcId: vpcId }).RouteTable?.RouteTableId);
  const route = { RouteTableId, DestinationCidrBlock: '10.0.0.0/24', NetworkInterfaceId };
  region.call('CreateRoute', route);
  region.call('AssociateRouteTable', { RouteTableId, GatewayId: gatewayId });
}

function eniOf({ region }: Net, instanceId: string): string {
  const all = [...region.world.networkInterfaces.values()];
  return given(all.find(({ attachment }) => attachment?.instanceId === instanceId)).networkInterfaceId;
}

/** Another VPC with an instance `far` in it, and nothing between the two. */
async function addFarVpc({
  controlled,
  region,
}: Net): Promise<{ vpcId: string; subnetId: string; tableId: string }> {
  const { vpcId, subnetId } = controlled.network('10.1.0.0/24', '10.1.0.0/16');
  const far = controlled.launch(subnetId);
  region.call('CreateTags', { Resources: [far], Tags: [{ Key: 'Name', Value: 'far' }] });
  const [group] = region.world.securityGroups.where('vpcId', vpcId);
  const all = { IpProtocol: '-1', IpRanges: [{ CidrIp: ANYWHERE }] };
  region.call('AuthorizeSecurityGroupIngress', { GroupId: given(group).groupId, IpPermissions: [all] });
  const [table] = region.world.routeTables.where('vpcId', vpcId);
  await controlled.control.idle();
  return { vpcId, subnetId, tableId: given(table).routeTableId };
}

async function attachFar(
  net: Net,
): Promise<{ gatewayId: string; farAttachment: string; far: Awaited<ReturnType<typeof addFarVpc>> }> {
  const { region, controlled, vpcId, privateSubnet } = net;
  const far = await addFarVpc(net);
  const gatewayId = given(region.call('CreateTransitGateway', {}).TransitGateway?.TransitGatewayId);
  await controlled.control.idle();
  const attach = (VpcId: string, subnetId: string): string => {
    const made = region.call('CreateTransitGatewayVpcAttachment', {
      TransitGatewayId: gatewayId,
      VpcId,
      SubnetIds: [subnetId],
    });
    return given(made.TransitGatewayVpcAttachment?.TransitGatewayAttachmentId);
  };
  attach(vpcId, privateSubnet);
  const farAttachment = attach(far.vpcId, far.subnetId);
  await controlled.control.idle();
  routeMain(net, '10.1.0.0/16', { TransitGatewayId: gatewayId });
  const back = {
    RouteTableId: far.tableId,
    DestinationCidrBlock: '10.0.0.0/16',
    TransitGatewayId: gatewayId,
  };
  region.call('CreateRoute', back);
  return { gatewayId, farAttachment, far };
}

async function runBalancing(
  { region }: Net,
  action: string,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const reply = await askLoadBalancing(region, action, parameters);
  return /<(?:LoadBalancer|TargetGroup)Arn>([^<]+)/.exec(reply)?.[1] ?? reply;
}

/** A load balancer `lb` in a subnet, which sends SSH to the bastion; its ARN. */
async function addBalancer(net: Net, subnetId: string): Promise<string> {
  const make = (action: string, parameters: Readonly<Record<string, string>>) =>
    runBalancing(net, action, parameters);
  const arn = await make('CreateLoadBalancer', {
    Name: 'lb',
    Type: 'network',
    Scheme: 'internal',
    'Subnets.member.1': subnetId,
  });
  const ssh = { Protocol: 'TCP', Port: '22' };
  const group = { Name: 'ssh', ...ssh, VpcId: net.vpcId, TargetType: 'instance' };
  const groupArn = await make('CreateTargetGroup', group);
  await make('RegisterTargets', { TargetGroupArn: groupArn, 'Targets.member.1.Id': net.bastion });
  await make('CreateListener', {
    LoadBalancerArn: arn,
    ...ssh,
    'DefaultActions.member.1.Type': 'forward',
    'DefaultActions.member.1.TargetGroupArn': groupArn,
  });
  await net.controlled.control.idle();
  return arn;
}

function answer({ region }: Net, [source, destination, port, protocol]: Ask, extra: Partial<Question> = {}) {
  return explainFlow([region.world], { source, destination, port, protocol, ...extra }).result;
}

/** One thing or more spoilt: every obstacle has a line, and the lines, run one after the other, mend it all. */
interface Case {
  readonly name: string;
  readonly spoil: (net: Net) => unknown;
  readonly ask: Ask;
  readonly request?: Question['request'];
  /** The obstacles in the order in which they are mended. */
  readonly mended: readonly Disposition[];
}

const CASES: readonly Case[] = [
  {
    name: 'no internet gateway, no public address',
    spoil: ({ region, gatewayId, vpcId, bastion, controlled }) => {
      region.call('StopInstances', { InstanceIds: [bastion] });
      return controlled.control.idle().then(() => {
        region.call('DetachInternetGateway', { InternetGatewayId: gatewayId, VpcId: vpcId });
        region.call('DeleteInternetGateway', { InternetGatewayId: gatewayId });
      });
    },
    ask: ['bastion', 'internet'],
    mended: ['not-running', 'no-internet-gateway', 'blackhole'],
  },
  {
    name: 'a private instance from outside',
    spoil: () => {},
    ask: ['laptop', 'db'],
    mended: ['no-public-address', 'no-route'],
  },
  {
    name: 'a private instance from outside, whose subnet sends the reply by a longer route to a NAT gateway',
    spoil: async (net) => {
      const id = addNatGateway(net, net.publicSubnet);
      await net.controlled.control.idle();
      routeMain(net, '198.51.100.0/24', { NatGatewayId: id });
    },
    ask: ['laptop', 'db'],
    mended: ['no-public-address', 'no-route'],
  },
  { name: 'no way out', spoil: () => {}, ask: ['db', 'internet', 80], mended: ['no-route'] },
  { name: 'no way to S3', spoil: () => {}, ask: ['db', 's3'], mended: ['no-route'] },
  {
    name: 'a NAT gateway that is not there yet',
    spoil: (net) => routeMain(net, ANYWHERE, { NatGatewayId: addNatGateway(net, net.publicSubnet) }),
    ask: ['db', 'internet', 80],
    mended: ['nat-gateway-not-available'],
  },
  {
    name: 'a NAT gateway in a private subnet',
    spoil: async (net) => {
      routeMain(net, ANYWHERE, { NatGatewayId: addNatGateway(net, net.privateSubnet) });
      await net.controlled.control.idle();
    },
    ask: ['db', 'internet', 80],
    mended: ['nat-gateway-in-private-subnet'],
  },
  {
    name: 'a private NAT gateway, by a route that is not the default one',
    spoil: async (net) => {
      const made = net.region.call('CreateNatGateway', {
        SubnetId: net.publicSubnet,
        ConnectivityType: 'private',
      });
      await net.controlled.control.idle();
      routeMain(net, '8.8.8.0/24', { NatGatewayId: given(made.NatGateway?.NatGatewayId) });
    },
    ask: ['db', '8.8.8.8', 80],
    mended: ['nat-gateway-is-private'],
  },
  {
    name: 'the internet gateway’s own table leads to an interface without a public address',
    spoil: (net) => addGatewayTable(net, eniOf(net, net.db)),
    ask: ['laptop', 'bastion'],
    mended: ['blackhole', 'source-destination-check'],
  },
  {
    name: 'the internet gateway’s own table leads to an interface that is gone',
    spoil: (net) => {
      const made = net.region.call('CreateNetworkInterface', { SubnetId: net.privateSubnet });
      const NetworkInterfaceId = given(made.NetworkInterface?.NetworkInterfaceId);
      addGatewayTable(net, NetworkInterfaceId);
      net.region.call('DeleteNetworkInterface', { NetworkInterfaceId });
    },
    ask: ['laptop', 'bastion'],
    mended: ['blackhole'],
  },
  {
    name: 'a deleted NAT gateway, by a route that is not the default one',
    spoil: async (net) => {
      const id = addNatGateway(net, net.publicSubnet);
      await net.controlled.control.idle();
      routeMain(net, '8.8.8.0/24', { NatGatewayId: id });
      net.region.call('DeleteNatGateway', { NatGatewayId: id });
      await net.controlled.control.idle();
    },
    ask: ['db', '8.8.8.8', 80],
    mended: ['blackhole'],
  },
  {
    name: 'no rule out, no rule in',
    spoil: ({ region, groupId }) => {
      const rules = region.world.securityGroupRules.where('groupId', groupId);
      const idsOf = (isEgress: boolean) =>
        rules.filter((rule) => rule.isEgress === isEgress).map((rule) => rule.securityGroupRuleId);
      region.call('RevokeSecurityGroupEgress', { GroupId: groupId, SecurityGroupRuleIds: idsOf(true) });
      region.call('RevokeSecurityGroupIngress', { GroupId: groupId, SecurityGroupRuleIds: idsOf(false) });
    },
    ask: ['bastion', 'db', undefined, 'icmp'],
    mended: ['egress-security-group', 'ingress-security-group'],
  },
  {
    name: 'a network ACL that denies by a rule, there and back',
    spoil: ({ region, vpcId }) => {
      const [acl] = region.world.networkAcls.where('vpcId', vpcId);
      for (const Egress of [true, false]) {
        region.call('CreateNetworkAclEntry', {
          NetworkAclId: given(acl).networkAclId,
          RuleNumber: 1,
          Protocol: '-1',
          CidrBlock: '198.51.100.0/24',
          RuleAction: 'deny',
          Egress,
        });
      }
    },
    ask: ['laptop', 'bastion'],
    mended: ['network-acl', 'network-acl-reply'],
  },
  {
    name: 'a network ACL without any rule',
    spoil: ({ region, vpcId }) => {
      const [acl] = region.world.networkAcls.where('vpcId', vpcId);
      for (const Egress of [true, false]) {
        region.call('DeleteNetworkAclEntry', {
          NetworkAclId: given(acl).networkAclId,
          RuleNumber: 100,
          Egress,
        });
      }
    },
    ask: ['bastion', 'db', undefined, 'icmp'],
    mended: ['network-acl', 'network-acl', 'network-acl-reply', 'network-acl-reply'],
  },
  {
    name: 'a NAT instance whose source/destination check is on',
    spoil: (net) => routeMain(net, ANYWHERE, { NetworkInterfaceId: eniOf(net, net.bastion) }),
    ask: ['db', 'internet', 22],
    mended: ['source-destination-check'],
  },
  {
    name: 'a NAT instance that is stopped',
    spoil: async (net) => {
      const NetworkInterfaceId = eniOf(net, net.bastion);
      routeMain(net, ANYWHERE, { NetworkInterfaceId });
      const off = { NetworkInterfaceId, SourceDestCheck: { Value: false } };
      net.region.call('ModifyNetworkInterfaceAttribute', off);
      net.region.call('StopInstances', { InstanceIds: [net.bastion] });
      await net.controlled.control.idle();
    },
    ask: ['db', 'internet', 22],
    mended: ['blackhole'],
  },
  {
    name: 'DNS that is off',
    spoil: ({ region, vpcId }) =>
      region.call('ModifyVpcAttribute', { VpcId: vpcId, EnableDnsSupport: { Value: false } }),
    ask: ['db', '10.0.0.2', 53, 'udp'],
    mended: ['dns-support-off'],
  },
  {
    name: 'a peering connection that is not accepted, and routes of one side only',
    spoil: async (net) => {
      const far = await addFarVpc(net);
      const ids = { VpcId: net.vpcId, PeerVpcId: far.vpcId };
      const made = net.region.call('CreateVpcPeeringConnection', ids).VpcPeeringConnection;
      const id = given(made?.VpcPeeringConnectionId);
      await net.controlled.control.idle();
      net.region.call('AcceptVpcPeeringConnection', { VpcPeeringConnectionId: id });
      await net.controlled.control.idle();
      routeMain(net, '10.1.0.0/24', { NatGatewayId: addNatGateway(net, net.publicSubnet) });
      await net.controlled.control.idle();
    },
    ask: ['db', 'far'],
    mended: ['no-route', 'no-route'],
  },
  {
    name: 'a transit gateway whose table knows neither VPC',
    spoil: async (net) => {
      await attachFar(net);
      for (const attachment of net.region.world.transitGatewayVpcAttachments.values()) {
        const { transitGatewayAttachmentId, propagations } = attachment;
        for (const { transitGatewayRouteTableId } of propagations) {
          net.region.call('DisableTransitGatewayRouteTablePropagation', {
            TransitGatewayRouteTableId: transitGatewayRouteTableId,
            TransitGatewayAttachmentId: transitGatewayAttachmentId,
          });
        }
      }
      await net.controlled.control.idle();
    },
    ask: ['db', 'far'],
    mended: ['no-route', 'no-route'],
  },
  {
    name: 'a transit gateway with a blackhole, and an attachment without a table',
    spoil: async (net) => {
      const { farAttachment } = await attachFar(net);
      const attachment = given(net.region.world.transitGatewayVpcAttachments.get(farAttachment));
      const TransitGatewayRouteTableId = given(attachment.association).transitGatewayRouteTableId;
      net.region.call('DisassociateTransitGatewayRouteTable', {
        TransitGatewayRouteTableId,
        TransitGatewayAttachmentId: farAttachment,
      });
      net.region.call('CreateTransitGatewayRoute', {
        TransitGatewayRouteTableId,
        DestinationCidrBlock: '10.1.0.0/16',
        Blackhole: true,
      });
      await net.controlled.control.idle();
    },
    ask: ['db', 'far'],
    mended: ['blackhole', 'no-route'],
  },
  {
    name: 'an endpoint whose policy lets nothing',
    spoil: async ({ region, vpcId, mainTable, controlled }) => {
      const made = region.call('CreateVpcEndpoint', {
        VpcId: vpcId,
        ServiceName: 'com.amazonaws.us-east-1.s3',
        RouteTableIds: [mainTable],
        PolicyDocument:
          '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}',
      });
      await controlled.control.idle();
      return made;
    },
    ask: ['db', 's3'],
    request: { action: 's3:GetObject', resource: '*' },
    mended: ['endpoint-policy'],
  },
  {
    name: 'a load balancer at another port, whose targets are stopped',
    spoil: async (net) => {
      await addBalancer(net, net.publicSubnet);
      net.region.call('StopInstances', { InstanceIds: [net.bastion] });
      await net.controlled.control.idle();
    },
    ask: ['db', 'lb', 2222],
    mended: ['no-listener', 'no-target'],
  },
  {
    name: 'a load balancer in another zone than its targets',
    spoil: async (net) => {
      const zone = { VpcId: net.vpcId, CidrBlock: '10.0.2.0/24', AvailabilityZone: 'us-east-1b' };
      const subnetId = given(net.region.call('CreateSubnet', zone).Subnet?.SubnetId);
      await addBalancer(net, subnetId);
    },
    ask: ['db', 'lb', 22],
    mended: ['no-target'],
  },
  {
    name: 'an endpoint that its service has not accepted',
    spoil: async (net) => {
      const { region, vpcId, privateSubnet, groupId, controlled } = net;
      const arn = await addBalancer(net, net.privateSubnet);
      const input = { NetworkLoadBalancerArns: [arn], AcceptanceRequired: true };
      const service = region.call('CreateVpcEndpointServiceConfiguration', input).ServiceConfiguration;
      region.call('CreateVpcEndpoint', {
        VpcId: vpcId,
        VpcEndpointType: 'Interface',
        ServiceName: given(service?.ServiceName),
        SubnetIds: [privateSubnet],
        SecurityGroupIds: [groupId],
        TagSpecifications: [{ ResourceType: 'vpc-endpoint', Tags: [{ Key: 'Name', Value: 'link' }] }],
      });
      const all = { IpProtocol: '-1', IpRanges: [{ CidrIp: ANYWHERE }] };
      region.call('AuthorizeSecurityGroupIngress', { GroupId: groupId, IpPermissions: [all] });
      await runBalancing(net, 'ModifyLoadBalancerAttributes', {
        LoadBalancerArn: arn,
        'Attributes.member.1.Key': 'load_balancing.cross_zone.enabled',
        'Attributes.member.1.Value': 'true',
      });
      await controlled.control.idle();
    },
    ask: ['bastion', 'link', 22],
    mended: ['endpoint-not-available'],
  },
];

describe('the lines that mend are run, and what they mend is gone', () => {
  test.each(CASES)('$name', async ({ spoil, ask, request, mended }) => {
    const net = await build();
    await spoil(net);
    const extra = request === undefined ? {} : { request };
    const done: Disposition[] = [];
    for (let path = answer(net, ask, extra); !path.isAllowed; path = answer(net, ask, extra)) {
      const [obstacle] = path.obstacles;
      expect(path.obstacles.map(({ sentence, mend }) => [sentence, mend === undefined])).toEqual(
        path.obstacles.map(({ sentence }) => [sentence, false]),
      );
      await runAwsLine(net.region, given(obstacle?.mend));
      await net.controlled.control.idle();
      const after = answer(net, ask, extra).obstacles.map(({ sentence }) => sentence);
      expect(after).not.toContain(obstacle?.sentence);
      done.push(given(obstacle).disposition);
      expect(done.length).toBeLessThan(10);
    }
    expect(done).toEqual(mended);
  });
});

/** Where no single line mends, the sentence says what is so; the line for a question that makes no sense is none. */
const WITHOUT_LINE: readonly {
  readonly name: Disposition;
  readonly spoil: Case['spoil'];
  readonly ask: Ask;
  readonly says: RegExp;
}[] = [
  { name: 'other-vpc', spoil: addFarVpc, ask: ['db', 'far'], says: /Peer the VPCs/ },
  { name: 'no-such-address', spoil: () => {}, ask: ['db', '10.0.0.99'], says: /no interface has it/ },
  {
    name: 'private-address',
    spoil: () => {},
    ask: ['laptop', '10.0.0.4'],
    says: /bastion is reached at 198\.18\./,
  },
  {
    name: 'nat-gateway-protocol',
    spoil: async (net) => {
      routeMain(net, ANYWHERE, { NatGatewayId: addNatGateway(net, net.publicSubnet) });
      await net.controlled.control.idle();
    },
    ask: ['db', 'internet', undefined, '47'],
    says: /TCP, UDP and ICMP only/,
  },
  {
    name: 'unsolicited',
    spoil: async (net) => {
      const id = addNatGateway(net, net.publicSubnet);
      net.region.call('CreateTags', { Resources: [id], Tags: [{ Key: 'Name', Value: 'nat' }] });
      await net.controlled.control.idle();
    },
    ask: ['laptop', 'nat'],
    says: /lets in only answers/,
  },
  {
    name: 'routing-loop',
    spoil: (net) => {
      const NetworkInterfaceId = eniOf(net, net.db);
      routeMain(net, ANYWHERE, { NetworkInterfaceId });
      net.region.call('ModifyNetworkInterfaceAttribute', {
        NetworkInterfaceId,
        SourceDestCheck: { Value: false },
      });
    },
    ask: ['db', 'internet', 22],
    says: /goes round/,
  },
  {
    name: 'endpoint-port',
    spoil: async ({ region, vpcId, privateSubnet, groupId, controlled }) => {
      const made = region.call('CreateVpcEndpoint', {
        VpcId: vpcId,
        VpcEndpointType: 'Interface',
        ServiceName: 'com.amazonaws.us-east-1.ssm',
        PrivateDnsEnabled: false,
        SubnetIds: [privateSubnet],
        SecurityGroupIds: [groupId],
        TagSpecifications: [{ ResourceType: 'vpc-endpoint', Tags: [{ Key: 'Name', Value: 'ssm' }] }],
      });
      await controlled.control.idle();
      return made;
    },
    ask: ['db', 'ssm', 22],
    says: /on TCP ports 80 and 443 only|on TCP ports .* only/,
  },
];

describe('where no single line mends, the sentence says what to do or what is so', () => {
  test.each(WITHOUT_LINE)('$name', async ({ name, spoil, ask, says }) => {
    const net = await build();
    await spoil(net);
    const found = answer(net, ask).obstacles.filter(({ disposition }) => disposition === name);
    expect(found).toHaveLength(1);
    expect(found[0]?.mend).toBeUndefined();
    expect(found[0]?.sentence).toMatch(says);
  });
});

test('every disposition is here', () => {
  const here = [...CASES.flatMap(({ mended }) => mended), ...WITHOUT_LINE.map(({ name }) => name)];
  expect([...new Set(here)].toSorted()).toEqual(DISPOSITIONS.toSorted());
});
