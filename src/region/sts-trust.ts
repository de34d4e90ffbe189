import { PolicyError, parsePolicy } from '../model/policy/document.ts';
import { evaluatePolicy, type Principal } from '../model/policy/evaluate.ts';

/**
 * Whether a role's trust policy lets somebody assume it. Such a policy names no resource, for it is about the role that has it
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html). One that cannot be read trusts nobody.
 */
export function isTrusted(
  trustPolicy: string,
  principal: Principal,
  externalId: string | undefined,
): boolean {
  try {
    const request = {
      action: 'sts:AssumeRole',
      resource: '*',
      principal,
      context: {
        'sts:ExternalId': externalId,
        'aws:PrincipalArn': principal.arn,
        'aws:PrincipalAccount': principal.account,
      },
    };
    return evaluatePolicy(parsePolicy(withResources(trustPolicy)), request).outcome === 'allowed';
  } catch (error) {
    if (error instanceof PolicyError) return false;
    throw error;
  }
}

function withResources(trustPolicy: string): string {
  const document: unknown = JSON.parse(trustPolicy);
  if (typeof document !== 'object' || document === null || !('Statement' in document)) return trustPolicy;
  const { Statement } = document;
  const statements: readonly unknown[] = Array.isArray(Statement) ? Statement : [Statement];
  return JSON.stringify({
    ...document,
    Statement: statements.map((statement) =>
      typeof statement === 'object' && statement !== null ? { ...statement, Resource: '*' } : statement,
    ),
  });
}
