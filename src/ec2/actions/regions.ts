import type {
  DescribeAccountAttributesRequest,
  DescribeAccountAttributesResult,
  DescribeAvailabilityZonesRequest,
  DescribeAvailabilityZonesResult,
  DescribeRegionsRequest,
  DescribeRegionsResult,
} from '@aws-sdk/client-ec2';
import type { ActionContext } from '../action.ts';
import { isRegion, type Region, regions, type Zone, zonesOf } from '../catalogue/regions.ts';
import * as errors from '../errors.ts';
import { type FilterTable, filterRecords } from '../filters.ts';

const regionFilters: FilterTable<Region> = {
  endpoint: ({ regionName }) => endpointOf(regionName),
  'opt-in-status': 'optInStatus',
  'region-name': 'regionName',
};

const zoneFilters: FilterTable<Zone> = {
  'zone-name': 'zoneName',
  'zone-id': 'zoneId',
  'region-name': ({ zoneName }) => zoneName.slice(0, -1),
  'group-name': ({ zoneName }) => `${zoneName.slice(0, -1)}-zg-1`,
  'zone-type': () => 'availability-zone',
  'opt-in-status': () => 'opt-in-not-required',
  state: () => 'available',
  message: () => undefined,
  'group-long-name': () => undefined,
  // Only local and Wavelength Zones have a parent.
  'parent-zone-id': () => undefined,
  'parent-zone-name': () => undefined,
};

/** Regions and zones: all of the partition, all usable. */
export const regionActions = {
  DescribeRegions({ tx }: ActionContext, input: DescribeRegionsRequest): DescribeRegionsResult {
    for (const name of input.RegionNames ?? []) {
      if (!isRegion(name)) throw errors.invalidParameterValue(`Invalid region: [${name}]`);
    }
    const named = regions.filter(({ regionName }) => input.RegionNames?.includes(regionName) ?? true);
    return {
      Regions: filterRecords(named, input.Filters, regionFilters, tx).map(({ regionName, optInStatus }) => ({
        RegionName: regionName,
        Endpoint: endpointOf(regionName),
        OptInStatus: optInStatus,
      })),
    };
  },

  DescribeAvailabilityZones(
    { tx, region }: ActionContext,
    input: DescribeAvailabilityZonesRequest,
  ): DescribeAvailabilityZonesResult {
    const zones = zonesOf(region);
    for (const name of input.ZoneNames ?? []) {
      if (!zones.some(({ zoneName }) => zoneName === name)) {
        throw errors.invalidParameterValue(`Invalid availability zone: [${name}]`);
      }
    }
    for (const id of input.ZoneIds ?? []) {
      if (!zones.some(({ zoneId }) => zoneId === id)) {
        throw errors.invalidParameterValue(`Invalid availability zone-id: [${id}]`);
      }
    }
    const named = zones.filter(
      ({ zoneName, zoneId }) =>
        (input.ZoneNames?.includes(zoneName) ?? true) && (input.ZoneIds?.includes(zoneId) ?? true),
    );
    return {
      AvailabilityZones: filterRecords(named, input.Filters, zoneFilters, tx).map(({ zoneName, zoneId }) => ({
        State: 'available',
        OptInStatus: 'opt-in-not-required',
        Messages: [],
        RegionName: region,
        ZoneName: zoneName,
        ZoneId: zoneId,
        GroupName: `${region}-zg-1`,
        NetworkBorderGroup: region,
        ZoneType: 'availability-zone',
      })),
    };
  },

  DescribeAccountAttributes(
    { tx }: ActionContext,
    input: DescribeAccountAttributesRequest,
  ): DescribeAccountAttributesResult {
    const defaultVpc = [...tx.vpcs.values()].find((vpc) => vpc.isDefault);
    const attributes: Readonly<Record<string, string>> = {
      'supported-platforms': 'VPC',
      'default-vpc': defaultVpc?.vpcId ?? 'none',
      'max-instances': '1000',
      'vpc-max-security-groups-per-interface': '5',
      'max-elastic-ips': '4094',
      'vpc-max-elastic-ips': '4094',
    };
    return {
      AccountAttributes: Object.entries(attributes)
        .filter(([name]) => input.AttributeNames?.some((wanted) => wanted === name) ?? true)
        .map(([name, value]) => ({ AttributeName: name, AttributeValues: [{ AttributeValue: value }] })),
    };
  },
};

function endpointOf(region: string): string {
  return `ec2.${region}.amazonaws.com`;
}
