import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { type ApiAsked, apiHandler } from '../region/api.ts';
import { dynamoDbHandler } from '../region/dynamodb/handler.ts';
import { Tables } from '../region/dynamodb/tables.ts';
import type { FrontHandler } from '../region/front.ts';
import { PolicyGuard } from '../region/guard.ts';
import { readRequest, s3Handler } from '../region/s3/server.ts';
import { describeS3 } from '../region/s3/service.ts';
import { ObjectStore } from '../region/s3/store.ts';
import { authorizeS3, resourceOf } from '../region/s3-authorizer.ts';
import { attributionOf, findPrefixAt } from './attribution.ts';
import { DEFAULT_REGION } from './defaults.ts';
import { authenticateDynamoDb, authenticateS3 } from './service-authentication.ts';
import type { Sightings } from './sightings.ts';
import type { ToldView } from './told-view.ts';

/** What the services are made of. */
export interface RegionalParts {
  /** Where they keep what they have, and the API's socket. */
  readonly directory: string;
  readonly told: ToldView;
  readonly sightings: Sightings;
  readonly clock: () => Date;
}

/** The services of all regions, ready to answer. */
export interface RegionalServices {
  /** Who answers at an address: by its prefix list, by the interface endpoint that calls there, or the API. */
  handlerAt(address: string): FrontHandler;
  /** Answers what the machine's API hands on: requests to the services that stand in the world. */
  readonly fromMachine: FrontHandler;
}

/** Opens S3 and DynamoDB, and the door to the API. Each request is attributed, judged by the policies on its way, and logged. */
export async function openServices(parts: RegionalParts): Promise<RegionalServices> {
  const { directory, told, sightings, clock } = parts;
  const judgement = makeJudgement(parts);
  const serviceOf = (address: string): string | undefined =>
    told.endpointAt(address)?.service ?? findPrefixAt(address)?.service;
  const authentication = {
    credentialOf: (accessKeyId: string, sessionToken: string | undefined) =>
      told.credentialOf(accessKeyId, sessionToken),
    isOpen: () => told.isOpen,
    defaultAccount: () => told.defaultAccount,
    clock,
  };
  const common = {
    attribute: (remoteAddress: string, localAddress: string) =>
      attributionOf(told, remoteAddress, localAddress),
    log: (sighting: object) => sightings.add(sighting),
    clock,
  };
  const s3 = s3Handler({
    ...common,
    store: await ObjectStore.open(join(directory, 's3')),
    authenticate: authenticateS3(authentication),
    authorize: judgement.authorizeS3,
    onBug: (error) => console.error(error),
    defaultRegion: DEFAULT_REGION,
  });
  const dynamodb = dynamoDbHandler({
    ...common,
    tables: new Tables(join(directory, 'dynamodb')),
    authenticate: authenticateDynamoDb(authentication),
    judge: judgement.judge,
  });
  const api = apiHandler({
    ...common,
    socketOf: (service) => {
      if (told.isPlugged(service)) return join(directory, `plugged-${service}.sock`);
      return OF_THE_API.has(service) ? join(directory, 'api.sock') : undefined;
    },
    serviceAt: serviceOf,
    describe: (service, request) => (service === 's3' ? describeForeignS3(request) : undefined),
    judge: judgement.judge,
  });
  const handlers: Readonly<Record<string, FrontHandler>> = { s3, dynamodb };
  return {
    handlerAt: (address) => {
      const service = serviceOf(address) ?? '';
      const isOwn = Object.hasOwn(handlers, service) && !told.isPlugged(service);
      return (isOwn ? handlers[service] : undefined) ?? api;
    },
    fromMachine: (request, response) => {
      const isDynamoDb = request.headers['x-amz-target']?.toString().startsWith('DynamoDB_') === true;
      (isDynamoDb ? dynamodb : s3)(request, response);
    },
  };
}

/** A request to a user's own S3, which the policies of endpoints are asked about all the same. */
function describeForeignS3(incoming: IncomingMessage): {
  readonly action: string;
  readonly resource: string;
} {
  const described = describeS3(readRequest(incoming, { sourceAddress: '' }));
  const { bucket, key } = described?.target ?? {};
  return { action: described?.action ?? 's3:', resource: resourceOf(bucket, key) };
}

/** The services that the API behind its socket has, as hosts call them. */
const OF_THE_API: ReadonlySet<string> = new Set([
  'ec2',
  'sts',
  'ssm',
  'elasticloadbalancing',
  'cloudformation',
]);

/** Asks the policies on a request's way; the log names the statement of each denial. */
function makeJudgement({ told, sightings, clock }: RegionalParts) {
  const guard = new PolicyGuard();
  const note = (action: string, denial: string, more: object): void =>
    sightings.add({ time: clock().toISOString(), service: 'policy', action, denial, ...more });
  return {
    authorizeS3: authorizeS3({
      guard,
      endpointPolicyOf: (vpcEndpointId) => told.endpointPolicyOf(vpcEndpointId),
      onDenial: ({ action, target, request }, reason) =>
        note(action, reason, { ...target, ...request.attribution }),
    }),
    judge: (asked: ApiAsked): string | undefined => {
      const policy = told.endpointPolicyOf(asked.attribution.vpcEndpointId ?? '');
      const principal =
        asked.accessKeyId === undefined
          ? undefined
          : told.credentialOf(asked.accessKeyId, asked.sessionToken);
      const denial = policy === undefined ? undefined : guard.askEndpoint(policy, { ...asked, principal });
      if (denial !== undefined) note(asked.action, denial.reason, asked.attribution);
      return denial?.message;
    },
  };
}
