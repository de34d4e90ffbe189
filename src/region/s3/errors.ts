/** A refusal in S3's own words. */
export class S3Error extends Error {
  readonly code: string;
  readonly status: number;
  /** Further elements of the XML: `BucketName`, `Region`. */
  readonly details: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: string,
    status: number,
    message: string,
    details: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.code = code;
    this.status = status;
    this.details = details;
    this.headers = headers;
  }
}

/** The refusals, with S3's codes, statuses and sentences. */
export const refusals = {
  badDigest: (what: string) =>
    new S3Error('BadDigest', 400, `The ${what} you specified did not match the calculated checksum.`),
  bucketAlreadyOwnedByYou: (bucket: string) =>
    new S3Error(
      'BucketAlreadyOwnedByYou',
      409,
      'Your previous request to create the named bucket succeeded and you already own it.',
      { BucketName: bucket },
    ),
  bucketNotEmpty: (bucket: string) =>
    new S3Error('BucketNotEmpty', 409, 'The bucket you tried to delete is not empty', { BucketName: bucket }),
  entityTooLarge: () =>
    new S3Error('EntityTooLarge', 400, 'Your proposed upload exceeds the maximum allowed size'),
  entityTooSmall: () =>
    new S3Error('EntityTooSmall', 400, 'Your proposed upload is smaller than the minimum allowed size'),
  illegalLocation: (location: string, region: string) =>
    new S3Error(
      'IllegalLocationConstraintException',
      400,
      `The ${location} location constraint is incompatible for the region specific endpoint of ${region} this request was sent to.`,
    ),
  incompleteBody: () =>
    new S3Error(
      'IncompleteBody',
      400,
      'You did not provide the number of bytes specified by the Content-Length HTTP header',
    ),
  internalError: () =>
    new S3Error('InternalError', 500, 'We encountered an internal error. Please try again.'),
  invalidArgument: (message: string, name: string, value: string) =>
    new S3Error('InvalidArgument', 400, message, { ArgumentName: name, ArgumentValue: value }),
  invalidBucketName: (bucket: string) =>
    new S3Error('InvalidBucketName', 400, 'The specified bucket is not valid.', { BucketName: bucket }),
  invalidDigest: (value: string) =>
    new S3Error('InvalidDigest', 400, 'The Content-MD5 you specified was invalid.', { 'Content-MD5': value }),
  invalidPart: () =>
    new S3Error(
      'InvalidPart',
      400,
      "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    ),
  invalidPartNumber: (text: string) =>
    new S3Error('InvalidPartNumber', 416, 'The requested partnumber is not satisfiable', {
      PartNumberRequested: text,
    }),
  invalidPartOrder: () =>
    new S3Error(
      'InvalidPartOrder',
      400,
      'The list of parts was not in ascending order. Parts must be ordered by part number.',
    ),
  invalidRange: (range: string, size: number) =>
    new S3Error(
      'InvalidRange',
      416,
      'The requested range is not satisfiable',
      { RangeRequested: range, ActualObjectSize: String(size) },
      { 'content-range': `bytes */${size}` },
    ),
  invalidRequest: (message: string) => new S3Error('InvalidRequest', 400, message),
  invalidUri: () => new S3Error('InvalidURI', 400, "Couldn't parse the specified URI."),
  keyTooLong: () => new S3Error('KeyTooLongError', 400, 'Your key is too long', { MaxSizeAllowed: '1024' }),
  accessDenied: (message: string) => new S3Error('AccessDenied', 403, message),
  malformedPolicy: (message: string) => new S3Error('MalformedPolicy', 400, message),
  noSuchBucketPolicy: (bucket: string) =>
    new S3Error('NoSuchBucketPolicy', 404, 'The bucket policy does not exist', { BucketName: bucket }),
  /** Where AWS sends whoever asks for its buckets without a signature. */
  seeOther: () =>
    new S3Error(
      'TemporaryRedirect',
      307,
      'Please re-send this request to the specified temporary endpoint. Continue to use the original request endpoint for future requests.',
      { Endpoint: 'aws.amazon.com' },
      { location: 'https://aws.amazon.com/s3/' },
    ),
  malformedXml: () =>
    new S3Error(
      'MalformedXML',
      400,
      'The XML you provided was not well-formed or did not validate against our published schema',
    ),
  methodNotAllowed: () =>
    new S3Error('MethodNotAllowed', 405, 'The specified method is not allowed against this resource.'),
  noSuchBucket: (bucket: string) =>
    new S3Error('NoSuchBucket', 404, 'The specified bucket does not exist', { BucketName: bucket }),
  bucketAlreadyExists: (bucket: string) =>
    new S3Error(
      'BucketAlreadyExists',
      409,
      'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
      { BucketName: bucket },
    ),
  illegalVersioning: () =>
    new S3Error('IllegalVersioningConfigurationException', 400, 'The Versioning element must be specified'),
  /** A version that is named, and is a delete marker. */
  isDeleteMarker: (versionId: string) =>
    new S3Error(
      'MethodNotAllowed',
      405,
      'The specified method is not allowed against this resource.',
      { Method: 'GET', ResourceType: 'DeleteMarker' },
      { 'x-amz-delete-marker': 'true', 'x-amz-version-id': versionId, allow: 'DELETE' },
    ),
  noAccessLists: () => new S3Error('AccessControlListNotSupported', 400, 'The bucket does not allow ACLs'),
  noRoom: () =>
    new S3Error('ServiceUnavailable', 503, 'There is no room on the disk of this machine. Please try again.'),
  noObjectLock: () => new S3Error('InvalidRequest', 400, 'Bucket is missing Object Lock Configuration'),
  noSuchKey: (key: string, headers: Readonly<Record<string, string>> = {}) =>
    new S3Error('NoSuchKey', 404, 'The specified key does not exist.', { Key: key }, headers),
  noSuchTagSet: (bucket: string) =>
    new S3Error('NoSuchTagSet', 404, 'The TagSet does not exist', { BucketName: bucket }),
  noSuchVersion: (key: string, versionId: string) =>
    new S3Error('NoSuchVersion', 404, 'The specified version does not exist.', {
      Key: key,
      VersionId: versionId,
    }),
  noSuchUpload: () =>
    new S3Error(
      'NoSuchUpload',
      404,
      'The specified multipart upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    ),
  notImplemented: (what: string) =>
    new S3Error('NotImplemented', 501, `Cloudcroft's S3 does not provide ${what}.`, { Header: what }),
  notModified: () => new S3Error('NotModified', 304, 'Not Modified'),
  permanentRedirect: (bucket: string, region: string) =>
    new S3Error(
      'PermanentRedirect',
      301,
      'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
      { Endpoint: `${bucket}.s3.${region}.amazonaws.com`, Bucket: bucket },
      { 'x-amz-bucket-region': region },
    ),
  preconditionFailed: (condition: string) =>
    new S3Error('PreconditionFailed', 412, 'At least one of the pre-conditions you specified did not hold', {
      Condition: condition,
    }),
  signatureDoesNotMatch: () =>
    new S3Error(
      'SignatureDoesNotMatch',
      403,
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    ),
  missingPayloadHash: () =>
    new S3Error('InvalidRequest', 400, 'Missing required header for this request: x-amz-content-sha256'),
  wrongPayloadHash: (given: string) =>
    new S3Error(
      'InvalidArgument',
      400,
      'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.',
      { ArgumentName: 'x-amz-content-sha256', ArgumentValue: given },
    ),
  /** Signatures of before 2013. */
  oldSignature: () =>
    new S3Error(
      'InvalidRequest',
      400,
      'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
    ),
  sha256Mismatch: () =>
    new S3Error(
      'XAmzContentSHA256Mismatch',
      400,
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    ),
} as const;
