import { createHash } from 'node:crypto';
import type { IamInstanceProfileSpecification } from '@aws-sdk/client-ec2';
import type { InstanceProfile } from '../model/records.ts';
import type { ActionContext } from './action.ts';
import { AwsError } from './errors.ts';

/** Letters and digits, and these: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const NAME = /^[\w+=,.@-]{1,128}$/;
const ARN = /^arn:aws:iam::(\d{12}):instance-profile\/(?:[\x21-\x7e]+\/)?([\w+=,.@-]{1,128})$/;

/**
 * The instance profile that a request names, by name or ARN. There is no IAM here: any profile with a good name is taken to
 * exist, with a role of its own name. Undefined when none is named.
 */
export function readInstanceProfile(
  context: ActionContext,
  specification: IamInstanceProfileSpecification | undefined,
): InstanceProfile | undefined {
  const { Name: name, Arn: arn } = specification ?? {};
  if ((name === undefined || name === '') && (arn === undefined || arn === '')) return undefined;
  if (name !== undefined && name !== '') {
    if (!NAME.test(name)) throw invalidProfile(name, 'iamInstanceProfile.name', 'name');
    return makeProfile(context, `arn:aws:iam::${context.account}:instance-profile/${name}`);
  }
  const given = arn ?? '';
  if (ARN.exec(given)?.[1] !== context.account) throw invalidProfile(given, 'iamInstanceProfile.arn', 'ARN');
  return makeProfile(context, given);
}

function makeProfile(context: ActionContext, arn: string): InstanceProfile {
  // One id a profile, as if it were kept somewhere.
  const digits = createHash('sha256').update(arn).digest('hex').toUpperCase();
  return {
    arn,
    profileId: `AIPA${digits.slice(0, 17)}`,
    associationId: context.newId('iip-assoc'),
    associatedAt: context.now.toISOString(),
  };
}

function invalidProfile(value: string, parameter: string, what: string): AwsError {
  return new AwsError(
    'InvalidParameterValue',
    `Value (${value}) for parameter ${parameter} is invalid. Invalid IAM Instance Profile ${what}`,
  );
}
