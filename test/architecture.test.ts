import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checkReadmes, checkSources, GENERATED_FILES } from './architecture/rules.ts';
import { readTree } from './architecture/tree.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const sources = readTree(root, ['src', 'test', 'bench', 'scripts'], ['.ts']);

function readDependencies(): string[] {
  const manifest: { dependencies?: Record<string, string> } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  return Object.keys(manifest.dependencies ?? {});
}

describe('the architecture', () => {
  test('the checker sees this very tree', () => {
    expect(sources.filter(({ path }) => path.startsWith('src/')).length).toBeGreaterThan(3);
    expect(sources.map(({ path }) => path)).toContain('test/architecture.test.ts');
  });

  test('every source file keeps the rules', () => {
    const project = { dependencies: readDependencies(), generated: GENERATED_FILES };
    expect(checkSources(sources, project)).toEqual([]);
  });

  test('every room says in a README what it is', () => {
    const readmes = new Map(readTree(root, ['src'], ['README.md']).map(({ path, text }) => [path, text]));
    const paths = sources.map(({ path }) => path);
    expect(checkReadmes(paths, readmes)).toEqual([]);
  });
});
