import type {
  CreateVpcEndpointServiceConfigurationRequest,
  CreateVpcEndpointServiceConfigurationResult,
  DeleteVpcEndpointServiceConfigurationsRequest,
  DeleteVpcEndpointServiceConfigurationsResult,
  DescribeVpcEndpointServiceConfigurationsRequest,
  DescribeVpcEndpointServiceConfigurationsResult,
  ModifyVpcEndpointServiceConfigurationRequest,
  ModifyVpcEndpointServiceConfigurationResult,
  ServiceConfiguration,
  StartVpcEndpointServicePrivateDnsVerificationRequest,
  StartVpcEndpointServicePrivateDnsVerificationResult,
  UnsuccessfulItem,
} from '@aws-sdk/client-ec2';
import type { VpcEndpointService } from '../../model/endpoint-service-records.ts';
import type { ActionContext } from '../action.ts';
import { type Listing, listRecords } from '../describe.ts';
import { connectionsOf, stateOfService, zonesOfService } from '../endpoint-services.ts';
import * as errors from '../errors.ts';
import { findResource, kinds } from '../kinds.ts';
import { readTagSpecifications, showTags } from '../tags.ts';

const listing: Listing<VpcEndpointService> = {
  ...kinds.vpcEndpointService,
  filters: {
    'service-name': 'serviceName',
    'service-id': 'serviceId',
    'service-state': (service, world) => stateOfService(world, service),
    'supported-ip-address-types': 'supportedIpAddressTypes',
  },
  pages: { fewest: 1, most: 1000 },
};

/** States in which an endpoint keeps its service from being deleted. */
const CONNECTED_STATES: ReadonlySet<string> = new Set(['pendingAcceptance', 'pending', 'available']);

/**
 * Services that an account offers by PrivateLink. Those behind Network Load Balancers carry packets; there are no Gateway
 * Load Balancers, so a service that names one stays `Pending`.
 */
export const vpcEndpointServiceConfigurationActions = {
  CreateVpcEndpointServiceConfiguration(
    context: ActionContext,
    input: CreateVpcEndpointServiceConfigurationRequest,
  ): CreateVpcEndpointServiceConfigurationResult {
    const { tx, region } = context;
    const tags = readTagSpecifications(input.TagSpecifications, 'vpc-endpoint-service');
    const network = readBalancers(context, input.NetworkLoadBalancerArns ?? [], 'net');
    const gateway = readBalancers(context, input.GatewayLoadBalancerArns ?? [], 'gwy');
    checkBalancers(network, gateway);
    const serviceId = context.newId('vpce-svc');
    const service: VpcEndpointService = {
      serviceId,
      serviceName: `com.amazonaws.vpce.${region}.${serviceId}`,
      serviceType: gateway.length > 0 ? 'GatewayLoadBalancer' : 'Interface',
      isAcceptanceRequired: input.AcceptanceRequired ?? true,
      ...(input.PrivateDnsName === undefined ? {} : { privateDnsName: input.PrivateDnsName }),
      networkLoadBalancerArns: network,
      gatewayLoadBalancerArns: gateway,
      supportedIpAddressTypes: readAddressTypes(input.SupportedIpAddressTypes ?? ['ipv4']),
      allowedPrincipals: [],
      tags,
    };
    tx.vpcEndpointServices.put(service);
    return {
      ServiceConfiguration: showService(context, service),
      ...(input.ClientToken === undefined ? {} : { ClientToken: input.ClientToken }),
    };
  },

  ModifyVpcEndpointServiceConfiguration(
    context: ActionContext,
    input: ModifyVpcEndpointServiceConfigurationRequest,
  ): ModifyVpcEndpointServiceConfigurationResult {
    const { tx } = context;
    const service = findResource(tx, kinds.vpcEndpointService, input.ServiceId, 'ServiceId');
    if (input.PrivateDnsName !== undefined && input.RemovePrivateDnsName === true) {
      throw errors.invalidParameterCombination(
        'PrivateDnsName and RemovePrivateDnsName cannot be used together.',
      );
    }
    const change = (
      present: readonly string[],
      added: readonly string[],
      removed: readonly string[] = [],
    ) => [...new Set([...present.filter((each) => !removed.includes(each)), ...added])];
    const network = change(
      service.networkLoadBalancerArns,
      readBalancers(context, input.AddNetworkLoadBalancerArns ?? [], 'net'),
      input.RemoveNetworkLoadBalancerArns,
    );
    const gateway = change(
      service.gatewayLoadBalancerArns,
      readBalancers(context, input.AddGatewayLoadBalancerArns ?? [], 'gwy'),
      input.RemoveGatewayLoadBalancerArns,
    );
    checkBalancers(network, gateway);
    const types = change(
      service.supportedIpAddressTypes,
      input.AddSupportedIpAddressTypes ?? [],
      input.RemoveSupportedIpAddressTypes,
    );
    const { privateDnsName, isPrivateDnsNameVerified, ...rest } = service;
    const name = input.PrivateDnsName ?? privateDnsName;
    const isVerified = isPrivateDnsNameVerified === true && name === privateDnsName;
    tx.vpcEndpointServices.put({
      ...rest,
      ...(name === undefined || input.RemovePrivateDnsName === true
        ? {}
        : { privateDnsName: name, isPrivateDnsNameVerified: isVerified }),
      isAcceptanceRequired: input.AcceptanceRequired ?? service.isAcceptanceRequired,
      networkLoadBalancerArns: network,
      gatewayLoadBalancerArns: gateway,
      supportedIpAddressTypes: readAddressTypes(types),
    });
    return { Return: true };
  },

  /** Nobody registers domains in the simulated Internet: every name is its owner's who says so. */
  StartVpcEndpointServicePrivateDnsVerification(
    { tx }: ActionContext,
    input: StartVpcEndpointServicePrivateDnsVerificationRequest,
  ): StartVpcEndpointServicePrivateDnsVerificationResult {
    const service = findResource(tx, kinds.vpcEndpointService, input.ServiceId, 'ServiceId');
    if (service.privateDnsName === undefined) {
      throw new errors.AwsError('InvalidParameter', `Service ${service.serviceId} has no private DNS name.`);
    }
    tx.vpcEndpointServices.put({ ...service, isPrivateDnsNameVerified: true });
    return { ReturnValue: true };
  },

  DeleteVpcEndpointServiceConfigurations(
    { tx }: ActionContext,
    input: DeleteVpcEndpointServiceConfigurationsRequest,
  ): DeleteVpcEndpointServiceConfigurationsResult {
    const failed: UnsuccessfulItem[] = [];
    for (const id of input.ServiceIds ?? []) {
      const service = tx.vpcEndpointServices.get(id);
      const error = service === undefined ? errors.noSuchVpcEndpointService(id) : undefined;
      const isConnected =
        service !== undefined &&
        connectionsOf(tx, [service.serviceName]).some(({ endpoint }) => CONNECTED_STATES.has(endpoint.state));
      if (error === undefined && !isConnected) {
        tx.vpcEndpointServices.delete(id);
        continue;
      }
      const { code, message } =
        error ??
        new errors.AwsError(
          'ExistingVpcEndpointConnections',
          `Service ${id} has existing active VPC Endpoint connections!`,
        );
      failed.push({ ResourceId: id, Error: { Code: code, Message: message } });
    }
    return { Unsuccessful: failed };
  },

  DescribeVpcEndpointServiceConfigurations(
    context: ActionContext,
    input: DescribeVpcEndpointServiceConfigurationsRequest,
  ): DescribeVpcEndpointServiceConfigurationsResult {
    const { tx } = context;
    const page = listRecords(tx.vpcEndpointServices, tx, listing, { ...input, ids: input.ServiceIds });
    return {
      ServiceConfigurations: page.records.map((service) => showService(context, service)),
      NextToken: page.nextToken,
    };
  },
};

