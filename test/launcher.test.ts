import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** A made-up package: the real bin/ beside a main.ts that shows what it was given. */
const main = `
export async function main(argv: string[]): Promise<number> {
  if (argv[0] === 'fail') throw new Error('the world is missing');
  if (argv[0] === 'sqlite') await import('node:sqlite');
  if (argv[0] === 'warn') process.emitWarning('mind the gap');
  console.log(JSON.stringify(argv));
  return argv[0] === 'exit' ? Number(argv[1]) : 0;
}
`;

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'croft-launcher-'));
  cpSync(join(import.meta.dirname, '..', 'bin'), join(folder, 'bin'), { recursive: true });
  mkdirSync(join(folder, 'src'));
  mkdirSync(join(folder, '.git'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'src', 'main.ts'), main);
  symlinkSync(join(folder, 'bin', 'croft'), join(folder, 'croft'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the launcher with this test's Node as the only one to be found. */
function launch(command: string, args: readonly string[], extra: Record<string, string> = {}) {
  const env = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: folder, ...extra };
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', env });
  return { status, stdout: stdout.trim(), stderr: stderr.trim() };
}

/** A stand-in for an old Node: reports an old version to the launcher, which is all that the launcher looks at. */
function launchAsOldNode(args: readonly string[]) {
  const old = "Object.defineProperty(process.versions, 'node', { value: '20.20.2' });";
  const preload = join(folder, 'old.cjs');
  writeFileSync(preload, old);
  return launch(process.execPath, ['--require', preload, join(folder, 'bin', 'croft'), ...args]);
}

describe('bin/croft', () => {
  test.each([
    ['its arguments', ['up', '--port', '4747'], { status: 0, stdout: '["up","--port","4747"]', stderr: '' }],
    ['arguments with blanks', ['exec', 'a b', ''], { status: 0, stdout: '["exec","a b",""]', stderr: '' }],
    ['an exit code', ['exit', '7'], { status: 7, stdout: '["exit","7"]', stderr: '' }],
    ['no experimental warning', ['sqlite'], { status: 0, stdout: '["sqlite"]', stderr: '' }],
    ['other warnings', ['warn'], { status: 0, stdout: '["warn"]', stderr: 'croft: Warning: mind the gap' }],
    [
      'a sentence for an error',
      ['fail'],
      { status: 1, stdout: '', stderr: 'croft: the world is missing (CROFT_DEBUG=1 shows where)' },
    ],
  ])('passes on %s', (_what, args, outcome) => {
    expect(launch(join(folder, 'bin', 'croft'), args)).toEqual(outcome);
    expect(launch(process.execPath, [join(folder, 'bin', 'croft'), ...args])).toEqual(outcome);
  });

  test('works through a symbolic link, as npm installs it', () => {
    expect(launch(join(folder, 'croft'), ['status']).stdout).toBe('["status"]');
  });

  test('an old Node without a newer one says what to do', () => {
    expect(launchAsOldNode(['up'])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'croft: this is Node 20.20.2; 22.18 or later is needed: run ./dev setup.',
    });
  });

  test('an old Node hands over to the one that setup brought, exit code and all', () => {
    const brought = join(folder, '.cache', 'node', 'bin');
    mkdirSync(brought, { recursive: true });
    symlinkSync(process.execPath, join(brought, 'node'));
    expect(launchAsOldNode(['exit', '3'])).toEqual({ status: 3, stdout: '["exit","3"]', stderr: '' });
    rmSync(join(folder, '.cache'), { recursive: true });
  });

  test('the error itself is there for who asks', () => {
    expect(launch(join(folder, 'bin', 'croft'), ['fail'], { CROFT_DEBUG: '1' }).stderr).toContain(
      'src/main.ts',
    );
  });
});
