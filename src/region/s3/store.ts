import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Bucket } from './bucket.ts';
import { type ByteRange, readContent } from './content.ts';
import { ContentFiles } from './content-files.ts';
import { refusals } from './errors.ts';
import { FolderSyncs, isMissing, listJson, readJson, writeDraft, writeJson } from './json-files.ts';
import { readBucket, readPart, readVersions } from './old-records.ts';
import type {
  BucketRecord,
  DeleteMarker,
  ObjectRecord,
  ObjectVersion,
  PartRecord,
  StoredContent,
  UploadRecord,
} from './records.ts';
import {
  addVersion,
  dataFilesOf,
  pieceFilesOf,
  removeVersion,
  type VersionChange,
  versionIdOf,
} from './versions.ts';

/**
 * Buckets and objects as files. A bucket is a folder of its name with `bucket.json`; `objects/HASH.json` describes what a key
 * holds, its versions newest first, HASH being of the key; `data/` holds contents under random names; `uploads/ID/` what multipart uploads have. A
 * description is renamed into place after its content is on disk, so an object is there whole or not at all.
 */
export class ObjectStore {
  readonly #directory: string;
  readonly #buckets = new Map<string, Bucket>();
  readonly #files = new ContentFiles();
  readonly #folders = new FolderSyncs();
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

  /** Removes files of content that nothing speaks of; those that are being read, when they have been. */
  discard(bucket: string, dataFiles: readonly string[]): Promise<void> {
    return this.#files.remove(dataFiles.map((dataFile) => this.dataPath(bucket, dataFile)));
  }

  /**
   * Reads a range of a content, at least one byte, each chunk lent until the next is asked for. The content stays readable
   * whatever becomes of the object, until the reading ends: it has to be begun.
   */
  reading(bucket: string, content: StoredContent, range: ByteRange): AsyncIterable<Uint8Array> {
    const paths = pieceFilesOf(content).map((dataFile) => this.dataPath(bucket, dataFile));
    return this.#files.hold(paths, readContent(this, bucket, content, range));
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

  /**
   * Puts an object whose content is written on top of what its key holds, and gives it back with its version. `check` sees the
   * object that is there and may throw.
   */
  putObject(
    bucketName: string,
    object: ObjectRecord,
    check: (current: ObjectRecord | undefined) => void = () => undefined,
  ): Promise<ObjectRecord> {
    return this.#change(() => this.#add(this.#demand(bucketName), object, check));
  }

  async #add(
    bucket: Bucket,
    object: ObjectRecord,
    check: (current: ObjectRecord | undefined) => void,
  ): Promise<ObjectRecord> {
    const { key } = object;
    check(bucket.object(key));
    const change = addVersion(bucket.versions(key), object, bucket.record.versioning, newVersionId());
    await this.#apply(bucket, key, change);
    return change.added;
  }

