import { type Policy, parsePolicy } from '../model/policy/document.ts';
import {
  describeDenial,
  evaluatePolicy,
  type PolicyRequest,
  type Principal,
} from '../model/policy/evaluate.ts';
import type { Attribution } from './api.ts';

/** A request as the policies on its way see it. */
export interface GuardedRequest {
  readonly action: string;
  readonly resource: string;
  readonly principal: Principal | undefined;
  readonly attribution: Attribution;
  /** Keys of the service's own: `s3:prefix`. */
  readonly context?: Readonly<Record<string, string | undefined>>;
}

/** Why a policy on the way lets a request not through. */
export interface Denial {
  /** In AWS's words, for the client. */
  readonly message: string;
  /** Names the statement, for whoever reads the log. */
  readonly reason: string;
}

/** Policies that have been read: a few are asked again and again. */
const MOST_KEPT = 200;

/** Applies the policy of the endpoint that a request came by, and that of the bucket it is about. */
export class PolicyGuard {
  readonly #read = new Map<string, Policy>();

  /** The denial of an endpoint's policy; undefined where it allows the request (semantics S103). */
  askEndpoint(policyDocument: string, request: GuardedRequest): Denial | undefined {
    const asked = policyRequestOf(request);
    const policy = this.#readOnce(policyDocument);
    const verdict = evaluatePolicy(policy, asked);
    if (verdict.outcome === 'allowed') return undefined;
    const because =
      verdict.outcome === 'denied'
        ? 'with an explicit deny in a VPC endpoint policy'
        : `because no VPC endpoint policy allows the ${request.action} action`;
    const reason = `the policy of ${request.attribution.vpcEndpointId}: ${describeDenial(policy, verdict, asked)}`;
    return { message: `${notAuthorized(request)} ${because}`, reason };
  }

  /**
   * The denial of a bucket's policy, or of there being none. There is no IAM here: whoever is of the owner's account may do what
   * no statement denies, anybody else only what one allows. Where nobody owns it, there is nothing to guard from whoever signs.
   */
  askBucket(
    policyDocument: string | undefined,
    request: GuardedRequest,
    owner: string | undefined = request.principal?.account,
  ): Denial | undefined {
    const isSigned = request.principal !== undefined;
    const isOwners = isSigned && request.principal?.account === owner;
    if (policyDocument === undefined) {
      if (isOwners) return undefined;
      const reason = isSigned
        ? 'the bucket is of another account and has no policy that allows it'
        : 'nobody has signed the request';
      return { message: 'Access Denied', reason };
    }
    const asked = policyRequestOf(request);
    const policy = this.#readOnce(policyDocument);
    const verdict = evaluatePolicy(policy, asked);
    if (verdict.outcome === 'allowed' || (isOwners && verdict.outcome === 'not-allowed')) return undefined;
    const reason = `the policy of the bucket: ${describeDenial(policy, verdict, asked)}`;
    const message =
      verdict.outcome === 'denied' && isSigned
        ? `${notAuthorized(request)} with an explicit deny in a resource-based policy`
        : 'Access Denied';
    return { message, reason };
  }

  #readOnce(document: string): Policy {
    const known = this.#read.get(document);
    if (known !== undefined) return known;
    const policy = parsePolicy(document);
    if (this.#read.size >= MOST_KEPT) this.#read.clear();
    this.#read.set(document, policy);
    return policy;
  }
}

function notAuthorized({ principal, action, resource }: GuardedRequest): string {
  const on = resource === '*' ? '' : ` on resource: "${resource}"`;
  return `User: ${principal?.arn ?? 'anonymous'} is not authorized to perform: ${action}${on}`;
}

/** The keys of the request's way (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html). */
function policyRequestOf({
  action,
  resource,
  principal,
  attribution,
  context,
}: GuardedRequest): PolicyRequest {
  const { sourceAddress, vpcEndpointId, vpcId } = attribution;
  const way =
    vpcEndpointId === undefined
      ? { 'aws:SourceIp': sourceAddress }
      : { 'aws:SourceVpce': vpcEndpointId, 'aws:SourceVpc': vpcId, 'aws:VpcSourceIp': sourceAddress };
  return {
    action,
    resource,
    principal,
    context: {
      ...way,
      'aws:PrincipalArn': principal === undefined ? undefined : roleArnOf(principal.arn),
      'aws:PrincipalAccount': principal?.account,
      ...context,
    },
  };
}

/** Of a role's session the role's own ARN, as the key has it. */
function roleArnOf(arn: string): string {
  const session = /^arn:aws:sts::(\d{12}):assumed-role\/([^/]+)\//.exec(arn);
  return session === null ? arn : `arn:aws:iam::${session[1]}:role/${session[2]}`;
}
