/**
 * Ends what deploy.ts made, found by the VPC's name, in AWS's order: first what stands in something, then that. It may be
 * run again.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { EC2, waitUntilInstanceTerminated, waitUntilNatGatewayDeleted } from '@aws-sdk/client-ec2';

const ec2 = new EC2();
const patience = { client: ec2, maxWaitTime: 600, minDelay: 1, maxDelay: 5 };

const { Vpcs = [] } = await ec2.describeVpcs({ Filters: [{ Name: 'tag:Name', Values: ['course'] }] });
for (const { VpcId = '' } of Vpcs) await endVpc(VpcId);
await ec2.deleteKeyPair({ KeyName: 'course' });
rmSync(join(import.meta.dirname, 'course.pem'), { force: true });
console.log(Vpcs.length === 0 ? 'There is no VPC named course.' : 'Nothing is left.');

async function endVpc(VpcId: string): Promise<void> {
  const Filters = [{ Name: 'vpc-id', Values: [VpcId] }];

  console.log('1. Instances, endpoints and the NAT gateway: their interfaces stand in the subnets');
  const { Reservations = [] } = await ec2.describeInstances({ Filters });
  const InstanceIds = Reservations.flatMap(({ Instances = [] }) => ids(Instances, 'InstanceId'));
  const VpcEndpointIds = ids((await ec2.describeVpcEndpoints({ Filters })).VpcEndpoints, 'VpcEndpointId');
  const { NatGateways = [] } = await ec2.describeNatGateways({ Filter: Filters });
  const NatGatewayIds = ids(
    NatGateways.filter(({ State }) => State !== 'deleted'),
    'NatGatewayId',
  );
  if (InstanceIds.length > 0) await ec2.terminateInstances({ InstanceIds });
  if (VpcEndpointIds.length > 0) await ec2.deleteVpcEndpoints({ VpcEndpointIds });
  for (const NatGatewayId of NatGatewayIds) await ec2.deleteNatGateway({ NatGatewayId });
  if (InstanceIds.length > 0) await waitUntilInstanceTerminated(patience, { InstanceIds });
  if (NatGatewayIds.length > 0) await waitUntilNatGatewayDeleted(patience, { NatGatewayIds });
  const { Addresses } = await ec2.describeAddresses({ Filters: [{ Name: 'tag:Name', Values: ['nat'] }] });
  for (const AllocationId of ids(Addresses, 'AllocationId')) await ec2.releaseAddress({ AllocationId });
  // Interfaces of endpoints go a little after their endpoints.
  while ((await ec2.describeNetworkInterfaces({ Filters })).NetworkInterfaces?.length)
    await setTimeout(1_000);

  console.log('2. Subnets, then what was associated with them');
  const { Subnets, RouteTables, NetworkAcls, SecurityGroups } = {
    ...(await ec2.describeSubnets({ Filters })),
    ...(await ec2.describeRouteTables({ Filters })),
    ...(await ec2.describeNetworkAcls({ Filters })),
    ...(await ec2.describeSecurityGroups({ Filters })),
  };
  for (const SubnetId of ids(Subnets, 'SubnetId')) await ec2.deleteSubnet({ SubnetId });
  const tables = RouteTables?.filter(({ Associations = [] }) => !Associations.some(({ Main }) => Main));
  for (const RouteTableId of ids(tables, 'RouteTableId')) await ec2.deleteRouteTable({ RouteTableId });
  const acls = NetworkAcls?.filter(({ IsDefault }) => !IsDefault);
  for (const NetworkAclId of ids(acls, 'NetworkAclId')) await ec2.deleteNetworkAcl({ NetworkAclId });

  console.log('3. Security groups: one that another names goes after that other');
  for (const name of ['endpoint', 'private', 'bastion']) {
    const groups = SecurityGroups?.filter(({ GroupName }) => GroupName === name);
    for (const GroupId of ids(groups, 'GroupId')) await ec2.deleteSecurityGroup({ GroupId });
  }

  console.log('4. The internet gateway, and the VPC with its main table, default ACL and default group');
  const { InternetGateways } = await ec2.describeInternetGateways({
    Filters: [{ Name: 'attachment.vpc-id', Values: [VpcId] }],
  });
  for (const InternetGatewayId of ids(InternetGateways, 'InternetGatewayId')) {
    await ec2.detachInternetGateway({ InternetGatewayId, VpcId });
    await ec2.deleteInternetGateway({ InternetGatewayId });
  }
  await ec2.deleteVpc({ VpcId });
}

/** One member of each item of a list. */
function ids<Key extends string>(
  items: readonly { [key in Key]?: string | undefined }[] = [],
  key: Key,
): string[] {
  return items.flatMap((item) => item[key] ?? []);
}
