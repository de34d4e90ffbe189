import { startInternet } from '../internet/internet.ts';
import { SITES } from '../internet/sites.ts';
import { openTrust } from './authority-file.ts';
import type { Told } from './guest-view.ts';
import { serveParent } from './ipc.ts';
import { Sightings } from './sightings.ts';
import { ToldView } from './told-view.ts';

/** The process of the simulated Internet's servers. It stands in the Internet's own namespace. */
export async function runInternet(): Promise<void> {
  const told = new ToldView();
  const sightings = new Sightings();
  const tell = serveParent({
    view: (view: Told) => told.replace(view),
    log: () => sightings.all(),
  });
  const clock = (): Date => new Date();
  await startInternet({
    sites: SITES,
    authority: openTrust(clock).authority,
    zone: told.publicZone(),
    clock,
    log: (sighting) => sightings.add(sighting),
  });
  tell('ready', true);
  await new Promise(() => {});
}
