import { type Condition, parsePolicy, type Statement } from '../../model/policy/document.ts';

/** Keys that, held to fixed values, bind whom a statement allows to what the owner knows. */
const BINDING_KEYS: ReadonlySet<string> = new Set(
  [
    'aws:PrincipalAccount',
    'aws:PrincipalArn',
    'aws:PrincipalOrgID',
    'aws:PrincipalOrgPaths',
    'aws:SourceAccount',
    'aws:SourceArn',
    'aws:SourceIp',
    'aws:SourceOwner',
    'aws:SourceVpc',
    'aws:SourceVpcArn',
    'aws:SourceVpce',
    'aws:userid',
    's3:DataAccessPointAccount',
    's3:DataAccessPointArn',
  ].map((key) => key.toLowerCase()),
);

/** The widest block of addresses that is still somebody's own: a /8. */
const WIDEST_PREFIX = 8;

/**
 * Whether a policy gives anything to the public: a statement allows everybody, and no condition binds it to fixed values
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html, "The meaning of public").
 */
export function isPublicPolicy(document: string): boolean {
  return parsePolicy(document).statements.some(isPublicStatement);
}

function isPublicStatement({ effect, principals, isNotPrincipal, conditions }: Statement): boolean {
  if (effect === 'Deny') return false;
  const isForAll = isNotPrincipal || principals === '*' || principals.includes('*');
  return isForAll && !conditions.some(isBinding);
}

function isBinding({ operator, key, values }: Condition): boolean {
  const isPositive = /^(?:ForAnyValue:)?(?:String(?:Equals|Like)|Arn(?:Equals|Like)|IpAddress)/.test(
    operator,
  );
  if (!isPositive || operator.endsWith('IfExists') || !BINDING_KEYS.has(key.toLowerCase())) return false;
  return values.every((value) =>
    key.toLowerCase() === 'aws:sourceip' ? !isWideBlock(value) : !/[*?]|\$\{/.test(value),
  );
}

function isWideBlock(value: string): boolean {
  const prefix = /\/(\d+)$/.exec(value)?.[1];
  return prefix !== undefined && Number(prefix) < WIDEST_PREFIX;
}
