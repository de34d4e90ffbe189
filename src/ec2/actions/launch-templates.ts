import type {
  CreateLaunchTemplateRequest,
  CreateLaunchTemplateResult,
  CreateLaunchTemplateVersionRequest,
  CreateLaunchTemplateVersionResult,
  DeleteLaunchTemplateRequest,
  DeleteLaunchTemplateResult,
  ModifyLaunchTemplateRequest,
  ModifyLaunchTemplateResult,
  RequestLaunchTemplateData,
  LaunchTemplate as WireLaunchTemplate,
} from '@aws-sdk/client-ec2';
import type { LaunchTemplate, LaunchTemplateVersion } from '../../model/launch-template-records.ts';
import type { ActionContext } from '../action.ts';
import * as errors from '../errors.ts';
import {
  findLaunchTemplate,
  findVersion,
  readTemplateData,
  versionIdOf,
  versionsOf,
  writeTemplateData,
} from '../launch-template-versions.ts';
import { readTagSpecifications, showTags } from '../tags.ts';
import { readUserData } from '../user-data.ts';
import { showLaunchTemplateVersion } from './launch-template-describe.ts';

const NAME = /^[a-zA-Z0-9().\-/_]{3,128}$/;

/** Longest description of a version. */
const LONGEST_DESCRIPTION = 255;

/** Launch templates: versions are added, never changed, and one of them is the default. */
export const launchTemplateActions = {
  CreateLaunchTemplate(
    context: ActionContext,
    input: CreateLaunchTemplateRequest,
  ): CreateLaunchTemplateResult {
    const { tx, caller, now } = context;
    const name = readName(input.LaunchTemplateName);
    const data = readData(input.LaunchTemplateData);
    if (tx.launchTemplates.where('launchTemplateName', name).length > 0) {
      throw new errors.AwsError(
        'InvalidLaunchTemplateName.AlreadyExistsException',
        'Launch template name already in use.',
      );
    }
    const template: LaunchTemplate = {
      launchTemplateId: context.newId('lt'),
      launchTemplateName: name,
      createTime: now.toISOString(),
      createdBy: caller.arn,
      defaultVersionNumber: 1,
      latestVersionNumber: 1,
      tags: readTagSpecifications(input.TagSpecifications, 'launch-template'),
    };
    tx.launchTemplates.put(template);
    addVersion(context, template, data, input.VersionDescription);
    return { LaunchTemplate: showLaunchTemplate(template) };
  },

  /** The data of the source version, where there is one, with those of the request in their place. */
  CreateLaunchTemplateVersion(
    context: ActionContext,
    input: CreateLaunchTemplateVersionRequest,
  ): CreateLaunchTemplateVersionResult {
    const { tx } = context;
    const template = findLaunchTemplate(tx, input);
    const { SourceVersion: source } = input;
    const base = source === undefined ? {} : readTemplateData(findVersion(tx, template, source));
    const own = source === undefined ? readData(input.LaunchTemplateData) : (input.LaunchTemplateData ?? {});
    const grown = { ...template, latestVersionNumber: template.latestVersionNumber + 1 };
    tx.launchTemplates.put(grown);
    const version = addVersion(context, grown, readData({ ...base, ...own }), input.VersionDescription);
    return { LaunchTemplateVersion: showLaunchTemplateVersion(grown, version) };
  },

  ModifyLaunchTemplate(
    { tx }: ActionContext,
    input: ModifyLaunchTemplateRequest,
  ): ModifyLaunchTemplateResult {
    const template = findLaunchTemplate(tx, input);
    const { DefaultVersion: wanted } = input;
    if (wanted === undefined) throw errors.missingParameter('SetDefaultVersion');
    const { versionNumber } = findVersion(tx, template, wanted);
    const changed = { ...template, defaultVersionNumber: versionNumber };
    tx.launchTemplates.put(changed);
    return { LaunchTemplate: showLaunchTemplate(changed) };
  },

  /** All its versions go with it. */
  DeleteLaunchTemplate(
    { tx }: ActionContext,
    input: DeleteLaunchTemplateRequest,
  ): DeleteLaunchTemplateResult {
    const template = findLaunchTemplate(tx, input);
    for (const { versionId } of versionsOf(tx, template)) tx.launchTemplateVersions.delete(versionId);
    tx.launchTemplates.delete(template.launchTemplateId);
    return { LaunchTemplate: showLaunchTemplate(template) };
  },
};

function addVersion(
  { tx, caller, now }: ActionContext,
  { launchTemplateId, latestVersionNumber }: LaunchTemplate,
  data: RequestLaunchTemplateData,
  description: string | undefined,
): LaunchTemplateVersion {
  if (description !== undefined && description.length > LONGEST_DESCRIPTION) {
    throw errors.invalidParameterValue(
      `The description of a launch template version has at most ${LONGEST_DESCRIPTION} characters.`,
    );
  }
  const version: LaunchTemplateVersion = {
    versionId: versionIdOf(launchTemplateId, latestVersionNumber),
    launchTemplateId,
    versionNumber: latestVersionNumber,
    ...(description === undefined ? {} : { versionDescription: description }),
    createTime: now.toISOString(),
    createdBy: caller.arn,
    launchTemplateData: writeTemplateData(data),
  };
  tx.launchTemplateVersions.put(version);
  return version;
}

function readName(name: string | undefined): string {
  if (name === undefined || name === '') throw errors.missingParameter('LaunchTemplateName');
  if (NAME.test(name)) return name;
  throw new errors.AwsError(
    'InvalidLaunchTemplateName.MalformedException',
    'A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following characters: - ( ) . / _.',
  );
}

/** What a template holds is only checked where no launch could ever use it: whether it fits is seen at launch. */
function readData(data: RequestLaunchTemplateData | undefined): RequestLaunchTemplateData {
  const isEmpty = Object.values(data ?? {}).every((value) => value === undefined);
  if (data === undefined || isEmpty) throw errors.missingParameter('LaunchTemplateData');
  if (data.InstanceType !== undefined && data.InstanceRequirements !== undefined) {
    throw errors.invalidParameterCombination(
      'You can specify either InstanceType or InstanceRequirements, but not both.',
    );
  }
  readUserData(data.UserData);
  return data;
}

/** A template as replies show it. */
export function showLaunchTemplate(template: LaunchTemplate): WireLaunchTemplate {
  return {
    LaunchTemplateId: template.launchTemplateId,
    LaunchTemplateName: template.launchTemplateName,
    CreateTime: new Date(template.createTime),
    CreatedBy: template.createdBy,
    DefaultVersionNumber: template.defaultVersionNumber,
    LatestVersionNumber: template.latestVersionNumber,
    Operator: { Managed: false },
    Tags: showTags(template),
  };
}
