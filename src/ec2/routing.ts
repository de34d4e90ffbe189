import type { ServiceHandler } from './service.ts';
import type { SignatureClaim } from './signature.ts';

/** The services behind the port, by the name that signatures are scoped to. */
export type ServiceTable = Readonly<Record<string, ServiceHandler>>;

/** What tells which service a request is for, most certain first. */
export interface RoutingFacts {
  readonly claim: SignatureClaim | undefined;
  readonly target: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly contentType: string | undefined;
  readonly query: string;
}

/**
 * The service's name, or undefined where the form body has to be asked. What nothing tells is for S3, where there is one: it alone
 * has requests that are nothing but a path.
 */
export function findServiceName(
  services: ServiceTable,
  hasS3: boolean,
  facts: RoutingFacts,
): string | undefined {
  const { claim, target, method, contentType, path, query } = facts;
  if (claim !== undefined) return claim.service;
  if (target !== undefined) return findByTarget(services, target);
  const byVersion = findByVersion(services, query);
  if (byVersion !== undefined) return byVersion;
  if (method === 'POST' && contentType?.startsWith('application/x-www-form-urlencoded')) return undefined;
  return hasS3 && path !== '/' && !query.includes('Action=') ? 's3' : 'ec2';
}

/** The query service whose `Version` the parameters name. */
export function findByVersion(services: ServiceTable, parameters: string): string | undefined {
  const version = /(?:^|&)Version=([^&]*)/.exec(parameters)?.[1];
  if (version === undefined) return undefined;
  return Object.entries(services).find(([, service]) => service.version === version)?.[0];
}

function findByTarget(services: ServiceTable, target: string): string {
  const prefix = target.split('.', 1)[0] ?? '';
  const found = Object.entries(services).find(([, service]) => service.targetPrefixes?.includes(prefix));
  // DynamoDB_20120810
  return found?.[0] ?? prefix.toLowerCase().replace(/_\d+$/, '');
}
