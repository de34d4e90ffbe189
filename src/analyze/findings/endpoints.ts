import { describeResource } from '../../model/display-names.ts';
import { shortNameOf } from '../../model/endpoint-dns.ts';
import { findGroupRule } from '../../model/gates.ts';
import { isEndpointOpen } from '../../model/interface-endpoints.ts';
import { authorizeGroup } from '../../model/mends.ts';
import type { VpcEndpoint } from '../../model/records.ts';
import { findRouteFor } from '../../model/route-lookup.ts';
import { routeTableOf } from '../../model/routes.ts';
import type { World } from '../../model/world.ts';
import { placedInstances, SOMEWHERE, subnetName } from './common.ts';
import type { Finding, FindingRule } from './finding.ts';

const TCP = 6;
const HTTPS = { first: 443, last: 443 };

/** Mistakes in VPC endpoints. */
export const ENDPOINT_RULES: readonly FindingRule[] = [
  {
    id: 'gateway-endpoint-without-table',
    severity: 'error',
    title: 'A gateway endpoint that no route table leads to',
    why: 'A gateway endpoint works by a route in the tables that it is associated with. Without one nothing goes by it.',
    find: (world) =>
      openEndpoints(world, 'Gateway')
        .filter(({ routeTableIds }) => routeTableIds.length === 0)
        .map((endpoint) => {
          const [table] = world.routeTables.where('vpcId', endpoint.vpcId);
          return {
            sentence: `Gateway endpoint ${nameOf(endpoint)} for ${shortNameOf(endpoint.serviceName)} is associated with no route table.`,
            objectIds: [endpoint.vpcEndpointId],
            mend:
              table === undefined
                ? undefined
                : `aws ec2 modify-vpc-endpoint --vpc-endpoint-id ${endpoint.vpcEndpointId} --add-route-table-ids ${table.routeTableId}`,
          };
        }),
  },
  {
    id: 'private-subnet-without-gateway-endpoint',
    severity: 'advice',
    title: 'S3 is reached through a NAT gateway',
    why: 'A gateway endpoint for S3 costs nothing and keeps the traffic off the NAT gateway, which is paid for by the gigabyte.',
    find: (world) => findWithoutGatewayEndpoint(world),
  },
  {
    id: 'endpoint-without-private-dns',
    severity: 'advice',
    title: 'An interface endpoint without private DNS',
    why: 'The service\u2019s usual name still leads to its public address: clients use the endpoint only by its own name (--endpoint-url).',
    find: (world) =>
      openEndpoints(world, 'Interface')
        .filter(
          ({ privateDnsEnabled, serviceName }) =>
            !privateDnsEnabled && serviceName.startsWith('com.amazonaws.'),
        )
        .filter(({ serviceName }) => !serviceName.startsWith('com.amazonaws.vpce.'))
        .map((endpoint) => ({
          sentence: `Interface endpoint ${nameOf(endpoint)} for ${shortNameOf(endpoint.serviceName)} has private DNS off.`,
          objectIds: [endpoint.vpcEndpointId],
          mend: `aws ec2 modify-vpc-endpoint --vpc-endpoint-id ${endpoint.vpcEndpointId} --private-dns-enabled`,
        })),
  },
  {
    id: 'private-dns-without-vpc-dns',
    severity: 'error',
    title: 'Private DNS in a VPC whose own DNS is off',
    why: 'The private name is answered by the VPC\u2019s resolver, which needs both DNS support and DNS hostnames.',
    find: (world) =>
      openEndpoints(world, 'Interface').flatMap((endpoint) => {
        const vpc = world.vpcs.get(endpoint.vpcId);
        if (!endpoint.privateDnsEnabled || vpc === undefined) return [];
        if (vpc.enableDnsSupport && vpc.enableDnsHostnames) return [];
        const option = vpc.enableDnsSupport ? '--enable-dns-hostnames' : '--enable-dns-support';
        return [
          {
            sentence: `Interface endpoint ${nameOf(endpoint)} has private DNS, and VPC ${describeResource(vpc, vpc.vpcId)} has DNS ${vpc.enableDnsSupport ? 'hostnames' : 'support'} off.`,
            objectIds: [endpoint.vpcEndpointId, vpc.vpcId],
            mend: `aws ec2 modify-vpc-attribute --vpc-id ${vpc.vpcId} ${option} Value=true`,
          },
        ];
      }),
  },
  {
    id: 'endpoint-group-refuses-vpc',
    severity: 'error',
    title: 'An interface endpoint whose security group lets no instance in',
    why: 'An endpoint\u2019s interface has security groups like an instance\u2019s. They must let in TCP 443 from whoever calls the service.',
    find: (world) =>
      openEndpoints(world, 'Interface').flatMap((endpoint) => {
        const callers = placedInstances(world).filter(({ eni }) => eni.vpcId === endpoint.vpcId);
        const [first] = callers;
        if (
          first === undefined ||
          callers.some(({ eni }) => isLetIn(world, endpoint, eni.privateIpAddresses[0]))
        )
          return [];
        const [groupId] = endpoint.groupIds;
        return [
          {
            sentence: `Interface endpoint ${nameOf(endpoint)} for ${shortNameOf(endpoint.serviceName)} has security groups (${endpoint.groupIds.join(', ')}) that let none of the VPC\u2019s instances in on TCP 443.`,
            objectIds: [endpoint.vpcEndpointId, ...endpoint.groupIds],
            mend: groupId === undefined ? undefined : mendGroup(world, groupId, endpoint.vpcId),
          },
        ];
      }),
  },
];

