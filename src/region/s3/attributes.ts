import { refusals } from './errors.ts';
import { storageClassOf } from './object-headers.ts';
import { demandBucket, demandObject, type OperationContext, versionHeaders, xmlReply } from './operation.ts';
import { isMultipart, type ObjectRecord } from './records.ts';
import type { S3Reply } from './request.ts';
import { element, textElement, xmlDocument } from './xml.ts';

/** What an object says of each attribute that can be asked for; undefined where it has nothing to say. */
const ATTRIBUTES: Readonly<Record<string, (object: ObjectRecord) => string | undefined>> = {
  ETag: ({ etag }) => textElement('ETag', etag),
  Checksum: ({ checksum }) =>
    checksum === undefined
      ? undefined
      : element(
          'Checksum',
          textElement(`Checksum${checksum.name.toUpperCase()}`, checksum.value),
          textElement('ChecksumType', 'FULL_OBJECT'),
        ),
  ObjectParts: (object) =>
    isMultipart(object) ? element('ObjectParts', textElement('PartsCount', object.pieces.length)) : undefined,
  StorageClass: (object) => textElement('StorageClass', storageClassOf(object)),
  ObjectSize: ({ size }) => textElement('ObjectSize', size),
};

/** `GET /BUCKET/KEY?attributes`: those that `x-amz-object-attributes` names. */
export function getObjectAttributes(
  { store, request }: OperationContext,
  bucketName: string,
  key: string,
): S3Reply {
  const object = demandObject(store, bucketName, key, request.query.get('versionId'));
  const given = request.header('x-amz-object-attributes') ?? '';
  const names = given.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !Object.hasOwn(ATTRIBUTES, name));
  if (unknown !== undefined) {
    throw refusals.invalidArgument('Invalid attribute name specified.', 'x-amz-object-attributes', unknown);
  }
  const attributes = names.map((name) => ATTRIBUTES[name]?.(object) ?? '');
  return xmlReply(xmlDocument('GetObjectAttributesResponse', ...attributes), {
    ...versionHeaders(demandBucket(store, bucketName), object),
    'last-modified': new Date(object.lastModified).toUTCString(),
  });
}
