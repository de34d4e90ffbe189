import type { Template } from './template.ts';

/** What a caller must acknowledge to deploy a template. */
export interface NeededCapabilities {
  /** `CAPABILITY_IAM`, or `CAPABILITY_NAMED_IAM`, which stands for both; empty where nothing is needed. */
  readonly capabilities: readonly string[];
  /** Why, for `CapabilitiesReason`. */
  readonly reason: string | undefined;
}

/** Types of IAM and the property that names them (user guide, "Acknowledging IAM resources"). */
const IAM_TYPES: ReadonlyMap<string, string | undefined> = new Map([
  ['AWS::IAM::AccessKey', undefined],
  ['AWS::IAM::Group', 'GroupName'],
  ['AWS::IAM::InstanceProfile', 'InstanceProfileName'],
  ['AWS::IAM::ManagedPolicy', 'ManagedPolicyName'],
  ['AWS::IAM::Policy', undefined],
  ['AWS::IAM::Role', 'RoleName'],
  ['AWS::IAM::User', 'UserName'],
  ['AWS::IAM::UserToGroupAddition', undefined],
]);

/** The capabilities that a template's resources need. */
export function capabilitiesOf(template: Template): NeededCapabilities {
  const types = new Set<string>();
  let isNamed = false;
  for (const { type, properties } of template.resources.values()) {
    if (!IAM_TYPES.has(type)) continue;
    types.add(type);
    const name = IAM_TYPES.get(type);
    isNamed ||= name !== undefined && Object.hasOwn(properties, name);
  }
  if (types.size === 0) return { capabilities: [], reason: undefined };
  return {
    capabilities: [isNamed ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM'],
    reason: `The following resource(s) require capabilities: [${[...types].join(', ')}]`,
  };
}

/** The types of a template's resources, once each, in its order. */
export function resourceTypesOf(template: Template): string[] {
  return [...new Set([...template.resources.values()].map(({ type }) => type))];
}
