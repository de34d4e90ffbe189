import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath, getuid } from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Outcome, runCaptured } from '../../src/fabric/process.ts';
import { findSystemObstacle } from '../support/installation.ts';

const ROOT = join(import.meta.dirname, '..', '..');

async function findRootlessObstacle(): Promise<string | undefined> {
  if (getuid?.() !== 0) return 'this is an ordinary user, so every other system test is of this kind already';
  const without = ['/etc/subuid', '/etc/subgid', '/usr/bin/newuidmap'].find((path) => !existsSync(path));
  const asOther = ['setpriv', '--reuid=4242', '--regid=4242', '--clear-groups', 'test', '-r'];
  for (const path of [join(ROOT, 'bin', 'croft'), execPath]) {
    if ((await runCaptured([...asOther, path])).code !== 0) return `other users may not read ${path}`;
  }
  return without === undefined ? findSystemObstacle() : `this machine has no ${without}`;
}

const obstacle = await findRootlessObstacle();
if (obstacle !== undefined) console.log(`skipped: the walk-through without root: ${obstacle}`);

/** The base image is fetched and unpacked once more: its files have the user's own ids. */
const LONGEST_MILLISECONDS = 300_000;

describe.skipIf(obstacle !== undefined)('the walk-through by an ordinary user', () => {
  let folder: string;
  const croft = (...words: readonly string[]): Promise<Outcome> => {
    const script = join(ROOT, 'test', 'support', 'ordinary-user.sh');
    const command = ['unshare', '--mount', '--propagation', 'private', 'sh', script, folder];
    return runCaptured([...command, execPath, join(ROOT, 'bin', 'croft'), ...words], {
      timeoutMilliseconds: LONGEST_MILLISECONDS,
    });
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'croft-rootless-'));
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test('doctor finds nothing missing', async () => {
    const { code, stdout } = await croft('doctor');
    expect(stdout).toContain('Cloudcroft can run here.');
    expect(code).toBe(0);
  });

  test('the demo succeeds: bastion, NAT gateway, whois, pip and S3', {
    timeout: LONGEST_MILLISECONDS,
  }, async () => {
    const demo = await croft('demo', '--yes');
    expect(demo.stderr).not.toContain('Error');
    expect(demo.code).toBe(0);
    for (const seen of ['8.8.8.0/24', 'cloudcroft-hello', 'vpce-']) expect(demo.stdout).toContain(seen);
  });

  test('down leaves nothing', async () => {
    const down = await croft('down', '--purge');
    expect(down).toMatchObject({ code: 0 });
    expect(existsSync(join(folder, 'home', '.local', 'state', 'cloudcroft'))).toBe(false);
  });
});
