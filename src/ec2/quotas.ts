import type { ActionContext } from './action.ts';
import { AwsError } from './errors.ts';

/** One of AWS's quotas (semantics S18). */
interface Quota {
  /** AWS's default. */
  readonly number: number;
  /** Kept to always, because it shapes how a network is designed; the counts of a region only when asked for. */
  readonly isAlways: boolean;
  readonly code: string;
  readonly message: string;
}

const of = (number: number, isAlways: boolean, code: string, message: string): Quota => ({
  ...{ number, isAlways, code, message },
});

/** https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html */
export const QUOTAS = {
  vpcs: of(5, false, 'VpcLimitExceeded', 'The maximum number of VPCs has been reached.'),
  'subnets-per-vpc': of(200, false, 'SubnetLimitExceeded', 'The maximum number of subnets has been reached.'),
  'cidr-blocks-per-vpc': of(
    5,
    true,
    'CidrLimitExceeded',
    'This network has met its maximum number of allowed CIDRs.',
  ),
  'internet-gateways': of(
    5,
    false,
    'InternetGatewayLimitExceeded',
    'The maximum number of internet gateways has been reached.',
  ),
  'elastic-ips': of(5, false, 'AddressLimitExceeded', 'The maximum number of addresses has been reached.'),
  'nat-gateways-per-zone': of(
    5,
    false,
    'NatGatewayLimitExceeded',
    'The maximum number of NAT gateways of the Availability Zone has been reached.',
  ),
  'route-tables-per-vpc': of(
    200,
    false,
    'RouteTableLimitExceeded',
    'The maximum number of route tables has been reached.',
  ),
  'routes-per-table': of(50, true, 'RouteLimitExceeded', 'The maximum number of routes has been reached.'),
  'network-acls-per-vpc': of(
    200,
    false,
    'NetworkAclLimitExceeded',
    'The maximum number of network ACLs has been reached.',
  ),
  'rules-per-network-acl': of(
    20,
    true,
    'NetworkAclEntryLimitExceeded',
    'The maximum number of network acl entries has been reached.',
  ),
  'security-groups': of(
    2500,
    false,
    'SecurityGroupLimitExceeded',
    'The maximum number of security groups has been reached.',
  ),
  'rules-per-security-group': of(
    60,
    true,
    'RulesPerSecurityGroupLimitExceeded',
    'The maximum number of rules per security group has been reached.',
  ),
  'security-groups-per-interface': of(
    5,
    true,
    'SecurityGroupsPerInterfaceLimitExceeded',
    'You have exceeded the maximum number of security groups allowed per network interface.',
  ),
  'peering-connections-per-vpc': of(
    50,
    true,
    'VpcPeeringConnectionsPerVpcLimitExceeded',
    'The maximum number of active VPC peering connections has been reached.',
  ),
  'gateway-endpoints': of(
    20,
    false,
    'VpcEndpointLimitExceeded',
    'The maximum number of VPC endpoints has been reached.',
  ),
  'interface-endpoints-per-vpc': of(
    50,
    true,
    'VpcEndpointLimitExceeded',
    'The maximum number of VPC endpoints has been reached.',
  ),
} as const satisfies Readonly<Record<string, Quota>>;

export type QuotaName = keyof typeof QUOTAS;

/** How many of each thing there may be; infinite where nobody counts. */
export type Quotas = Readonly<Record<QuotaName, number>>;

/** What `--quotas` was given makes no sense; the message says why and what would. */
export class QuotaError extends Error {}

const NAMES = Object.keys(QUOTAS).filter(isQuotaName);

function isQuotaName(name: string): name is QuotaName {
  return Object.hasOwn(QUOTAS, name);
}

/** The quotas that are kept to without being asked for. */
export const STANDARD_QUOTAS: Quotas = makeQuotas((name) =>
  QUOTAS[name].isAlways ? QUOTAS[name].number : Number.POSITIVE_INFINITY,
);

/** AWS's own defaults, the counts of a region among them. */
export const AWS_QUOTAS: Quotas = makeQuotas((name) => QUOTAS[name].number);

/** AWS's quotas with those changed that a JSON object names: `{"vpcs": 20}`. Throws QuotaError. */
export function readQuotas(text: string): Quotas {
  const fields = parseObject(text);
  for (const [name, value] of Object.entries(fields)) {
    if (!isQuotaName(name))
      throw new QuotaError(`There is no quota "${name}". There are ${NAMES.join(', ')}.`);
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
      throw new QuotaError(`The quota "${name}" must be a whole number, not ${JSON.stringify(value)}.`);
    }
  }
  return makeQuotas((name) => (typeof fields[name] === 'number' ? fields[name] : QUOTAS[name].number));
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  } catch {
    // Said below, for what is no JSON and for what is no object alike.
  }
  throw new QuotaError('Quotas are a JSON object of numbers, such as {"vpcs": 20}.');
}

function makeQuotas(numberOf: (name: QuotaName) => number): Quotas {
  return {
    vpcs: numberOf('vpcs'),
    'subnets-per-vpc': numberOf('subnets-per-vpc'),
    'cidr-blocks-per-vpc': numberOf('cidr-blocks-per-vpc'),
    'internet-gateways': numberOf('internet-gateways'),
    'elastic-ips': numberOf('elastic-ips'),
    'nat-gateways-per-zone': numberOf('nat-gateways-per-zone'),
    'route-tables-per-vpc': numberOf('route-tables-per-vpc'),
    'routes-per-table': numberOf('routes-per-table'),
    'network-acls-per-vpc': numberOf('network-acls-per-vpc'),
    'rules-per-network-acl': numberOf('rules-per-network-acl'),
    'security-groups': numberOf('security-groups'),
    'rules-per-security-group': numberOf('rules-per-security-group'),
    'security-groups-per-interface': numberOf('security-groups-per-interface'),
    'peering-connections-per-vpc': numberOf('peering-connections-per-vpc'),
    'gateway-endpoints': numberOf('gateway-endpoints'),
    'interface-endpoints-per-vpc': numberOf('interface-endpoints-per-vpc'),
  };
}

/** Throws AWS's error when there would be more than a quota allows; `wanted` counts what is asked for too. */
export function demandQuota(
  { quotas }: ActionContext,
  name: QuotaName,
  wanted: number,
  message: string = QUOTAS[name].message,
): void {
  if (wanted > quotas[name]) throw new AwsError(QUOTAS[name].code, message);
}
