import { prefixLengthOf } from '../net/cidr.ts';
import { hasPorts, ICMPV6, nameOfProtocol, type Packets, PROTOCOL_NUMBERS } from '../net/flow.ts';
import { isIpv6 } from '../net/ipv6.ts';
import type { Listener, LoadBalancer, TargetGroup } from './load-balancer-records.ts';
import { targetInService } from './load-balancing.ts';
import { serviceOfEndpoint } from './private-link.ts';
import type { NetworkAcl, NetworkInterface, Route, RouteTable, VpcEndpoint } from './records.ts';
import { isPublicSubnet } from './route-lookup.ts';
import { destinationOf, findRoute, isRouteActive, routeTableOf } from './routes.ts';
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

/** Everything: of IPv4, and of IPv6. */
const ANYWHERE = '0.0.0.0/0';
const ANYWHERE_IPV6 = '::/0';

/** Sends everything that has no other route, or what `instead` is for, to the VPC's internet gateway. */
export function routeToInternetGateway(world: World, table: RouteTable, instead?: Route): string {
  return routeTo(table, instead, `--gateway-id ${internetGatewayOf(world, table.vpcId)}`);
}

/** The same for IPv6. */
export function routeIpv6ToInternetGateway(world: World, table: RouteTable, instead?: Route): string {
  const target = `--gateway-id ${internetGatewayOf(world, table.vpcId)}`;
  return routeTo(table, instead, target, ANYWHERE_IPV6);
}

/** Sends all IPv6 that has no other route, or what `instead` is for, to the VPC's egress-only internet gateway, or a new one. */
export function routeToEgressOnlyGateway(world: World, table: RouteTable, instead?: Route): string {
  const { vpcId } = table;
  const [gateway] = world.egressOnlyInternetGateways.where('vpcId', vpcId);
  const made = `aws ec2 create-egress-only-internet-gateway --vpc-id ${vpcId} --query EgressOnlyInternetGateway.EgressOnlyInternetGatewayId --output text`;
  const id = gateway?.egressOnlyInternetGatewayId ?? `$(${made})`;
  return routeTo(table, instead, `--egress-only-internet-gateway-id ${id}`, ANYWHERE_IPV6);
}

/**
 * Sends everything that has no other route, or what `instead` is for, to the NAT gateway, one in a public subnet; undefined
 * when none can be.
 */
