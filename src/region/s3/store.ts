import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Bucket } from './bucket.ts';
import { refusals } from './errors.ts';
import type { BucketRecord, ObjectRecord, PartRecord, UploadRecord } from './records.ts';

/**
 * Buckets and objects as files. A bucket is a folder of its name with `bucket.json`; `objects/HASH.json` describes an
 * object, HASH being of its key; `data/` holds contents under random names; `uploads/ID/` what multipart uploads have. A
 * description is renamed into place after its content is on disk, so an object is there whole or not at all.
 */
export class ObjectStore {
  readonly #directory: string;
  readonly #buckets = new Map<string, Bucket>();
  /** Changes of what is there, one at a time; contents are written beside it. */
  #changes: Promise<unknown> = Promise.resolve();

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Opens a store, making its folder where there is none, and removes what a crash left half done. */
  static async open(directory: string): Promise<ObjectStore> {
    const store = new ObjectStore(directory);
    await mkdir(directory, { recursive: true });
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      if (entry.isDirectory()) await store.#load(entry.name);
    }
    return store;
  }

  /** All buckets by name. */
  buckets(): Bucket[] {
    return [...this.#buckets.values()].sort((one, other) => (one.record.name < other.record.name ? -1 : 1));
  }

  bucket(name: string): Bucket | undefined {
    return this.#buckets.get(name);
  }

  /** Where a content of that bucket is. */
  dataPath(bucket: string, dataFile: string): string {
    return join(this.#directory, bucket, 'data', dataFile);
  }

  /** A name for a new content. */
  newDataFile(): string {
    return randomBytes(16).toString('hex');
  }

  /** Removes a content that no object took. */
  async discardData(bucket: string, dataFile: string): Promise<void> {
    await rm(this.dataPath(bucket, dataFile), { force: true });
  }

  createBucket(record: BucketRecord): Promise<void> {
    return this.#change(async () => {
      if (this.#buckets.has(record.name)) throw refusals.bucketAlreadyOwnedByYou(record.name);
      for (const folder of ['objects', 'data', 'uploads']) {
        await mkdir(join(this.#directory, record.name, folder), { recursive: true });
      }
      await writeJson(join(this.#directory, record.name, 'bucket.json'), record);
      this.#buckets.set(record.name, new Bucket(record));
    });
  }

  /** Replaces what a bucket says of itself. */
  changeBucket(name: string, change: (record: BucketRecord) => BucketRecord): Promise<void> {
    return this.#change(async () => {
      const bucket = this.#demand(name);
      const record = change(bucket.record);
      await writeJson(join(this.#directory, name, 'bucket.json'), record);
      bucket.record = record;
    });
  }

  /** Refused while objects are there; uploads under way go with it. */
  deleteBucket(name: string): Promise<void> {
    return this.#change(async () => {
      if (!this.#demand(name).isEmpty) throw refusals.bucketNotEmpty(name);
      this.#buckets.delete(name);
      // Without it the folder is no bucket, should the rest not be reached.
      await rm(join(this.#directory, name, 'bucket.json'), { force: true });
      await rm(join(this.#directory, name), { recursive: true, force: true });
    });
  }

  /** Puts an object whose content is written in the place of what had its key. `check` sees that and may throw. */
  putObject(
    bucketName: string,
    object: ObjectRecord,
    check: (current: ObjectRecord | undefined) => void = () => undefined,
  ): Promise<void> {
    return this.#change(async () => {
      const bucket = this.#demand(bucketName);
      check(bucket.object(object.key));
      await writeJson(this.#objectPath(bucketName, object.key), object);
      const replaced = bucket.put(object);
      if (replaced !== undefined) await this.discardData(bucketName, replaced.dataFile);
    });
  }

  /** Removes an object; to remove what is not there is no fault. */
  deleteObject(bucketName: string, key: string): Promise<void> {
    return this.#change(async () => {
      const bucket = this.#demand(bucketName);
      const object = bucket.object(key);
      if (object === undefined) return;
      await rm(this.#objectPath(bucketName, key), { force: true });
      bucket.remove(key);
      await this.discardData(bucketName, object.dataFile);
    });
  }

  createUpload(bucketName: string, upload: UploadRecord): Promise<void> {
    return this.#change(async () => {
      const bucket = this.#demand(bucketName);
      const folder = this.#uploadPath(bucketName, upload.uploadId);
      await mkdir(folder, { recursive: true });
      await writeJson(join(folder, 'upload.json'), upload);
      bucket.putUpload(upload);
    });
  }

  putPart(bucketName: string, uploadId: string, part: PartRecord): Promise<void> {
    return this.#change(async () => {
      const bucket = this.#demand(bucketName);
      if (bucket.upload(uploadId) === undefined) throw refusals.noSuchUpload();
      await writeJson(join(this.#uploadPath(bucketName, uploadId), `part-${part.partNumber}.json`), part);
      const replaced = bucket.putPart(uploadId, part);
      if (replaced !== undefined) await this.discardData(bucketName, replaced.dataFile);
    });
  }

  /** Ends an upload, complete or not, and removes its parts. */
  removeUpload(bucketName: string, uploadId: string): Promise<void> {
    return this.#change(async () => {
      const bucket = this.#demand(bucketName);
      const upload = bucket.upload(uploadId);
      if (upload === undefined) throw refusals.noSuchUpload();
      bucket.removeUpload(uploadId);
      await rm(this.#uploadPath(bucketName, uploadId), { recursive: true, force: true });
      for (const part of upload.parts.values()) await this.discardData(bucketName, part.dataFile);
    });
  }

  #change<R>(act: () => Promise<R>): Promise<R> {
    const done = this.#changes.then(act);
    this.#changes = done.catch(() => undefined);
    return done;
  }

  #demand(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) throw refusals.noSuchBucket(name);
    return bucket;
  }

  /** Keys may be any text of 1,024 bytes: their hash is always a fit name. */
  #objectPath(bucket: string, key: string): string {
    return join(this.#directory, bucket, 'objects', `${createHash('sha256').update(key).digest('hex')}.json`);
  }

  #uploadPath(bucket: string, uploadId: string): string {
    return join(this.#directory, bucket, 'uploads', uploadId);
  }

  async #load(name: string): Promise<void> {
    const folder = join(this.#directory, name);
    const record = await readJson<BucketRecord>(join(folder, 'bucket.json'));
    if (record === undefined) {
      // Being made, or half removed: nobody was told that it is there.
      await rm(folder, { recursive: true, force: true });
      return;
    }
    const bucket = new Bucket(record);
    const used = new Set<string>();
    for (const file of await listJson(join(folder, 'objects'))) {
      const object = await readJson<ObjectRecord>(file);
      if (object === undefined) continue;
      used.add(object.dataFile);
      bucket.put(object);
    }
    for (const uploadId of await readdir(join(folder, 'uploads'))) {
      const upload = await readJson<UploadRecord>(join(folder, 'uploads', uploadId, 'upload.json'));
      if (upload === undefined) {
        await rm(this.#uploadPath(name, uploadId), { recursive: true, force: true });
        continue;
      }
      const files = await listJson(join(folder, 'uploads', uploadId));
      const partFiles = files.filter((file) => !file.endsWith('upload.json'));
      const parts = await Promise.all(partFiles.map((file) => readJson<PartRecord>(file)));
      const whole = parts.filter((part) => part !== undefined);
      for (const { dataFile } of whole) used.add(dataFile);
      bucket.putUpload(upload, whole);
    }
    for (const file of await readdir(join(folder, 'data'))) {
      if (!used.has(file)) await this.discardData(name, file);
    }
    this.#buckets.set(name, bucket);
  }
}

async function listJson(folder: string): Promise<string[]> {
  const files = await readdir(folder);
  return files.filter((file) => file.endsWith('.json')).map((file) => join(folder, file));
}

/** A file that we wrote, so its shape is known; undefined when there is none. */
async function readJson<T>(path: string): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const content: T = JSON.parse(text);
    return content;
  } catch {
    throw new Error(
      `The file ${path} of the S3 store is damaged. Move it away to go on without what it describes.`,
    );
  }
}

/** On disk, under its name, whole: or not there at all. */
async function writeJson(path: string, content: unknown): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  const file = await open(draft, 'wx');
  try {
    await file.writeFile(JSON.stringify(content));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
