import { createHash } from 'node:crypto';
import type { Scope } from '../model/world.ts';

/** The ARN of a stack; `unique` tells apart stacks of one name. */
export function stackIdOf({ account, region }: Scope, stackName: string, unique: string): string {
  return `arn:aws:cloudformation:${region}:${account}:stack/${stackName}/${unique}`;
}

/** The ARN of a change set. */
export function changeSetIdOf({ account, region }: Scope, changeSetName: string, unique: string): string {
  return `arn:aws:cloudformation:${region}:${account}:changeSet/${changeSetName}/${unique}`;
}

/** Whose stack it is, and where. */
export function scopeOfStack(stackId: string): Scope {
  const [, , , region = '', account = ''] = stackId.split(':');
  return { account, region };
}

/** Longest parts of a generated name, so that the whole fits into the 63 letters that S3 allows a bucket. */
const LONGEST_PART = 24;
const SUFFIX_LENGTH = 12;

/** `STACK-LOGICALID-1A2B3C4D5E6F`: the same at every try, another for each resource that takes another's place. */
export function generatedNameOf(stackName: string, logicalId: string, resourceKey: string): string {
  const digits = createHash('sha256').update(resourceKey).digest('hex').slice(0, 16);
  const suffix = BigInt(`0x${digits}`).toString(36).toUpperCase().padStart(SUFFIX_LENGTH, '0');
  const [stack, logical] = [stackName, logicalId].map((each) => each.slice(0, LONGEST_PART));
  return `${stack}-${logical}-${suffix.slice(-SUFFIX_LENGTH)}`;
}
