import type { ServiceHandler } from './service.ts';
import type { SignatureClaim } from './signature.ts';

/** The services behind the port, by the name that signatures are scoped to. */
export type ServiceTable = Readonly<Record<string, ServiceHandler>>;

/** What tells which service a request is for, most certain first. */
export interface RoutingFacts {
  readonly claim: SignatureClaim | undefined;
  readonly target: string | undefined;
  readonly method: string;
  readonly contentType: string | undefined;
  readonly query: string;
}

/** The service's name, or undefined where the form body has to be asked. */
export function findServiceName(services: ServiceTable, facts: RoutingFacts): string | undefined {
  const { claim, target, method, contentType, query } = facts;
  if (claim !== undefined) return claim.service;
  if (target !== undefined) return findByTarget(services, target);
  const byVersion = findByVersion(services, query);
  if (byVersion !== undefined) return byVersion;
  if (method === 'POST' && contentType?.startsWith('application/x-www-form-urlencoded')) return undefined;
  return query.includes('Action=') || !Object.hasOwn(services, 's3') ? 'ec2' : 's3';
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
  return found?.[0] ?? prefix;
}
