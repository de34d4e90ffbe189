import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { arch } from 'node:process';
import { runCaptured } from '../process.ts';
import { type Mode, ownerIn, spawnMapped } from '../world/mapping.ts';
import { ImageError, type OnProgress } from './image.ts';

/** Where an image is brought to, and by whom. */
export interface ImportOptions {
  readonly mode: Mode;
  readonly applicationDirectory: string;
  /** The folder that gets `root`; it must not be there. */
  readonly target: string;
  readonly onProgress: OnProgress;
}

/** What was brought. */
export interface ImportedImage {
  readonly architecture: 'x86_64' | 'arm64';
  /** What an instance of it will miss: `/usr/sbin/sshd`. */
  readonly lacks: readonly string[];
}

/** One layer: a tar file, or a folder that is taken as it is. */
interface Layer {
  readonly path: string;
  readonly isFolder: boolean;
}

interface Source {
  readonly layers: readonly Layer[];
  /** As the image says, in OCI's words; this machine's where it says nothing. */
  readonly architecture: string;
}

/**
 * Unpacks an image: an OCI layout (a folder, or a tar of one), what `docker save` writes, a tar of a root file system, or a
 * root folder. Throws ImageError with what is wrong with it; then nothing is left.
 */
export async function importImage(source: string, options: ImportOptions): Promise<ImportedImage> {
  const { target, mode, applicationDirectory, onProgress } = options;
  const path = resolve(source);
  if (!existsSync(path)) throw new ImageError(`There is no file or folder ${path}.`);
  const opened = join(target, `opened-${randomBytes(4).toString('hex')}`);
  mkdirSync(opened, { recursive: true });
  try {
    const { layers, architecture } = await openSource(path, opened);
    const fits = architecture === (arch === 'x64' ? 'amd64' : arch);
    if (!fits) throw new ImageError(`The image is for ${architecture}, and this machine is not.`);
    const assets = join(applicationDirectory, 'assets', 'image');
    for (const name of ['import.sh', 'init', 'power', 'user-data']) {
      writeFileSync(join(target, name), readFileSync(join(assets, name)));
    }
    const owner = ownerIn(mode);
    if (owner !== 0) chownSync(target, owner, owner);
    for (const [index, layer] of layers.entries()) {
      onProgress(`unpacking layer ${index + 1} of ${layers.length}`);
      await unpackLayer(layer, options);
    }
    const said = await runStep(['finish', '..'], '/dev/null', options);
    const lacks = [...said.matchAll(/^lacks (\S+)$/gm)].map(([, name = '']) => name);
    return { architecture: architecture === 'arm64' ? 'arm64' : 'x86_64', lacks };
  } catch (error) {
    await removeImage(mode, target);
    throw error;
  } finally {
    rmSync(opened, { recursive: true, force: true });
  }
}

/** Removes an unpacked image, whose files belong to users of the world. */
export async function removeImage(mode: Mode, target: string): Promise<void> {
  if (mode === 'rootless' && existsSync(target)) {
    await runCaptured(['unshare', '--user', '--map-root-user', '--map-auto', 'rm', '-rf', target]);
  }
  rmSync(target, { recursive: true, force: true });
}

async function openSource(path: string, opened: string): Promise<Source> {
  if (statSync(path).isDirectory()) {
    if (existsSync(join(path, 'index.json'))) return openLayout(path);
    if (existsSync(join(path, 'manifest.json'))) return openDockerArchive(path);
    const isRoot = ['bin', 'usr', 'etc'].every((name) => readdirSync(path).includes(name));
    if (isRoot) return { layers: [{ path, isFolder: true }], architecture: arch === 'x64' ? 'amd64' : arch };
    throw new ImageError(`${path} is neither an OCI layout nor a root folder (with bin, usr and etc).`);
  }
  const names = await demand(['tar', '-tf', path], `${path} is no tar file`);
  const has = (name: string): boolean => new RegExp(`^(?:\\./)?${name}$`, 'm').test(names);
  const isArchive = has('index\\.json') || has('manifest\\.json');
  if (!isArchive)
    return { layers: [{ path, isFolder: false }], architecture: arch === 'x64' ? 'amd64' : arch };
  await demand(['tar', '-xf', path, '-C', opened], `${path} cannot be unpacked`);
  // `docker save` writes both forms since version 25; its own is the simpler one.
  return has('manifest\\.json') ? openDockerArchive(opened) : openLayout(opened);
}

