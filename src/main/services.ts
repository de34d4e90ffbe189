import { join } from 'node:path';
import { INSIDE } from '../fabric/world/world.ts';
import { startVpcResolver } from '../guest/dns.ts';
import { startImds } from '../guest/imds.ts';
import { serveDns } from '../internet/dns-server.ts';
import { METADATA_ADDRESS, RESOLVER_ADDRESS, RESOLVER_PLUS_TWO_ADDRESS } from '../plan/places.ts';
import { type Attribution, apiHandler } from '../region/api.ts';
import { Front } from '../region/front.ts';
import { PolicyGuard } from '../region/guard.ts';
import { API_SERVERS, SERVICE_PREFIXES } from '../region/prefixes.ts';
import { s3Handler } from '../region/s3/server.ts';
import { ObjectStore } from '../region/s3/store.ts';
import { authorizeS3 } from '../region/s3-authorizer.ts';
import { openTrust } from './authority-file.ts';
import { DEFAULT_REGION } from './defaults.ts';
import type { Told } from './guest-view.ts';
import { serveParent } from './ipc.ts';
import { authenticateS3 } from './s3-authentication.ts';
import { Sightings } from './sightings.ts';
import { ToldView } from './told-view.ts';

/** The process of the regions' services: metadata and names for instances, S3, and the
 * doors of the others. It stands in the services' namespace. */
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
  });
  await startVpcResolver({
    ...context,
    bindings: [RESOLVER_ADDRESS, RESOLVER_PLUS_TWO_ADDRESS].map((address) => ({ address, port: 53 })),
    serve: serveDns,
    internet: told.publicZone(),
  });
  const guard = new PolicyGuard();
  const denialOf = (action: string, denial: string): object => ({
    time: context.clock().toISOString(),
    service: 'policy',
    action,
    denial,
  });
  const s3 = s3Handler({
    store: await ObjectStore.open(join(INSIDE.services, 's3')),
    attribute: (remoteAddress, localAddress) => attributionOf(told, remoteAddress, localAddress),
    authenticate: authenticateS3({
      credentialOf: (accessKeyId) => told.credentialOf(accessKeyId),
      isOpen: () => told.isOpen,
      defaultAccount: () => told.defaultAccount,
      clock: context.clock,
    }),
    authorize: authorizeS3({
      guard,
      endpointPolicyOf: (vpcEndpointId) => told.endpointPolicyOf(vpcEndpointId),
      onDenial: ({ action, target, request }, reason) =>
        sightings.add({ ...denialOf(action, reason), ...target, ...request.attribution }),
    }),
    log: context.log,
    onBug: (error) => console.error(error),
    clock: context.clock,
    defaultRegion: DEFAULT_REGION,
  });
  const others = apiHandler({
    socketPath: join(INSIDE.services, 'api.sock'),
    attribute: (remoteAddress, localAddress) => attributionOf(told, remoteAddress, localAddress),
    serviceAt: (localAddress) => told.endpointAt(localAddress)?.service,
    judge: (asked) => {
      const policy = told.endpointPolicyOf(asked.attribution.vpcEndpointId ?? '');
      const principal = asked.accessKeyId === undefined ? undefined : told.principalOf(asked.accessKeyId);
      const denial = policy === undefined ? undefined : guard.askEndpoint(policy, { ...asked, principal });
      if (denial !== undefined)
        sightings.add({ ...denialOf(asked.action, denial.reason), ...asked.attribution });
      return denial?.message;
    },
    log: context.log,
    clock: context.clock,
  });
  const front = new Front({
    tls: trust.authority,
    handlerAt: (address) => (isS3(told, address) ? s3 : others),
    onFailure: (address, error) => console.error(`nobody can listen at ${address}: ${error}`),
  });
  const listen = (): Promise<void> => front.listenAt([...PUBLIC_ADDRESSES, ...told.endpointAddresses()]);
  told.onChange(() => void listen());
  await listen();
  await front.listenOn(join(INSIDE.services, 'services.sock'), s3);
  tell('ready', true);
  await new Promise(() => {});
}

const S3_ADDRESSES: ReadonlySet<string> = new Set(
  SERVICE_PREFIXES.filter(({ service }) => service === 's3').map(({ serverAddress }) => serverAddress),
);

/** Where a service of AWS answers whatever the user has made. */
const PUBLIC_ADDRESSES: readonly string[] = [...S3_ADDRESSES, ...API_SERVERS.map(({ address }) => address)];

function isS3(told: ToldView, address: string): boolean {
  return S3_ADDRESSES.has(address) || told.endpointAt(address)?.service === 's3';
}

/**
 * Who asks: an interface endpoint is known by the address it calls at; without one, an interface by its service address,
 * with the gateway endpoint on its way to S3; or whoever came over the Internet.
 */
function attributionOf(told: ToldView, remoteAddress: string, localAddress: string): Attribution {
  // By the socket: from the machine itself.
  if (remoteAddress === '') return { sourceAddress: '127.0.0.1' };
  const endpoint = told.endpointAt(localAddress);
  if (endpoint !== undefined) {
    const { vpcEndpointId, vpcId } = endpoint;
    return { sourceAddress: remoteAddress, vpcEndpointId, vpcId };
  }
  const caller = told.find(remoteAddress);
  if (caller === undefined) return { sourceAddress: remoteAddress };
  const vpcEndpointId = caller.endpoints[`com.amazonaws.${caller.guest.region}.s3`];
  const { privateIpAddress, eniId, vpcId } = caller.guest;
  return {
    sourceAddress: privateIpAddress,
    eniId,
    ...(vpcEndpointId === undefined ? {} : { vpcEndpointId, vpcId }),
  };
}
