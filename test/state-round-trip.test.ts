import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resourceTypes } from '../src/cloudformation/resources/index.ts';
import { actions } from '../src/ec2/actions/index.ts';
import { imagesOf } from '../src/ec2/catalogue/images.ts';
import { tableNames } from '../src/model/world.ts';
import { parseDump, renderDump } from '../src/state/dump.ts';
import { Journal } from '../src/state/journal.ts';
import { Store } from '../src/state/store.ts';
import { given, TestRegion } from './support/ec2.ts';
import { askLoadBalancing, BALANCER, placeLoadBalancer } from './support/load-balancers.ts';
import { refusalIn, StackBench } from './support/stacks.ts';

/** A region with something of every kind, and what the Describe actions want that ask for more than nothing. */
async function fill(region: TestRegion) {
  const VpcId = given(region.call('CreateVpc', { CidrBlock: '10.0.0.0/16' }).Vpc?.VpcId);
  const subnet = (CidrBlock: string) =>
    given(region.call('CreateSubnet', { VpcId, CidrBlock }).Subnet?.SubnetId);
  const SubnetId = subnet('10.0.0.0/24');
  const gateway = region.call('CreateInternetGateway', {}).InternetGateway;
  region.call('AttachInternetGateway', { VpcId, InternetGatewayId: gateway?.InternetGatewayId });
  const [table] = region.world.routeTables.where('vpcId', VpcId);
  const RouteTableId = given(table?.routeTableId);
  const [egress] = region.call('DescribeSecurityGroupRules', {}).SecurityGroupRules ?? [];
  region.call('CreateTags', { Resources: [VpcId, SubnetId], Tags: [{ Key: 'Name', Value: 'ünïcode ✓' }] });
  region.call('CreateVpcEndpoint', {
    VpcId,
    ServiceName: 'com.amazonaws.us-east-1.s3',
    RouteTableIds: [RouteTableId],
  });
  const allocate = () => given(region.call('AllocateAddress', {}).AllocationId);
  region.call('CreateNatGateway', { SubnetId, AllocationId: allocate() });
  allocate();
  region.call('CreateEgressOnlyInternetGateway', { VpcId });
  region.call('CreateCustomerGateway', { Type: 'ipsec.1', BgpAsn: 65_000, PublicIp: '203.0.113.9' });
  const vpn = region.call('CreateVpnGateway', { Type: 'ipsec.1' }).VpnGateway;
  region.call('AttachVpnGateway', { VpcId, VpnGatewayId: vpn?.VpnGatewayId });
  region.call('CreateDhcpOptions', { DhcpConfigurations: [{ Key: 'domain-name', Values: ['x.test'] }] });
  const image = given(imagesOf('us-east-1').find(({ architecture }) => architecture === 'x86_64')).imageId;
  const launched = region.call('RunInstances', {
    ...{ ImageId: image, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, SubnetId },
    UserData: Buffer.from('#!/bin/sh\n').toString('base64'),
  });
  const InstanceId = given(launched.Instances?.[0]?.InstanceId);
  region.write(({ tx }) => tx.instances.put({ ...given(tx.instances.get(InstanceId)), state: 'running' }));
  region.call('CreateLaunchTemplate', {
    LaunchTemplateName: 'template',
    LaunchTemplateData: { ImageId: image },
  });
  region.call('ImportKeyPair', {
    KeyName: 'key',
    PublicKeyMaterial: Buffer.from(
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKKRo9SVZ/8wm9s7r7O/QRRxC3FvrBl6IZmGZ4a4jWAX key',
    ),
  });
  region.call('CreateFlowLogs', {
    ...{ ResourceIds: [VpcId], ResourceType: 'VPC', TrafficType: 'ALL' },
    ...{ LogDestinationType: 's3', LogDestination: 'arn:aws:s3:::flows' },
  });
  const far = region.elsewhere({ region: 'eu-west-1', account: '210987654321' });
  const PeerVpcId = far.call('CreateVpc', { CidrBlock: '10.9.0.0/16' }).Vpc?.VpcId;
  const asked = region.call('CreateVpcPeeringConnection', {
    ...{ VpcId, PeerVpcId, PeerRegion: 'eu-west-1', PeerOwnerId: '210987654321' },
  });
  far.call('AcceptVpcPeeringConnection', {
    VpcPeeringConnectionId: asked.VpcPeeringConnection?.VpcPeeringConnectionId,
  });
  const transit = given(region.call('CreateTransitGateway', {}).TransitGateway);
  const TransitGatewayId = given(transit.TransitGatewayId);
  region.write(({ tx }) =>
    tx.transitGateways.put({ ...given(tx.transitGateways.get(TransitGatewayId)), state: 'available' }),
  );
  region.call('CreateTransitGatewayVpcAttachment', { TransitGatewayId, VpcId, SubnetIds: [SubnetId] });
  placeLoadBalancer(region);
  await askLoadBalancing(region, 'CreateTargetGroup', {
    ...{ Name: 'servers', Protocol: 'TCP', Port: '80', TargetType: 'ip' },
    VpcId: given(region.world.loadBalancers.get(BALANCER)).vpcId,
  });
  const [group] = region.world.targetGroups.values();
  await askLoadBalancing(region, 'CreateListener', {
    ...{ LoadBalancerArn: BALANCER, Protocol: 'TCP', Port: '80' },
    'DefaultActions.member.1.Type': 'forward',
    'DefaultActions.member.1.TargetGroupArn': given(group).targetGroupArn,
  });
  const offer = region.call('CreateVpcEndpointServiceConfiguration', { NetworkLoadBalancerArns: [BALANCER] });
  const path = region.call('CreateNetworkInsightsPath', {
    ...{ Source: InstanceId, Destination: gateway?.InternetGatewayId, Protocol: 'tcp', ClientToken: 'one' },
  });
  region.call('StartNetworkInsightsAnalysis', {
    NetworkInsightsPathId: path.NetworkInsightsPath?.NetworkInsightsPathId,
    ClientToken: 'two',
  });
  const scope = region.call('CreateNetworkInsightsAccessScope', { MatchPaths: [{}], ClientToken: 'three' });
  const NetworkInsightsAccessScopeId = given(scope.NetworkInsightsAccessScope?.NetworkInsightsAccessScopeId);
  const analysis = region.call('StartNetworkInsightsAccessScopeAnalysis', {
    NetworkInsightsAccessScopeId,
    ClientToken: 'four',
  });
  region.call('RegisterImage', { Name: 'mine', ImageLocation: 'cloudcroft:ami-0123456789abcdef0' });
  region.write(({ tx, now }) => {
    const createTime = now.toISOString();
    tx.clientTokens.put({ tokenId: 'RunInstances:five', requestHash: 'x', reply: '{}', createTime });
  });
  const list = region.call('CreateManagedPrefixList', {
    ...{ PrefixListName: 'mine', AddressFamily: 'IPv4', MaxEntries: 2 },
    Entries: [{ Cidr: '198.51.100.0/24' }],
  });
  const ofTable = { TransitGatewayRouteTableId: transit.Options?.AssociationDefaultRouteTableId };
  return {
    DescribeInstanceAttribute: { InstanceId, Attribute: 'userData' },
    DescribeNetworkInterfaceAttribute: {
      NetworkInterfaceId: launched.Instances?.[0]?.NetworkInterfaces?.[0]?.NetworkInterfaceId,
      Attribute: 'groupSet',
    },
    DescribeSecurityGroupReferences: { GroupId: [egress?.GroupId] },
    DescribeStaleSecurityGroups: { VpcId },
    DescribeVpcAttribute: { VpcId, Attribute: 'enableDnsSupport' },
    DescribeVpcEndpointServicePermissions: { ServiceId: offer.ServiceConfiguration?.ServiceId },
    DescribeLaunchTemplateVersions: { Versions: ['$Latest'] },
    DescribeKeyPairs: { IncludePublicKey: true },
    GetInstanceUefiData: { InstanceId },
    GetManagedPrefixListEntries: { PrefixListId: list.PrefixList?.PrefixListId },
    GetNetworkInsightsAccessScopeAnalysisFindings: {
      NetworkInsightsAccessScopeAnalysisId:
        analysis.NetworkInsightsAccessScopeAnalysis?.NetworkInsightsAccessScopeAnalysisId,
    },
    GetNetworkInsightsAccessScopeContent: { NetworkInsightsAccessScopeId },
    GetSecurityGroupsForVpc: { VpcId },
    GetTransitGatewayRouteTableAssociations: ofTable,
    GetTransitGatewayRouteTablePropagations: ofTable,
    SearchTransitGatewayRoutes: { ...ofTable, Filters: [{ Name: 'state', Values: ['active'] }] },
  };
}