export function routeToNatGateway(world: World, table: RouteTable, instead?: Route): string | undefined {
  const available = findNatGateway(world, table.vpcId);
  if (available !== undefined) return routeTo(table, instead, `--nat-gateway-id ${available.natGatewayId}`);
  const subnet = world.subnets
    .where('vpcId', table.vpcId)
    .find(({ subnetId }) => isPublicSubnet(world, subnetId, '8.8.8.8'));
  if (subnet === undefined) return undefined;
  const made = `aws ec2 create-nat-gateway --subnet-id ${subnet.subnetId} --allocation-id ${freeAllocation(world)}`;
  return routeTo(table, instead, `--nat-gateway-id $(${made} --query NatGateway.NatGatewayId --output text)`);
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

function routeTo(
  table: RouteTable,
  instead: Route | undefined,
  target: string,
  anywhere: string = ANYWHERE,
): string {
  const destination = instead === undefined ? anywhere : destinationOf(instead);
  return routeLine(table, destination, target);
}

/** Makes a route, or replaces the one that is there to the same destination. */
function routeLine(table: RouteTable, destination: string, target: string): string {
  const verb = findRoute(table, destination) === undefined ? 'create-route' : 'replace-route';
  const option = destination.startsWith('pl-')
    ? '--destination-prefix-list-id'
    : isIpv6(destination)
      ? '--destination-ipv6-cidr-block'
      : '--destination-cidr-block';
  return `aws ec2 ${verb} --route-table-id ${table.routeTableId} ${option} ${destination} ${target}`;
}

/** Sends packets for an address of a peered VPC's block to the peering connection, past any route that takes them now. */
export function routeToPeering(
  table: RouteTable,
  taken: Route | undefined,
  block: string,
  peeringId: string,
): string {
  const isLonger =
    taken !== undefined &&
    taken.destination.kind !== 'prefix-list' &&
    prefixLengthOf(destinationOf(taken)) > prefixLengthOf(block);
  const destination = isLonger ? destinationOf(taken) : block;
  return routeLine(table, destination, `--vpc-peering-connection-id ${peeringId}`);
}

/** Has the interface that a gateway's table leads to carry packets again, or, where it is gone, leads them to it no more. */
export function mendGatewayRoute(world: World, table: RouteTable, route: Route): string {
  const { target } = route;
  const eni = target.kind === 'network-interface' ? world.networkInterfaces.get(target.id) : undefined;
  const started = eni === undefined ? undefined : startOf(world, eni.networkInterfaceId);
  if (started !== undefined) return started;
  if (eni !== undefined && isRouteActive(world, table, route)) return associateAddress(world, eni);
  if (route.origin === 'CreateRouteTable') return routeLine(table, destinationOf(route), '--local-target');
  return `aws ec2 delete-route --route-table-id ${table.routeTableId} --destination-cidr-block ${destinationOf(route)}`;
}

/** Puts a target that works in the place of one that does not; undefined when none is there. */
export function replaceTarget(world: World, table: RouteTable, route: Route): string | undefined {
  if (isRouteActive(world, table, route)) return undefined;
  const { target } = route;
  switch (target.kind) {
    case 'internet-gateway':
      return routeToInternetGateway(world, table, route);
    case 'egress-only-internet-gateway':
      return routeToEgressOnlyGateway(world, table, route);
    case 'nat-gateway':
      return routeToNatGateway(world, table, route);
    case 'network-interface':
      return startOf(world, target.id) ?? routeToNatGateway(world, table, route);
    case 'vpc-peering-connection':
      return acceptPeering(world, target.id);
    case 'transit-gateway':
      return attachToTransitGateway(world, target.id, table);
    default:
      return undefined;
  }
}

/** Starts the stopped instance of an interface. */
function startOf(world: World, networkInterfaceId: string): string | undefined {
  const instanceId = world.networkInterfaces.get(networkInterfaceId)?.attachment?.instanceId ?? '';
  const isStopped = world.instances.get(instanceId)?.state === 'stopped';
  return isStopped ? `aws ec2 start-instances --instance-ids ${instanceId}` : undefined;
}

function acceptPeering(world: World, peeringId: string): string | undefined {
  const isPending = world.vpcPeeringConnections.get(peeringId)?.status.code === 'pending-acceptance';
  if (!isPending) return undefined;
  return `aws ec2 accept-vpc-peering-connection --vpc-peering-connection-id ${peeringId}`;
}

/** Attaches the VPC of a table to a transit gateway, by the first of the subnets that use the table. */
function attachToTransitGateway(world: World, gatewayId: string, table: RouteTable): string | undefined {
  const subnet = world.subnets
    .where('vpcId', table.vpcId)
    .find(({ subnetId }) => routeTableOf(world, subnetId) === table);
  if (subnet === undefined || world.transitGateways.get(gatewayId)?.state !== 'available') return undefined;
  return `aws ec2 create-transit-gateway-vpc-attachment --transit-gateway-id ${gatewayId} --vpc-id ${table.vpcId} --subnet-ids ${subnet.subnetId}`;
}

/** Accepts an endpoint that waits for it, as the owner of its service. */
export function acceptEndpoint(
  worlds: readonly World[],
  world: World,
  endpoint: VpcEndpoint,
): string | undefined {
  if (endpoint.state !== 'pendingAcceptance') return undefined;
  const serviceId = serviceOfEndpoint(worlds, world, endpoint)?.service.serviceId;
  if (serviceId === undefined) return undefined;
  return `aws ec2 accept-vpc-endpoint-connections --service-id ${serviceId} --vpc-endpoint-ids ${endpoint.vpcEndpointId}`;
}

/** A load balancer's and a target group's ARN, by name: they may be longer than a line. */
function arnOfBalancer({ loadBalancerName }: LoadBalancer): string {
  return `$(aws elbv2 describe-load-balancers --names ${loadBalancerName} --query LoadBalancers[0].LoadBalancerArn --output text)`;
}

function arnOfTargetGroup({ targetGroupName }: TargetGroup): string {
  return `$(aws elbv2 describe-target-groups --names ${targetGroupName} --query TargetGroups[0].TargetGroupArn --output text)`;
}

/** Takes on another port: sends it where the load balancer's other listener sends its own. */
export function createListener(
  world: World,
  balancer: LoadBalancer,
  { protocol, targetGroupArn }: Listener,
  port: number,
): string | undefined {
  const group = world.targetGroups.get(targetGroupArn);
  if (group === undefined) return undefined;
  const action = `Type=forward,TargetGroupArn=${arnOfTargetGroup(group)}`;
  return `aws elbv2 create-listener --load-balancer-arn ${arnOfBalancer(balancer)} --protocol ${protocol} --port ${port} --default-actions ${action}`;
}

/** Puts a target into service: a stopped instance of the group is started, or those of other zones are let in. */
export function serveByTarget(
  world: World,
  balancer: LoadBalancer,
  { targetGroupArn }: Listener,
): string | undefined {
  const group = world.targetGroups.get(targetGroupArn);
  if (group === undefined) return undefined;
  if (group.targets.some((target) => targetInService(world, group, target) !== undefined)) {
    return `aws elbv2 modify-load-balancer-attributes --load-balancer-arn ${arnOfBalancer(balancer)} --attributes Key=load_balancing.cross_zone.enabled,Value=true`;
  }
  const stopped = group.targets.find(({ id }) => world.instances.get(id)?.state === 'stopped');
  return stopped === undefined ? undefined : `aws ec2 start-instances --instance-ids ${stopped.id}`;
}

/** Lets a transit gateway route what comes by an attachment: by its first table. */
export function associateTransitTable(
  world: World,
  gatewayId: string,
  attachmentId: string,
): string | undefined {
  const table = world.transitGatewayRouteTables
    .where('transitGatewayId', gatewayId)
    .find(({ state }) => state === 'available');
  if (table === undefined) return undefined;
  return `aws ec2 associate-transit-gateway-route-table --transit-gateway-route-table-id ${table.transitGatewayRouteTableId} --transit-gateway-attachment-id ${attachmentId}`;
}

/** Leads a transit gateway's table to a block of an attached VPC, or to where `instead` is for. */
export function routeInTransitTable(
  tableId: string,
  block: string,
  attachmentId: string,
  instead: string | undefined,
): string {
  const verb = instead === undefined ? 'create' : 'replace';
  return `aws ec2 ${verb}-transit-gateway-route --transit-gateway-route-table-id ${tableId} --destination-cidr-block ${instead ?? block} --transit-gateway-attachment-id ${attachmentId}`;
}

/** Lets packets through one more security group rule, from a group's members when `peer` is a group's id. */
export function authorizeGroup(groupId: string, isEgress: boolean, packets: Packets, peer: string): string {
  const verb = isEgress ? 'authorize-security-group-egress' : 'authorize-security-group-ingress';
  const line = `aws ec2 ${verb} --group-id ${groupId}`;
  const isIcmp = packets.protocol === PROTOCOL_NUMBERS['icmp'];
  const isGroup = peer.startsWith('sg-');
  // Of the short options --cidr is for IPv4 only, and --protocol knows no icmpv6.
  if (packets.protocol === ICMPV6 || (!isGroup && isIpv6(peer))) {
    return `${line} --ip-permissions '${ipv6Permission(packets, peer)}'`;
  }
  const port = isIcmp ? ' --port -1' : hasPorts(packets.protocol) ? ` --port ${packets.ports.first}` : '';
  const whom = isGroup ? `--source-group ${peer}` : `--cidr ${peer}`;
  return `${line} --protocol ${nameOfProtocol(packets.protocol)}${port} ${whom}`;
}

function ipv6Permission({ protocol, ports }: Packets, peer: string): string {
  const isIcmp = protocol === ICMPV6;
  const port = isIcmp ? -1 : ports.first;
  return [
    `IpProtocol=${isIcmp ? 'icmpv6' : nameOfProtocol(protocol)}`,
    ...(isIcmp || hasPorts(protocol) ? [`FromPort=${port}`, `ToPort=${port}`] : []),
    peer.startsWith('sg-') ? `UserIdGroupPairs=[{GroupId=${peer}}]` : `Ipv6Ranges=[{CidrIpv6=${peer}}]`,
  ].join(',');
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
  const isIcmp = packets.protocol === PROTOCOL_NUMBERS['icmp'] || packets.protocol === ICMPV6;
  const { first, last } = packets.ports;
  const what = isIcmp
    ? ' --icmp-type-code Type=-1,Code=-1'
    : hasPorts(packets.protocol)
      ? ` --port-range From=${first},To=${last}`
      : '';
  return (
    `aws ec2 ${verb} --network-acl-id ${acl.networkAclId} ${isEgress ? '--egress' : '--ingress'} ` +
    `--rule-number ${number} --protocol ${nameOfProtocol(packets.protocol)}${what} ${isIpv6(block) ? '--ipv6-cidr-block' : '--cidr-block'} ${block} --rule-action allow`
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
