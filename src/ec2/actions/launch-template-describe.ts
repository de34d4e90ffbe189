import type {
  DescribeLaunchTemplatesRequest,
  DescribeLaunchTemplatesResult,
  DescribeLaunchTemplateVersionsRequest,
  DescribeLaunchTemplateVersionsResult,
  RequestLaunchTemplateData,
  LaunchTemplateVersion as WireVersion,
} from '@aws-sdk/client-ec2';
import type { LaunchTemplate, LaunchTemplateVersion } from '../../model/launch-template-records.ts';
import type { World } from '../../model/world.ts';
import type { ActionContext } from '../action.ts';
import { type Listing, listRecords, pageOf } from '../describe.ts';
import * as errors from '../errors.ts';
import { type FilterTable, type FilterValue, filterRecords } from '../filters.ts';
import { kinds } from '../kinds.ts';
import {
  findLaunchTemplate,
  findVersion,
  readTemplateData,
  versionsOf,
} from '../launch-template-versions.ts';
import { showLaunchTemplate } from './launch-templates.ts';

const PAGES = { fewest: 1, most: 200 };

const listing: Listing<LaunchTemplate> = {
  ...kinds.launchTemplate,
  filters: { 'create-time': 'createTime', 'launch-template-name': 'launchTemplateName' },
  pages: PAGES,
};

const ofData =
  (read: (data: RequestLaunchTemplateData) => FilterValue) =>
  (version: LaunchTemplateVersion): FilterValue =>
    read(readTemplateData(version));

const versionFilters: FilterTable<LaunchTemplateVersion> = {
  'create-time': 'createTime',
  'ebs-optimized': ofData(({ EbsOptimized }) => EbsOptimized),
  'host-resource-group-arn': ofData(({ Placement }) => Placement?.HostResourceGroupArn),
  'http-endpoint': ofData(({ MetadataOptions }) => MetadataOptions?.HttpEndpoint),
  'http-protocol-ipv4': ofData(({ MetadataOptions }) => MetadataOptions?.HttpEndpoint),
  'http-tokens': ofData(({ MetadataOptions }) => MetadataOptions?.HttpTokens),
  'iam-instance-profile': ofData(({ IamInstanceProfile }) => IamInstanceProfile?.Arn),
  'image-id': ofData(({ ImageId }) => ImageId),
  'instance-type': ofData(({ InstanceType }) => InstanceType),
  'is-default-version': ({ launchTemplateId, versionNumber }, world) =>
    world.launchTemplates.get(launchTemplateId)?.defaultVersionNumber === versionNumber,
  'kernel-id': ofData(({ KernelId }) => KernelId),
  'license-configuration-arn': ofData(({ LicenseSpecifications }) =>
    LicenseSpecifications?.map(({ LicenseConfigurationArn }) => LicenseConfigurationArn),
  ),
  'network-card-index': ofData(({ NetworkInterfaces }) =>
    NetworkInterfaces?.map(({ NetworkCardIndex }) => NetworkCardIndex),
  ),
  'ram-disk-id': ofData(({ RamDiskId }) => RamDiskId),
};

/** Launch templates and their versions, as they are. */
export const launchTemplateDescribeActions = {
  DescribeLaunchTemplates(
    { tx }: ActionContext,
    input: DescribeLaunchTemplatesRequest,
  ): DescribeLaunchTemplatesResult {
    const named = (input.LaunchTemplateNames ?? []).map(
      (name) => findLaunchTemplate(tx, { LaunchTemplateName: name }).launchTemplateId,
    );
    const ids = [...(input.LaunchTemplateIds ?? []), ...named];
    const page = listRecords(tx.launchTemplates, tx, listing, { ...input, ids });
    return { LaunchTemplates: page.records.map(showLaunchTemplate), NextToken: page.nextToken };
  },

  /** Of one template the versions asked for, all when none is named; of all templates only `$Latest` and `$Default`. */
  DescribeLaunchTemplateVersions(
    { tx }: ActionContext,
    input: DescribeLaunchTemplateVersionsRequest,
  ): DescribeLaunchTemplateVersionsResult {
    const isOfOne = input.LaunchTemplateId !== undefined || input.LaunchTemplateName !== undefined;
    const chosen = isOfOne ? versionsOfOne(tx, input) : versionsOfAll(tx, input.Versions ?? []);
    const found = filterRecords(chosen, input.Filters, versionFilters, tx);
    const paging = { name: 'launch template versions', idOf: orderOf, pages: PAGES };
    const page = pageOf(found, paging, input);
    return {
      LaunchTemplateVersions: page.records.flatMap((version) => {
        const template = tx.launchTemplates.get(version.launchTemplateId);
        return template === undefined ? [] : [showLaunchTemplateVersion(template, version)];
      }),
      NextToken: page.nextToken,
    };
  },
};

function versionsOfOne(world: World, input: DescribeLaunchTemplateVersionsRequest): LaunchTemplateVersion[] {
  const template = findLaunchTemplate(world, input);
  const { Versions: named = [], MinVersion: min, MaxVersion: max } = input;
  if (named.length > 0) {
    if (min !== undefined || max !== undefined) {
      throw errors.invalidParameterCombination(
        'Versions cannot be used together with MinVersion or MaxVersion.',
      );
    }
    return [...new Set(named.map((text) => findVersion(world, template, text)))];
  }
  const lowest = readBound(min, 'minVersion') ?? 1;
  const highest = readBound(max, 'maxVersion') ?? template.latestVersionNumber;
  return versionsOf(world, template).filter(
    ({ versionNumber }) => versionNumber >= lowest && versionNumber <= highest,
  );
}

function readBound(text: string | undefined, parameter: string): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw errors.invalidValue(text, parameter, 'A version number is expected.');
}

function versionsOfAll(world: World, named: readonly string[]): LaunchTemplateVersion[] {
  if (named.length === 0 || named.some((text) => text !== '$Latest' && text !== '$Default')) {
    throw new errors.AwsError(
      'MissingParameter',
      'Either LaunchTemplateId or LaunchTemplateName must be specified, unless Versions are $Latest or $Default.',
    );
  }
  const found = [...world.launchTemplates.values()].flatMap((template) =>
    named.map((text) => findVersion(world, template, text)),
  );
  return [...new Set(found)];
}

/** A template's versions in pages: the newest first, as without pages. */
function orderOf({ launchTemplateId, versionNumber }: LaunchTemplateVersion): string {
  return `${launchTemplateId} ${String(1e9 - versionNumber).padStart(10, '0')}`;
}

/** A version as replies show it. */
export function showLaunchTemplateVersion(
  template: LaunchTemplate,
  version: LaunchTemplateVersion,
): WireVersion {
  const { Operator: _operator, ...data } = readTemplateData(version);
  return {
    LaunchTemplateId: template.launchTemplateId,
    LaunchTemplateName: template.launchTemplateName,
    VersionNumber: version.versionNumber,
    VersionDescription: version.versionDescription,
    CreateTime: new Date(version.createTime),
    CreatedBy: version.createdBy,
    DefaultVersion: version.versionNumber === template.defaultVersionNumber,
    LaunchTemplateData: data,
    Operator: { Managed: false },
  };
}
