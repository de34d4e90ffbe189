import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cacheDirectory } from '../../src/fabric/compute/image.ts';
import { runCaptured } from '../../src/fabric/process.ts';
import { eventually, findSystemObstacle, Installation } from '../support/installation.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: images that users bring: ${obstacle}`);

const ARCHITECTURE = process.arch === 'x64' ? 'amd64' : process.arch;

/** What of the base image an instance can do without: a layer of it is small, and quickly made. */
const LEFT_OUT = ['./usr/lib/python3*', './usr/share/*', './usr/lib/*/perl*', './var/*', './dev/*'];

describe.skipIf(obstacle !== undefined)('images that users bring', () => {
  let croft: Installation;
  let folder: string;
  const layers: string[] = [];

  const run = async (...command: readonly string[]): Promise<void> => {
    const outcome = await runCaptured(command);
    if (outcome.code !== 0) throw new Error(`${command.join(' ')}: ${outcome.stderr}`);
  };

  beforeAll(async () => {
    croft = await Installation.start();
    folder = mkdtempSync(join(tmpdir(), 'croft-image-'));
    const images = readdirSync(cacheDirectory()).filter((name) =>
      existsSync(join(cacheDirectory(), name, 'complete')),
    );
    const newest = images.map((name) => join(cacheDirectory(), name, 'root')).at(-1) ?? '';
    const lower = join(folder, 'lower.tar');
    const excluded = LEFT_OUT.map((pattern) => `--exclude=${pattern}`);
    await run(
      'tar',
      '-C',
      newest,
      '--owner=0',
      '--group=0',
      '--ignore-failed-read',
      ...excluded,
      '-cf',
      lower,
      '.',
    );
    // The layer above adds a file, hides one, and empties a folder.
    const added = join(folder, 'added');
    for (const name of ['opt/made', 'etc/skel']) mkdirSync(join(added, name), { recursive: true });
    writeFileSync(join(added, 'opt', 'made', 'by-layer-two'), 'yes\n');
    writeFileSync(join(added, 'etc', '.wh.motd'), '');
    writeFileSync(join(added, 'etc', 'skel', '.wh..wh..opq'), '');
    const upper = join(folder, 'upper.tar');
    await run('tar', '-C', added, '--owner=0', '--group=0', '-cf', upper, '.');
    writeFileSync(`${upper}.gz`, gzipSync(readFileSync(upper)));
    layers.push(lower, `${upper}.gz`);
  });

  afterAll(async () => {
    await croft?.end();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  /** As `docker save` writes it. */
  const makeDockerArchive = async (architecture = ARCHITECTURE): Promise<string> => {
    const archive = join(folder, `docker-${architecture}.tar`);
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ architecture, os: 'linux' }));
    const names = layers.map((path) => path.slice(folder.length + 1));
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify([{ Config: 'config.json', Layers: names }]));
    await run('tar', '-C', folder, '-cf', archive, 'manifest.json', 'config.json', ...names);
    return archive;
  };

  /** As skopeo and buildah write it, an index in an index. */
  const makeLayout = (): string => {
    const layout = join(folder, 'layout');
    const blobs = join(layout, 'blobs', 'sha256');
    mkdirSync(blobs, { recursive: true });
    const put = (content: Buffer | object): { readonly digest: string } => {
      const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
      const hash = createHash('sha256').update(bytes).digest('hex');
      writeFileSync(join(blobs, hash), bytes);
      return { digest: `sha256:${hash}` };
    };
    const manifest = put({
      config: put({ architecture: ARCHITECTURE, os: 'linux' }),
      layers: layers.map((path) => put(readFileSync(path))),
    });
    const foreign = { digest: 'sha256:none', platform: { architecture: 'mips' } };
    const index = put({ manifests: [foreign, { ...manifest, platform: { architecture: ARCHITECTURE } }] });
    writeFileSync(join(layout, 'index.json'), JSON.stringify({ manifests: [index] }));
    return layout;
  };

  /** Imports it, says how far it is as it goes on, and has it by the API when it is done. */
  const bring = async (name: string, path: string, layerCount: number): Promise<string> => {
    const outcome = await croft.croft('image', 'import', name, path, '--json');
    if (outcome.code !== 0) throw new Error(outcome.stderr);
    const progress = outcome.stderr.split('\n').filter((line) => line.startsWith('unpacking'));
    const numbers = Array.from({ length: layerCount }, (_, index) => index + 1);
    expect(progress).toEqual(numbers.map((number) => `unpacking layer ${number} of ${layerCount}`));
    const imageId = String(JSON.parse(outcome.stdout).imageId);
    const found = await croft.ec2('DescribeImages', { ImageIds: [imageId] });
    const shown = ['Name', 'State', 'Architecture', 'Description'].map((key) =>
      found.text(`Images.0.${key}`),
    );
    const architecture = process.arch === 'x64' ? 'x86_64' : 'arm64';
    expect(shown).toEqual([name, 'available', architecture, `Imported into Cloudcroft from ${path}`]);
    return imageId;
  };

  const launch = async (imageId: string): Promise<string> => {
    const launched = await croft.ec2('RunInstances', {
      ImageId: imageId,
      InstanceType: process.arch === 'x64' ? 't3.micro' : 't4g.micro',
      MinCount: 1,
      MaxCount: 1,
    });
    const instanceId = launched.text('Instances.0.InstanceId');
    await croft.settle();
    await eventually('it runs', async () => (await croft.inside(instanceId, 'true')).code === 0);
    return instanceId;
  };

  test('a Docker archive: layers over one another, and what they hide', { timeout: 180_000 }, async () => {
    const imageId = await bring('docker', await makeDockerArchive(), 2);
    const instanceId = await launch(imageId);
    const seen = await croft.inside(
      instanceId,
      'whoami; cat /opt/made/by-layer-two; ls /etc/motd; ls -A /etc/skel',
    );
    expect(seen.stdout).toBe('ec2-user\nyes\n');
    expect(seen.stderr).toContain('/etc/motd');
    const found = await croft.aws('describe-images', '--owners', 'self');
    expect(found.text('Images.0.Name')).toBe('docker');
    expect(found.text('Images.0.Public')).toBe('false');
    const refused = await croft.croft('image', 'remove', imageId);
    expect(refused.stderr).toContain(`in use by ${instanceId}`);
    await croft.ec2('TerminateInstances', { InstanceIds: [instanceId] });
    await croft.settle();
    expect(await croft.croft('image', 'remove', imageId)).toMatchObject({ code: 0 });
    expect(existsSync(croft.state.at('images', imageId))).toBe(false);
  });

  test('an OCI layout', { timeout: 180_000 }, async () => {
    const instanceId = await launch(await bring('layout', makeLayout(), 2));
    expect((await croft.inside(instanceId, 'cat /opt/made/by-layer-two')).stdout).toBe('yes\n');
  });

  test('a root folder', { timeout: 180_000 }, async () => {
    const root = join(folder, 'root');
    mkdirSync(root);
    await run('tar', '-C', root, '-xf', layers[0] ?? '');
    writeFileSync(join(root, 'etc', 'brought'), 'as a folder\n');
    const instanceId = await launch(await bring('folder', root, 1));
    expect((await croft.inside(instanceId, 'cat /etc/brought')).stdout).toBe('as a folder\n');
    renameSync(root, `${root}.gone`);
    await croft.ec2('RebootInstances', { InstanceIds: [instanceId] });
    await croft.settle();
    expect((await croft.inside(instanceId, 'cat /etc/brought')).stdout).toBe('as a folder\n');
  });

  test('what is no image is refused with the reason, and nothing is left', async () => {
    const before = readdirSync(croft.state.at('images'));
    const shown = async () =>
      (await croft.ec2('DescribeImages', { Owners: ['self'] }))
        .list('Images')
        .map((each) => each.text('Name'));
    const broken = join(folder, 'broken');
    mkdirSync(broken);
    writeFileSync(join(broken, 'index.json'), '{"manifests":[{"digest":"sha256:none"}]}');
    const cases: readonly (readonly [path: string, reason: RegExp])[] = [
      [join(folder, 'none'), /There is no file or folder/],
      [join(folder, 'added'), /neither an OCI layout nor a root folder/],
      [join(folder, 'config.json'), /is no tar file/],
      [broken, /The image is damaged/],
      [await makeDockerArchive('s390x'), /The image is for s390x/],
      [layers[1] ?? '', /it has no \/bin\/sh/],
    ];
    for (const [path, reason] of cases) {
      const outcome = await croft.croft('image', 'import', 'broken', path);
      expect(outcome.code).toBe(1);
      expect(outcome.stderr).toMatch(reason);
    }
    expect(readdirSync(croft.state.at('images'))).toEqual(before);
    expect(await shown()).not.toContain('broken');
  });
});
