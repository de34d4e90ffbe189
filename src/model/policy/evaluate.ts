import { findOperator, isHeld } from './conditions.ts';
import type { Policy, Statement } from './document.ts';
import { isLike, toPattern } from './patterns.ts';

/** Who asks; undefined for a request that nobody signed. */
export interface Principal {
  readonly account: string;
  readonly arn: string;
}

/** What is asked for. */
export interface PolicyRequest {
  /** `s3:GetObject` */
  readonly action: string;
  /** An ARN, `*` where the action is about no resource. */
  readonly resource: string;
  readonly principal: Principal | undefined;
  /** Keys in any case, such as `aws:SourceVpce`; absent where the request has no such thing. */
  readonly context: Readonly<Record<string, string | undefined>>;
}

/** What a policy says, and by which statement: a number from 0. */
export type Verdict =
  | { readonly outcome: 'allowed' | 'denied'; readonly statement: number }
  | { readonly outcome: 'not-allowed' };

/** A denial wins over every permission; what nothing allows is not allowed. */
export function evaluatePolicy(policy: Policy, request: PolicyRequest): Verdict {
  const fits = policy.statements.map((statement) => isAbout(policy.version, statement, request));
  const find = (effect: Statement['effect']): number =>
    policy.statements.findIndex((statement, index) => statement.effect === effect && fits[index] === true);
  const denial = find('Deny');
  if (denial >= 0) return { outcome: 'denied', statement: denial };
  const permission = find('Allow');
  return permission >= 0 ? { outcome: 'allowed', statement: permission } : { outcome: 'not-allowed' };
}

function isAbout(version: string, statement: Statement, request: PolicyRequest): boolean {
  const context = new Map(
    Object.entries(request.context).map(([key, value]) => [key.toLowerCase(), value] as const),
  );
  const fill = (text: string, isPattern: boolean): string =>
    version === '2012-10-17' ? fillVariables(text, isPattern, context) : text;
  const { action, resource } = request;
  return (
    isPrincipal(statement, request) &&
    statement.actions.some((each) => isLike(action.toLowerCase(), each.toLowerCase())) !==
      statement.isNotAction &&
    statement.resources.some((each) => isLike(resource, fill(each, true))) !== statement.isNotResource &&
    statement.conditions.every(({ operator, key, values }) => {
      const found = findOperator(operator);
      const value = context.get(key.toLowerCase());
      if (found === undefined) return false;
      const wanted = values.map((each) => fill(each, found.isPattern));
      return isHeld(found, value === undefined ? undefined : [value], wanted);
    })
  );
}

function isPrincipal({ principals, isNotPrincipal }: Statement, { principal }: PolicyRequest): boolean {
  if (principals === '*') return !isNotPrincipal;
  return principals.some((name) => principal !== undefined && isNamed(principal, name)) !== isNotPrincipal;
}

/** By account, by its root (which means all of it), by a role (which means its sessions), or exactly. */
function isNamed({ account, arn }: Principal, name: string): boolean {
  if (name === account || name === arn || name === `arn:aws:iam::${account}:root`) return true;
  const role = /^arn:aws:sts::(\d{12}):assumed-role\/([^/]+)\//.exec(arn);
  return role !== null && name === `arn:aws:iam::${role[1]}:role/${role[2]}`;
}

/**
 * `${aws:PrincipalArn}`, `${aws:PrincipalTag/team, 'nobody'}` with a default, and `${*}` for a star itself; a key that the
 * request does not have matches nothing
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html).
 */
function fillVariables(
  text: string,
  isPattern: boolean,
  context: ReadonlyMap<string, string | undefined>,
): string {
  return text.replace(/\$\{([^}]*)\}/g, (_whole, inner: string) => {
    const value = ['*', '?', '$'].includes(inner) ? inner : readVariable(inner, context);
    return isPattern ? toPattern(value) : value;
  });
}

function readVariable(inner: string, context: ReadonlyMap<string, string | undefined>): string {
  const [, name = inner, fallback] = /^([^,]*?)\s*,\s*'([^']*)'\s*$/.exec(inner) ?? [];
  return context.get(name.trim().toLowerCase()) ?? fallback ?? '\0';
}

/** A verdict that lets nothing through, as a sentence that names the statement. */
export function describeDenial(
  policy: Policy,
  verdict: Verdict,
  { action, resource }: PolicyRequest,
): string {
  const what = `${action} on ${resource}`;
  if (verdict.outcome === 'not-allowed') return `no statement of it allows ${what}`;
  return `its ${nameOf(policy, verdict.statement)} denies ${what}`;
}

/** A verdict that lets something through, as a sentence that names the statement. */
export function describePermission(
  policy: Policy,
  { statement }: { readonly statement: number },
  { action, resource }: PolicyRequest,
): string {
  return `its ${nameOf(policy, statement)} allows ${action} on ${resource}`;
}

function nameOf({ statements }: Policy, index: number): string {
  const sid = statements[index]?.sid;
  return sid === undefined ? `statement ${index + 1}` : `statement ${sid}`;
}
