import { expect, test } from 'vitest';
import { explainFlow } from '../../src/analyze/explain.ts';
import { Dump, DumpError } from '../../src/transfer/aws/dump.ts';
import { importRegion } from '../support/dump.ts';
import { given, type TestRegion } from '../support/ec2.ts';

const TOLD = { account: '111122223333', region: 'eu-west-1' };

const VPC = { VpcId: 'vpc-1', CidrBlock: '10.0.0.0/16' };
const SUBNET = {
  SubnetId: 'subnet-1',
  VpcId: 'vpc-1',
  CidrBlock: '10.0.0.0/24',
  AvailabilityZone: 'eu-west-1a',
};
const ENI = {
  NetworkInterfaceId: 'eni-1',
  SubnetId: 'subnet-1',
  MacAddress: '02:00:00:00:00:01',
  PrivateIpAddress: '10.0.0.4',
  Groups: [{ GroupId: 'sg-1' }],
};
const DATABASE = {
  ...ENI,
  RequesterId: 'amazon-rds',
  RequesterManaged: true,
  Attachment: { AttachmentId: 'eni-attach-1', InstanceOwnerId: 'amazon-rds', DeviceIndex: 1 },
};
const GROUP = {
  GroupId: 'sg-1',
  GroupName: 'db',
  VpcId: 'vpc-1',
  IpPermissions: [{ IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, IpRanges: [{ CidrIp: '10.0.0.9/24' }] }],
};
const OPEN = { Protocol: '-1', RuleAction: 'allow', CidrBlock: '0.0.0.0/0', RuleNumber: 100 };
const ACL = {
  NetworkAclId: 'acl-1',
  VpcId: 'vpc-1',
  Entries: [OPEN, { ...OPEN, Egress: true }],
  Associations: [{ NetworkAclAssociationId: 'aclassoc-1', SubnetId: 'subnet-1' }],
};

/** Imports one file that has all of these lists. */
function importOf(
  reply: object,
  name = 'all.json',
): { readonly region: TestRegion; readonly told: readonly string[] } {
  const dump = new Dump([{ name, text: JSON.stringify(reply) }]);
  const region = importRegion(dump, TOLD);
  return { region, told: dump.report.notes.map(({ kind, sentence }) => `${kind}: ${sentence}`) };
}

function refusalOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof DumpError) return `${error.message} | ${error.hint ?? ''}`;
    throw error;
  }
  return 'nothing refused';
}

test.each([
  ['no JSON', '{"Vpcs": [', 'f.json is not JSON. | '],
  ['an empty file', '', 'f.json is not JSON. | It is empty: the command that wrote it may have failed.'],
  [
    'text',
    'VPCS\t10.0.0.0/16',
    'f.json is not JSON. | It looks like a table or text: ask with `--output json`.',
  ],
  ['YAML', 'Vpcs:\n- VpcId: x', 'f.json is not JSON. | It looks like YAML: ask with `--output json`.'],
  [
    'a list',
    '[]',
    'f.json is no reply of the aws CLI: it is no JSON object. | Write the reply as it comes, without --query: `aws ec2 describe-vpcs > vpcs.json`.',
  ],
  [
    'nothing known',
    '{}',
    'There is no reply of `aws ec2 describe-…` in these files. | Write each to a file: `aws ec2 describe-vpcs > vpcs.json`. docs/import-export.md has the whole list.',
  ],
  ['no VPC', '{"Subnets": []}', 'These files have no VPC. | Add the reply of `aws ec2 describe-vpcs`.'],
])('refused, in a sentence: %s', (_, text, sentence) => {
  expect(refusalOf(() => importRegion(new Dump([{ name: 'f.json', text }]), TOLD))).toBe(sentence);
});

test.each([
  [
    'no account',
    { Vpcs: [VPC] },
    'The files do not say which account they are of. | Say it: --account 123456789012',
  ],
  [
    'two regions',
    {
      Vpcs: [{ ...VPC, OwnerId: '111122223333' }],
      Subnets: [SUBNET, { ...SUBNET, AvailabilityZone: 'us-gov-west-1b' }],
    },
    'These files are of several regions: eu-west-1, us-gov-west-1. | Import each region by itself, from a folder of its own.',
  ],
])('whose it is: %s', (_, reply, sentence) => {
  expect(refusalOf(() => new Dump([{ name: 'f.json', text: JSON.stringify(reply) }]).scope({}))).toBe(
    sentence,
  );
});

