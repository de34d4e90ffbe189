import { hasPorts, nameOfProtocol, type Packets, PROTOCOL_NUMBERS } from '../net/flow.ts';
import type { NetworkAcl, NetworkInterface, Route, RouteTable } from './records.ts';
import { isPublicSubnet } from './route-lookup.ts';
import { destinationOf, isRouteActive } from './routes.ts';
import type { World } from './world.ts';

/*
 * Lines for a shell that mend what stands in a packet's way. What does not exist yet is made in the same line, by `$(…)`,
 * so that every line works as it stands.
 */

/** An Elastic IP that nothing uses, or a new one. */
function freeAllocation(world: World): string {
  const free = [...world.addresses.values()].find(
    ({ networkInterfaceId }) => networkInterfaceId === undefined,
  );
  return free?.allocationId ?? '$(aws ec2 allocate-address --query AllocationId --output text)';
}

/** The internet gateway that the VPC has, or will have by `attachInternetGateway`. */
function internetGatewayOf(world: World, vpcId: string): string {
  const gateway = world.internetGateways.where('vpcId', vpcId)[0] ?? findDetachedGateway(world);
  if (gateway !== undefined) return gateway.internetGatewayId;
  const filter = `--filters Name=attachment.vpc-id,Values=${vpcId}`;
  return `$(aws ec2 describe-internet-gateways ${filter} --query InternetGateways[0].InternetGatewayId --output text)`;
}

/** Whether a VPC without an internet gateway would have this one by `attachInternetGateway`: then its routes work too. */
export function isMendedByAttaching(world: World, vpcId: string, internetGatewayId: string): boolean {
  const hasNone = world.internetGateways.where('vpcId', vpcId).length === 0;
  return hasNone && findDetachedGateway(world)?.internetGatewayId === internetGatewayId;
}

function findDetachedGateway(world: World) {
  return [...world.internetGateways.values()].find(({ vpcId }) => vpcId === undefined);
}

/** Attaches a gateway that is attached to nothing, or a new one. */
export function attachInternetGateway(world: World, vpcId: string): string {
  const id =
    findDetachedGateway(world)?.internetGatewayId ??
    '$(aws ec2 create-internet-gateway --query InternetGateway.InternetGatewayId --output text)';
  return `aws ec2 attach-internet-gateway --vpc-id ${vpcId} --internet-gateway-id ${id}`;
}

/** Gives an interface a public address that stays. */
export function associateAddress(world: World, { networkInterfaceId }: NetworkInterface): string {
  return `aws ec2 associate-address --network-interface-id ${networkInterfaceId} --allocation-id ${freeAllocation(world)}`;
}

/** Sends everything that has no other route to the VPC's internet gateway. */
export function routeToInternetGateway(world: World, table: RouteTable): string {
  return routeByDefault(table, `--gateway-id ${internetGatewayOf(world, table.vpcId)}`);
}

/** Sends everything that has no other route to the NAT gateway, one in a public subnet; undefined when none can be. */
export function routeToNatGateway(world: World, table: RouteTable): string | undefined {
  const available = findNatGateway(world, table.vpcId);
  if (available !== undefined) return routeByDefault(table, `--nat-gateway-id ${available.natGatewayId}`);
  const subnet = world.subnets
    .where('vpcId', table.vpcId)
    .find(({ subnetId }) => isPublicSubnet(world, subnetId, '8.8.8.8'));
  if (subnet === undefined) return undefined;
  const made = `aws ec2 create-nat-gateway --subnet-id ${subnet.subnetId} --allocation-id ${freeAllocation(world)}`;
  return routeByDefault(table, `--nat-gateway-id $(${made} --query NatGateway.NatGatewayId --output text)`);
}

/** A NAT gateway of the VPC that stands in a public subnet and works. */
export function findNatGateway(world: World, vpcId: string) {
  return world.natGateways
    .where('vpcId', vpcId)
    .find(
      ({ state, subnetId, connectivityType }) =>
        state === 'available' && connectivityType === 'public' && isPublicSubnet(world, subnetId, '8.8.8.8'),
    );
}

function routeByDefault(table: RouteTable, target: string): string {
  const has = table.routes.some((route) => destinationOf(route) === '0.0.0.0/0');
  const verb = has ? 'replace-route' : 'create-route';
  return `aws ec2 ${verb} --route-table-id ${table.routeTableId} --destination-cidr-block 0.0.0.0/0 ${target}`;
}

/** Puts a target that works in the place of one that does not; undefined when none is there. */
export function replaceTarget(world: World, table: RouteTable, route: Route): string | undefined {
  if (destinationOf(route) !== '0.0.0.0/0' || isRouteActive(world, table, route)) return undefined;
  switch (route.target.kind) {
    case 'internet-gateway':
      return routeToInternetGateway(world, table);
    case 'nat-gateway':
    case 'network-interface':
      return routeToNatGateway(world, table);
    default:
      return undefined;
  }
}

/** Lets packets through one more security group rule, from a group's members when `peer` is a group's id. */
export function authorizeGroup(groupId: string, isEgress: boolean, packets: Packets, peer: string): string {
  const isIcmp = packets.protocol === PROTOCOL_NUMBERS['icmp'];
  const port = isIcmp ? ' --port -1' : hasPorts(packets.protocol) ? ` --port ${packets.ports.first}` : '';
  const whom = peer.startsWith('sg-') ? `--source-group ${peer}` : `--cidr ${peer}`;
  const verb = isEgress ? 'authorize-security-group-egress' : 'authorize-security-group-ingress';
  return `aws ec2 ${verb} --group-id ${groupId} --protocol ${nameOfProtocol(packets.protocol)}${port} ${whom}`;
}

/** Adds an ACL entry that lets packets through, before the entry that refuses them now. */
export function createAclEntry(
  acl: NetworkAcl,
  isEgress: boolean,
  packets: Packets,
  block: string,
  refusing: number,
): string {
  const number = findFreeNumber(acl, isEgress, refusing);
  const verb = number === refusing ? 'replace-network-acl-entry' : 'create-network-acl-entry';
  const isIcmp = packets.protocol === PROTOCOL_NUMBERS['icmp'];
  const { first, last } = packets.ports;
  const what = isIcmp
    ? ' --icmp-type-code Type=-1,Code=-1'
    : hasPorts(packets.protocol)
      ? ` --port-range From=${first},To=${last}`
      : '';
  return (
    `aws ec2 ${verb} --network-acl-id ${acl.networkAclId} ${isEgress ? '--egress' : '--ingress'} ` +
    `--rule-number ${number} --protocol ${nameOfProtocol(packets.protocol)}${what} --cidr-block ${block} --rule-action allow`
  );
}

/** Removes an ACL entry. */
export function deleteAclEntry({ networkAclId }: NetworkAcl, isEgress: boolean, ruleNumber: number): string {
  return `aws ec2 delete-network-acl-entry --network-acl-id ${networkAclId} ${isEgress ? '--egress' : '--ingress'} --rule-number ${ruleNumber}`;
}

/** Ten after the last entry where `*` refuses; else the nearest free number before the refusing one, or its own. */
function findFreeNumber(acl: NetworkAcl, isEgress: boolean, refusing: number): number {
  const taken = acl.entries
    .filter((entry) => entry.isEgress === isEgress && entry.ruleNumber < 32767)
    .map(({ ruleNumber }) => ruleNumber);
  const last = Math.max(90, ...taken.filter((number) => number < 32757));
  if (refusing === 32767) return Math.floor(last / 10) * 10 + 10;
  for (let number = refusing - 1; number > 0; number--) if (!taken.includes(number)) return number;
  return refusing;
}
