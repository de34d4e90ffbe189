import { createHash } from 'node:crypto';
import type {
  DescribeVpcEndpointServicesRequest,
  DescribeVpcEndpointServicesResult,
  ServiceDetail,
} from '@aws-sdk/client-ec2';
import { hostOf, publicNameOf } from '../../model/endpoint-dns.ts';
import type { Tag } from '../../model/records.ts';
import type { ActionContext } from '../action.ts';
import { interfaceServicesOf } from '../catalogue/interface-services.ts';
import { zonesOf } from '../catalogue/regions.ts';
import { pageOf } from '../describe.ts';
import { noSuchService, offeredServices } from '../endpoint-services.ts';
import { type FilterTable, filterRecords } from '../filters.ts';
import { showTags } from '../tags.ts';

/** A service as it is listed: AWS's own, or one that an account offers. */
interface ListedService {
  readonly name: string;
  readonly id: string;
  readonly type: 'Gateway' | 'Interface' | 'GatewayLoadBalancer';
  readonly owner: string;
  readonly baseName: string;
  readonly privateDnsName: string | undefined;
  readonly isPrivateDnsNameVerified: boolean;
  readonly isAcceptanceRequired: boolean;
  readonly addressTypes: readonly ('ipv4' | 'ipv6')[];
  readonly tags: readonly Tag[];
  readonly zones: readonly string[];
}

const filters: FilterTable<ListedService> = {
  owner: 'owner',
  'service-name': 'name',
  'service-region': (_, { scope }) => scope.region,
  'service-type': 'type',
  'supported-ip-address-types': 'addressTypes',
};

/** The services that endpoints can be made to. */
export const vpcEndpointServiceActions = {
  DescribeVpcEndpointServices(
    context: ActionContext,
    input: DescribeVpcEndpointServicesRequest,
  ): DescribeVpcEndpointServicesResult {
    const all = [...ofAmazon(context), ...ofAccounts(context)];
    for (const name of input.ServiceNames ?? []) {
      if (!all.some((service) => service.name === name)) throw noSuchService(name);
    }
    const named = all.filter(({ name }) => input.ServiceNames?.includes(name) ?? true);
    const page = pageOf(
      filterRecords(named, input.Filters, filters, context.tx),
      {
        name: 'vpce-services',
        idOf: ({ name, type }) => `${name} ${type}`,
        pages: { fewest: 1, most: 1000 },
      },
      input,
    );
    return {
      ServiceNames: page.records.map(({ name }) => name),
      ServiceDetails: page.records.map((service) => showService(context, service)),
      NextToken: page.nextToken,
    };
  },
};

/** S3 and DynamoDB come twice, once for each type. */
function ofAmazon({ tx, region }: ActionContext): ListedService[] {
  const zones = zonesOf(region).map(({ zoneName }) => zoneName);
  const list = (name: string, type: 'Gateway' | 'Interface'): ListedService => ({
    name,
    id: `vpce-svc-0${createHash('sha256').update(`${name} ${type}`).digest('hex').slice(0, 16)}`,
    type,
    owner: 'amazon',
    baseName:
      type === 'Gateway' ? publicNameOf(name, region) : `${hostOf(name)}.${region}.vpce.amazonaws.com`,
    privateDnsName: type === 'Gateway' ? undefined : publicNameOf(name, region),
    isPrivateDnsNameVerified: true,
    isAcceptanceRequired: false,
    addressTypes: ['ipv4'],
    tags: [],
    zones,
  });
  const gateways = [...tx.prefixLists.values()].filter(({ ownerId }) => ownerId === 'AWS');
  return [
    ...gateways.map(({ prefixListName }) => list(prefixListName, 'Gateway')),
    ...interfaceServicesOf(region).map((name) => list(name, 'Interface')),
  ].toSorted((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
}

function ofAccounts(context: ActionContext): ListedService[] {
  return offeredServices(context).map(({ service, scope, zones }) => ({
    name: service.serviceName,
    id: service.serviceId,
    type: service.serviceType,
    owner: scope.account,
    baseName: `${service.serviceId}.${scope.region}.vpce.amazonaws.com`,
    privateDnsName: service.privateDnsName,
    isPrivateDnsNameVerified: service.isPrivateDnsNameVerified === true,
    isAcceptanceRequired: service.isAcceptanceRequired,
    addressTypes: service.supportedIpAddressTypes,
    tags: service.tags,
    zones,
  }));
}

function showService({ region }: ActionContext, service: ListedService): ServiceDetail {
  const { privateDnsName } = service;
  return {
    ServiceName: service.name,
    ServiceId: service.id,
    ServiceType: [{ ServiceType: service.type }],
    ServiceRegion: region,
    AvailabilityZones: [...service.zones],
    Owner: service.owner,
    BaseEndpointDnsNames: [service.baseName],
    ...(privateDnsName === undefined
      ? {}
      : {
          PrivateDnsName: privateDnsName,
          PrivateDnsNames: [{ PrivateDnsName: privateDnsName }],
          PrivateDnsNameVerificationState: service.isPrivateDnsNameVerified
            ? 'verified'
            : 'pendingVerification',
        }),
    VpcEndpointPolicySupported: service.owner === 'amazon',
    AcceptanceRequired: service.isAcceptanceRequired,
    ManagesVpcEndpoints: false,
    SupportedIpAddressTypes: [...service.addressTypes],
    Tags: showTags(service),
  };
}