test.each<readonly [string, object, string]>([
  [
    'an id that is a path',
    { Subnets: [{ ...SUBNET, SubnetId: '../../etc' }] },
    'left out: all.json: Subnets[0].SubnetId is the text "../../etc", not the id of a resource.',
  ],
  [
    'a number for an object',
    { Subnets: [7] },
    'left out: all.json: Subnets[0] is the number 7, not an object.',
  ],
  [
    'a block that is none',
    { Subnets: [{ ...SUBNET, CidrBlock: '10.0.0.0/99' }] },
    'left out: all.json: Subnets[0].CidrBlock is the text "10.0.0.0/99", not an IPv4 block.',
  ],
  [
    'a text for a list',
    { RouteTables: [{ RouteTableId: 'rtb-1', VpcId: 'vpc-1', Routes: 'x' }] },
    'left out: all.json: RouteTables[0].Routes is the text "x", not a list.',
  ],
  [
    'a word AWS has not',
    { NatGateways: [{ NatGatewayId: 'nat-1', State: 'asleep' }] },
    'left out: all.json: NatGateways[0].State is "asleep", not one of pending, available, deleting, deleted, failed.',
  ],
  [
    'a MAC address that is none',
    { Subnets: [SUBNET], NetworkInterfaces: [{ ...ENI, MacAddress: 'x' }] },
    'left out: all.json: NetworkInterfaces[0].MacAddress is "x", which is no MAC address.',
  ],
  ...[59, 60.5].map((TcpEstablishedTimeout): [string, object, string] => [
    `an idle timeout of ${TcpEstablishedTimeout}`,
    {
      Subnets: [SUBNET],
      NetworkInterfaces: [{ ...ENI, ConnectionTrackingConfiguration: { TcpEstablishedTimeout } }],
    },
    `left out: all.json: NetworkInterfaces[0].ConnectionTrackingConfiguration.TcpEstablishedTimeout is ${TcpEstablishedTimeout}, which is no whole number between 60 and 432000.`,
  ]),
  [
    'a subnet of no VPC',
    { Subnets: [{ ...SUBNET, VpcId: 'vpc-2' }] },
    'left out: subnet-1 is in vpc-2, which is in no file.',
  ],
  [
    'an interface in no subnet',
    { NetworkInterfaces: [ENI] },
    'left out: eni-1 is in subnet-1, which is in no file.',
  ],
  [
    'an instance without interface',
    { Reservations: [{ Instances: [{ InstanceId: 'i-1', State: { Name: 'running' } }] }] },
    'left out: i-1 has no network interface that is in a file.',
  ],
  [
    'a route to what is not there',
    {
      RouteTables: [
        {
          RouteTableId: 'rtb-1',
          VpcId: 'vpc-1',
          Routes: [{ DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: 'nat-9' }],
        },
      ],
    },
    'missing: rtb-1 has a route to nat-9, which is in no file: it is a blackhole.',
  ],
  [
    'a route to what we have not',
    {
      RouteTables: [
        {
          RouteTableId: 'rtb-1',
          VpcId: 'vpc-1',
          Routes: [{ DestinationCidrBlock: '0.0.0.0/0', LocalGatewayId: 'lgw-1' }],
        },
      ],
    },
    'missing: rtb-1 has a route to lgw-1, which Cloudcroft cannot follow: it is a blackhole.',
  ],
  [
    'a group that is not there',
    {
      SecurityGroups: [
        { ...GROUP, IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: 'sg-9' }] }] },
      ],
    },
    'missing: sg-1 names the group sg-9, which is in no file: that rule lets nobody through.',
  ],
  [
    'entries of no list',
    { Entries: [{ Cidr: '10.0.0.0/8' }] },
    'left out: all.json has Entries, and its name does not say whose: name it after the id, as in pl-0123456789abcdef0.json.',
  ],
  [
    'an endpoint of another type',
    { VpcEndpoints: [{ VpcEndpointId: 'vpce-1', VpcEndpointType: 'GatewayLoadBalancer' }] },
    'left out: vpce-1 is a GatewayLoadBalancer endpoint, which Cloudcroft has not.',
  ],
])('told: %s', (_, reply, sentence) => {
  expect(importOf({ Vpcs: [VPC], ...reply }).told).toContain(sentence);
});

test('what the world has no place for is kept as it came', () => {
  const balancer = { LoadBalancerArn: 'arn:x', Type: 'application' };
  const dump = new Dump([
    { name: 'elb.json', text: JSON.stringify({ Vpcs: [VPC], LoadBalancers: [balancer] }) },
  ]);
  importRegion(dump, TOLD);
  expect(dump.report.asides).toEqual([
    {
      member: 'LoadBalancers',
      file: 'elb.json',
      why: 'Cloudcroft’s import has no place for this kind.',
      value: balancer,
    },
  ]);
});

test('members with the names of JavaScript’s own are data like any other', () => {
  const text =
    '{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}], "__proto__": [{}], "constructor": [{}]}';
  const dump = new Dump([{ name: 'f.json', text }]);
  importRegion(dump, TOLD);
  expect(dump.report.asides.map(({ member }) => member)).toContain('constructor');
});

test.each([
  ['a database in the group', DATABASE, 5432, 'can reach eni-1 on TCP 5432'],
  ['another port of it', DATABASE, 5433, 'cannot reach eni-1 on TCP 5433'],
  ['an interface that nobody holds', ENI, 5432, 'cannot reach eni-1 on TCP 5432'],
])('interfaces of services answer where their groups let them: %s', (_, eni, port, words) => {
  const client = {
    ...DATABASE,
    NetworkInterfaceId: 'eni-2',
    MacAddress: '02:00:00:00:00:02',
    PrivateIpAddress: '10.0.0.5',
    Groups: [{ GroupId: 'sg-2' }],
  };
  const all = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
  const { region } = importOf({
    Vpcs: [VPC],
    Subnets: [SUBNET],
    NetworkInterfaces: [eni, client],
    SecurityGroups: [GROUP, { ...GROUP, GroupId: 'sg-2', IpPermissions: [], IpPermissionsEgress: [all] }],
    NetworkAcls: [ACL],
    RouteTables: [
      {
        RouteTableId: 'rtb-1',
        VpcId: 'vpc-1',
        Routes: [{ DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local', Origin: 'CreateRouteTable' }],
        Associations: [{ RouteTableAssociationId: 'rtbassoc-1', Main: true }],
      },
    ],
  });
  const question = { source: 'eni-2', destination: 'eni-1', port, protocol: undefined };
  expect(given(explainFlow([region.world], question, new Set()).lines[0])).toContain(words);
});
