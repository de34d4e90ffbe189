import type { BucketRecord, ObjectRecord, PartRecord, UploadRecord } from './records.ts';

/** An upload and the parts it has so far. */
export interface Upload {
  readonly record: UploadRecord;
  readonly parts: ReadonlyMap<number, PartRecord>;
}

/** A bucket's objects and uploads in memory: what is on disk, found by key and listed in order. */
export class Bucket {
  record: BucketRecord;
  readonly #objects = new Map<string, ObjectRecord>();
  readonly #uploads = new Map<string, { record: UploadRecord; parts: Map<number, PartRecord> }>();
  /** Made when a listing asks for it, gone when a key comes or goes. */
  #sortedKeys: readonly string[] | undefined;

  constructor(record: BucketRecord) {
    this.record = record;
  }

  get isEmpty(): boolean {
    return this.#objects.size === 0;
  }

  object(key: string): ObjectRecord | undefined {
    return this.#objects.get(key);
  }

  upload(uploadId: string): Upload | undefined {
    return this.#uploads.get(uploadId);
  }

  uploads(): Upload[] {
    return [...this.#uploads.values()];
  }

  /** Keys in S3's order, that of their UTF-8 bytes. */
  keys(): readonly string[] {
    this.#sortedKeys ??= [...this.#objects.keys()]
      .map((key) => ({ key, bytes: Buffer.from(key) }))
      .sort((one, other) => Buffer.compare(one.bytes, other.bytes))
      .map(({ key }) => key);
    return this.#sortedKeys;
  }

  /** Puts an object in and gives back the one it replaces. */
  put(object: ObjectRecord): ObjectRecord | undefined {
    const replaced = this.#objects.get(object.key);
    this.#objects.set(object.key, object);
    if (replaced === undefined) this.#sortedKeys = undefined;
    return replaced;
  }

  remove(key: string): void {
    if (this.#objects.delete(key)) this.#sortedKeys = undefined;
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
