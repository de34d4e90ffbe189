import { imageParametersOf } from '../ec2/catalogue/image-parameters.ts';
import type { World } from '../model/world.ts';
import { exportCloudFormation } from '../transfer/cloudformation/export.ts';
import { type Exported, SelectionError, selectVpcs } from '../transfer/selection.ts';
import { exportTerraform } from '../transfer/terraform/export.ts';
import { ControlError } from './control-server.ts';

/** A world as code. Throws a ControlError for a world or VPC that is not there. */
export function exportWorld(worlds: readonly World[], fields: Readonly<Record<string, unknown>>): Exported {
  const { language, vpcs, account, region } = fields;
  const world = chooseWorld(worlds, account, region);
  const parameters = new Map(
    [...imageParametersOf(world.scope.region)].toReversed().map(([name, id]) => [id, name]),
  );
  try {
    const selection = selectVpcs(world, Array.isArray(vpcs) ? vpcs.map(String) : [], parameters);
    return language === 'cloudformation' ? exportCloudFormation(selection) : exportTerraform(selection);
  } catch (error) {
    if (error instanceof SelectionError) throw new ControlError(error.message);
    throw error;
  }
}

/** The world that is asked for; without a wish, the only one that has a VPC of the user's own. */
function chooseWorld(worlds: readonly World[], account: unknown, region: unknown): World {
  const fitting = worlds.filter(
    ({ scope }) =>
      (account === undefined || scope.account === account) &&
      (region === undefined || scope.region === region),
  );
  const used = fitting.filter((world) => [...world.vpcs.values()].some(({ isDefault }) => !isDefault));
  const [only, another] = used.length === 0 ? fitting : used;
  if (only === undefined)
    throw new ControlError('There is no such account and region.', '`croft status` lists them.');
  if (another === undefined) return only;
  const names = (used.length === 0 ? fitting : used).map(
    ({ scope }) => `${scope.account} in ${scope.region}`,
  );
  throw new ControlError(
    `There are several: ${names.join(', ')}.`,
    'Say which: --account ACCOUNT, --region REGION',
  );
}
