import type { CreateVpcEndpointRequest, DnsEntry, ModifyVpcEndpointRequest } from '@aws-sdk/client-ec2';
import { namesOfEndpoint, publicNameOf } from '../model/endpoint-dns.ts';
import type { Subnet, Tag, Vpc, VpcEndpoint } from '../model/records.ts';
import type { ActionContext } from './action.ts';
import { interfaceServicesOf } from './catalogue/interface-services.ts';
import { readWishedAddresses } from './endpoint-options.ts';
import { noSuchService, offeredServices } from './endpoint-services.ts';
import * as errors from './errors.ts';
import { chooseGroups, makeInterface } from './interfaces.ts';
import { findResource, kinds } from './kinds.ts';
import { demandQuota } from './quotas.ts';

/** The hosted zone that AWS names with the endpoints' own names. */
const HOSTED_ZONE = 'Z7HUB22UULQXV';

/** What an interface endpoint needs to know of its service. */
interface EndpointService {
  readonly isAcceptanceRequired: boolean;
  /** The name that private DNS answers, when the service has one. */
  readonly privateDnsName: string | undefined;
  /** Who offers it, and where; undefined for AWS's own, which are in every zone. */
  readonly offer: ServiceOffer | undefined;
}

/** The account that offers a service of its own, the zones where it does, and whether its private name is verified. */
interface ServiceOffer {
  readonly ownerId: string;
  readonly zones: readonly string[];
  readonly isPrivateDnsNameVerified: boolean;
}

/**
 * Makes an interface endpoint: a requester-managed interface in each subnet, one subnet a zone at most, guarded by
 * security groups (semantics S104, S105). It is `pending` until packets find their way through it.
 */
export function makeInterfaceEndpoint(
  context: ActionContext,
  vpc: Vpc,
  serviceName: string,
  input: CreateVpcEndpointRequest,
  policyDocument: string,
  tags: readonly Tag[],
): VpcEndpoint {
  const { tx, now } = context;
  if ((input.RouteTableIds ?? []).length > 0) {
    throw errors.invalidParameterCombination(
      'RouteTableIds cannot be given for an endpoint of type Interface.',
    );
  }
  const service = findService(context, serviceName);
  const living = tx.vpcEndpoints
    .where('vpcId', vpc.vpcId)
    .filter(({ vpcEndpointType, state }) => vpcEndpointType === 'Interface' && state !== 'deleted');
  demandQuota(context, 'interface-endpoints-per-vpc', living.length + 1);
  const subnets = readSubnets(context, vpc, input.SubnetIds ?? []);
  checkZones(service, subnets);
  const groupIds = chooseGroups(context, vpc.vpcId, input.SecurityGroupIds);
  const wishedAddresses = readWishedAddresses(
    input.SubnetConfigurations,
    subnets.map(({ subnetId }) => subnetId),
  );
  const vpcEndpointId = context.newId('vpce');
  const endpoint: VpcEndpoint = {
    vpcEndpointId,
    vpcEndpointType: 'Interface',
    vpcId: vpc.vpcId,
    serviceName,
    ...(service.offer === undefined ? {} : { serviceOwnerId: service.offer.ownerId }),
    state: service.isAcceptanceRequired ? 'pendingAcceptance' : 'pending',
    policyDocument,
    routeTableIds: [],
    subnetIds: subnets.map(({ subnetId }) => subnetId),
    groupIds,
    networkInterfaceIds: makeInterfaces(context, vpcEndpointId, subnets, groupIds, wishedAddresses),
    ...readPrivateDns(context, vpc, serviceName, service, input.PrivateDnsEnabled ?? hasUsableName(service)),
    creationTimestamp: now.toISOString(),
    tags,
  };
  return endpoint;
}

