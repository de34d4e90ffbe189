import { describe, expect, test } from 'vitest';
import { explainFlow } from '../src/analyze/explain.ts';
import type { Disposition } from '../src/model/path-result.ts';
import { formatIpv6Cidr, parseIpv6Cidr } from '../src/net/ipv6.ts';
import { runAwsLine } from './support/aws-cli.ts';
import { ControlledRegion } from './support/controlled-region.ts';
import { given, TestRegion } from './support/ec2.ts';

/** A VPC with an IPv6 block, an internet gateway, and an instance with an IPv6 address in a public and a private subnet. */
interface Net {
  readonly controlled: ControlledRegion;
  readonly region: TestRegion;
  readonly vpcId: string;
  readonly gatewayId: string;
  readonly publicTable: string;
  readonly mainTable: string;
  readonly groupId: string;
  readonly bastion: string;
}

const ANYWHERE = '::/0';

async function build(): Promise<Net> {
  const controlled = await ControlledRegion.start(new TestRegion({ isSeeded: true }));
  const { region } = controlled;
  const vpcId = makeVpc(region, '10.0.0.0/16');
  const publicSubnet = await makeSubnet(controlled, vpcId, '10.0.0.0/24', 0);
  const privateSubnet = await makeSubnet(controlled, vpcId, '10.0.1.0/24', 1);
  const gateway = region.call('CreateInternetGateway', {}).InternetGateway;
  const gatewayId = given(gateway?.InternetGatewayId);
  region.call('AttachInternetGateway', { InternetGatewayId: gatewayId, VpcId: vpcId });
  const publicTable = given(region.call('CreateRouteTable', { VpcId: vpcId }).RouteTable?.RouteTableId);
  for (const to of [{ DestinationCidrBlock: '0.0.0.0/0' }, { DestinationIpv6CidrBlock: ANYWHERE }]) {
    region.call('CreateRoute', { RouteTableId: publicTable, GatewayId: gatewayId, ...to });
  }
  region.call('AssociateRouteTable', { RouteTableId: publicTable, SubnetId: publicSubnet });
  const { world } = region;
  const mainTable = given(
    world.routeTables.where('vpcId', vpcId).find(({ routeTableId }) => routeTableId !== publicTable),
  ).routeTableId;
  const groupId = openGroup(region, vpcId);
  const bastion = launch(controlled, publicSubnet, 'bastion');
  launch(controlled, privateSubnet, 'db');
  await controlled.control.idle();
  return { controlled, region, vpcId, gatewayId, publicTable, mainTable, groupId, bastion };
}

function makeVpc(region: TestRegion, CidrBlock: string): string {
  const made = region.call('CreateVpc', { CidrBlock, AmazonProvidedIpv6CidrBlock: true });
  return given(made.Vpc?.VpcId);
}

async function makeSubnet(
  { region, control }: ControlledRegion,
  VpcId: string,
  CidrBlock: string,
  number: number,
): Promise<string> {
  await control.idle();
  const block = given(given(region.world.vpcs.get(VpcId)).ipv6CidrBlockAssociations[0]).ipv6CidrBlock;
  const { first } = given(parseIpv6Cidr(block));
  const Ipv6CidrBlock = formatIpv6Cidr({ first: first + (BigInt(number) << 64n), prefixLength: 64 });
  const SubnetId = given(region.call('CreateSubnet', { VpcId, CidrBlock, Ipv6CidrBlock }).Subnet?.SubnetId);
  region.call('ModifySubnetAttribute', { SubnetId, AssignIpv6AddressOnCreation: { Value: true } });
  return SubnetId;
}

/** The VPC's default group, with SSH from everywhere and everything to everywhere, by IPv6. */
function openGroup(region: TestRegion, vpcId: string): string {
  const [group] = region.world.securityGroups.where('vpcId', vpcId);
  const groupId = given(group).groupId;
  const Ipv6Ranges = [{ CidrIpv6: ANYWHERE }];
  const ssh = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, Ipv6Ranges };
  region.call('AuthorizeSecurityGroupIngress', { GroupId: groupId, IpPermissions: [ssh] });
  const isOpen = region.world.securityGroupRules
    .where('groupId', groupId)
    .some(({ isEgress, peer }) => isEgress && peer.kind === 'cidr-ipv6');
  if (!isOpen) {
    const all = { IpProtocol: '-1', Ipv6Ranges };
    region.call('AuthorizeSecurityGroupEgress', { GroupId: groupId, IpPermissions: [all] });
  }
  return groupId;
}

