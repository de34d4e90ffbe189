import type { AwsError } from '../errors.ts';
import { escapeXml } from './xml.ts';

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
/** The version whose model we speak; AWS, too, answers older ones in its names. */
export const API_VERSION = '2016-11-15';

/** The whole reply of an EC2 action; `inside` is what its encoder made. */
export function renderReply(action: string, requestId: string, inside: string): string {
  return (
    `${DECLARATION}<${action}Response xmlns="http://ec2.amazonaws.com/doc/${API_VERSION}/">` +
    `<requestId>${requestId}</requestId>${inside}</${action}Response>`
  );
}

/** An error as EC2 writes it. */
export function renderError(error: Pick<AwsError, 'code' | 'message'>, requestId: string): string {
  return (
    `${DECLARATION}<Response><Errors><Error><Code>${escapeXml(error.code)}</Code>` +
    `<Message>${escapeXml(error.message)}</Message></Error></Errors>` +
    `<RequestID>${requestId}</RequestID></Response>`
  );
}