/** An interface endpoint with the subnets, groups and private DNS that the request asks for. */
export function changeInterfaceEndpoint(
  context: ActionContext,
  endpoint: VpcEndpoint,
  input: ModifyVpcEndpointRequest,
): VpcEndpoint {
  const { tx } = context;
  if ((input.AddRouteTableIds ?? []).length > 0 || (input.RemoveRouteTableIds ?? []).length > 0) {
    throw errors.invalidParameterCombination(
      'Route tables cannot be given for an endpoint of type Interface.',
    );
  }
  const vpc = findResource(tx, kinds.vpc, endpoint.vpcId, 'vpcId');
  const removed = new Set(input.RemoveSubnetIds ?? []);
  const kept = endpoint.subnetIds.filter((id) => !removed.has(id));
  const subnets = readSubnets(context, vpc, [...kept, ...(input.AddSubnetIds ?? [])]);
  const leaving = new Set(input.RemoveSecurityGroupIds ?? []);
  const staying = endpoint.groupIds.filter((id) => !leaving.has(id));
  const wished = [...staying, ...(input.AddSecurityGroupIds ?? [])];
  if (wished.length === 0) {
    throw new errors.AwsError(
      'InvalidParameter',
      'An interface endpoint must have at least one security group.',
    );
  }
  const groupIds = chooseGroups(context, vpc.vpcId, wished);
  const wishedAddresses = readWishedAddresses(
    input.SubnetConfigurations,
    subnets.map(({ subnetId }) => subnetId),
  );
  const present: string[] = [];
  const standing = new Set<string>();
  for (const id of endpoint.networkInterfaceIds) {
    const eni = tx.networkInterfaces.get(id);
    const address = eni?.privateIpAddresses[0];
    // An interface keeps its address for life: one that is wished to have another is made anew.
    const isMoved = eni !== undefined && (wishedAddresses.get(eni.subnetId) ?? address) !== address;
    if (eni === undefined || isMoved || removed.has(eni.subnetId)) tx.networkInterfaces.delete(id);
    else {
      tx.networkInterfaces.put({ ...eni, groupIds });
      present.push(id);
      standing.add(eni.subnetId);
    }
  }
  const added = subnets.filter(({ subnetId }) => !standing.has(subnetId));
  const service = findService(context, endpoint.serviceName);
  checkZones(service, added);
  const { privateDnsEnabled, privateDnsName, ...rest } = endpoint;
  return {
    ...rest,
    subnetIds: subnets.map(({ subnetId }) => subnetId),
    groupIds,
    networkInterfaceIds: [
      ...present,
      ...makeInterfaces(context, endpoint.vpcEndpointId, added, groupIds, wishedAddresses),
    ],
    ...(input.PrivateDnsEnabled === undefined
      ? { privateDnsEnabled, ...(privateDnsName === undefined ? {} : { privateDnsName }) }
      : readPrivateDns(context, vpc, endpoint.serviceName, service, input.PrivateDnsEnabled)),
  };
}

/** The names of an interface endpoint: of all of it, of each zone, and the service's own with private DNS. */
export function dnsEntriesOf({ tx }: ActionContext, endpoint: VpcEndpoint): DnsEntry[] {
  const names = namesOfEndpoint(tx, endpoint);
  return [...names.own, ...names.private.slice(0, 1)].map(({ name }) => ({
    DnsName: name,
    HostedZoneId: HOSTED_ZONE,
  }));
}

function findService(context: ActionContext, serviceName: string): EndpointService {
  const { region } = context;
  if (interfaceServicesOf(region).includes(serviceName)) {
    return {
      isAcceptanceRequired: false,
      privateDnsName: publicNameOf(serviceName, region),
      offer: undefined,
    };
  }
  const found = offeredServices(context).find(({ service }) => service.serviceName === serviceName);
  if (found === undefined) throw noSuchService(serviceName);
  const { serviceType, isAcceptanceRequired, privateDnsName } = found.service;
  if (serviceType !== 'Interface') {
    throw new errors.AwsError(
      'InvalidParameter',
      `Endpoint type (Interface) does not match available service types ([${serviceType}]).`,
    );
  }
  const { isPrivateDnsNameVerified = false } = found.service;
  const offer = { ownerId: found.scope.account, zones: found.zones, isPrivateDnsNameVerified };
  return { isAcceptanceRequired, privateDnsName, offer };
}

