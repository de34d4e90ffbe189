import type { VpcEndpoint } from './records.ts';
import type { World } from './world.ts';

/** A name and the private addresses it stands for. A name that begins with `*.` stands for every name below. */
export interface EndpointName {
  readonly name: string;
  readonly addresses: readonly string[];
}

/** The names of an interface endpoint (https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html). */
export interface EndpointNames {
  /** Of the whole endpoint, then of each zone: known to everybody. */
  readonly own: readonly EndpointName[];
  /** The service's public names, which the endpoint's VPC resolves to it; none without private DNS (semantics S105). */
  readonly private: readonly EndpointName[];
}

/** Services whose clients put a name of their own before the service's: a bucket, a registry, an API. */
const WITH_NAMES_BELOW: ReadonlySet<string> = new Set(['s3', 'ecr.dkr', 'execute-api']);

/** Services whose hosts have another name than their endpoints (https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html). */
const HOSTS: ReadonlyMap<string, string> = new Map([
  ['codeartifact.api', 'codeartifact'],
  ['ecs-agent', 'ecs-a'],
  ['ecs-telemetry', 'ecs-t'],
  ['kinesis-firehose', 'firehose'],
  ['kinesis-streams', 'kinesis'],
]);

/** The public name of an AWS service: `api.ecr.us-east-1.amazonaws.com` of `com.amazonaws.us-east-1.ecr.api`. */
export function publicNameOf(serviceName: string, region: string): string {
  return `${hostOf(serviceName)}.${region}.amazonaws.com`;
}

/** What comes before the region in names of an AWS service's hosts: `api.ecr` of `com.amazonaws.us-east-1.ecr.api`. */
export function hostOf(serviceName: string): string {
  const short = shortNameOf(serviceName);
  return HOSTS.get(short) ?? short.split('.').reverse().join('.');
}

/** What an AWS service is called in its endpoints' names: `ecr.api` of `com.amazonaws.us-east-1.ecr.api`. */
export function shortNameOf(serviceName: string): string {
  return serviceName.split('.').slice(3).join('.');
}

/** Whether somebody's own service is meant, not one of AWS's: `com.amazonaws.vpce.us-east-1.vpce-svc-…`. */
export function isOfferedService(serviceName: string): boolean {
  return serviceName.startsWith('com.amazonaws.vpce.');
}

/** The names of an interface endpoint in its own region; none before it is accepted, and none of a gateway endpoint. */
export function namesOfEndpoint(world: World, endpoint: VpcEndpoint): EndpointNames {
  const { vpcEndpointId, serviceName, state } = endpoint;
  if (endpoint.vpcEndpointType !== 'Interface' || state === 'pendingAcceptance' || state === 'rejected') {
    return { own: [], private: [] };
  }
  const { region } = world.scope;
  const short = shortNameOf(serviceName);
  const isOffered = isOfferedService(serviceName);
  const service = isOffered ? (serviceName.split('.').at(-1) ?? '') : hostOf(serviceName);
  const star = short === 's3' ? '*.' : '';
  const first = `${star}${vpcEndpointId}-${vpcEndpointId.slice(-8)}`;
  const rest = `${service}.${region}.vpce.amazonaws.com`;
  const interfaces = endpoint.networkInterfaceIds.flatMap((id) => world.networkInterfaces.get(id) ?? []);
  const addresses = interfaces.flatMap(({ privateIpAddresses }) => privateIpAddresses.slice(0, 1));
  const own = [
    { name: `${first}.${rest}`, addresses },
    ...interfaces.map(({ availabilityZone, privateIpAddresses }) => ({
      name: `${first}-${availabilityZone}.${rest}`,
      addresses: privateIpAddresses.slice(0, 1),
    })),
  ];
  if (!endpoint.privateDnsEnabled) return { own, private: [] };
  if (isOffered) {
    const { privateDnsName: name } = endpoint;
    return { own, private: name === undefined ? [] : [{ name, addresses }] };
  }
  const publicName = publicNameOf(serviceName, region);
  const below = WITH_NAMES_BELOW.has(short) ? [{ name: `*.${publicName}`, addresses }] : [];
  return { own, private: [{ name: publicName, addresses }, ...below] };
}
