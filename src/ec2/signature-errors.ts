import { AwsError } from './errors.ts';

/** Refusals of signatures. EC2 has words of its own, all other services share theirs. */

/** The request has no signature at all. */
export function missingToken(service: string | undefined): AwsError {
  return service === 's3'
    ? new AwsError('AccessDenied', 'Access Denied', 403)
    : new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
}

/** Half a signature; `because` goes on after "because". */
export function incompleteSignature(because: string): AwsError {
  return new AwsError(
    'IncompleteSignature',
    `The request signature is not complete, because ${because}.`,
    400,
  );
}

function authFailure(): AwsError {
  return new AwsError('AuthFailure', 'AWS was not able to validate the provided access credentials', 401);
}

/** Nobody has this access key, or its session token is another. */
export function unknownKey(service: string): AwsError {
  if (service === 'ec2') return authFailure();
  if (service === 's3') {
    return new AwsError(
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
      403,
    );
  }
  return new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);
}

/** The signature was made with another secret, or for another request. */
export function wrongSignature(service: string): AwsError {
  if (service === 'ec2') return authFailure();
  return new AwsError(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. ' +
      'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    403,
  );
}

/** A presigned request has run out. */
export function presignedExpired(service: string): AwsError {
  if (service === 'ec2') return new AwsError('RequestExpired', 'Request has expired.', 400);
  return new AwsError('AccessDenied', 'Request has expired', 403);
}

/** Signed with temporary credentials whose time is over. */
export function tokenExpired(service: string): AwsError {
  if (service === 'ec2') return new AwsError('RequestExpired', 'Request has expired.', 400);
  if (service === 's3') return new AwsError('ExpiredToken', 'The provided token has expired.', 400);
  return new AwsError('ExpiredToken', 'The security token included in the request is expired', 403);
}

/** Signed too long ago: the client's clock is late. */
export function requestExpired(service: string, time: string, now: Date): AwsError {
  if (service === 'ec2') return new AwsError('RequestExpired', 'Request has expired.', 400);
  if (service === 's3') return tooSkewed();
  const present = compact(now);
  const limit = compact(new Date(now.getTime() - SKEW_MS));
  return new AwsError(
    'SignatureDoesNotMatch',
    `Signature expired: ${time} is now earlier than ${limit} (${present} - 15 min.)`,
    403,
  );
}

/** Signed in what is the future for us: the client's clock is early. */
export function requestFromFuture(service: string, time: string, now: Date): AwsError {
  if (service === 'ec2') return new AwsError('RequestExpired', 'Request has expired.', 400);
  if (service === 's3') return tooSkewed();
  const present = compact(now);
  const limit = compact(new Date(now.getTime() + SKEW_MS));
  return new AwsError(
    'SignatureDoesNotMatch',
    `Signature not yet current: ${time} is still later than ${limit} (${present} + 15 min.)`,
    403,
  );
}

const SKEW_MS = 15 * 60 * 1000;

function tooSkewed(): AwsError {
  return new AwsError(
    'RequestTimeTooSkewed',
    'The difference between the request time and the current time is too large.',
    403,
  );
}

/** `yyyymmddThhmmssZ` */
function compact(time: Date): string {
  return time.toISOString().replace(/[-:]|\.\d+/g, '');
}
