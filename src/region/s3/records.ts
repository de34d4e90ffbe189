import type { ChecksumName } from './checksum.ts';

/** A bucket as it is kept. */
export interface BucketRecord {
  readonly name: string;
  readonly region: string;
  /** ISO 8601. */
  readonly creationDate: string;
  /** The account that made it. */
  readonly account: string;
  /** The bucket policy, as it was given. */
  readonly policy?: string;
  /** Absent where versions have never been asked for. */
  readonly versioning?: VersioningStatus;
  readonly tags?: Tags;
  /** Settings that are kept as the XML they were given in, by the name of their sub-resource: `cors`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Once enabled, versions can only be suspended. */
export type VersioningStatus = 'Enabled' | 'Suspended';

/** By key, in the order given. */
export type Tags = Readonly<Record<string, string>>;

/** A checksum that the client gave and the content had, in base64. */
export interface StoredChecksum {
  readonly name: ChecksumName;
  readonly value: string;
}

/** A file in a bucket's `data` folder. */
export interface Piece {
  readonly dataFile: string;
  readonly size: number;
}

/** Content that is on disk. */
export interface StoredContent {
  /** One, or of an object that was uploaded in parts one for each part, in order. */
  readonly pieces: readonly Piece[];
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

/** An object as it is kept: one version of what its key holds. */
export interface ObjectRecord extends StoredContent, ObjectAttributes {
  readonly key: string;
  /** ISO 8601, whole seconds. */
  readonly lastModified: string;
  /** Absent of the version that S3 calls `null`: written while no versions were kept. */
  readonly versionId?: string;
  readonly tags?: Tags;
}

/** What stands in the place of an object that was deleted while versions are kept. */
export interface DeleteMarker {
  readonly key: string;
  readonly lastModified: string;
  readonly versionId?: string;
  readonly isDeleteMarker: true;
}

/** Whether an object was uploaded in parts: its digest is one of digests. */
export function isMultipart({ etag }: StoredContent): boolean {
  return etag.includes('-');
}

/** What a key holds or has held. */
export type ObjectVersion = ObjectRecord | DeleteMarker;

/** Whether a version says that the object is deleted. */
export function isDeleteMarker(version: ObjectVersion): version is DeleteMarker {
  return 'isDeleteMarker' in version;
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
  readonly tags?: Tags;
  readonly checksumAlgorithm?: string;
}
