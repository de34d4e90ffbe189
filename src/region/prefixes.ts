/**
 * The regions of the aws partition, in the order that gives each its blocks below. Append only: a region that moved would
 * change the prefix lists of worlds that exist.
 */
export const AWS_REGIONS = [
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'af-south-1',
  'ap-east-1',
  'ap-east-2',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-south-2',
  'ap-southeast-1',
  'ap-southeast-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ap-southeast-5',
  'ap-southeast-6',
  'ap-southeast-7',
  'ca-central-1',
  'ca-west-1',
  'eu-central-1',
  'eu-central-2',
  'eu-north-1',
  'eu-south-1',
  'eu-south-2',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'il-central-1',
  'me-central-1',
  'me-south-1',
  'mx-central-1',
  'sa-east-1',
] as const;

/** A service that has a managed prefix list and a gateway endpoint (semantics S98). */
export type GatewayService = 's3' | 'dynamodb';

/** The public addresses of a service in a region. */
export interface ServicePrefix {
  readonly region: string;
  readonly service: GatewayService;
  /** Name of the managed prefix list, and of the endpoint's service: `com.amazonaws.ap-northeast-2.s3`. */
  readonly prefixListName: string;
  readonly cidrBlock: string;
  /** Where the service answers: the block's first address after the network's own. */
  readonly serverAddress: string;
}

/** S3 gets a /22 of 52.219.0.0/16 and DynamoDB a /24 of 52.94.0.0/16: Amazon's own blocks, with room for 64 regions. */
const THIRD_OCTETS_OF_S3 = 4;

/** Every region's prefixes. The blocks are disjoint. */
export const SERVICE_PREFIXES: readonly ServicePrefix[] = AWS_REGIONS.flatMap((region, index) => [
  prefixOf(region, 's3', `52.219.${index * THIRD_OCTETS_OF_S3}`, 22),
  prefixOf(region, 'dynamodb', `52.94.${index}`, 24),
]);

function prefixOf(region: string, service: GatewayService, start: string, length: number): ServicePrefix {
  return {
    region,
    service,
    prefixListName: `com.amazonaws.${region}.${service}`,
    cidrBlock: `${start}.0/${length}`,
    serverAddress: `${start}.1`,
  };
}

/** Where all other services of a region answer: a /24 of Amazon's own 52.95.0.0/16 each, which no prefix list names. */
export const API_SERVERS: readonly { readonly region: string; readonly address: string }[] = AWS_REGIONS.map(
  (region, index) => ({ region, address: `52.95.${index}.1` }),
);

/** The prefix of a service in a region, undefined for a region that is not of the aws partition. */
export function findPrefix(region: string, service: GatewayService): ServicePrefix | undefined {
  return SERVICE_PREFIXES.find((prefix) => prefix.region === region && prefix.service === service);
}
