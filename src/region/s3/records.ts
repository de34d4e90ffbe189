import type { ChecksumName } from './checksum.ts';

/** A bucket as it is kept. */
export interface BucketRecord {
  readonly name: string;
  readonly region: string;
  /** ISO 8601. */
  readonly creationDate: string;
  /** The bucket policy, as it was given. */
  readonly policy?: string;
}

/** A checksum that the client gave and the content had, in base64. */
export interface StoredChecksum {
  readonly name: ChecksumName;
  readonly value: string;
}

/** Content that is on disk. */
export interface StoredContent {
  /** Name of its file in the bucket's `data` folder. */
  readonly dataFile: string;
  readonly size: number;
  /** MD5 in hexadecimal; of an object made of parts, S3's digest of digests with their count. Without quotes. */
  readonly etag: string;
  readonly checksum?: StoredChecksum;
}

/** What an object says of itself besides its content. */
export interface ObjectAttributes {
  /** The headers that are given back as they came, `content-type` among them; names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
}

/** An object as it is kept. */
export interface ObjectRecord extends StoredContent, ObjectAttributes {
  readonly key: string;
  /** ISO 8601, whole seconds. */
  readonly lastModified: string;
}

/** A part of a multipart upload. */
export interface PartRecord extends StoredContent {
  readonly partNumber: number;
  readonly lastModified: string;
}

/** A multipart upload that is neither complete nor aborted. */
export interface UploadRecord extends ObjectAttributes {
  readonly uploadId: string;
  readonly key: string;
  readonly initiated: string;
  readonly checksumAlgorithm?: string;
}
