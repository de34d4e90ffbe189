import { element, textElement, xmlDocument } from '../../region/s3/xml.ts';
import type { ValueMap } from '../../template/value.ts';
import { PropertyReader } from '../properties.ts';

/** A property of a bucket that is a document of S3's, below a sub-resource of its own. */
export interface BucketSetting {
  readonly property: string;
  /** `versioning` */
  readonly query: string;
  /** The document of the property's value. */
  readonly render: (properties: ValueMap) => string;
  /** What says that there is none; absent where the sub-resource is deleted. */
  readonly none?: string;
}

const BLOCKS = ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'];
const ENCRYPTION = ['BucketKeyEnabled', 'ServerSideEncryptionByDefault', 'BlockedEncryptionTypes'];
const CORS = ['AllowedHeaders', 'AllowedMethods', 'AllowedOrigins', 'ExposedHeaders', 'Id', 'MaxAge'];
const LIFECYCLE = [
  'AbortIncompleteMultipartUpload',
  'ExpirationDate',
  'ExpirationInDays',
  'ExpiredObjectDeleteMarker',
  'Id',
  'NoncurrentVersionExpiration',
  'NoncurrentVersionExpirationInDays',
  'ObjectSizeGreaterThan',
  'ObjectSizeLessThan',
  'Prefix',
  'Status',
  'TagFilters',
  'Transitions',
];

/** Every such property; the others of a bucket are its name and its tags. */
export const BUCKET_SETTINGS: readonly BucketSetting[] = [
  {
    property: 'PublicAccessBlockConfiguration',
    query: 'publicAccessBlock',
    render(properties) {
      const read = new PropertyReader(properties).structure('PublicAccessBlockConfiguration', BLOCKS);
      const flags = BLOCKS.map((name) => textElement(name, read?.flag(name) ?? false));
      return xmlDocument('PublicAccessBlockConfiguration', ...flags);
    },
  },
  {
    property: 'VersioningConfiguration',
    query: 'versioning',
    render(properties) {
      const read = new PropertyReader(properties).structure('VersioningConfiguration', ['Status']);
      return versioning(read?.demand('Status') ?? 'Suspended');
    },
    none: versioning('Suspended'),
  },
  {
    property: 'BucketEncryption',
    query: 'encryption',
    render(properties) {
      const name = 'ServerSideEncryptionConfiguration';
      const read = new PropertyReader(properties).structure('BucketEncryption', [name]);
      return xmlDocument(name, ...(read?.list(name, ENCRYPTION) ?? []).map(encryptionRule));
    },
  },
  {
    property: 'LifecycleConfiguration',
    query: 'lifecycle',
    render(properties) {
      const members = ['Rules', 'TransitionDefaultMinimumObjectSize'];
      const read = new PropertyReader(properties).structure('LifecycleConfiguration', members);
      return xmlDocument(
        'LifecycleConfiguration',
        ...(read?.list('Rules', LIFECYCLE) ?? []).map(lifecycleRule),
      );
    },
  },
  {
    property: 'CorsConfiguration',
    query: 'cors',
    render(properties) {
      const read = new PropertyReader(properties).structure('CorsConfiguration', ['CorsRules']);
      return xmlDocument('CORSConfiguration', ...(read?.list('CorsRules', CORS) ?? []).map(corsRule));
    },
  },
  {
    property: 'OwnershipControls',
    query: 'ownershipControls',
    render(properties) {
      const read = new PropertyReader(properties).structure('OwnershipControls', ['Rules']);
      const rules = read?.list('Rules', ['ObjectOwnership']) ?? [];
      const one = (rule: PropertyReader) =>
        element('Rule', ...texts(rule, { ObjectOwnership: 'ObjectOwnership' }));
      return xmlDocument('OwnershipControls', ...rules.map(one));
    },
  },
  {
    property: 'LoggingConfiguration',
    query: 'logging',
    render(properties) {
      const members = ['DestinationBucketName', 'LogFilePrefix', 'TargetObjectKeyFormat'];
      const read = new PropertyReader(properties).structure('LoggingConfiguration', members);
      const target = element(
        'LoggingEnabled',
        textElement('TargetBucket', read?.demand('DestinationBucketName') ?? ''),
        textElement('TargetPrefix', read?.text('LogFilePrefix') ?? ''),
      );
      return xmlDocument('BucketLoggingStatus', target);
    },
    none: xmlDocument('BucketLoggingStatus'),
  },
  {
    property: 'AccelerateConfiguration',
    query: 'accelerate',
    render(properties) {
      const read = new PropertyReader(properties).structure('AccelerateConfiguration', [
        'AccelerationStatus',
      ]);
      return accelerate(read?.demand('AccelerationStatus') ?? 'Suspended');
    },
    none: accelerate('Suspended'),
  },
  {
    property: 'WebsiteConfiguration',
    query: 'website',
    render(properties) {
      const members = ['ErrorDocument', 'IndexDocument', 'RedirectAllRequestsTo'];
      const read = new PropertyReader(properties).structure('WebsiteConfiguration', members);
      const redirect = read?.structure('RedirectAllRequestsTo', ['HostName', 'Protocol']);
      const [index, error] = [read?.text('IndexDocument'), read?.text('ErrorDocument')];
      return xmlDocument(
        'WebsiteConfiguration',
        error === undefined ? '' : element('ErrorDocument', textElement('Key', error)),
        index === undefined ? '' : element('IndexDocument', textElement('Suffix', index)),
        redirect === undefined
          ? ''
          : element(
              'RedirectAllRequestsTo',
              ...texts(redirect, { HostName: 'HostName', Protocol: 'Protocol' }),
            ),
      );
    },
  },
];

