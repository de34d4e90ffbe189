import type { World } from '../model/world.ts';
import { type CatalogueImage, imagesOf } from './catalogue/images.ts';

/** The images of a region that an account sees: AWS's own, and those it brought. */
export function imagesIn(world: World): readonly CatalogueImage[] {
  const { account, region } = world.scope;
  const own = [...world.images.values()].map(({ tags: _shownApart, ...image }) => ({
    ...image,
    ownerId: account,
    rootVolumeType: 'gp3' as const,
    platformDetails: 'Linux/UNIX',
  }));
  return [...imagesOf(region), ...own];
}

/** The image of an id; undefined when there is none, or none any more. */
export function findImageIn(world: World, imageId: string): CatalogueImage | undefined {
  return imagesIn(world).find((image) => image.imageId === imageId);
}