/** https://github.com/opencontainers/image-spec/blob/main/image-layout.md */
function openLayout(folder: string): Source {
  const blob = (digest: unknown): string => join(folder, 'blobs', String(digest).replace(':', '/'));
  let node = readJson(join(folder, 'index.json'));
  // An index may list indexes: one a platform.
  for (let depth = 0; listOf(node, 'manifests').length > 0 && depth < 4; depth++) {
    const manifests = listOf(node, 'manifests');
    const wanted = arch === 'x64' ? 'amd64' : arch;
    const chosen =
      manifests.find((each) => fieldOf(fieldOf(each, 'platform'), 'architecture') === wanted) ?? manifests[0];
    node = readJson(blob(fieldOf(chosen, 'digest')));
  }
  const config = readJson(blob(fieldOf(fieldOf(node, 'config'), 'digest')));
  const layers = listOf(node, 'layers').map((layer) => ({
    path: blob(fieldOf(layer, 'digest')),
    isFolder: false,
  }));
  if (layers.length === 0) throw new ImageError('The OCI layout names no image with layers.');
  return { layers, architecture: String(fieldOf(config, 'architecture')) };
}

function openDockerArchive(folder: string): Source {
  const manifests: unknown = readJson(join(folder, 'manifest.json'));
  const image: unknown = Array.isArray(manifests) ? manifests[0] : undefined;
  const config = readJson(join(folder, String(fieldOf(image, 'Config'))));
  const layers = listOf(image, 'Layers').map((name) => ({
    path: join(folder, String(name)),
    isFolder: false,
  }));
  if (layers.length === 0) throw new ImageError('The Docker archive names no image with layers.');
  return { layers, architecture: String(fieldOf(config, 'architecture')) };
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw new ImageError(`The image is damaged: ${path} is missing or no JSON.`);
  }
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const list = fieldOf(value, name);
  return Array.isArray(list) ? list : [];
}

async function unpackLayer(layer: Layer, options: ImportOptions): Promise<void> {
  const whiteouts = join(options.target, 'whiteouts');
  if (layer.isFolder) {
    writeFileSync(whiteouts, '');
    const packed = join(options.target, 'packed.tar');
    await demand(
      ['tar', '-C', layer.path, '-cf', packed, '--numeric-owner', '--one-file-system', '.'],
      `${layer.path} cannot be read`,
    );
    await runStep(['layer', ''], packed, options);
    rmSync(packed);
    return;
  }
  if (!existsSync(layer.path))
    throw new ImageError(`The image is damaged: the layer ${layer.path} is missing.`);
  const names = await demand(
    ['tar', '--quoting-style=literal', '-tf', layer.path],
    `${layer.path} is no layer`,
  );
  writeFileSync(
    whiteouts,
    names
      .split('\n')
      .filter((name) => /(?:^|\/)\.wh\./.test(name))
      .map((name) => `${name}\n`)
      .join(''),
  );
  await runStep(['layer', compressionOf(layer.path)], layer.path, options);
}

/** By the first bytes; what comes through a pipe tar does not find out by itself. */
function compressionOf(path: string): string {
  const bytes = Buffer.alloc(6);
  const file = openSync(path, 'r');
  readSync(file, bytes, 0, bytes.length, 0);
  closeSync(file);
  const start = bytes.toString('hex');
  if (start.startsWith('1f8b')) return '-z';
  if (start.startsWith('28b52ffd')) return '--zstd';
  return start.startsWith('fd377a585a00') ? '-J' : '';
}

/** Runs a step as the world's root; the source is opened before that, with the caller's own rights. */
async function runStep(
  words: readonly string[],
  source: string,
  { mode, target }: ImportOptions,
): Promise<string> {
  const before = ['sh', '-c', 'exec 3<"$1" && shift && exec "$@"', 'sh', source];
  const child = await spawnMapped(mode, ['sh', './import.sh', ...words], {
    before,
    directory: target,
    stdout: 'pipe',
  });
  let [said, complaint] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const code = await new Promise<number | null>((done) => child.once('close', done));
  if (code !== 0) throw new ImageError(`The image cannot be unpacked: ${complaint.trim().slice(-300)}`);
  return said;
}

async function demand(command: readonly string[], what: string): Promise<string> {
  const outcome = await runCaptured(command, { timeoutMilliseconds: 600_000 });
  if (outcome.code === 0) return outcome.stdout;
  throw new ImageError(`${what}: ${outcome.stderr.trim().split('\n').at(-1) ?? ''}`);
}
