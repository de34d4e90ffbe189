import { expect } from 'vitest';
import type { Value, ValueMap } from '../../src/template/value.ts';
import { given } from './ec2.ts';
import { TypeBench } from './type-bench.ts';

/** What stands before each case, made by the API as a user would. */
export interface Ground {
  readonly [name: string]: string;
}

export interface TypeCase {
  readonly type: string;
  /** Default `Thing`. */
  readonly logicalId?: string;
  readonly given: (ground: Ground) => ValueMap;
  /** The form of the physical id. */
  readonly id: RegExp;
  readonly attributes?: (id: string, ground: Ground) => Readonly<Record<string, unknown>>;
  /** Properties of an update in place, and what can be seen of it. */
  readonly update?: readonly [
    change: (ground: Ground) => ValueMap,
    see: (bench: TypeBench, id: string, ground: Ground) => unknown,
    seen: unknown,
  ];
  /** Each change is another version, the way back too: the world is never as it was. */
  readonly countsVersions?: boolean;
  /** Changes that need another resource. */
  readonly replaces?: readonly ValueMap[];
}

/** The form of AWS's ids with a prefix. */
export function form(prefix: string): RegExp {
  return new RegExp(`^${prefix}-[0-9a-f]{17}$`);
}

/** Tags in one line. */
export function tagsOf(
  record: { readonly tags: readonly { key: string; value: string }[] } | undefined,
): string {
  return (record?.tags ?? []).map(({ key, value }) => `${key}=${value}`).join(' ');
}

/** Makes a resource, changes it in place, there and back, and deletes it, twice: then all is as before. */
export async function runTypeCase(each: TypeCase): Promise<void> {
  const bench = await TypeBench.start();
  const ground = await layGround(bench);
  const before = bench.living();
  let properties = each.given(ground);
  const id = await bench.create(each.type, properties, { logicalId: each.logicalId ?? 'Thing' });
  expect(id).toMatch(each.id);
  expect(bench.attributes(each.type, id, properties)).toEqual(each.attributes?.(id, ground) ?? {});
  if (each.update !== undefined) {
    const [change, see, seen] = each.update;
    const after = merged(properties, change(ground));
    expect(bench.isReplaced(each.type, properties, after)).toBe(false);
    const made = bench.living();
    await bench.update(each.type, id, properties, after);
    expect(see(bench, id, ground)).toEqual(seen);
    // A rollback changes it back.
    if (each.countsVersions !== true) {
      await bench.update(each.type, id, after, properties);
      expect(bench.living()).toEqual(made);
      await bench.update(each.type, id, properties, after);
      expect(see(bench, id, ground)).toEqual(seen);
    }
    properties = after;
  }
  for (const change of each.replaces ?? []) {
    expect(bench.isReplaced(each.type, properties, merged(properties, change)), JSON.stringify(change)).toBe(
      true,
    );
  }
  await bench.delete(each.type, id, properties);
  expect(bench.living()).toEqual(before);
  // Deleted a second time, it is no failure.
  await bench.delete(each.type, id, properties);
  expect(bench.living()).toEqual(before);
}

function merged(before: ValueMap, change: ValueMap): ValueMap {
  const entries = Object.entries({ ...before, ...change }).filter(
    (entry): entry is [string, Value] => entry[1] !== null,
  );
  return Object.fromEntries(entries);
}

