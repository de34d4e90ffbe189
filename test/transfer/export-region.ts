import { imageParametersOf } from '../../src/ec2/catalogue/image-parameters.ts';
import type { World } from '../../src/model/world.ts';
import { type Exported, type Selection, selectVpcs } from '../../src/transfer/selection.ts';

/** All VPCs of a world but the default one, as code in a language. */
export function exportRegion(world: World, write: (selection: Selection) => Exported): Exported {
  const parameters = [...imageParametersOf(world.scope.region)].toReversed();
  return write(selectVpcs(world, [], new Map(parameters.map(([name, id]) => [id, name]))));
}
