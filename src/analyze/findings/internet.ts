import { describeResource } from '../../model/display-names.ts';
import {
  associateAddress,
  findNatGateway,
  routeIpv6ToInternetGateway,
  routeToEgressOnlyGateway,
  routeToInternetGateway,
  routeToNatGateway,
} from '../../model/mends.ts';
import type { NatGateway } from '../../model/records.ts';
import { describeRoute, findRouteFor } from '../../model/route-lookup.ts';
import { routeTableOf } from '../../model/routes.ts';
import type { World } from '../../model/world.ts';
import {
  begin,
  hasPublicAddress,
  isPublic,
  isPublicByIpv6,
  placedInstances,
  SOMEWHERE,
  SOMEWHERE_IPV6,
  subnetName,
  tableName,
} from './common.ts';
import type { FindingRule } from './finding.ts';

/** Mistakes between private addresses and the Internet: NAT gateways, public addresses. */
export const INTERNET_RULES: readonly FindingRule[] = [
  {
    id: 'nat-gateway-in-private-subnet',
    severity: 'error',
    title: 'A public NAT gateway in a private subnet',
    why: 'A NAT gateway sends on by the routes of its own subnet. Without a route to an internet gateway there, nothing behind it reaches the Internet.',
    find: (world) =>
      openGateways(world)
        .filter(({ connectivityType }) => connectivityType === 'public')
        .filter((gateway) => !isPublic(world, gateway))
        .map((gateway) => ({
          sentence: `NAT gateway ${nameOf(gateway)} stands in ${subnetName(world, gateway.subnetId)}, which has no route to an internet gateway.`,
          objectIds: [gateway.natGatewayId, gateway.subnetId],
          mend: mendPrivateGateway(world, gateway),
        })),
  },
  {
    id: 'nat-gateway-without-route',
    severity: 'warning',
    title: 'A NAT gateway that no route leads to',
    why: 'It costs by the hour, and nothing uses it.',
    find: (world) =>
      openGateways(world)
        .filter(({ natGatewayId, vpcId }) =>
          world.routeTables
            .where('vpcId', vpcId)
            .every(({ routes }) =>
              routes.every(({ target }) => !('id' in target) || target.id !== natGatewayId),
            ),
        )
        .map((gateway) => ({
          sentence: `No route table leads to NAT gateway ${nameOf(gateway)}.`,
          objectIds: [gateway.natGatewayId],
          mend: `aws ec2 delete-nat-gateway --nat-gateway-id ${gateway.natGatewayId}`,
        })),
  },
  {
    id: 'nat-gateway-in-other-zone',
    severity: 'advice',
    title: 'A subnet leaves by a NAT gateway in another zone',
    why: 'When that zone fails, this one loses its way out too, and traffic between zones is paid for.',
    find: (world) =>
      [...world.subnets.values()].flatMap((subnet) => {
        const table = routeTableOf(world, subnet.subnetId);
        const target = table === undefined ? undefined : findRouteFor(world, table, SOMEWHERE)?.target;
        const gateway = target?.kind === 'nat-gateway' ? world.natGateways.get(target.id) : undefined;
        const zone =
          gateway === undefined ? undefined : world.subnets.get(gateway.subnetId)?.availabilityZone;
        if (gateway === undefined || zone === undefined || zone === subnet.availabilityZone) return [];
        const sentence = `${subnetName(world, subnet.subnetId)} in ${subnet.availabilityZone} leaves by NAT gateway ${nameOf(gateway)} in ${zone}.`;
        return [
          { sentence: sentence.replace(/^s/, 'S'), objectIds: [subnet.subnetId, gateway.natGatewayId] },
        ];
      }),
  },
  {
    id: 'no-public-address-in-public-subnet',
    severity: 'error',
    title: 'An instance in a public subnet without a public address',
    why: 'An internet gateway translates public addresses one to one. Without one the instance neither reaches the Internet nor is reached.',
    find: (world) =>
      placedInstances(world)
        .filter(({ eni, instance }) => instance.state !== 'stopped' && isPublic(world, eni))
        .filter(({ eni }) => !hasPublicAddress(world, eni) && !isPublicByIpv6(world, eni))
        .map(({ instance, eni }) => ({
          sentence: `Instance ${describeResource(instance, instance.instanceId)} stands in ${subnetName(world, eni.subnetId)}, whose way out is an internet gateway, and has no public address.`,
          objectIds: [instance.instanceId, eni.networkInterfaceId],
          mend: associateAddress(world, eni),
        })),
  },
  {
    id: 'public-address-without-way',
    severity: 'error',
    title: 'A public address in a private subnet',
    why: 'Nothing comes in and nothing goes out by the address: the subnet has no route to an internet gateway.',
    find: (world) =>
      placedInstances(world)
        .filter(({ eni }) => hasPublicAddress(world, eni) && !isPublic(world, eni))
        .map(({ instance, eni }) => {
          const table = routeTableOf(world, eni.subnetId);
          return {
            sentence: `Instance ${describeResource(instance, instance.instanceId)} has a public address, and ${subnetName(world, eni.subnetId)} has no route to an internet gateway.`,
            objectIds: [instance.instanceId, eni.subnetId],
            mend: table === undefined ? undefined : routeToInternetGateway(world, table),
          };
        }),
  },
  {
    id: 'public-addresses-in-private-subnet',
    severity: 'warning',
    title: 'A private subnet that gives out public addresses',
    why: 'Instances launched there get addresses that lead nowhere, until a route makes them public all at once.',
    find: (world) =>
      [...world.subnets.values()]
        .filter((subnet) => subnet.mapPublicIpOnLaunch && !isPublic(world, subnet))
        .map(({ subnetId }) => ({
          sentence: `${subnetName(world, subnetId).replace(/^s/, 'S')} gives new instances public addresses and has no route to an internet gateway.`,
          objectIds: [subnetId],
          mend: `aws ec2 modify-subnet-attribute --subnet-id ${subnetId} --no-map-public-ip-on-launch`,
        })),
  },
  {
    id: 'no-way-out',
    severity: 'advice',
    title: 'A private subnet without any way out',
    why: 'Its instances cannot fetch packages or call services, though the VPC has a NAT gateway that would take them.',
    find: (world) =>
      [...new Set(placedInstances(world).map(({ eni }) => eni.subnetId))].flatMap((subnetId) => {
        const table = routeTableOf(world, subnetId);
        const gateway = table === undefined ? undefined : findNatGateway(world, table.vpcId);
        if (table === undefined || gateway === undefined) return [];
        if (findRouteFor(world, table, SOMEWHERE) !== undefined) return [];
        const sentence = `${subnetName(world, subnetId).replace(/^s/, 'S')} has no route to the Internet, and NAT gateway ${nameOf(gateway)} stands ready.`;
        const mend = `aws ec2 create-route --route-table-id ${table.routeTableId} --destination-cidr-block 0.0.0.0/0 --nat-gateway-id ${gateway.natGatewayId}`;
        return [{ sentence, objectIds: [subnetId, gateway.natGatewayId], mend }];
      }),
  },
  {
    id: 'ipv6-address-without-way',
    severity: 'warning',
    title: 'An IPv6 address, and a route to the Internet for IPv4 only',
    why: 'A route for 0.0.0.0/0 says nothing about IPv6: without one for ::/0 clients try IPv6 first, and wait in vain.',
    find: (world) =>
      [
        ...new Set(
          placedInstances(world)
            .filter(({ eni }) => eni.ipv6Addresses.length > 0)
            .map(({ eni }) => eni.subnetId),
        ),
      ].flatMap((subnetId) => {
        const table = routeTableOf(world, subnetId);
        if (table === undefined || findRouteFor(world, table, SOMEWHERE_IPV6) !== undefined) return [];
        const route = findRouteFor(world, table, SOMEWHERE);
        if (route === undefined) return [];
        const sentence = `${begin(subnetName(world, subnetId))} has instances with IPv6 addresses, and its ${tableName(table)} has ${describeRoute(world, route)} and no route for ::/0.`;
        const routeOut = isPublic(world, { subnetId })
          ? routeIpv6ToInternetGateway
          : routeToEgressOnlyGateway;
        return [{ sentence, objectIds: [subnetId, table.routeTableId], mend: routeOut(world, table) }];
      }),
  },
  {
    id: 'unused-elastic-ip',
    severity: 'advice',
    title: 'An Elastic IP address that is associated with nothing',
    why: 'It costs by the hour, and counts against the quota of five.',
    find: (world) =>
      [...world.addresses.values()]
        .filter(({ networkInterfaceId }) => networkInterfaceId === undefined)
        .map((address) => ({
          sentence: `Elastic IP ${address.publicIp} (${address.allocationId}) is associated with nothing.`,
          objectIds: [address.allocationId],
          mend: `aws ec2 release-address --allocation-id ${address.allocationId}`,
        })),
  },
];

/** Another one in a public subnet, where there is such a subnet; else its own subnet is made public. */
function mendPrivateGateway(world: World, { vpcId, natGatewayId, subnetId }: NatGateway): string | undefined {
  const users = world.routeTables
    .where('vpcId', vpcId)
    .filter(({ routes }) => routes.some(({ target }) => 'id' in target && target.id === natGatewayId));
  const [user] = users;
  const own = routeTableOf(world, subnetId);
  const elsewhere = user === undefined ? undefined : routeToNatGateway(world, user);
  if (elsewhere !== undefined) return elsewhere;
  return own === undefined || users.includes(own) ? undefined : routeToInternetGateway(world, own);
}

function openGateways(world: World): readonly NatGateway[] {
  return [...world.natGateways.values()].filter(({ state }) => state === 'pending' || state === 'available');
}

function nameOf(gateway: NatGateway): string {
  return describeResource(gateway, gateway.natGatewayId);
}
