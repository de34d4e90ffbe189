import { seedRegion as seed } from '../ec2/actions/defaults.ts';
import { SERVICE_PREFIXES } from '../region/prefixes.ts';
import type { SeedRegion } from './api.ts';

/** Fills a region that is used for the first time, with the prefix lists of its services. */
export const seedRegion: SeedRegion = (context) => {
  seed(
    context,
    SERVICE_PREFIXES.filter(({ region }) => region === context.region),
  );
};
