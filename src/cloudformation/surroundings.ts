import type { ActionContext } from '../ec2/action.ts';
import { imageParametersOf } from '../ec2/catalogue/image-parameters.ts';
import { zonesOf } from '../ec2/catalogue/regions.ts';
import type { StackRevision } from '../model/stack-records.ts';
import type { World } from '../model/world.ts';
import type { Surroundings } from '../template/bind.ts';

/** The stack that has an export of the name, of those whose exports can be imported. */
export function exporterOf(world: World, exportName: string) {
  for (const stack of world.stacks.values()) {
    const output = stack.outputs.find((each) => each.exportName === exportName);
    if (output !== undefined) return { stack, output };
  }
  return undefined;
}

/**
 * What a stack's template may ask of where it is deployed. Systems Manager's parameters keep the values that the revision
 * found when it was accepted.
 */
export function surroundingsOf(
  { tx, account, region }: Pick<ActionContext, 'tx' | 'account' | 'region'>,
  stack: { readonly stackId: string; readonly stackName: string },
  revision: Pick<StackRevision, 'parameters' | 'notificationArns'>,
): Surroundings {
  const found = new Map(revision.parameters.map(({ value, resolvedValue }) => [value, resolvedValue]));
  return {
    accountId: account,
    region,
    stackName: stack.stackName,
    stackId: stack.stackId,
    notificationArns: revision.notificationArns,
    zonesOf: (name) => zonesOf(name).map(({ zoneName }) => zoneName),
    importOf: (name) => exporterOf(tx, name)?.output.value,
    systemParameter: (name) =>
      found.get(name) ?? tx.parameters.get(name)?.value ?? imageParametersOf(region).get(name),
  };
}