function openEndpoints(world: World, type: VpcEndpoint['vpcEndpointType']): readonly VpcEndpoint[] {
  return [...world.vpcEndpoints.values()].filter(
    (endpoint) => endpoint.vpcEndpointType === type && isEndpointOpen(endpoint),
  );
}

/** Subnets with instances whose packets to S3 go by a NAT gateway. */
function findWithoutGatewayEndpoint(world: World): readonly Finding[] {
  const name = `com.amazonaws.${world.scope.region}.s3`;
  const [block] = world.prefixLists.where('prefixListName', name)[0]?.entries ?? [];
  const address = block?.cidr.split('/')[0];
  if (address === undefined) return [];
  return [...new Set(placedInstances(world).map(({ eni }) => eni.subnetId))].flatMap((subnetId) => {
    const table = routeTableOf(world, subnetId);
    const target = table === undefined ? undefined : findRouteFor(world, table, address)?.target;
    if (table === undefined || target?.kind !== 'nat-gateway') return [];
    const existing = openEndpoints(world, 'Gateway').find(
      (endpoint) => endpoint.serviceName === name && endpoint.vpcId === table.vpcId,
    );
    const mend =
      existing === undefined
        ? `aws ec2 create-vpc-endpoint --vpc-id ${table.vpcId} --service-name ${name} --route-table-ids ${table.routeTableId}`
        : `aws ec2 modify-vpc-endpoint --vpc-endpoint-id ${existing.vpcEndpointId} --add-route-table-ids ${table.routeTableId}`;
    return [
      {
        sentence: `${subnetName(world, subnetId).replace(/^s/, 'S')} reaches S3 through NAT gateway ${target.id}.`,
        objectIds: [subnetId, target.id],
        mend,
      },
    ];
  });
}

/** Whether each of the endpoint's interfaces lets a caller in. */
function isLetIn(world: World, { networkInterfaceIds }: VpcEndpoint, source = SOMEWHERE): boolean {
  const interfaces = networkInterfaceIds.flatMap((id) => world.networkInterfaces.get(id) ?? []);
  return interfaces.every((eni) => {
    const destination = eni.privateIpAddresses[0] ?? '';
    return (
      findGroupRule(world, eni, false, { protocol: TCP, source, destination, ports: HTTPS }) !== undefined
    );
  });
}

function mendGroup(world: World, groupId: string, vpcId: string): string {
  const packets = { protocol: TCP, source: SOMEWHERE, destination: SOMEWHERE, ports: HTTPS };
  return authorizeGroup(groupId, false, packets, world.vpcs.get(vpcId)?.cidrBlock ?? SOMEWHERE);
}

function nameOf(endpoint: VpcEndpoint): string {
  return describeResource(endpoint, endpoint.vpcEndpointId);
}
