import { join } from 'node:path';
import { INSIDE } from '../fabric/world/world.ts';
import { startVpcResolver } from '../guest/dns.ts';
import { startImds } from '../guest/imds.ts';
import { serveDns } from '../internet/dns-server.ts';
import { METADATA_ADDRESS, RESOLVER_ADDRESS, RESOLVER_PLUS_TWO_ADDRESS } from '../plan/places.ts';
import { SERVICE_PREFIXES } from '../region/prefixes.ts';
import { type S3Attribution, startS3 } from '../region/s3/server.ts';
import { ObjectStore } from '../region/s3/store.ts';
import { openTrust } from './authority-file.ts';
import { DEFAULT_REGION } from './defaults.ts';
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
  const trust = openTrust(context.clock);
  await startImds({
    ...context,
    bind: { address: METADATA_ADDRESS, port: 80 },
    secret: trust.secretFor('metadata tokens'),
  });
  await startVpcResolver({
    ...context,
    bindings: [RESOLVER_ADDRESS, RESOLVER_PLUS_TWO_ADDRESS].map((address) => ({ address, port: 53 })),
    serve: serveDns,
    internet: told.publicZone(),
  });
  await startS3({
    store: await ObjectStore.open(join(INSIDE.services, 's3')),
    bindings: SERVICE_PREFIXES.filter(({ service }) => service === 's3').flatMap(
      ({ serverAddress: address }) => [
        { address, port: 80, isTls: false },
        { address, port: 443, isTls: true },
      ],
    ),
    tls: trust.authority,
    attribute: (remoteAddress) => attributionOf(told, remoteAddress),
    log: context.log,
    onBug: (error) => console.error(error),
    clock: context.clock,
    defaultRegion: DEFAULT_REGION,
  });
  tell('ready', true);
  await new Promise(() => {});
}

/** Who asks S3: an interface by its service address, with its endpoint, or whoever came over the Internet. */
function attributionOf(told: ToldView, remoteAddress: string): S3Attribution {
  const caller = told.find(remoteAddress);
  if (caller === undefined) return { sourceAddress: remoteAddress };
  const vpcEndpointId = caller.endpoints[`com.amazonaws.${caller.guest.region}.s3`];
  return {
    sourceAddress: caller.guest.privateIpAddress,
    eniId: caller.guest.eniId,
    ...(vpcEndpointId === undefined ? {} : { vpcEndpointId }),
  };
}
