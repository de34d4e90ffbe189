import { join } from 'node:path';
import { INSIDE } from '../fabric/world/world.ts';
import { startVpcResolver } from '../guest/dns.ts';
import { startImds } from '../guest/imds.ts';
import { serveDns } from '../internet/dns-server.ts';
import { typeOfServiceFor } from '../plan/metadata-hops.ts';
import { METADATA_ADDRESS, RESOLVER_ADDRESS, RESOLVER_PLUS_TWO_ADDRESS } from '../plan/places.ts';
import { Front } from '../region/front.ts';
import { API_SERVERS, SERVICE_PREFIXES } from '../region/prefixes.ts';
import { openTrust } from './authority-file.ts';
import type { Told } from './guest-view.ts';
import { serveParent } from './ipc.ts';
import { openServices } from './regional-services.ts';
import { Sightings } from './sightings.ts';
import { ToldView } from './told-view.ts';

/** Where a service of AWS answers whatever the user has made. */
const PUBLIC_ADDRESSES: readonly string[] = [
  ...SERVICE_PREFIXES.map(({ serverAddress }) => serverAddress),
  ...API_SERVERS.map(({ address }) => address),
];

/**
 * The process of the regions' services: metadata and names for instances, S3, DynamoDB, and the doors of the others. It stands in
 * the services' namespace.
 */
export async function runServices(): Promise<void> {
  const told = new ToldView();
  const sightings = new Sightings();
  const tell = serveParent({
    view: (view: Told) => told.replace(view),
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
    // Older versions of Node cannot; tokens then go as far as any packet.
    setHopLimit: (socket, hops) => socket.setTypeOfService?.(typeOfServiceFor(hops)),
  });
  await startVpcResolver({
    ...context,
    bindings: [RESOLVER_ADDRESS, RESOLVER_PLUS_TWO_ADDRESS].map((address) => ({ address, port: 53 })),
    serve: serveDns,
    internet: told.publicZone(),
  });
  const { clock } = context;
  const services = await openServices({ directory: INSIDE.services, told, sightings, clock });
  const front = new Front({
    tls: trust.authority,
    handlerAt: services.handlerAt,
    onFailure: (address, error) => console.error(`nobody can listen at ${address}: ${error}`),
  });
  const listen = (): Promise<void> => front.listenAt([...PUBLIC_ADDRESSES, ...told.endpointAddresses()]);
  told.onChange(() => void listen());
  await listen();
  await front.listenOn(join(INSIDE.services, 'services.sock'), services.fromMachine);
  tell('ready', true);
  await new Promise(() => {});
}
