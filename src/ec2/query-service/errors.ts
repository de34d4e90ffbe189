import { AwsError } from '../errors.ts';

/** A value that is not allowed; `message` is the whole sentence. */
export const invalid = (message: string) => new AwsError('ValidationError', message);
