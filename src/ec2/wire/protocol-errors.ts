import { AwsError, invalidValue, unsupportedOperation } from '../errors.ts';

/** Errors of the protocol itself, before an action is reached; codes and messages are AWS's own. */

/** The parameter is not one of the operation's. */
export function unknownParameter(name: string): AwsError {
  return new AwsError('UnknownParameter', `The parameter ${name} is not recognized`);
}

/** Longer values are cut in messages: they come from outside. */
const SHOWN_LENGTH = 128;

/** The value is not of the parameter's type; `because` is a sentence. */
export function illTypedValue(value: string, name: string, because: string): AwsError {
  const shown = value.length > SHOWN_LENGTH ? `${value.slice(0, SHOWN_LENGTH)}...` : value;
  return invalidValue(shown, name, because);
}

/** The query string itself is broken; `because` goes on after "because". */
export function malformedQueryString(because: string): AwsError {
  return new AwsError('MalformedQueryString', `The query string is malformed, because ${because}.`);
}

/** No `Action` was sent. */
export function missingAction(): AwsError {
  return new AwsError('MissingAction', 'The request is missing an action or a required parameter.');
}

/** The service has no such action. */
export function invalidAction(name: string): AwsError {
  return new AwsError('InvalidAction', `The action ${name} is not valid for this web service.`);
}

/** The EC2 API has the action, Cloudcroft has not. */
export function unsupportedAction(name: string): AwsError {
  return unsupportedOperation(`The action ${name} is not supported by Cloudcroft.`);
}

/** The API has no such version. */
export function noSuchVersion(version: string): AwsError {
  return new AwsError(
    'NoSuchVersion',
    `The requested version (${version}) of service AmazonEC2 does not exist`,
  );
}

/** DryRun was asked for, and the request would have been carried out. */
export function dryRunOperation(): AwsError {
  return new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
}

/** A client token was used again for something else. */
export function idempotentParameterMismatch(): AwsError {
  return new AwsError(
    'IdempotentParameterMismatch',
    'Arguments on this idempotent request are inconsistent with arguments used in previous request(s).',
  );
}

/** A failure of ours: says nothing of how it came. */
export function internalError(): AwsError {
  return new AwsError(
    'InternalError',
    'An internal error has occurred. The log of Cloudcroft tells more under the id of this request.',
    500,
  );
}
