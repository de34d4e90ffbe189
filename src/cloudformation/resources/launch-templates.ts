import type { ValueMap } from '../../template/value.ts';
import { inputOf } from '../action-input.ts';
import { declareProperties, isSameValue, PropertyReader } from '../properties.ts';
import type { RecordType, ResourceContext } from '../resource-type.ts';
import { given, unlessGone } from './steps.ts';
import { retagResource, tagResource } from './tags.ts';

const launchTemplate: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::LaunchTemplate',
  properties: declareProperties({
    LaunchTemplateData: 'Map!',
    LaunchTemplateName: 'String replace',
    TagSpecifications: 'List',
    VersionDescription: 'String',
  }),
  attributes: ['DefaultVersionNumber', 'LatestVersionNumber', 'LaunchTemplateId'],
  create(context, properties) {
    const name = properties['LaunchTemplateName'] ?? context.placement.generatedName;
    const input = inputOf('CreateLaunchTemplate', { ...versionOf(properties), LaunchTemplateName: name });
    const id = given(context.call('CreateLaunchTemplate', input).LaunchTemplate?.LaunchTemplateId);
    tagResource(context, id, ownTags(properties));
    return id;
  },
  /** A change is another version; which one is the default stays. */
  update(context, LaunchTemplateId, before, after) {
    if (!isSameValue(versionOf(before), versionOf(after))) {
      const input = inputOf('CreateLaunchTemplateVersion', { ...versionOf(after), LaunchTemplateId });
      context.call('CreateLaunchTemplateVersion', input);
    }
    retagResource(context, LaunchTemplateId, ownTags(before), ownTags(after));
  },
  delete(context, LaunchTemplateId) {
    unlessGone(() => context.call('DeleteLaunchTemplate', { LaunchTemplateId }));
  },
  attributesOf: (context, id) => ({ LaunchTemplateId: id, ...versionNumbersOf(context, id) }),
};

function versionNumbersOf({ action: { tx } }: ResourceContext, id: string): Readonly<Record<string, string>> {
  const template = tx.launchTemplates.get(id);
  if (template === undefined) return {};
  return {
    DefaultVersionNumber: String(template.defaultVersionNumber),
    LatestVersionNumber: String(template.latestVersionNumber),
  };
}

function versionOf({ LaunchTemplateData = {}, VersionDescription }: ValueMap): ValueMap {
  return { LaunchTemplateData, ...(VersionDescription === undefined ? {} : { VersionDescription }) };
}

/** The tags of the template itself, which stand among those for what will be launched with it. */
function ownTags(properties: ValueMap): ValueMap {
  const all = new PropertyReader(properties).list('TagSpecifications', ['ResourceType', 'Tags']);
  const own = all.find((each) => each.text('ResourceType') === 'launch-template')?.values['Tags'];
  return own === undefined ? {} : { Tags: own };
}

/** Launch templates. */
export const launchTemplateTypes: readonly RecordType[] = [launchTemplate];
