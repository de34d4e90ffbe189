import { refusals } from './errors.ts';
import { demandBucket, emptyReply, type OperationContext, xmlReply } from './operation.ts';
import { receiveText } from './receive.ts';
import type { S3Reply } from './request.ts';
import { textElement, xmlDocument } from './xml.ts';
import { parseXml } from './xml-parser.ts';

/** `GET /BUCKET?versioning`: empty where versions have never been asked for. */
export function getBucketVersioning({ store }: OperationContext, name: string): S3Reply {
  const { versioning } = demandBucket(store, name).record;
  const status = versioning === undefined ? '' : textElement('Status', versioning);
  return xmlReply(xmlDocument('VersioningConfiguration', status));
}

/** `PUT /BUCKET?versioning`. */
export async function putBucketVersioning(context: OperationContext, name: string): Promise<S3Reply> {
  demandBucket(context.store, name);
  const configuration = parseXml(await receiveText(context), 'VersioningConfiguration');
  if (configuration.textOf('MfaDelete') === 'Enabled') throw refusals.notImplemented('MfaDelete');
  const versioning = configuration.textOf('Status');
  if (versioning !== 'Enabled' && versioning !== 'Suspended') {
    throw refusals.illegalVersioning();
  }
  await context.store.changeBucket(name, (record) => ({ ...record, versioning }));
  return emptyReply(200);
}