function launch(controlled: ControlledRegion, subnetId: string, name: string): string {
  const instanceId = controlled.launch(subnetId);
  controlled.region.call('CreateTags', { Resources: [instanceId], Tags: [{ Key: 'Name', Value: name }] });
  return instanceId;
}

function revokeAll({ region, groupId }: Net, isEgress: boolean): void {
  const SecurityGroupRuleIds = region.world.securityGroupRules
    .where('groupId', groupId)
    .filter((rule) => rule.isEgress === isEgress)
    .map(({ securityGroupRuleId }) => securityGroupRuleId);
  const action = isEgress ? 'RevokeSecurityGroupEgress' : 'RevokeSecurityGroupIngress';
  region.call(action, { GroupId: groupId, SecurityGroupRuleIds });
}

function dropRoute({ region }: Net, RouteTableId: string): void {
  region.call('DeleteRoute', { RouteTableId, DestinationIpv6CidrBlock: ANYWHERE });
}

function addEgressOnly({ region, vpcId, mainTable }: Net): string {
  const made = region.call('CreateEgressOnlyInternetGateway', { VpcId: vpcId }).EgressOnlyInternetGateway;
  const EgressOnlyInternetGatewayId = given(made?.EgressOnlyInternetGatewayId);
  region.call('CreateRoute', {
    RouteTableId: mainTable,
    DestinationIpv6CidrBlock: ANYWHERE,
    EgressOnlyInternetGatewayId,
  });
  return EgressOnlyInternetGatewayId;
}

/** Another VPC with an instance `far`, an accepted peering connection to it, and no route on either side. */
async function peer(net: Net): Promise<void> {
  const { controlled, region, vpcId } = net;
  const farVpc = makeVpc(region, '10.1.0.0/16');
  const farSubnet = await makeSubnet(controlled, farVpc, '10.1.0.0/24', 0);
  openGroup(region, farVpc);
  launch(controlled, farSubnet, 'far');
  const made = region.call('CreateVpcPeeringConnection', { VpcId: vpcId, PeerVpcId: farVpc });
  const VpcPeeringConnectionId = given(made.VpcPeeringConnection?.VpcPeeringConnectionId);
  await controlled.control.idle();
  region.call('AcceptVpcPeeringConnection', { VpcPeeringConnectionId });
  await controlled.control.idle();
}

/** Makes the VPC's network ACL one of IPv4 only. */
function dropIpv6Entries({ region, vpcId }: Net): void {
  const acl = given(region.world.networkAcls.where('vpcId', vpcId)[0]);
  for (const { isEgress, ruleNumber, ipv6CidrBlock } of acl.entries) {
    if (ipv6CidrBlock === undefined || ruleNumber >= 32767) continue;
    region.call('DeleteNetworkAclEntry', {
      NetworkAclId: acl.networkAclId,
      RuleNumber: ruleNumber,
      Egress: isEgress,
    });
  }
}

type Ask = readonly [source: string, destination: string, protocol?: string];

function answer({ region }: Net, [source, destination, protocol]: Ask) {
  const question = { source, destination, port: undefined, protocol, isIpv6: true };
  return explainFlow([region.world], question).result;
}

