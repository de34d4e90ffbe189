import type { Input } from '../src/cli/demo/aws-line.ts';
import { INTERNET } from '../src/plan/places.ts';
import { eventually, type Installation } from '../test/support/installation.ts';
import { Network, type Placed } from './network.ts';
import type { Route } from './packets.ts';

/** An address of the simulated Internet where a server of ours can listen beside those that are there. */
const INTERNET_SERVER = '8.8.8.8';

/** The most that AWS attaches to an interface, each with 50 rules a direction: 1,000 on the two ends of a path. */
const GROUPS = 5;
const RULES_OF_GROUP = 50;
/** The most that an ACL may have is 20; the last one is for the rule that allows. */
const ACL_DENIALS = 19;

const EVERYTHING: Input = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };

/**
 * Builds a network with instances, and names the ways through it: within a subnet, across two (with a rule for everything,
 * with 1 and with 1,000 rules on the ends), out by the internet gateway, out by a NAT gateway.
 */
export async function makeRoutes(croft: Installation): Promise<[string, Route][]> {
  const network = await Network.make(croft);
  const [first, second, ruled, denying] = [
    await network.addSubnet(0, true),
    await network.addSubnet(1, false),
    await network.addSubnet(2, false),
    await network.addSubnet(3, false),
  ];
  await denyMuch(network, denying);
  const open = await network.addGroup('open', [EVERYTHING]);
  const one = await network.addGroup('one-rule', [ruleFor(7000)]);
  const many: string[] = [];
  for (let group = 0; group < GROUPS; group++) many.push(await addLongGroup(network, group));
  const left = await network.place(first, [open]);
  const beside = await network.place(first, [open]);
  const right = await network.place(second, [open]);
  const [oneLeft, oneRight] = [await network.place(second, [one]), await network.place(ruled, [one])];
  const [manyLeft, manyRight] = [await network.place(ruled, many), await network.place(denying, many)];
  await addNatGateway(network, first);
  await croft.settle();
  const to = (server: Placed, client: Placed): Route => ({
    server: server.namespace,
    client: client.namespace,
    address: server.privateIp,
  });
  const out = ({ namespace }: Placed): Route => ({
    server: INTERNET,
    client: namespace,
    address: INTERNET_SERVER,
  });
  return [
    ['within', to(beside, left)],
    ['across', to(right, left)],
    ['1-rule', to(oneRight, oneLeft)],
    ['1000-rules', to(manyRight, manyLeft)],
    ['internet-gateway', out(left)],
    ['nat-gateway', out(right)],
  ];
}

function ruleFor(port: number): Input {
  return { IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: [{ CidrIp: '10.0.0.0/16' }] };
}

/** A group of rules that differ in port and source, the one for the measured port among them. */
async function addLongGroup(network: Network, group: number): Promise<string> {
  const others = Array.from({ length: RULES_OF_GROUP - 1 }, (_, index) => ({
    IpProtocol: 'tcp',
    FromPort: 8000 + 2 * (group * RULES_OF_GROUP + index),
    ToPort: 8000 + 2 * (group * RULES_OF_GROUP + index),
    IpRanges: [{ CidrIp: `10.0.${index}.${group * 16}/28` }],
  }));
  const rules = [...others, ruleFor(7000)];
  const groupId = await network.addGroup(`many-rules-${group}`, rules);
  await network.croft.ec2('RevokeSecurityGroupEgress', { GroupId: groupId, IpPermissions: [EVERYTHING] });
  await network.croft.ec2('AuthorizeSecurityGroupEgress', { GroupId: groupId, IpPermissions: rules });
  return groupId;
}

/** Gives a subnet an ACL that is as long as it may be, with the entry that allows at its end. */
async function denyMuch(network: Network, subnetId: string): Promise<void> {
  const { croft, vpcId } = network;
  const acl = (await croft.ec2('CreateNetworkAcl', { VpcId: vpcId })).text('NetworkAcl.NetworkAclId');
  for (const Egress of [false, true]) {
    const entry = { NetworkAclId: acl, Egress };
    for (let index = 0; index < ACL_DENIALS; index++) {
      const block = {
        CidrBlock: `203.0.113.${index}/32`,
        Protocol: '6',
        PortRange: { From: 22, To: 80 + index },
      };
      await croft.ec2('CreateNetworkAclEntry', {
        ...entry,
        ...block,
        RuleNumber: index + 1,
        RuleAction: 'deny',
      });
    }
    const all = { CidrBlock: '0.0.0.0/0', Protocol: '-1', RuleNumber: 100, RuleAction: 'allow' };
    await croft.ec2('CreateNetworkAclEntry', { ...entry, ...all });
  }
  const inSubnet = { Filters: [{ Name: 'association.subnet-id', Values: [subnetId] }] };
  const associations = (await croft.ec2('DescribeNetworkAcls', inSubnet)).list('NetworkAcls.0.Associations');
  const old = associations.find((association) => association.text('SubnetId') === subnetId);
  if (old === undefined) throw new Error(`${subnetId} has no network ACL`);
  await croft.ec2('ReplaceNetworkAclAssociation', {
    AssociationId: old.text('NetworkAclAssociationId'),
    NetworkAclId: acl,
  });
}

/** A NAT gateway in a public subnet, for every subnet that uses the main route table. */
async function addNatGateway({ croft, vpcId }: Network, subnetId: string): Promise<void> {
  const AllocationId = (await croft.ec2('AllocateAddress', { Domain: 'vpc' })).text('AllocationId');
  const gateway = await croft.ec2('CreateNatGateway', { SubnetId: subnetId, AllocationId });
  const NatGatewayId = gateway.text('NatGateway.NatGatewayId');
  await eventually(`${NatGatewayId} is available`, async () => {
    const reply = await croft.ec2('DescribeNatGateways', { NatGatewayIds: [NatGatewayId] });
    return reply.maybe('NatGateways.0.State') === 'available';
  });
  const filters = [
    { Name: 'vpc-id', Values: [vpcId] },
    { Name: 'association.main', Values: ['true'] },
  ];
  const main = (await croft.ec2('DescribeRouteTables', { Filters: filters })).text(
    'RouteTables.0.RouteTableId',
  );
  await croft.ec2('CreateRoute', { RouteTableId: main, DestinationCidrBlock: '0.0.0.0/0', NatGatewayId });
}
