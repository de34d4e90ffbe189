import { refusals, S3Error } from './errors.ts';
import { demandBucket, emptyReply, type OperationContext, wholeSeconds, xmlReply } from './operation.ts';
import { receiveText } from './receive.ts';
import { isDeleteMarker } from './records.ts';
import type { S3Reply } from './request.ts';
import { versionIdOf } from './versions.ts';
import { element, textElement, xmlDocument } from './xml.ts';
import { parseXml } from './xml-parser.ts';

/** Most keys of one deletion. */
const MAX_DELETIONS = 1000;

/** What became of a key: the version that is gone, or the marker that hides the object now. */
interface Deletion {
  readonly versionId?: string;
  readonly isDeleteMarker: boolean;
}

/** `DELETE /BUCKET/KEY`. */
export async function deleteObject(
  context: OperationContext,
  bucketName: string,
  key: string,
): Promise<S3Reply> {
  const versionId = context.request.query.get('versionId') ?? undefined;
  const { versionId: id, isDeleteMarker: isMarker } = await remove(context, bucketName, key, versionId);
  return emptyReply(204, {
    ...(id === undefined ? {} : { 'x-amz-version-id': id }),
    ...(isMarker ? { 'x-amz-delete-marker': 'true' } : {}),
  });
}

/** `POST /BUCKET?delete`: each key is asked about by itself, and may be refused by itself. */
export async function deleteObjects(context: OperationContext, bucketName: string): Promise<S3Reply> {
  demandBucket(context.store, bucketName);
  const document = parseXml(await receiveText(context), 'Delete');
  const wanted = document.all('Object').map((object) => ({
    key: object.textOf('Key') ?? '',
    versionId: object.textOf('VersionId') || undefined,
  }));
  const isWhole = wanted.length > 0 && wanted.every(({ key }) => key !== '');
  if (!isWhole || wanted.length > MAX_DELETIONS) throw refusals.malformedXml();
  const isQuiet = document.textOf('Quiet') === 'true';
  const entries: string[] = [];
  for (const { key, versionId } of wanted) {
    const name = [
      textElement('Key', key),
      versionId === undefined ? '' : textElement('VersionId', versionId),
    ];
    try {
      const permission = versionId === undefined ? 'DeleteObject' : 'DeleteObjectVersion';
      const denial = context.authorize(permission, bucketName, key);
      if (denial !== undefined) throw denial;
      const deletion = await remove(context, bucketName, key, versionId);
      if (!isQuiet) entries.push(element('Deleted', ...name, ...renderMarker(deletion)));
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      const { code, message } = error;
      entries.push(element('Error', ...name, textElement('Code', code), textElement('Message', message)));
    }
  }
  return xmlReply(xmlDocument('DeleteResult', ...entries));
}

function renderMarker({ versionId, isDeleteMarker: isMarker }: Deletion): string[] {
  if (!isMarker || versionId === undefined) return [];
  return [textElement('DeleteMarker', true), textElement('DeleteMarkerVersionId', versionId)];
}

async function remove(
  { store, now }: OperationContext,
  bucketName: string,
  key: string,
  versionId: string | undefined,
): Promise<Deletion> {
  if (versionId === undefined) {
    const marker = await store.deleteObject(bucketName, key, wholeSeconds(now));
    if (marker === undefined) return { isDeleteMarker: false };
    return { isDeleteMarker: true, versionId: versionIdOf(marker) };
  }
  const removed = await store.deleteVersion(bucketName, key, versionId);
  return { versionId, isDeleteMarker: removed !== undefined && isDeleteMarker(removed) };
}