/** One thing or more spoilt: every obstacle has a line, and the lines, run one after the other, mend it all. */
const CASES: readonly {
  readonly name: string;
  readonly spoil: (net: Net) => unknown;
  readonly ask: Ask;
  /** The obstacles in the order in which they are mended. */
  readonly mended: readonly Disposition[];
}[] = [
  { name: 'nothing', spoil: () => {}, ask: ['laptop', 'bastion'], mended: [] },
  {
    name: 'no route out of a public subnet',
    spoil: (net) => dropRoute(net, net.publicTable),
    ask: ['bastion', 'internet'],
    mended: ['no-route'],
  },
  {
    name: 'no route out of a private subnet, and no gateway for it',
    spoil: () => {},
    ask: ['db', 'internet'],
    mended: ['no-route'],
  },
  {
    name: 'an egress-only internet gateway that is gone',
    spoil: (net) => {
      const id = addEgressOnly(net);
      net.region.call('DeleteEgressOnlyInternetGateway', { EgressOnlyInternetGatewayId: id });
    },
    ask: ['db', 'internet'],
    mended: ['blackhole'],
  },
  {
    name: 'no route for the reply',
    spoil: (net) => dropRoute(net, net.publicTable),
    ask: ['laptop', 'bastion'],
    mended: ['no-route'],
  },
  {
    name: 'an egress-only internet gateway is the only one',
    spoil: (net) => {
      addEgressOnly(net);
      net.region.call('DetachInternetGateway', { InternetGatewayId: net.gatewayId, VpcId: net.vpcId });
    },
    ask: ['laptop', 'db'],
    mended: ['unsolicited', 'unsolicited'],
  },
  {
    name: 'no gateway at all',
    spoil: ({ region, gatewayId, vpcId }) => {
      region.call('DetachInternetGateway', { InternetGatewayId: gatewayId, VpcId: vpcId });
      region.call('DeleteInternetGateway', { InternetGatewayId: gatewayId });
    },
    ask: ['laptop', 'bastion'],
    mended: ['no-internet-gateway', 'blackhole'],
  },
  {
    name: 'the internet gateway is detached',
    spoil: ({ region, gatewayId, vpcId }) =>
      region.call('DetachInternetGateway', { InternetGatewayId: gatewayId, VpcId: vpcId }),
    ask: ['bastion', 'internet'],
    mended: ['no-internet-gateway'],
  },
  {
    name: 'no rule from outside',
    spoil: (net) => revokeAll(net, false),
    ask: ['laptop', 'bastion'],
    mended: ['ingress-security-group'],
  },
  {
    name: 'no rule for a ping from outside',
    spoil: () => {},
    ask: ['laptop', 'bastion', 'icmp'],
    mended: ['ingress-security-group'],
  },
  {
    name: 'no rule between two members of a group',
    spoil: (net) => {
      revokeAll(net, true);
      revokeAll(net, false);
    },
    ask: ['bastion', 'db'],
    mended: ['egress-security-group', 'ingress-security-group'],
  },
  {
    name: 'no rule for a ping between two members of a group',
    spoil: (net) => {
      revokeAll(net, true);
      revokeAll(net, false);
    },
    ask: ['bastion', 'db', 'icmp'],
    mended: ['egress-security-group', 'ingress-security-group'],
  },
  {
    name: 'no rule out, of a protocol without ports',
    spoil: (net) => revokeAll(net, true),
    ask: ['bastion', 'internet', '47'],
    mended: ['egress-security-group'],
  },
  {
    name: 'a network ACL without entries for IPv6',
    spoil: dropIpv6Entries,
    ask: ['laptop', 'bastion'],
    mended: ['network-acl', 'network-acl-reply'],
  },
  {
    name: 'a network ACL without entries for IPv6, and a ping',
    spoil: dropIpv6Entries,
    ask: ['bastion', 'internet', 'icmpv6'],
    mended: ['network-acl', 'network-acl-reply'],
  },
  {
    name: 'a peering connection without routes',
    spoil: peer,
    ask: ['db', 'far'],
    mended: ['no-route', 'no-route'],
  },
  {
    name: 'an instance that is stopped',
    spoil: async ({ region, controlled, bastion }) => {
      region.call('StopInstances', { InstanceIds: [bastion] });
      await controlled.control.idle();
    },
    ask: ['laptop', 'bastion'],
    mended: ['not-running'],
  },
];

describe('the lines that mend IPv6 are run, and what they mend is gone', () => {
  test.each(CASES)('$name', async ({ spoil, ask, mended }) => {
    const net = await build();
    await spoil(net);
    const done: Disposition[] = [];
    for (let path = answer(net, ask); !path.isAllowed; path = answer(net, ask)) {
      const [obstacle] = path.obstacles;
      expect(path.obstacles.filter(({ mend }) => mend === undefined)).toEqual([]);
      await runAwsLine(net.region, given(obstacle?.mend));
      await net.controlled.control.idle();
      const after = answer(net, ask).obstacles.map(({ sentence }) => sentence);
      expect(after).not.toContain(obstacle?.sentence);
      done.push(given(obstacle).disposition);
      expect(done.length).toBeLessThan(10);
    }
    expect(done).toEqual(mended);
  });
});
