import { refusals, S3Error } from './errors.ts';
import { demandBucket, emptyReply, type Operation, xmlReply } from './operation.ts';
import { receiveText } from './receive.ts';
import type { BucketRecord } from './records.ts';
import { element, textElement, xmlDocument } from './xml.ts';
import { parseXml, type XmlElement } from './xml-parser.ts';

/** A setting of a bucket that is kept as it is given and given back. What of it is acted on, its own file says. */
interface Setting {
  /** Its sub-resource: `cors`. */
  readonly query: string;
  /** Of the operations' names: `BucketCors`. */
  readonly subject: string;
  /** The document's root. */
  readonly root: string;
  /** What is read where nothing has been set: a document's children, or an error. */
  readonly absent: string | { readonly code: string; readonly message: string };
  /** Of the actions' names in policies, where they are not those of the operations. */
  readonly permission?: string;
  readonly isDeletable: boolean;
  /** Throws MalformedXML for a document that lacks what it must have. */
  readonly check?: (document: XmlElement) => void;
  /** Headers of every reply about it. */
  readonly headers?: Readonly<Record<string, string>>;
}

const OWNERSHIPS = ['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter'];
const ENCRYPTIONS = ['AES256', 'aws:kms', 'aws:kms:dsse'];

const SETTINGS: readonly Setting[] = [
  {
    query: 'accelerate',
    subject: 'BucketAccelerateConfiguration',
    root: 'AccelerateConfiguration',
    absent: '',
    permission: 'AccelerateConfiguration',
    isDeletable: false,
    check: (document) => demandOne(document.textOf('Status'), ['Enabled', 'Suspended']),
  },
  {
    query: 'cors',
    subject: 'BucketCors',
    root: 'CORSConfiguration',
    absent: { code: 'NoSuchCORSConfiguration', message: 'The CORS configuration does not exist' },
    permission: 'BucketCORS',
    isDeletable: true,
    check: (document) =>
      demandEach(
        document,
        'CORSRule',
        (rule) => rule.first('AllowedMethod') !== undefined && rule.first('AllowedOrigin') !== undefined,
      ),
  },
  {
    query: 'encryption',
    subject: 'BucketEncryption',
    root: 'ServerSideEncryptionConfiguration',
    absent: element(
      'Rule',
      element('ApplyServerSideEncryptionByDefault', textElement('SSEAlgorithm', 'AES256')),
      textElement('BucketKeyEnabled', false),
    ),
    permission: 'EncryptionConfiguration',
    isDeletable: true,
    check: (document) => demandOne(encryptionOf(document), ENCRYPTIONS),
  },
  {
    query: 'lifecycle',
    subject: 'BucketLifecycleConfiguration',
    root: 'LifecycleConfiguration',
    absent: {
      code: 'NoSuchLifecycleConfiguration',
      message: 'The lifecycle configuration does not exist',
    },
    permission: 'LifecycleConfiguration',
    isDeletable: true,
    check: (document) =>
      demandEach(document, 'Rule', (rule) => ['Enabled', 'Disabled'].includes(rule.textOf('Status') ?? '')),
    headers: { 'x-amz-transition-default-minimum-object-size': 'all_storage_classes_128K' },
  },
  {
    query: 'logging',
    subject: 'BucketLogging',
    root: 'BucketLoggingStatus',
    absent: '',
    isDeletable: false,
  },
  {
    query: 'notification',
    subject: 'BucketNotificationConfiguration',
    root: 'NotificationConfiguration',
    absent: '',
    permission: 'BucketNotification',
    isDeletable: false,
  },
  {
    query: 'ownershipControls',
    subject: 'BucketOwnershipControls',
    root: 'OwnershipControls',
    absent: {
      code: 'OwnershipControlsNotFoundError',
      message: 'The bucket ownership controls were not found',
    },
    isDeletable: true,
    check: (document) => demandOne(document.first('Rule')?.textOf('ObjectOwnership'), OWNERSHIPS),
  },
  {
    query: 'publicAccessBlock',
    subject: 'PublicAccessBlock',
    root: 'PublicAccessBlockConfiguration',
    absent: {
      code: 'NoSuchPublicAccessBlockConfiguration',
      message: 'The public access block configuration was not found',
    },
    permission: 'BucketPublicAccessBlock',
    isDeletable: true,
  },
  {
    query: 'requestPayment',
    subject: 'BucketRequestPayment',
    root: 'RequestPaymentConfiguration',
    absent: textElement('Payer', 'BucketOwner'),
    isDeletable: false,
    check: (document) => demandOne(document.textOf('Payer'), ['BucketOwner', 'Requester']),
  },
  {
    query: 'website',
    subject: 'BucketWebsite',
    root: 'WebsiteConfiguration',
    absent: {
      code: 'NoSuchWebsiteConfiguration',
      message: 'The specified bucket does not have a website configuration',
    },
    isDeletable: true,
  },
];