  /**
   * Deletes an object: where versions are or were kept, by a delete marker, which is given back. To delete what is not there is
   * no fault.
   */
  deleteObject(bucketName: string, key: string, lastModified: string): Promise<DeleteMarker | undefined> {
    return this.#change(async () => {
      const bucket = this.#demand(bucketName);
      const { versioning } = bucket.record;
      const versions = bucket.versions(key);
      if (versioning === undefined) {
        if (versions.length > 0) await this.#apply(bucket, key, { versions: [], dropped: versions });
        return undefined;
      }
      const marker: DeleteMarker = { key, lastModified, isDeleteMarker: true };
      const change = addVersion(versions, marker, versioning, newVersionId());
      await this.#apply(bucket, key, change);
      return change.added;
    });
  }

  /** Removes one version for ever, and gives it back; undefined where there is none of that id. */
  deleteVersion(bucketName: string, key: string, id: string): Promise<ObjectVersion | undefined> {
    return this.#change(async () => {
      const bucket = this.#demand(bucketName);
      const change = removeVersion(bucket.versions(key), id);
      const [removed] = change.dropped;
      if (removed !== undefined) await this.#apply(bucket, key, change);
      return removed;
    });
  }

  /** Changes what a version that is there says of itself, not its content. */
  changeObject(
    bucketName: string,
    object: ObjectRecord,
    change: (object: ObjectRecord) => ObjectRecord,
  ): Promise<void> {
    return this.#change(async () => {
      const bucket = this.#demand(bucketName);
      const { key } = object;
      const versions = bucket.versions(key);
      const isIt = (version: ObjectVersion): version is ObjectRecord =>
        'pieces' in version && versionIdOf(version) === versionIdOf(object);
      if (!versions.some(isIt)) throw refusals.noSuchKey(key);
      await this.#apply(bucket, key, {
        versions: versions.map((version) => (isIt(version) ? change(version) : version)),
        dropped: [],
      });
    });
  }

  /** On disk first; contents go when nothing speaks of them any more. */
  async #apply(bucket: Bucket, key: string, { versions, dropped }: VersionChange): Promise<void> {
    const { name } = bucket.record;
    const path = this.#objectPath(name, key);
    if (versions.length === 0) await rm(path, { force: true });
    else await writeJson(path, versions);
    bucket.setVersions(key, versions);
    await this.discard(name, dataFilesOf(dropped));
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

  /**
   * Adds a part to an upload, on disk when this resolves. Many come at once: each waits for the disk beside the others, and only
   * changes wait their turn. Of two with one number the later rename is also the later to be known: both wait in one order.
   */
  async putPart(bucketName: string, uploadId: string, part: PartRecord): Promise<void> {
    const demandUpload = (): Bucket => {
      const bucket = this.#demand(bucketName);
      if (bucket.upload(uploadId) === undefined) throw refusals.noSuchUpload();
      return bucket;
    };
    demandUpload();
    const folder = this.#uploadPath(bucketName, uploadId);
    // Among the contents, where a start removes what nothing speaks of.
    const draft = this.newDataFile();
    const draftPath = this.dataPath(bucketName, draft);
    try {
      await writeDraft(draftPath, part);
      await this.#change(async () => {
        demandUpload();
        await rename(draftPath, join(folder, `part-${part.partNumber}.json`));
      });
      await this.#folders.sync(folder);
    } catch (error) {
      await this.discard(bucketName, [draft]);
      // The upload ended, or the bucket went, meanwhile.
      throw isMissing(error) ? refusals.noSuchUpload() : error;
    }
    // Until now no completion could take it, so whoever is refused may remove its content.
    await this.#change(async () => {
      const replaced = demandUpload().putPart(uploadId, part);
      if (replaced !== undefined) await this.discard(bucketName, pieceFilesOf(replaced));
    });
  }

  /** Ends an upload that is not to be an object, and removes its parts. */
  removeUpload(bucketName: string, uploadId: string): Promise<void> {
    return this.#change(() => this.#endUpload(this.#demand(bucketName), uploadId, []));
  }

  /** Makes an object of parts of an upload, which ends with it. The files of the parts are the object's from then on. */
  completeUpload(
    bucketName: string,
    uploadId: string,
    object: ObjectRecord,
    check: (current: ObjectRecord | undefined) => void,
  ): Promise<ObjectRecord> {
    return this.#change(async () => {
      const bucket = this.#demand(bucketName);
      // Of two that complete it at once, one finds it gone.
      if (bucket.upload(uploadId) === undefined) throw refusals.noSuchUpload();
      const kept = await this.#add(bucket, object, check);
      await this.#endUpload(bucket, uploadId, pieceFilesOf(object));
      return kept;
    });
  }

  async #endUpload(bucket: Bucket, uploadId: string, taken: readonly string[]): Promise<void> {
    const upload = bucket.upload(uploadId);
    if (upload === undefined) throw refusals.noSuchUpload();
    const { name } = bucket.record;
    bucket.removeUpload(uploadId);
    await rm(this.#uploadPath(name, uploadId), { recursive: true, force: true });
    const kept = new Set(taken);
    const files = [...upload.parts.values()].flatMap(pieceFilesOf);
    await this.discard(
      name,
      files.filter((file) => !kept.has(file)),
    );
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
    const found = await readJson<BucketRecord>(join(folder, 'bucket.json'));
    const record = found === undefined ? undefined : readBucket(found);
    if (record === undefined) {
      // Being made, or half removed: nobody was told that it is there.
      await rm(folder, { recursive: true, force: true });
      return;
    }
    const bucket = new Bucket(record);
    const used = new Set<string>();
    for (const file of await listJson(join(folder, 'objects'))) {
      const content = await readJson<Parameters<typeof readVersions>[0]>(file);
      const versions = content === undefined ? [] : readVersions(content);
      const [newest] = versions;
      if (newest === undefined) continue;
      for (const dataFile of dataFilesOf(versions)) used.add(dataFile);
      bucket.setVersions(newest.key, versions);
    }
    for (const uploadId of await readdir(join(folder, 'uploads'))) {
      for (const file of await this.#loadUpload(bucket, uploadId, used)) used.add(file);
    }
    const files = await readdir(join(folder, 'data'));
    await this.discard(
      name,
      files.filter((file) => !used.has(file)),
    );
    this.#buckets.set(name, bucket);
  }

  /** Loads an upload and returns the files that it has; what is left of one that had been completed is removed. */
  async #loadUpload(bucket: Bucket, uploadId: string, used: ReadonlySet<string>): Promise<string[]> {
    const folder = this.#uploadPath(bucket.record.name, uploadId);
    const upload = await readJson<UploadRecord>(join(folder, 'upload.json'));
    const paths = (await listJson(folder)).filter((path) => !path.endsWith('upload.json'));
    const found = await Promise.all(paths.map((path) => readJson<PartRecord>(path)));
    const parts = found.filter((part) => part !== undefined).map(readPart);
    const files = parts.flatMap(pieceFilesOf);
    if (upload === undefined || files.some((file) => used.has(file))) {
      await rm(folder, { recursive: true, force: true });
      return [];
    }
    bucket.putUpload(upload, parts);
    return files;
  }
}

/** Clients take it for any text. */
function newVersionId(): string {
  return randomBytes(24).toString('base64url');
}
