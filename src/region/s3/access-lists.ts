import { refusals } from './errors.ts';
import { refuseAccessLists } from './object-headers.ts';
import {
  demandBucket,
  demandObject,
  emptyReply,
  type OperationContext,
  ownerIdOf,
  xmlReply,
} from './operation.ts';
import type { S3Reply } from './request.ts';
import { element, textElement } from './xml.ts';

/** `GET /BUCKET?acl`: the owner has everything, and nobody else anything. */
export function getBucketAcl({ store }: OperationContext, name: string): S3Reply {
  return xmlReply(ownersList(demandBucket(store, name).record.account));
}

/** `GET /BUCKET/KEY?acl`. */
export function getObjectAcl({ store, request }: OperationContext, name: string, key: string): S3Reply {
  demandObject(store, name, key, request.query.get('versionId'));
  return xmlReply(ownersList(demandBucket(store, name).record.account));
}

/** `PUT /BUCKET?acl`: only what is so anyway. */
export function putBucketAcl({ store, request }: OperationContext, name: string): S3Reply {
  demandBucket(store, name);
  if (request.header('x-amz-acl') === undefined) throw refusals.noAccessLists();
  refuseAccessLists(request);
  return emptyReply(200);
}

/** `PUT /BUCKET/KEY?acl`: only what is so anyway. */
export function putObjectAcl(context: OperationContext, name: string, key: string): S3Reply {
  demandObject(context.store, name, key, context.request.query.get('versionId'));
  return putBucketAcl(context, name);
}

function ownersList(account: string): string {
  const id = textElement('ID', ownerIdOf(account));
  const grantee = `<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser">${id}</Grantee>`;
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n<AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
    element('Owner', id) +
    element('AccessControlList', element('Grant', grantee, textElement('Permission', 'FULL_CONTROL'))) +
    '</AccessControlPolicy>'
  );
}
