import type { RunInstancesRequest, TagSpecification } from '@aws-sdk/client-ec2';
import type { Tag } from '../model/records.ts';
import type { World } from '../model/world.ts';
import { findLaunchTemplate, findVersion, readTemplateData } from './launch-template-versions.ts';

/** A launch as it is meant: the request, and the tags AWS gives to what came of a template. */
export interface MergedLaunch {
  readonly input: RunInstancesRequest;
  readonly ownTags: readonly Tag[];
}

/** What a request leaves out is taken from the version of the launch template that it names; `$Default` when none is. */
export function mergeLaunchTemplate(world: World, request: RunInstancesRequest): MergedLaunch {
  const { LaunchTemplate: named } = request;
  if (named === undefined) return { input: withoutAbsent(request), ownTags: [] };
  const template = findLaunchTemplate(world, named);
  const version = findVersion(world, template, named.Version ?? '$Default');
  const data = readTemplateData(version);
  const groups =
    request.SecurityGroupIds === undefined && request.SecurityGroups === undefined
      ? { SecurityGroupIds: data.SecurityGroupIds, SecurityGroups: data.SecurityGroups }
      : {};
  const input: RunInstancesRequest = {
    ...withoutAbsent({
      ImageId: data.ImageId,
      InstanceType: data.InstanceType,
      KeyName: data.KeyName,
      UserData: data.UserData,
      IamInstanceProfile: data.IamInstanceProfile,
      Monitoring: data.Monitoring === undefined ? undefined : { Enabled: data.Monitoring.Enabled },
      Placement: data.Placement,
      BlockDeviceMappings: data.BlockDeviceMappings,
      CreditSpecification:
        data.CreditSpecification === undefined
          ? undefined
          : { CpuCredits: data.CreditSpecification.CpuCredits },
      EbsOptimized: data.EbsOptimized,
      KernelId: data.KernelId,
      RamdiskId: data.RamDiskId,
      InstanceMarketOptions: data.InstanceMarketOptions,
      LicenseSpecifications: data.LicenseSpecifications,
      CpuOptions: data.CpuOptions,
      EnclaveOptions: data.EnclaveOptions,
      HibernationOptions: data.HibernationOptions,
      CapacityReservationSpecification: data.CapacityReservationSpecification,
      DisableApiTermination: data.DisableApiTermination,
      DisableApiStop: data.DisableApiStop,
      InstanceInitiatedShutdownBehavior: data.InstanceInitiatedShutdownBehavior,
      NetworkInterfaces: data.NetworkInterfaces,
      MetadataOptions: data.MetadataOptions,
      PrivateDnsNameOptions: data.PrivateDnsNameOptions,
      MaintenanceOptions: data.MaintenanceOptions,
      ...groups,
    }),
    ...withoutAbsent(request),
    MinCount: request.MinCount,
    MaxCount: request.MaxCount,
    TagSpecifications: mergeTagSpecifications(data.TagSpecifications ?? [], request.TagSpecifications ?? []),
  };
  return {
    input,
    ownTags: [
      { key: 'aws:ec2launchtemplate:id', value: template.launchTemplateId },
      { key: 'aws:ec2launchtemplate:version', value: String(version.versionNumber) },
    ],
  };
}

function withoutAbsent<T extends object>(fields: T): T {
  // Members that are undefined, empty (as Terraform sends them) or absent mean the same in a request.
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== ''),
  ) as T;
}

/** The tags of both, by type of resource; of two with one key the request's. */
function mergeTagSpecifications(
  ofTemplate: readonly TagSpecification[],
  ofRequest: readonly TagSpecification[],
): TagSpecification[] {
  const merged = ofTemplate.map(({ ResourceType, Tags = [] }) => {
    const own = ofRequest.find((each) => each.ResourceType === ResourceType)?.Tags ?? [];
    const kept = Tags.filter(({ Key }) => !own.some((tag) => tag.Key === Key));
    return { ResourceType, Tags: [...own, ...kept] };
  });
  const isMerged = (type: string | undefined) => ofTemplate.some((each) => each.ResourceType === type);
  return [...merged, ...ofRequest.filter(({ ResourceType }) => !isMerged(ResourceType))];
}