function accelerate(status: string): string {
  return xmlDocument('AccelerateConfiguration', textElement('Status', status));
}

function versioning(status: string): string {
  return xmlDocument('VersioningConfiguration', textElement('Status', status));
}

/** The members that are there, as elements, each by the name that S3 has for it. */
function texts(read: PropertyReader, names: Readonly<Record<string, string>>): string[] {
  return Object.entries(names).flatMap(([name, tag]) => {
    const value = read.text(name);
    return value === undefined ? [] : [textElement(tag, value)];
  });
}

function encryptionRule(rule: PropertyReader): string {
  const standard = rule.structure('ServerSideEncryptionByDefault', ['SSEAlgorithm', 'KMSMasterKeyID']);
  return element(
    'Rule',
    standard === undefined
      ? ''
      : element(
          'ApplyServerSideEncryptionByDefault',
          ...texts(standard, { SSEAlgorithm: 'SSEAlgorithm', KMSMasterKeyID: 'KMSMasterKeyID' }),
        ),
    ...texts(rule, { BucketKeyEnabled: 'BucketKeyEnabled' }),
  );
}

function corsRule(rule: PropertyReader): string {
  const lists = {
    AllowedHeaders: 'AllowedHeader',
    AllowedMethods: 'AllowedMethod',
    AllowedOrigins: 'AllowedOrigin',
    ExposedHeaders: 'ExposeHeader',
  };
  const each = Object.entries(lists).flatMap(([name, tag]) =>
    rule.texts(name).map((value) => textElement(tag, value)),
  );
  return element(
    'CORSRule',
    ...texts(rule, { Id: 'ID' }),
    ...each,
    ...texts(rule, { MaxAge: 'MaxAgeSeconds' }),
  );
}

function lifecycleRule(rule: PropertyReader): string {
  const transitions = rule.list('Transitions', ['StorageClass', 'TransitionDate', 'TransitionInDays']);
  const parts = rule.structure('AbortIncompleteMultipartUpload', ['DaysAfterInitiation']);
  const members = ['NewerNoncurrentVersions', 'NoncurrentDays'];
  const versions = rule.structure('NoncurrentVersionExpiration', members);
  const expiration = texts(rule, {
    ExpirationDate: 'Date',
    ExpirationInDays: 'Days',
    ExpiredObjectDeleteMarker: 'ExpiredObjectDeleteMarker',
  });
  const old =
    versions === undefined
      ? texts(rule, { NoncurrentVersionExpirationInDays: 'NoncurrentDays' })
      : texts(versions, {
          NoncurrentDays: 'NoncurrentDays',
          NewerNoncurrentVersions: 'NewerNoncurrentVersions',
        });
  return element(
    'Rule',
    ...texts(rule, { Id: 'ID', Status: 'Status' }),
    filterOf(rule),
    expiration.length === 0 ? '' : element('Expiration', ...expiration),
    old.length === 0 ? '' : element('NoncurrentVersionExpiration', ...old),
    ...transitions.map((each) =>
      element(
        'Transition',
        ...texts(each, { TransitionDate: 'Date', TransitionInDays: 'Days', StorageClass: 'StorageClass' }),
      ),
    ),
    parts === undefined
      ? ''
      : element(
          'AbortIncompleteMultipartUpload',
          ...texts(parts, { DaysAfterInitiation: 'DaysAfterInitiation' }),
        ),
  );
}

/** Which objects a rule is about: all those that fit everything it says. */
function filterOf(rule: PropertyReader): string {
  const names = {
    Prefix: 'Prefix',
    ObjectSizeGreaterThan: 'ObjectSizeGreaterThan',
    ObjectSizeLessThan: 'ObjectSizeLessThan',
  };
  const tags = rule
    .list('TagFilters', ['Key', 'Value'])
    .map((tag) => element('Tag', ...texts(tag, { Key: 'Key', Value: 'Value' })));
  const all = [...texts(rule, names), ...tags];
  return element('Filter', all.length > 1 ? element('And', ...all) : (all[0] ?? ''));
}
