import { CONNECTION_RULES } from './connections.ts';
import { ENDPOINT_RULES } from './endpoints.ts';
import type { FindingRule } from './finding.ts';
import { INSTANCE_RULES } from './instances.ts';
import { INTERNET_RULES } from './internet.ts';
import { KEPT_ONLY_RULES } from './kept-only.ts';
import { NETWORK_ACL_RULES } from './network-acls.ts';
import { ROUTING_RULES } from './routing.ts';
import { SECURITY_GROUP_RULES } from './security-groups.ts';

/** Every mistake that is looked for, by what it is about. */
export const FINDING_RULES: readonly FindingRule[] = [
  ...ROUTING_RULES,
  ...INTERNET_RULES,
  ...SECURITY_GROUP_RULES,
  ...NETWORK_ACL_RULES,
  ...ENDPOINT_RULES,
  ...CONNECTION_RULES,
  ...INSTANCE_RULES,
  ...KEPT_ONLY_RULES,
];
