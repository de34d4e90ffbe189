import { AwsError, invalidParameterValue } from './errors.ts';

/** Longest user data, decoded. */
const MOST_USER_DATA_BYTES = 16_384;

/** Throws unless the user data are base64 and not too long. */
export function readUserData(userData: string | undefined): void {
  if (userData === undefined) return;
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(userData)) {
    throw new AwsError('InvalidUserData.Malformed', 'Invalid BASE64 encoding of user data.');
  }
  if (Buffer.from(userData, 'base64').length > MOST_USER_DATA_BYTES) {
    throw invalidParameterValue(`User data is limited to ${MOST_USER_DATA_BYTES} bytes`);
  }
}