/** What a new bucket has set: nothing public, and no access lists, as AWS makes buckets since April 2023. */
export const INITIAL_SETTINGS: Readonly<Record<string, string>> = {
  publicAccessBlock: xmlDocument(
    'PublicAccessBlockConfiguration',
    textElement('BlockPublicAcls', true),
    textElement('IgnorePublicAcls', true),
    textElement('BlockPublicPolicy', true),
    textElement('RestrictPublicBuckets', true),
  ),
  ownershipControls: xmlDocument(
    'OwnershipControls',
    element('Rule', textElement('ObjectOwnership', 'BucketOwnerEnforced')),
  ),
};

/** Get, Put and, where there is one, Delete of every setting. */
export const SETTING_OPERATIONS: readonly Operation[] = SETTINGS.flatMap(operationsOf);

/** The algorithm with which a bucket encrypts what says nothing of it. */
export function defaultEncryption({ settings }: BucketRecord): string {
  const document = settings?.['encryption'];
  const set =
    document === undefined
      ? undefined
      : encryptionOf(parseXml(document, 'ServerSideEncryptionConfiguration'));
  return set ?? 'AES256';
}

/** Whether one of the blocks of public access is on. */
export function isBlocking(
  { settings }: BucketRecord,
  block: 'BlockPublicPolicy' | 'RestrictPublicBuckets',
): boolean {
  const document = settings?.['publicAccessBlock'];
  if (document === undefined) return false;
  return parseXml(document, 'PublicAccessBlockConfiguration').textOf(block)?.toLowerCase() === 'true';
}

function operationsOf(setting: Setting): Operation[] {
  const { query, subject, root, permission = subject, headers = {} } = setting;
  // AWS's operation that removes a lifecycle configuration has a shorter name than its fellows.
  const deletion = query === 'lifecycle' ? 'DeleteBucketLifecycle' : `Delete${subject}`;
  const get: Operation = {
    name: `Get${subject}`,
    method: 'GET',
    query,
    permission: `Get${permission}`,
    run: ({ store }, bucket) => {
      const { settings } = demandBucket(store, bucket).record;
      return xmlReply(settings?.[query] ?? absentDocument(setting, bucket), headers);
    },
  };
  const put: Operation = {
    name: `Put${subject}`,
    method: 'PUT',
    query,
    permission: `Put${permission}`,
    run: async (context, bucket) => {
      demandBucket(context.store, bucket);
      const text = await receiveText(context);
      const document = parseXml(text, root);
      setting.check?.(document);
      await context.store.changeBucket(bucket, (record) => ({
        ...record,
        settings: { ...record.settings, [query]: text },
      }));
      return emptyReply(200, headers);
    },
  };
  const remove: Operation = {
    name: deletion,
    method: 'DELETE',
    query,
    permission: `Put${permission}`,
    run: async ({ store }, bucket) => {
      await store.changeBucket(bucket, (record) => {
        const { [query]: _gone, ...settings } = record.settings ?? {};
        return { ...record, settings };
      });
      return emptyReply(204);
    },
  };
  return setting.isDeletable ? [get, put, remove] : [get, put];
}

function absentDocument({ absent, root }: Setting, bucket: string): string {
  if (typeof absent === 'string') return xmlDocument(root, absent);
  throw new S3Error(absent.code, 404, absent.message, { BucketName: bucket });
}

function encryptionOf(document: XmlElement): string | undefined {
  return document.first('Rule')?.first('ApplyServerSideEncryptionByDefault')?.textOf('SSEAlgorithm');
}

function demandOne(value: string | undefined, allowed: readonly string[]): void {
  if (value === undefined || !allowed.includes(value)) throw refusals.malformedXml();
}

function demandEach(document: XmlElement, name: string, isWhole: (child: XmlElement) => boolean): void {
  const children = document.all(name);
  if (children.length === 0 || !children.every(isWhole)) throw refusals.malformedXml();
}