/** A VPC with a gateway, a subnet with an instance, and what cases join to it. */
export async function layGround(bench: TypeBench): Promise<Ground> {
  const { region } = bench;
  const vpc = given(region.call('CreateVpc', { CidrBlock: '10.0.0.0/16' }).Vpc?.VpcId);
  const bareVpc = given(region.call('CreateVpc', { CidrBlock: '10.7.0.0/16' }).Vpc?.VpcId);
  const subnetOf = (CidrBlock: string) =>
    given(
      region.call('CreateSubnet', { VpcId: vpc, CidrBlock, AvailabilityZone: 'us-east-1a' }).Subnet?.SubnetId,
    );
  const subnet = subnetOf('10.0.1.0/24');
  const tableOf = () => given(region.call('CreateRouteTable', { VpcId: vpc }).RouteTable?.RouteTableId);
  const aclOf = () => given(region.call('CreateNetworkAcl', { VpcId: vpc }).NetworkAcl?.NetworkAclId);
  const gatewayOf = () => given(region.call('CreateInternetGateway', {}).InternetGateway?.InternetGatewayId);
  const eniOf = () =>
    given(region.call('CreateNetworkInterface', { SubnetId: subnet }).NetworkInterface?.NetworkInterfaceId);
  region.call('ModifyVpcAttribute', { VpcId: vpc, EnableDnsHostnames: { Value: true } });
  region.call('AssociateDhcpOptions', { VpcId: vpc, DhcpOptionsId: 'default' });
  const igw = gatewayOf();
  region.call('AttachInternetGateway', { VpcId: vpc, InternetGatewayId: igw });
  const eni = eniOf();
  const instance = bench.controlled.launch(subnet);
  const bareSubnet = given(
    region.call('CreateSubnet', { VpcId: bareVpc, CidrBlock: '10.7.1.0/24' }).Subnet?.SubnetId,
  );
  const attachedVgw = given(region.call('CreateVpnGateway', { Type: 'ipsec.1' }).VpnGateway?.VpnGatewayId);
  region.call('AttachVpnGateway', { VpcId: vpc, VpnGatewayId: attachedVgw });
  const [acl, otherAcl] = [aclOf(), aclOf()];
  // An IPv6 block leaves entries in ACLs and a rule in the default group when it goes: they are there before.
  const block = region.call('AssociateVpcCidrBlock', { VpcId: vpc, AmazonProvidedIpv6CidrBlock: true });
  const blockId = given(block.Ipv6CidrBlockAssociation?.AssociationId);
  region.call('DisassociateVpcCidrBlock', { AssociationId: blockId });
  await bench.controlled.control.idle();
  return {
    vpc,
    bareVpc,
    subnet,
    igw,
    freeIgw: gatewayOf(),
    vgw: given(region.call('CreateVpnGateway', { Type: 'ipsec.1' }).VpnGateway?.VpnGatewayId),
    table: tableOf(),
    otherTable: tableOf(),
    acl,
    otherAcl,
    eni,
    instance,
    image: bench.controlled.imageId,
    allocation: given(region.call('AllocateAddress', {}).AllocationId),
    group: given(
      region.call('CreateSecurityGroup', { VpcId: vpc, GroupName: 'web', Description: 'web' }).GroupId,
    ),
    bareSubnet,
    attachedVgw,
    ...(await layConnections(bench, vpc, subnet, instance, eni)),
    defaultGroup: given(
      [...region.world.securityGroups.values()].find(
        ({ vpcId, groupName }) => vpcId === vpc && groupName === 'default',
      ),
    ).groupId,
    dopt: given(
      region.call('CreateDhcpOptions', {
        DhcpConfigurations: [{ Key: 'domain-name', Values: ['example.com'] }],
      }).DhcpOptions?.DhcpOptionsId,
    ),
  };
}

/** A load balancer and its service, a transit gateway with an attachment and a table, a path to analyse. */
async function layConnections(
  bench: TypeBench,
  vpc: string,
  subnet: string,
  instance: string,
  eni: string,
): Promise<Ground> {
  const balancer = await bench.create('AWS::ElasticLoadBalancingV2::LoadBalancer', {
    Name: 'inner',
    Type: 'network',
    Scheme: 'internal',
    Subnets: [subnet],
  });
  const gateway = await bench.create('AWS::EC2::TransitGateway', {
    DefaultRouteTableAssociation: 'disable',
    DefaultRouteTablePropagation: 'disable',
  });
  return {
    balancer,
    gateway,
    targets: await bench.create('AWS::ElasticLoadBalancingV2::TargetGroup', {
      Name: 'inner',
      Protocol: 'TCP',
      Port: 443,
      VpcId: vpc,
    }),
    service: await bench.create('AWS::EC2::VPCEndpointService', { NetworkLoadBalancerArns: [balancer] }),
    transitTable: await bench.create('AWS::EC2::TransitGatewayRouteTable', { TransitGatewayId: gateway }),
    attachment: await bench.create('AWS::EC2::TransitGatewayAttachment', {
      TransitGatewayId: gateway,
      VpcId: vpc,
      SubnetIds: [subnet],
    }),
    path: await bench.create('AWS::EC2::NetworkInsightsPath', {
      Source: instance,
      Destination: eni,
      Protocol: 'tcp',
      DestinationPort: 22,
    }),
  };
}
