import { randomBytes } from 'node:crypto';
import { startVpcResolver } from '../guest/dns.ts';
import { startImds } from '../guest/imds.ts';
import { serveDns } from '../internet/dns-server.ts';
import { METADATA_ADDRESS, RESOLVER_ADDRESS, RESOLVER_PLUS_TWO_ADDRESS } from '../plan/places.ts';
import type { ToldInterface } from './guest-view.ts';
import { serveParent } from './ipc.ts';
import { Sightings } from './sightings.ts';
import { ToldView } from './told-view.ts';

/** The process of the regions' services: metadata and names for instances, S3. It stands in the services' namespace. */
export async function runServices(): Promise<void> {
  const told = new ToldView();
  const sightings = new Sightings();
  const tell = serveParent({
    view: (interfaces: readonly ToldInterface[]) => told.replace(interfaces),
    log: () => sightings.all(),
  });
  const context = {
    view: () => told.view,
    clock: () => new Date(),
    log: (sighting: object) => sightings.add(sighting),
  };
  await startImds({ ...context, bind: { address: METADATA_ADDRESS, port: 80 }, secret: randomBytes(32) });
  await startVpcResolver({
    ...context,
    bindings: [RESOLVER_ADDRESS, RESOLVER_PLUS_TWO_ADDRESS].map((address) => ({ address, port: 53 })),
    serve: serveDns,
    internet: told.publicZone(),
  });
  tell('ready', true);
  await new Promise(() => {});
}
