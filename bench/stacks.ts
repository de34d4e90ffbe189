import { setTimeout } from 'node:timers/promises';
import { Installation } from '../test/support/installation.ts';
import { ApiClient } from './api-client.ts';
import { type Benchmark, median, type Row } from './row.ts';

const ROUNDS = 3;
const POLL_MILLISECONDS = 20;
const CLOUDFORMATION = { service: 'cloudformation', version: '2010-05-15' };

/** How long stacks take from the request to CREATE_COMPLETE: a NAT gateway's only once it carries packets. */
export const stacks: Benchmark = {
  name: 'stacks',
  summary: 'CloudFormation: the default Vpc of CDK in two zones, and a template of 500 resources',
  run: async () => {
    const installation = await Installation.start();
    const port = Number(new URL((await installation.status()).apiUrl).port);
    const client = new ApiClient(port, installation.state.credentials(), CLOUDFORMATION);
    const rows: Row[] = [];
    for (const [name, template, limit] of [
      ['stacks.cdk-vpc', vpcOfCdk(), 2],
      ['stacks.500-resources', fiveHundred(), 5],
    ] as const) {
      const seconds: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const StackName = `bench-${round}`;
        const start = performance.now();
        await client.call('CreateStack', { StackName, TemplateBody: template });
        await settled(client, StackName, 'CREATE_COMPLETE');
        seconds.push((performance.now() - start) / 1_000);
        await client.call('DeleteStack', { StackName });
        await settled(client, StackName, 'gone');
      }
      rows.push({ name, value: median(seconds), unit: 's', target: { of: 'value', is: 'at most', limit } });
    }
    client.close();
    await installation.end();
    return rows;
  },
};

/** Waits for a stack to come to a status; rejects with its history when it comes to another. */
async function settled(client: ApiClient, StackName: string, wanted: string): Promise<void> {
  for (;;) {
    const answer = await client.call('DescribeStacks');
    const status =
      new RegExp(`<StackName>${StackName}</StackName>.*?<StackStatus>([^<]*)<`).exec(answer)?.[1] ?? 'gone';
    if (status === wanted) return;
    if (!status.endsWith('_IN_PROGRESS')) {
      throw new Error(
        `${StackName} is ${status}: ${await client.call('DescribeStackEvents', { StackName })}`,
      );
    }
    await setTimeout(POLL_MILLISECONDS);
  }
}

/** What `new ec2.Vpc(this, 'Vpc', { maxAzs: 2 })` comes to: public and private subnets, each private one with a NAT gateway. */
function vpcOfCdk(): string {
  const lines = [
    'Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true, EnableDnsSupport: true}}',
    'Igw: {Type: AWS::EC2::InternetGateway}',
    'Gw: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref Vpc, InternetGatewayId: !Ref Igw}}',
  ];
  for (const zone of [0, 1]) {
    for (const [index, kind] of ['Public', 'Private'].entries()) {
      const id = `${kind}${zone}`;
      const isPublic = kind === 'Public';
      const target = isPublic ? 'GatewayId: !Ref Igw' : `NatGatewayId: !Ref Nat${zone}`;
      lines.push(
        `${id}: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.${64 * (zone + 2 * index)}.0/18, AvailabilityZone: !Select [${zone}, !GetAZs ""], MapPublicIpOnLaunch: ${isPublic}}}`,
        `${id}Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}`,
        `${id}Assoc: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref ${id}, RouteTableId: !Ref ${id}Table}}`,
        `${id}Route: {Type: AWS::EC2::Route, DependsOn: Gw, Properties: {RouteTableId: !Ref ${id}Table, DestinationCidrBlock: 0.0.0.0/0, ${target}}}`,
      );
    }
    lines.push(
      `Eip${zone}: {Type: AWS::EC2::EIP, Properties: {Domain: vpc}}`,
      `Nat${zone}: {Type: AWS::EC2::NatGateway, DependsOn: [Public${zone}Route, Public${zone}Assoc], Properties: {SubnetId: !Ref Public${zone}, AllocationId: !GetAtt Eip${zone}.AllocationId}}`,
    );
  }
  return templateOf(lines);
}

/** A VPC with 124 subnets, each with a route table, an association and a route. */
function fiveHundred(): string {
  const lines = [
    'v: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}',
    'i: {Type: AWS::EC2::InternetGateway}',
    'g: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref v, InternetGatewayId: !Ref i}}',
    'k: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref v, GroupDescription: k}}',
  ];
  for (let index = 0; lines.length < 500; index++) {
    lines.push(
      `s${index}: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref v, CidrBlock: 10.0.${index}.0/24}}`,
      `t${index}: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref v}}`,
      `a${index}: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref s${index}, RouteTableId: !Ref t${index}}}`,
      `r${index}: {Type: AWS::EC2::Route, DependsOn: g, Properties: {RouteTableId: !Ref t${index}, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref i}}`,
    );
  }
  return templateOf(lines);
}

function templateOf(lines: readonly string[]): string {
  return `Resources:\n${lines.map((line) => ` ${line}\n`).join('')}`;
}
