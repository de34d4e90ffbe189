import type { Player } from './player.ts';
import type { Reply } from './reply.ts';

/** The Name that the walk-through gives to what it makes. */
const DEMO = [{ Name: 'tag:Name', Values: ['demo'] }];

/** Deletes what walk-throughs have made, in the order that AWS wants; resolves with how many there were. */
export async function cleanUp(player: Player): Promise<number> {
  const vpcs = idsOf(await player.ask('DescribeVpcs', { Filters: DEMO }), 'Vpcs', 'VpcId');
  for (const vpcId of vpcs) await deleteVpc(player, vpcId);
  return vpcs.length;
}

async function deleteVpc(player: Player, vpcId: string): Promise<void> {
  const inVpc = { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] };
  const find = async (action: string, list: string, id: string, input = inVpc): Promise<string[]> =>
    idsOf(await player.ask(action, input), list, id);
  const endpoints = await find('DescribeVpcEndpoints', 'VpcEndpoints', 'VpcEndpointId');
  if (endpoints.length > 0) await player.ask('DeleteVpcEndpoints', { VpcEndpointIds: endpoints });
  const live = { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] };
  const reservations = await player.ask('DescribeInstances', { Filters: [...inVpc.Filters, live] });
  const instances = reservations
    .list('Reservations')
    .flatMap((reservation) => idsOf(reservation, 'Instances', 'InstanceId'));
  const keyNames = reservations
    .list('Reservations')
    .flatMap((reservation) => idsOf(reservation, 'Instances', 'KeyName'));
  if (instances.length > 0) {
    await player.ask('TerminateInstances', { InstanceIds: instances });
    await player.until('DescribeInstances', { InstanceIds: instances }, (reply) =>
      reply
        .list('Reservations')
        .flatMap((reservation) => reservation.list('Instances'))
        .every((instance) => instance.maybe('State.Name') === 'terminated'),
    );
  }
  const filter = { Filter: inVpc.Filters };
  const gateways = (await player.ask('DescribeNatGateways', filter))
    .list('NatGateways')
    .filter((gateway) => gateway.maybe('State') !== 'deleted');
  for (const gateway of gateways) {
    const id = gateway.text('NatGatewayId');
    const allocationId = gateway.maybe('NatGatewayAddresses.0.AllocationId');
    await player.ask('DeleteNatGateway', { NatGatewayId: id });
    await player.until(
      'DescribeNatGateways',
      { NatGatewayIds: [id] },
      (reply) => reply.maybe('NatGateways.0.State') === 'deleted',
    );
    if (allocationId !== undefined) await player.ask('ReleaseAddress', { AllocationId: allocationId });
  }
  for (const subnetId of await find('DescribeSubnets', 'Subnets', 'SubnetId'))
    await player.ask('DeleteSubnet', { SubnetId: subnetId });
  const attached = { Filters: [{ Name: 'attachment.vpc-id', Values: [vpcId] }] };
  for (const id of await find(
    'DescribeInternetGateways',
    'InternetGateways',
    'InternetGatewayId',
    attached,
  )) {
    await player.ask('DetachInternetGateway', { InternetGatewayId: id, VpcId: vpcId });
    await player.ask('DeleteInternetGateway', { InternetGatewayId: id });
  }
  for (const table of (await player.ask('DescribeRouteTables', inVpc)).list('RouteTables')) {
    const isMain = table.list('Associations').some((association) => association.maybe('Main') === 'true');
    if (!isMain) await player.ask('DeleteRouteTable', { RouteTableId: table.text('RouteTableId') });
  }
  const groups = (await player.ask('DescribeSecurityGroups', inVpc))
    .list('SecurityGroups')
    .filter((group) => group.maybe('GroupName') !== 'default');
  // The group that refers to the other goes first.
  for (const group of groups.toReversed())
    await player.ask('DeleteSecurityGroup', { GroupId: group.text('GroupId') });
  await player.ask('DeleteVpc', { VpcId: vpcId });
  for (const keyName of new Set(keyNames)) await player.ask('DeleteKeyPair', { KeyName: keyName });
}

function idsOf(reply: Reply, list: string, id: string): string[] {
  return reply.list(list).flatMap((item) => item.maybe(id) ?? []);
}
