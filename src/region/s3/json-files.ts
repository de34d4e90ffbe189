import { randomBytes } from 'node:crypto';
import { open, readdir, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The paths of a folder's descriptions. */
export async function listJson(folder: string): Promise<string[]> {
  const files = await readdir(folder);
  return files.filter((file) => file.endsWith('.json')).map((file) => join(folder, file));
}

/** A file that we wrote, so its shape is known; undefined when there is none. */
export async function readJson<T>(path: string): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
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
export async function writeJson(path: string, content: unknown): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  await writeDraft(draft, content);
  await rename(draft, path);
  await syncFolder(dirname(path));
}

/** On disk, to be renamed to where it belongs. */
export async function writeDraft(path: string, content: unknown): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(JSON.stringify(content));
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Whether a file or folder was not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** Has names that were put into folders on disk: of many who ask at once all are served by one turn of the disk. */
export class FolderSyncs {
  /** By folder, the turn that has not begun: whoever asks now is served by it. */
  readonly #next = new Map<string, Promise<void>>();
  readonly #running = new Map<string, Promise<void>>();

  /** Resolves when all that was put into the folder before the call is on disk. */
  sync(folder: string): Promise<void> {
    const waiting = this.#next.get(folder);
    if (waiting !== undefined) return waiting;
    const turn = (this.#running.get(folder) ?? Promise.resolve())
      // How it ended is for those whom it served.
      .catch(() => undefined)
      .then(() => {
        this.#next.delete(folder);
        this.#running.set(folder, turn);
        return syncFolder(folder);
      })
      .finally(() => {
        if (this.#running.get(folder) === turn) this.#running.delete(folder);
      });
    this.#next.set(folder, turn);
    return turn;
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
