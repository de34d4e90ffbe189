import { invalid } from '../ec2/query-service/errors.ts';
import type { AskRemote } from './resource-type.ts';

/** Longest template that a TemplateURL may lead to, in bytes. */
const LONGEST_TEMPLATE = 1_048_576;

/** Hosts of S3, with the bucket in front where it is not in the path. */
const S3_HOST =
  /^(?:(.+)\.)?s3(?:[.-][a-z0-9-]+)?(?:\.dualstack)?(?:\.[a-z0-9-]+)?(?:\.amazonaws\.com(?:\.cn)?|\.localhost)$/;

/** Bucket and key of an object of our S3 that a URL names, as a path. Throws a ValidationError. */
export function objectPathOf(url: string): string {
  const refuse = () =>
    invalid(
      `TemplateURL must be a supported URL: an object of Cloudcroft's S3, such as https://s3.us-east-1.amazonaws.com/BUCKET/KEY, not '${url}'.`,
    );
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^(https?|s3):$/.test(parsed.protocol)) throw refuse();
  const { hostname, pathname } = parsed;
  if (parsed.protocol === 's3:') return `/${hostname}${pathname}`;
  if (/^(127\.0\.0\.1|localhost|\[::1\])$/.test(hostname)) return pathname;
  const match = S3_HOST.exec(hostname);
  if (match !== null) return match[1] === undefined ? pathname : `/${match[1]}${pathname}`;
  const inFront = /^([^.]+)\.(?:127\.0\.0\.1|localhost)$/.exec(hostname)?.[1];
  if (inFront === undefined) throw refuse();
  return `/${inFront}${pathname}`;
}

/** Fetches a template from our S3. Rejects with a ValidationError where it is not there. */
export async function fetchTemplate(
  ask: AskRemote,
  url: string,
  where: { readonly account: string; readonly region: string },
): Promise<string> {
  const path = objectPathOf(url);
  const { status, body } = await ask({ service: 's3', method: 'GET', path, ...where });
  if (status !== 200) {
    const why = /<Message>([^<]*)</.exec(body)?.[1] ?? `it answered ${status}`;
    throw invalid(`S3 error: ${why}\nTemplateURL: ${url}`);
  }
  if (Buffer.byteLength(body) > LONGEST_TEMPLATE) {
    throw invalid(`Template may not exceed ${LONGEST_TEMPLATE} bytes in size.`);
  }
  return body;
}
