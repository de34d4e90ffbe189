import { chmodSync } from 'node:fs';
import { imageParametersOf } from '../ec2/catalogue/image-parameters.ts';
import { isRegion } from '../ec2/catalogue/regions.ts';
import { type ActionTable, createDispatcher } from '../ec2/dispatch.ts';
import { createEc2Service } from '../ec2/ec2-service.ts';
import { createLoadBalancing } from '../ec2/load-balancing/service.ts';
import { type RequestRelay, startServer } from '../ec2/server.ts';
import { loadModel } from '../ec2/wire/model.ts';
import { relay } from '../region/relay.ts';
import { createSsm } from '../region/ssm/service.ts';
import { createSts } from '../region/sts.ts';
import type { Credentials, StateDirectory } from '../state/directory.ts';
import type { Store } from '../state/store.ts';
import { makeActions } from './actions.ts';
import { type ActionRunner, tokensInWorld } from './api.ts';
import { findCredential, findRole } from './credentials.ts';
import { DEFAULT_REGION } from './defaults.ts';
import { makeSession } from './session-credentials.ts';
import { openStacks } from './stacks.ts';
import type { WorldSupervisor } from './supervisor.ts';

/** What the API is made of. */
export interface ApiParts {
  readonly state: StateDirectory;
  readonly port: number;
  readonly isOpen: boolean;
  /** Services that servers of the user's answer. */
  readonly plugged: readonly string[];
  readonly credentials: Credentials;
  readonly store: Store;
  readonly runner: ActionRunner;
  readonly supervisor: WorldSupervisor;
  readonly clock: () => Date;
  readonly log: (line: string) => void;
  /** Forgets everything, where any access key is accepted: what test suites of moto ask for. */
  readonly reset: () => Promise<void>;
}

/** The API, listening. */
export interface Api {
  readonly url: string;
  readonly port: number;
  readonly actions: ActionTable;
  close(): Promise<void>;
}

/** Serves the API on a port of 127.0.0.1 for the machine, and on a socket for the world; stacks go on where they were left. */
export async function startApi(parts: ApiParts): Promise<Api> {
  const { state, runner, credentials, log } = parts;
  const actions = makeActions((instanceId) => parts.supervisor.consoleOutput(instanceId));
  const dispatch = createDispatcher({
    model: loadModel(),
    actions,
    transactions: runner,
    tokens: tokensInWorld,
    onBug: (error, action, requestId) => log(`bug in ${action} (${requestId}): ${stackOf(error)}`),
  });
  const stacks = openStacks({
    store: parts.store,
    runner,
    actions,
    log,
    credentials,
    clock: parts.clock,
    socketPath: state.servicesSocket,
  });
  const toWorld: RequestRelay = (request, response) =>
    relay(state.servicesSocket, request, response, () => {});
  const toPlugged = (name: string): [string, RequestRelay] => [
    name,
    (request, response) => relay(state.pluggedSocket(name), request, response, () => {}),
  ];
  const server = await startServer({
    services: {
      ec2: createEc2Service(dispatch),
      sts: createSts({
        findRole: (account, name) => findRole(parts.store.worlds(), account, name),
        makeSession: (session) => makeSession(credentials, session),
      }),
      elasticloadbalancing: createLoadBalancing(runner),
      cloudformation: stacks.service,
      ssm: createSsm({
        write: async (scope, act) => {
          const { value, durable } = parts.store.transact(scope, act);
          await durable;
          return value;
        },
        publicParametersOf: imageParametersOf,
      }),
    },
    // They stand in the world, and answer there too.
    relays: { s3: toWorld, dynamodb: toWorld, ...Object.fromEntries(parts.plugged.map(toPlugged)) },
    port: parts.port,
    socketPath: state.apiSocket,
    defaultRegion: DEFAULT_REGION,
    isRegion,
    clock: parts.clock,
    onBug: (error, requestId) => log(`bug in the server (${requestId}): ${stackOf(error)}`),
    isOpen: parts.isOpen,
    defaultAccount: credentials.account,
    secretOf: (accessKeyId, sessionToken) =>
      findCredential(credentials, parts.store.worlds(), accessKeyId, sessionToken),
    ...(parts.isOpen ? { reset: parts.reset } : {}),
  });
  // The world's processes are other users of the machine; the folder it lies in lets nobody else by.
  chmodSync(state.apiSocket, 0o666);
  stacks.engine.start();
  const port = server.port ?? parts.port;
  const close = async (): Promise<void> => {
    await server.stop(1_000);
    stacks.engine.close();
  };
  return { url: `http://127.0.0.1:${port}`, port, actions, close };
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
