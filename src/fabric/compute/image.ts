import { createHash } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runCaptured } from '../process.ts';
import { type Mode, ownerIn, spawnMapped } from '../world/mapping.ts';
import { takeTurn } from './turn.ts';

/** The base image cannot be made; the message says why and what to do. */
export class ImageError extends Error {}

/** Told how far the making of the image is, in a line for people. */
export type OnProgress = (line: string) => void;

/** What makes an image differ from another: raised when the assets change in a way old images must not survive. */
const IMAGE_FORMAT = '1';

/**
 * The root file system of instances, made once of the distribution's own packages without installing any, and kept in
 * the user's cache. Resolves with its folder. The ids of its files depend on the mode, so each mode has its own.
 */
export async function ensureImage(
  mode: Mode,
  applicationDirectory: string,
  onProgress: OnProgress,
): Promise<string> {
  const assets = join(applicationDirectory, 'assets', 'image');
  const name = `image-${mode}-${fingerprint(assets)}`;
  const folder = join(cacheDirectory(), name);
  const root = join(folder, 'root');
  const isComplete = (): boolean => existsSync(join(folder, 'complete'));
  if (isComplete()) return root;
  mkdirSync(cacheDirectory(), { recursive: true });
  const onWait = (): void => onProgress('base image: another start of Cloudcroft is making it');
  await takeTurn(`${folder}.turn`, isComplete, onWait, () => build(folder, mode, assets, onProgress));
  return root;
}

async function build(folder: string, mode: Mode, assets: string, onProgress: OnProgress): Promise<void> {
  const building = `${folder}.${process.pid}`;
  rmSync(building, { recursive: true, force: true });
  mkdirSync(join(building, 'debs'), { recursive: true });
  try {
    await download(join(building, 'debs'), readPackages(assets), onProgress);
    await extract(mode, building, assets, onProgress);
    rmSync(join(building, 'debs'), { recursive: true });
    writeFileSync(join(building, 'complete'), '');
    // Whoever took a turn over may meet who had it: the first to be done is kept.
    if (existsSync(join(folder, 'complete'))) rmSync(building, { recursive: true, force: true });
    else renameSync(building, folder);
  } catch (error) {
    rmSync(building, { recursive: true, force: true });
    throw error;
  }
}

/** Where downloads and images are kept. */
export function cacheDirectory(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'cloudcroft');
}

function readPackages(assets: string): string[] {
  return readFileSync(join(assets, 'packages.txt'), 'utf8').trim().split('\n');
}

function fingerprint(assets: string): string {
  const hash = createHash('sha256').update(IMAGE_FORMAT);
  for (const name of readdirSync(assets).sort()) hash.update(name).update(readFileSync(join(assets, name)));
  return hash.digest('hex').slice(0, 12);
}

/** Fetches the packages and all they need, as if nothing were installed; nothing of the machine's apt is changed. */
async function download(folder: string, packages: readonly string[], onProgress: OnProgress): Promise<void> {
  if ((await runCaptured(['apt-get', '--version']).catch(() => undefined)) === undefined) {
    throw new ImageError(
      'There is no apt-get here to fetch the base image with. Cloudcroft needs Debian or Ubuntu.',
    );
  }
  const apt = join(folder, '..', 'apt');
  for (const path of ['state/lists/partial', 'cache/archives/partial'])
    mkdirSync(join(apt, path), { recursive: true });
  writeFileSync(join(apt, 'status'), '');
  const settings = [
    ...[
      '-o',
      `Dir::State=${apt}/state`,
      '-o',
      `Dir::State::status=${apt}/status`,
      '-o',
      `Dir::Cache=${apt}/cache`,
    ],
    ...['-o', 'APT::Install-Recommends=0', '-o', 'Debug::NoLocking=1', '-o', 'APT::Sandbox::User='],
  ];
  onProgress('base image: reading the package lists');
  await demand(['apt-get', ...settings, '-q', 'update'], folder, 'The package lists cannot be fetched');
  const solved = await demand(
    ['apt-get', ...settings, '-s', 'install', ...packages, '?essential'],
    folder,
    'The packages of the base image cannot be resolved',
  );
  const chosen = [...solved.matchAll(/^Inst (\S+) \((\S+)/gm)].map(
    ([, name, version]) => `${name}=${version}`,
  );
  onProgress(`base image: downloading ${chosen.length} packages`);
  await demand(
    ['apt-get', ...settings, '-q', 'download', ...chosen],
    folder,
    'The packages cannot be downloaded',
  );
  rmSync(apt, { recursive: true, force: true });
}

async function demand(command: readonly string[], directory: string, what: string): Promise<string> {
  const outcome = await runCaptured(command, { directory, timeoutMilliseconds: 300_000 });
  if (outcome.code === 0) return outcome.stdout;
  const reason = outcome.stderr.trim().split('\n').slice(-2).join(' ');
  throw new ImageError(`${what}: ${reason}. The first start needs the distribution's package archive once.`);
}

async function extract(mode: Mode, folder: string, assets: string, onProgress: OnProgress): Promise<void> {
  const total = readdirSync(join(folder, 'debs')).length;
  const owner = ownerIn(mode);
  // The shifted user may not pass through the caller's home, so it gets its own copy of the scripts beside its work.
  for (const name of readdirSync(assets)) writeFileSync(join(folder, name), readFileSync(join(assets, name)));
  if (owner !== 0) chownSync(folder, owner, owner);
  const child = await spawnMapped(mode, ['sh', './extract.sh', '..'], { directory: folder, stdout: 'pipe' });
  let complaint = '';
  let shown = 0;
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  child.stdout?.on('data', (chunk: Buffer) => {
    const count = Number([...chunk.toString().matchAll(/extracted (\d+)/g)].at(-1)?.[1] ?? '0');
    if (count < shown + 20 && count !== total) return;
    shown = count;
    onProgress(`base image: unpacked ${count} of ${total} packages`);
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new ImageError(`The base image cannot be unpacked: ${complaint.trim().slice(-300)}`);
}