function readSubnets({ tx }: ActionContext, vpc: Vpc, ids: readonly string[]): readonly Subnet[] {
  const subnets = [...new Set(ids)].map((id) => findResource(tx, kinds.subnet, id, 'subnetId'));
  const zones = new Set<string>();
  for (const { subnetId, vpcId, availabilityZone } of subnets) {
    if (vpcId !== vpc.vpcId) {
      throw new errors.AwsError(
        'InvalidParameter',
        `Subnet ${subnetId} does not belong to VPC ${vpc.vpcId}.`,
      );
    }
    if (zones.has(availabilityZone)) {
      throw new errors.AwsError(
        'DuplicateSubnetsInSameZone',
        `Found another VPC endpoint subnet in the availability zone of ${subnetId}. VPC endpoint subnets should be in different availability zones supported by the VPC endpoint service.`,
      );
    }
    zones.add(availabilityZone);
  }
  return subnets;
}

/** An endpoint stands in zones where its service has a load balancer. */
function checkZones({ offer }: EndpointService, subnets: readonly Subnet[]): void {
  for (const { subnetId, availabilityZone } of subnets) {
    if (offer?.zones.includes(availabilityZone) ?? true) continue;
    throw new errors.AwsError(
      'InvalidParameter',
      `The VPC endpoint service does not support the availability zone of the subnet: ${subnetId}.`,
    );
  }
}

function makeInterfaces(
  context: ActionContext,
  vpcEndpointId: string,
  subnets: readonly Subnet[],
  groupIds: readonly string[],
  wishedAddresses: ReadonlyMap<string, string>,
): readonly string[] {
  const { account, now } = context;
  return subnets.map((subnet) => {
    const made = makeInterface(context, {
      subnet,
      description: `VPC Endpoint Interface ${vpcEndpointId}`,
      interfaceType: 'vpc_endpoint',
      privateIpAddress: wishedAddresses.get(subnet.subnetId),
      groupIds,
      requesterId: account,
      attachment: {
        attachmentId: context.newId('ela-attach'),
        instanceOwnerId: 'amazon-aws',
        deviceIndex: 1,
        attachTime: now.toISOString(),
        deleteOnTermination: false,
      },
    });
    return made.networkInterfaceId;
  });
}

/** Whether the service's private name answers: that of somebody's own service once it is verified. */
function hasUsableName({ privateDnsName, offer }: EndpointService): boolean {
  return privateDnsName !== undefined && (offer?.isPrivateDnsNameVerified ?? true);
}

/** Private DNS needs a name of the service's, and both DNS attributes of the VPC (semantics S105). */
function readPrivateDns(
  { tx }: ActionContext,
  vpc: Vpc,
  serviceName: string,
  service: EndpointService,
  isWanted: boolean,
): Pick<VpcEndpoint, 'privateDnsEnabled' | 'privateDnsName'> {
  const { privateDnsName, offer } = service;
  if (!isWanted) return { privateDnsEnabled: false };
  if (privateDnsName === undefined) {
    throw new errors.AwsError(
      'InvalidParameter',
      `Private DNS can't be enabled because the service ${serviceName} does not provide a private DNS name.`,
    );
  }
  if (!hasUsableName(service)) {
    throw new errors.AwsError(
      'InvalidParameter',
      `Private DNS can't be enabled because the service ${serviceName} has not verified the private DNS name.`,
    );
  }
  if (!vpc.enableDnsSupport || !vpc.enableDnsHostnames) {
    throw new errors.AwsError(
      'InvalidParameter',
      `Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for ${vpc.vpcId}`,
    );
  }
  const rival = tx.vpcEndpoints
    .where('vpcId', vpc.vpcId)
    .find((each) => each.serviceName === serviceName && each.privateDnsEnabled && each.state !== 'deleted');
  if (rival === undefined) {
    return { privateDnsEnabled: true, ...(offer === undefined ? {} : { privateDnsName }) };
  }
  throw new errors.AwsError(
    'InvalidParameter',
    `private-dns-enabled cannot be set because there is already a conflicting DNS domain for ${privateDnsName} in the VPC ${vpc.vpcId}`,
  );
}
