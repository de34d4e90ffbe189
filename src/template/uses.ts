import { referencesOf } from './references.ts';
import type { Template } from './template.ts';
import type { Value } from './value.ts';

/** A use of a resource's attribute, by Fn::GetAtt or in a text of Fn::Sub. */
export interface AttributeUse {
  readonly logicalId: string;
  readonly attribute: string;
}

/** Every attribute that a template asks of its resources, once each; names that are computed are left out. */
export function attributeUses(template: Template): AttributeUse[] {
  const uses = new Map<string, AttributeUse>();
  for (const expression of expressionsOf(template)) {
    for (const reference of referencesOf(expression, 'value')) {
      if (reference.kind !== 'attribute' || reference.attribute === undefined) continue;
      const use = { logicalId: reference.name, attribute: reference.attribute };
      uses.set(`${use.logicalId}.${use.attribute}`, use);
    }
  }
  return [...uses.values()];
}

function expressionsOf(template: Template): Value[] {
  return [
    ...[...template.resources.values()].map(({ properties }) => properties),
    ...[...template.outputs.values()].flatMap(({ value, exportName }) => [value, exportName ?? '']),
  ];
}
