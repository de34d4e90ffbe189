import { randomUUID } from 'node:crypto';
import { AwsError } from '../ec2/errors.ts';
import { NotKnownYet } from '../template/bind.ts';
import { TemplateError } from '../template/value.ts';

/** A resource that CloudFormation itself refuses; the message is shown as it is. */
export class ResourceRefusal extends Error {}

/** What an error of a service is in the words of CloudFormation's handlers. */
const HANDLER_CODES: readonly (readonly [RegExp, string])[] = [
  [/NotFound|NoSuch/, 'NotFound'],
  [/Duplicate|AlreadyExists|AlreadyAssociated/, 'AlreadyExists'],
  [/LimitExceeded|TooMany/, 'ServiceLimitExceeded'],
  [/^Invalid|^Missing|Malformed|Validation|^Unsupported/, 'InvalidRequest'],
  [/InUse|DependencyViolation|IncorrectState/, 'ResourceConflict'],
];

/** As CloudFormation shows what a handler of a resource's type was refused with. */
function handlerMessage(message: string, code: string): string {
  return `Resource handler returned message: "${message}" (RequestToken: ${randomUUID()}, HandlerErrorCode: ${code})`;
}

/** The reason for which an act on a resource failed, or undefined where the error is a bug of ours. */
export function reasonOf(type: string, error: unknown): string | undefined {
  if (error instanceof ResourceRefusal || error instanceof TemplateError) return error.message;
  if (error instanceof NotKnownYet) return error.message;
  if (!(error instanceof AwsError)) return undefined;
  const { message, code, status } = error;
  const handlerCode = HANDLER_CODES.find(([pattern]) => pattern.test(code))?.[1] ?? 'GeneralServiceException';
  const origin = `(Service: ${serviceOf(type)}, Status Code: ${status}, Request ID: ${randomUUID()})`;
  return handlerMessage(`${message} ${origin}`, handlerCode);
}

/** The reason for which a resource did not come to be, as its type tells it. */
export function stabilizationReason(message: string): string {
  return handlerMessage(message, 'NotStabilized');
}

/** The reason for which a resource that another process keeps was refused. */
export function remoteReason(error: unknown): string {
  return handlerMessage(error instanceof Error ? error.message : String(error), 'GeneralServiceException');
}

/** `AWS::EC2::VPC` is Ec2's. */
function serviceOf(type: string): string {
  const name = type.split('::')[1] ?? 'CloudFormation';
  return name.charAt(0) + name.slice(1).toLowerCase();
}
