import type { RequestLaunchTemplateData } from '@aws-sdk/client-ec2';
import type { LaunchTemplate, LaunchTemplateVersion } from '../model/launch-template-records.ts';
import type { World } from '../model/world.ts';
import * as errors from './errors.ts';
import { findResource, kinds } from './kinds.ts';

/** How a request names a launch template. */
export interface TemplateName {
  readonly LaunchTemplateId?: string | undefined;
  readonly LaunchTemplateName?: string | undefined;
}

/** The template of an id or a name. Throws when the request gives both or neither, and when there is none such. */
export function findLaunchTemplate(world: World, request: TemplateName): LaunchTemplate {
  const { LaunchTemplateId: id, LaunchTemplateName: name } = request;
  if (id !== undefined && name !== undefined) {
    throw errors.invalidParameterCombination(
      'The parameters LaunchTemplateId and LaunchTemplateName cannot be used together',
    );
  }
  if (id !== undefined) return findResource(world, kinds.launchTemplate, id, 'LaunchTemplateId');
  if (name === undefined) {
    throw new errors.AwsError(
      'MissingParameter',
      'Either LaunchTemplateId or LaunchTemplateName must be specified.',
    );
  }
  const [found] = world.launchTemplates.where('launchTemplateName', name);
  if (found === undefined) throw errors.noSuchLaunchTemplateName(name);
  return found;
}

/** The version that a text names: a number, `$Latest` or `$Default`. Throws when the template has none such. */
export function findVersion(world: World, template: LaunchTemplate, text: string): LaunchTemplateVersion {
  const number = numberOf(template, text);
  const version = world.launchTemplateVersions.get(versionIdOf(template.launchTemplateId, number));
  if (version !== undefined) return version;
  throw new errors.AwsError(
    'InvalidLaunchTemplateId.VersionNotFound',
    `Could not find the specified version ${text} for the launch template with ID ${template.launchTemplateId}.`,
  );
}

function numberOf(template: LaunchTemplate, text: string): number {
  if (text === '$Latest') return template.latestVersionNumber;
  if (text === '$Default') return template.defaultVersionNumber;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw errors.invalidValue(
    text,
    'launchTemplateVersion',
    'A version is a positive number, $Latest or $Default.',
  );
}

/** All versions of a template, the newest first. */
export function versionsOf(world: World, { launchTemplateId }: LaunchTemplate): LaunchTemplateVersion[] {
  return world.launchTemplateVersions
    .where('launchTemplateId', launchTemplateId)
    .toSorted((a, b) => b.versionNumber - a.versionNumber);
}

/** The id of a version's record. */
export function versionIdOf(launchTemplateId: string, versionNumber: number): string {
  return `${launchTemplateId}:${versionNumber}`;
}

/** Launch template data as a record keeps them. */
export function writeTemplateData(data: RequestLaunchTemplateData): string {
  return JSON.stringify(data);
}

/** Launch template data as they were given. */
export function readTemplateData({ launchTemplateData }: LaunchTemplateVersion): RequestLaunchTemplateData {
  // `writeTemplateData` wrote it.
  const data = JSON.parse(launchTemplateData) as RequestLaunchTemplateData;
  const spot = data.InstanceMarketOptions?.SpotOptions;
  if (spot?.ValidUntil === undefined) return data;
  // The only time among the data: JSON has it as a text.
  const SpotOptions = { ...spot, ValidUntil: new Date(spot.ValidUntil) };
  return { ...data, InstanceMarketOptions: { ...data.InstanceMarketOptions, SpotOptions } };
}