type Wishes = Readonly<Record<string, object>>;

/** What every action that shows something answers, by its name. */
function answersOf(region: TestRegion, wishes: Wishes): Record<string, unknown> {
  const answers: Record<string, unknown> = {};
  for (const [name, action] of Object.entries<unknown>(actions)) {
    if (typeof action !== 'function' || !/^(Describe|Get|Search)/.test(name)) continue;
    answers[name] = region.write((context) => action(context, wishes[name] ?? {}));
  }
  return answers;
}

const STACK = JSON.stringify({
  Resources: {
    Parameter: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: 'v' } },
    Logs: { Type: 'AWS::Logs::LogGroup' },
  },
});

test('what is exported and imported elsewhere answers the same, of every kind of record', async () => {
  const bench = new StackBench({ types: [...resourceTypes.values()] });
  const { region } = bench;
  const wishes = await fill(region);
  expect(refusalIn(await bench.do('CreateStack', { StackName: 's', TemplateBody: STACK }))).toBe('done');
  const TemplateBody = STACK.replace('"v"', '"w"');
  await bench.do('CreateChangeSet', { StackName: 's', ChangeSetName: 'c', TemplateBody });
  expect(tableNames.filter((table) => region.world[table].size === 0)).toEqual([]);

  const folder = mkdtempSync(join(tmpdir(), 'croft-round-trip-'));
  try {
    const path = join(folder, 'journal');
    const first = Journal.open(path);
    await new Store(first).replace(parseDump(renderDump(region.store)));
    await first.close();
    // Read from disk again, as the next daemon does.
    const journal = Journal.open(path);
    const store = new Store(journal);
    for (const scope of [region.scope, { account: '210987654321', region: 'eu-west-1' }]) {
      const [before, after] = [region.store, store].map((each) => new TestRegion({}, scope, each));
      const isFirst = scope === region.scope;
      const own: Wishes = isFirst ? wishes : {};
      for (const table of tableNames) {
        expect([table, [...(after?.world[table].values() ?? [])].map(withoutBoots)]).toEqual([
          table,
          [...(before?.world[table].values() ?? [])].map(withoutBoots),
        ]);
      }
      if (!isFirst || before === undefined || after === undefined) continue;
      const [expected, found] = [answersOf(before, own), answersOf(after, own)];
      expect(Object.keys(expected).length).toBeGreaterThan(60);
      for (const [name, answer] of Object.entries(expected))
        expect([name, found[name]]).toEqual([name, answer]);
      for (const list of ['DescribeLoadBalancers', 'DescribeTargetGroups']) {
        expect(await askLoadBalancing(after, list)).toBe(await askLoadBalancing(before, list));
      }
      const elsewhere = new StackBench({ types: [...resourceTypes.values()], region: after });
      for (const list of ['DescribeStacks', 'DescribeStackEvents', 'DescribeStackResources', 'GetTemplate']) {
        const asked = { StackName: 's' };
        expect(await elsewhere.ask(list, asked)).toBe(await bench.ask(list, asked));
      }
      expect(refusalIn(await elsewhere.do('ExecuteChangeSet', { StackName: 's', ChangeSetName: 'c' }))).toBe(
        'done',
      );
      expect(elsewhere.status('s')).toBe('UPDATE_COMPLETE');
    }
    await journal.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Instances that ran boot anew, which is counted. */
function withoutBoots(record: object): object {
  return 'bootsWanted' in record ? { ...record, bootsWanted: 'any' } : record;
}
