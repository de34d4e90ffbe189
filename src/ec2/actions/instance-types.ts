import type {
  _InstanceType,
  DescribeInstanceTypeOfferingsRequest,
  DescribeInstanceTypeOfferingsResult,
  DescribeInstanceTypesRequest,
  DescribeInstanceTypesResult,
  InstanceTypeInfo,
  VCpuInfo,
} from '@aws-sdk/client-ec2';
import type { ActionContext } from '../action.ts';
import { findInstanceType, type InstanceTypeFacts, instanceTypes } from '../catalogue/instance-types.ts';
import { zonesOf } from '../catalogue/regions.ts';
import { pageOf } from '../describe.ts';
import * as errors from '../errors.ts';
import { type FilterTable, filterRecords } from '../filters.ts';
import { SHOWN_INSTANCE_TYPE_FILTERS } from '../instance-filters.ts';
import { shownFilters } from '../shown-filters.ts';

const filters: FilterTable<InstanceTypeFacts> = {
  'instance-type': 'instanceType',
  'processor-info.supported-architecture': 'architecture',
  'vcpu-info.default-vcpus': ({ vcpus }) => vcpus,
  'memory-info.size-in-mib': ({ memoryMib }) => memoryMib,
  'current-generation': ({ isCurrentGeneration }) => isCurrentGeneration,
  'burstable-performance-supported': ({ isBurstable }) => isBurstable,
  hypervisor: 'hypervisor',
  'bare-metal': () => false,
  'free-tier-eligible': ({ instanceType }) => instanceType === 't2.micro' || instanceType === 't3.micro',
  'supported-usage-class': () => ['on-demand', 'spot'],
  'supported-root-device-type': () => 'ebs',
  'supported-virtualization-type': () => 'hvm',
  'instance-storage-supported': () => false,
  ...shownFilters<InstanceTypeFacts>(showInstanceType, SHOWN_INSTANCE_TYPE_FILTERS),
};

/** An instance type in a place that offers it. */
interface Offering {
  readonly instanceType: string;
  readonly location: string;
}

const offeringFilters: FilterTable<Offering> = { 'instance-type': 'instanceType', location: 'location' };

/** Instance types: their names and sizes are AWS's; what an instance really has is what this machine has. */
export const instanceTypeActions = {
  DescribeInstanceTypes(
    { tx }: ActionContext,
    input: DescribeInstanceTypesRequest,
  ): DescribeInstanceTypesResult {
    const names = input.InstanceTypes ?? [];
    for (const name of names) if (findInstanceType(name) === undefined) throw noSuchInstanceType(name);
    const named = instanceTypes.filter(
      ({ instanceType }) => names.length === 0 || names.some((name) => name === instanceType),
    );
    const page = pageOf(
      filterRecords(named, input.Filters, filters, tx),
      { name: 'instance types', idOf: ({ instanceType }) => instanceType, pages: { fewest: 5, most: 100 } },
      input,
    );
    return { InstanceTypes: page.records.map(showInstanceType), NextToken: page.nextToken };
  },

  DescribeInstanceTypeOfferings(
    { tx, region }: ActionContext,
    input: DescribeInstanceTypeOfferingsRequest,
  ): DescribeInstanceTypeOfferingsResult {
    const kind = input.LocationType ?? 'region';
    const places =
      kind === 'availability-zone'
        ? zonesOf(region).map(({ zoneName }) => zoneName)
        : kind === 'availability-zone-id'
          ? zonesOf(region).map(({ zoneId }) => zoneId)
          : [region];
    const offerings = instanceTypes.flatMap(({ instanceType }) =>
      places.map((location) => ({ instanceType, location })),
    );
    const page = pageOf(
      filterRecords(offerings, input.Filters, offeringFilters, tx),
      {
        name: 'offerings',
        idOf: ({ instanceType, location }) => `${instanceType} ${location}`,
        pages: { fewest: 5, most: 1000 },
      },
      input,
    );
    return {
      InstanceTypeOfferings: page.records.map(({ instanceType, location }) => ({
        InstanceType: wireType(instanceType),
        LocationType: kind,
        Location: location,
      })),
      NextToken: page.nextToken,
    };
  },
};

/** There is no instance type of this name here. */
export function noSuchInstanceType(name: string): errors.AwsError {
  return new errors.AwsError(
    'InvalidInstanceType',
    `The following supplied instance types do not exist: [${name}]. DescribeInstanceTypes lists those of Cloudcroft.`,
  );
}

/** Our names are AWS's: the catalogue holds no others. */
export function wireType(name: string): _InstanceType {
  return name as _InstanceType;
}

function showProcessors({ vcpus, threadsPerCore }: InstanceTypeFacts): VCpuInfo {
  const cores = vcpus / threadsPerCore;
  return {
    DefaultVCpus: vcpus,
    DefaultCores: cores,
    DefaultThreadsPerCore: threadsPerCore,
    ValidCores: Array.from({ length: cores }, (_, index) => index + 1),
    ValidThreadsPerCore: threadsPerCore === 1 ? [1] : [1, 2],
  };
}

function showInstanceType(facts: InstanceTypeFacts): InstanceTypeInfo {
  return {
    InstanceType: wireType(facts.instanceType),
    CurrentGeneration: facts.isCurrentGeneration,
    FreeTierEligible: facts.instanceType === 't2.micro' || facts.instanceType === 't3.micro',
    SupportedUsageClasses: ['on-demand', 'spot'],
    SupportedRootDeviceTypes: ['ebs'],
    SupportedVirtualizationTypes: ['hvm'],
    BareMetal: false,
    Hypervisor: facts.hypervisor,
    ProcessorInfo: { SupportedArchitectures: [facts.architecture], SustainedClockSpeedInGhz: 2.5 },
    VCpuInfo: showProcessors(facts),
    MemoryInfo: { SizeInMiB: facts.memoryMib },
    InstanceStorageSupported: false,
    EbsInfo: { EbsOptimizedSupport: 'default', EncryptionSupport: 'supported', NvmeSupport: 'required' },
    NetworkInfo: {
      NetworkPerformance: facts.networkPerformance,
      MaximumNetworkInterfaces: facts.mostInterfaces,
      Ipv4AddressesPerInterface: facts.addressesPerInterface,
      Ipv6AddressesPerInterface: facts.addressesPerInterface,
      Ipv6Supported: true,
      MaximumNetworkCards: 1,
      DefaultNetworkCardIndex: 0,
      EnaSupport: 'required',
      EfaSupported: false,
    },
    PlacementGroupInfo: { SupportedStrategies: ['partition', 'spread'] },
    HibernationSupported: false,
    BurstablePerformanceSupported: facts.isBurstable,
    DedicatedHostsSupported: false,
    AutoRecoverySupported: true,
  };
}
