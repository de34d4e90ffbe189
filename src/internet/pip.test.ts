import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Listener } from './binding.ts';
import { packageIndex } from './packages.ts';
import { serveWeb, type WebSite } from './web.ts';

const run = promisify(execFile);

function hasProgram(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

describe.skipIf(!hasProgram('pip'))('pip (skipped where it is not installed)', () => {
  test('installs the package, and its command says hello', { timeout: 60_000 }, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'cloudcroft-pip-'));
    let site: WebSite = () => ({ status: 503, contentType: 'text/plain', body: '' });
    const context = { clock: () => new Date(), log: () => undefined };
    const server: Listener = await serveWeb(
      { address: '127.0.0.1', port: 0 },
      (request) => site(request),
      context,
    );
    try {
      const base = `http://127.0.0.1:${server.binding.port}`;
      site = packageIndex(base);
      const env = {
        PATH: process.env['PATH'],
        HOME: directory,
        PIP_CONFIG_FILE: '/dev/null',
        PIP_DISABLE_PIP_VERSION_CHECK: '1',
        PIP_NO_INPUT: '1',
        PYTHONPATH: join(directory, 'site'),
      };
      const install = [
        'install',
        '--no-cache-dir',
        '--index-url',
        `${base}/simple/`,
        '--target',
        join(directory, 'site'),
      ];
      const { stdout } = await run('pip', [...install, 'cloudcroft-hello'], { env });
      expect(stdout).toContain('Successfully installed cloudcroft-hello-1.0.0');
      const command = await readFile(join(directory, 'site', 'bin', 'cloudcroft-hello'), 'utf8');
      expect(command).toContain('from cloudcroft_hello import main');
      const hello = await run(join(directory, 'site', 'bin', 'cloudcroft-hello'), [], { env });
      expect(hello.stdout).toMatch(
        /^Hello from Cloudcroft! This is .+, and pip reached the package index\.\n$/,
      );
    } finally {
      await server.close();
      await rm(directory, { recursive: true, force: true });
    }
  });
});