/** The ARNs of the account's load balancers: those of Network Load Balancers must be there. */
function readBalancers(
  { tx, region, account }: ActionContext,
  arns: readonly string[],
  kind: 'net' | 'gwy',
): readonly string[] {
  const start = `arn:aws:elasticloadbalancing:${region}:${account}:loadbalancer/${kind}/`;
  for (const arn of arns) {
    const isForm = arn.startsWith(start) && /^[^/]+\/[0-9a-f]+$/.test(arn.slice(start.length));
    if (isForm && (kind === 'gwy' || tx.loadBalancers.get(arn) !== undefined)) continue;
    throw new errors.AwsError('InvalidParameter', `Invalid load balancer ARN: ${arn}`);
  }
  return [...new Set(arns)];
}

function checkBalancers(network: readonly string[], gateway: readonly string[]): void {
  if (network.length > 0 && gateway.length > 0) {
    throw errors.invalidParameterCombination(
      'Network Load Balancers and Gateway Load Balancers cannot be used together.',
    );
  }
  if (network.length === 0 && gateway.length === 0) {
    throw errors.missingParameter('NetworkLoadBalancerArn or GatewayLoadBalancerArn');
  }
}

function readAddressTypes(types: readonly string[]): readonly ('ipv4' | 'ipv6')[] {
  const read = [...new Set(types)].map((type) => {
    if (type === 'ipv4' || type === 'ipv6') return type;
    throw errors.invalidValue(type, 'SupportedIpAddressTypes', 'The types are ipv4 and ipv6.');
  });
  if (read.length === 0) throw errors.missingParameter('SupportedIpAddressType');
  return read;
}

function showService({ tx, region }: ActionContext, service: VpcEndpointService): ServiceConfiguration {
  const { serviceId, privateDnsName } = service;
  return {
    ServiceType: [{ ServiceType: service.serviceType }],
    ServiceId: serviceId,
    ServiceName: service.serviceName,
    ServiceState: stateOfService(tx, service),
    AvailabilityZones: zonesOfService(tx, service),
    AcceptanceRequired: service.isAcceptanceRequired,
    ManagesVpcEndpoints: false,
    ...(service.networkLoadBalancerArns.length === 0
      ? {}
      : { NetworkLoadBalancerArns: [...service.networkLoadBalancerArns] }),
    ...(service.gatewayLoadBalancerArns.length === 0
      ? {}
      : { GatewayLoadBalancerArns: [...service.gatewayLoadBalancerArns] }),
    SupportedIpAddressTypes: [...service.supportedIpAddressTypes],
    BaseEndpointDnsNames: [`${serviceId}.${region}.vpce.amazonaws.com`],
    ...(privateDnsName === undefined
      ? {}
      : {
          PrivateDnsName: privateDnsName,
          PrivateDnsNameConfiguration: {
            State: service.isPrivateDnsNameVerified === true ? 'verified' : 'pendingVerification',
            Type: 'TXT',
            Value: `vpce:${serviceId.slice(-17)}`,
            Name: `_${serviceId.slice(-12)}`,
          },
        }),
    Tags: showTags(service),
  };
}
