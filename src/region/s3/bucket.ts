import { compareNames } from './paging.ts';
import {
  type BucketRecord,
  isDeleteMarker,
  type ObjectRecord,
  type ObjectVersion,
  type PartRecord,
  type UploadRecord,
} from './records.ts';

/** An upload and the parts it has so far. */
export interface Upload {
  readonly record: UploadRecord;
  readonly parts: ReadonlyMap<number, PartRecord>;
}

/** A bucket's objects and uploads in memory: what is on disk, found by key and listed in order. */
export class Bucket {
  record: BucketRecord;
  /** Newest first; never empty. */
  readonly #versions = new Map<string, readonly ObjectVersion[]>();
  readonly #uploads = new Map<string, { record: UploadRecord; parts: Map<number, PartRecord> }>();
  /** Made when a listing asks for it, gone when a key comes or goes. */
  #sortedKeys: readonly string[] | undefined;

  constructor(record: BucketRecord) {
    this.record = record;
  }

  /** Whether no key holds anything, older versions and delete markers counted. */
  get isEmpty(): boolean {
    return this.#versions.size === 0;
  }

  /** The object that a key holds now; undefined where there is none, or a delete marker. */
  object(key: string): ObjectRecord | undefined {
    const newest = this.#versions.get(key)?.[0];
    return newest === undefined || isDeleteMarker(newest) ? undefined : newest;
  }

  /** Everything that a key holds, newest first. */
  versions(key: string): readonly ObjectVersion[] {
    return this.#versions.get(key) ?? [];
  }

  upload(uploadId: string): Upload | undefined {
    return this.#uploads.get(uploadId);
  }

  uploads(): Upload[] {
    return [...this.#uploads.values()];
  }

  /** Keys that hold anything, a delete marker too, in S3's order: that of their UTF-8 bytes. */
  #keys(): readonly string[] {
    this.#sortedKeys ??= [...this.#versions.keys()]
      // Their bytes once, not at each comparison.
      .map((key) => ({ key, bytes: Buffer.from(key) }))
      .sort((one, other) => Buffer.compare(one.bytes, other.bytes))
      .map(({ key }) => key);
    return this.#sortedKeys;
  }

  /** The keys that begin with `prefix`, in S3's order, from the first that is not before `start`. */
  *keysFrom(start: string, prefix: string): Generator<string> {
    const keys = this.#keys();
    const first = Buffer.from(compareNames(start, prefix) > 0 ? start : prefix);
    let [low, high] = [0, keys.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (Buffer.compare(Buffer.from(keys[middle] ?? ''), first) < 0) low = middle + 1;
      else high = middle;
    }
    // Keys that share a prefix stand together.
    for (let index = low; keys[index]?.startsWith(prefix) === true; index++) yield keys[index] ?? '';
  }

  /** Replaces what a key holds; with nothing, the key is gone. */
  setVersions(key: string, versions: readonly ObjectVersion[]): void {
    if (versions.length > 0) {
      if (!this.#versions.has(key)) this.#sortedKeys = undefined;
      this.#versions.set(key, versions);
    } else if (this.#versions.delete(key)) this.#sortedKeys = undefined;
  }

  putUpload(record: UploadRecord, parts: readonly PartRecord[] = []): void {
    this.#uploads.set(record.uploadId, {
      record,
      parts: new Map(parts.map((part) => [part.partNumber, part])),
    });
  }

  /** Puts a part in and gives back the one it replaces. */
  putPart(uploadId: string, part: PartRecord): PartRecord | undefined {
    const upload = this.#uploads.get(uploadId);
    const replaced = upload?.parts.get(part.partNumber);
    upload?.parts.set(part.partNumber, part);
    return replaced;
  }

  removeUpload(uploadId: string): void {
    this.#uploads.delete(uploadId);
  }
}
