import { gzipSync } from 'node:zlib';
import type { FlowLogFile } from '../control/flow-logs/flow-log-control.ts';
import { askServices, type RemoteServices } from './remote-services.ts';

/** Writes a flow log's file to its bucket, in the name of the log's owner; resolves with AWS's word for why it could not. */
export function deliverToBucket(
  services: RemoteServices,
): (file: FlowLogFile) => Promise<string | undefined> {
  const ask = askServices(services);
  return async ({ world, bucket, key, text }) => {
    const { account, region } = world.scope;
    const path = `/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
    const headers = { 'content-type': 'application/octet-stream', 'x-amz-acl': 'bucket-owner-full-control' };
    const body = gzipSync(text);
    const reply = await ask({ service: 's3', region, account, method: 'PUT', path, headers, body });
    if (reply.status < 300) return undefined;
    return reply.status < 500 ? 'Access error' : 'Unknown error';
  };
}
