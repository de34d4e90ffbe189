import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { credentialsOf, StateDirectory } from './directory.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'croft-directory-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  ['the option first', '/one', { CROFT_STATE: '/two', XDG_STATE_HOME: '/three' }, '/one'],
  ['then CROFT_STATE', undefined, { CROFT_STATE: '/two', XDG_STATE_HOME: '/three' }, '/two'],
  ['then the user’s place for state', undefined, { XDG_STATE_HOME: '/three' }, '/three/cloudcroft'],
])('the state is found by %s', (_name, option, environment, expected) => {
  expect(StateDirectory.locate(option, environment).path).toBe(expected);
});

test('nobody else may read it, and the access key stays the same', () => {
  const directory = new StateDirectory(join(folder, 'state'));
  directory.create();
  const made = directory.credentials();
  expect(statSync(directory.path).mode & 0o777).toBe(0o700);
  expect(statSync(directory.at('credentials.json')).mode & 0o777).toBe(0o600);
  expect(made.accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
  expect(directory.credentials()).toEqual(made);
});

test('a damaged file of credentials is told, not replaced', () => {
  const directory = new StateDirectory(folder);
  writeFileSync(directory.at('credentials.json'), '{}');
  expect(() => directory.credentials()).toThrow('is not a credentials file');
});

test('another account has a key of its own, which follows from the world’s', () => {
  const own = { accessKeyId: 'AKIAOWN', secretAccessKey: 'secret', account: '123456789012' };
  const other = credentialsOf(own, '111122223333');
  expect(credentialsOf(own, '123456789012')).toEqual(own);
  expect(other).toMatchObject({ accessKeyId: '111122223333', account: '111122223333' });
  expect(credentialsOf(own, '111122223333')).toEqual(other);
  expect(credentialsOf({ ...own, secretAccessKey: 'another' }, '111122223333')).not.toEqual(other);
  for (const account of ['', '12345678901', 'AKIAOTHER', '1111222233334'])
    expect(credentialsOf(own, account)).toBeUndefined();
});
