import { describe, expect, test } from 'vitest';
import { checkReadmes, checkSources } from './rules.ts';
import { findImports, readSource } from './source.ts';

const project = { dependencies: ['koffi', 'yaml', 'dynalite'], generated: ['src/ec2/wire/made.ts'] };

/** Complaints about one made-up file, without its path. */
function check(path: string, text: string): string[] {
  return checkSources([{ path, text }], project).map((complaint) => complaint.slice(path.length + 2));
}

describe('imports', () => {
  test.each([
    ['src/model/a.ts', "import { x } from '../net/x.ts';"],
    ['src/plan/a.ts', "import type { World } from '../model/world.ts';"],
    ['src/control/a.ts', "import type { Driver } from '../plan/driver.ts';"],
    ['src/fabric/linux/a.ts', "import type { Driver } from '../../plan/driver.ts';"],
    ['src/fabric/linux/a.ts', "import { spawn } from 'node:child_process';"],
    ['src/fabric/linux/a.ts', "import koffi from 'koffi';"],
    ['src/main/a.ts', "import type { ChildProcess } from 'node:child_process';"],
    ['src/ec2/a.ts', "import type { Vpc } from '@aws-sdk/client-ec2';"],
    ['src/ec2/a.ts', "import { b } from './b.ts';"],
    ['src/template/a.ts', "import { Parser } from 'yaml';"],
    ['src/main.ts', "import { up } from './cli/up.ts';"],
    ['src/control/a.test.ts', "import { memory } from '../fabric/memory/memory.ts';"],
    ['src/net/a.test.ts', "import { readFileSync } from 'node:fs';"],
    ['src/net/a.ts', "// import { x } from '../model/x.ts';"],
    ['src/net/a.ts', "const text = `import { x } from '../model/x.ts';`;"],
  ])('%s may have: %s', (path, text) => {
    expect(check(path, text)).toEqual([]);
  });

  test.each([
    ['src/net/a.ts', "import { x } from '../model/x.ts';", 'net imports model'],
    ['src/net/a.ts', "import type { X } from '../model/x.ts';", 'net imports model'],
    ['src/net/a.ts', "export * from '../model/x.ts';", 'net imports model'],
    ['src/net/a.ts', "export type { X } from '../model/x.ts';", 'net imports model'],
    ['src/net/a.ts', "import '../model/x.ts';", 'net imports model'],
    ['src/net/a.ts', "const x = await import('../model/x.ts');", 'net imports model'],
    ['src/net/a.ts', "type X = import('../model/x.ts').X;", 'net imports model'],
    ['src/net/a.ts', "import {\n  x,\n  y,\n} from '../model/x.ts';", 'net imports model'],
    ['src/ec2/a.ts', "import { x } from '../region/x.ts';", 'ec2 imports region'],
    ['src/control/a.ts', "import { x } from '../fabric/memory/x.ts';", 'control imports fabric'],
    ['src/plan/a.ts', "import { x } from '../state/x.ts';", 'plan imports state'],
    ['src/plan/a.ts', "import { x } from '../analyze/x.ts';", 'plan imports analyze'],
    ['src/console/a.ts', "import { x } from '../cli/x.ts';", 'console imports cli'],
    ['src/cli/a.ts', "import { main } from '../main.ts';", 'cli imports main'],
    ['src/fabric/linux/a.ts', "import { x } from '../../guest/x.ts';", 'fabric imports guest'],
    ['src/state/a.test.ts', "import { x } from '../ec2/x.ts';", 'state imports ec2'],
    ['src/ec2/a.ts', "import { x } from '../../test/x.ts';", 'imports test/x.ts, which is in no room'],
    ['src/ec2/a.ts', "import { spawn } from 'node:child_process';", 'only fabric starts processes'],
    ['src/ec2/a.ts', "import { Worker } from 'node:worker_threads';", 'only fabric starts processes'],
    [
      'src/ec2/a.ts',
      "import { type ChildProcess, spawn } from 'node:child_process';",
      'only fabric starts processes',
    ],
    ['src/ec2/a.ts', "const x = await import('node:child_process');", 'only fabric starts processes'],
    ['src/net/a.ts', "import type { Socket } from 'node:net';", 'net is pure'],
    ['src/ec2/a.ts', "const x = require('child_process');", 'loads child_process'],
    ['src/ec2/a.ts', 'const x = await import(name);', 'imports something computed'],
    ['src/ec2/a.ts', "import { EC2Client } from '@aws-sdk/client-ec2';", 'which is no dependency'],
    ['src/ec2/a.ts', "import { readFileSync } from 'fs';", 'which is no dependency'],
    ['src/net/a.ts', "import { isIP } from 'node:net';", 'net is pure'],
    ['src/template/a.ts', "import dynalite from 'dynalite';", 'template is pure'],
    ['src/other/a.ts', '', 'other is no room'],
    ['src/helper.ts', '', 'stands in no room'],
  ])('%s may not have: %s', (path, text, complaint) => {
    const seen = checkSources(
      [
        { path, text },
        { path: 'src/net/sound.ts', text: '' },
      ],
      project,
    );
    expect(seen.join('\n')).toContain(complaint);
  });
});

describe('other rules', () => {
  test.each([
    ['src/plan/a.ts', 'const at = Date.now();', ['uses Date.now, but plan is pure']],
    ['src/plan/a.ts', 'const at = new Date();', ['uses new Date(), but plan is pure']],
    ['src/model/a.ts', 'const x = Math.random();', ['uses Math.random, but model is pure']],
    ['src/analyze/a.ts', 'const x = process.env;', ['uses process., but analyze is pure']],
    ['src/plan/a.ts', '/** Never Date.now. */\nconst at = new Date(0);', []],
    ['src/state/a.ts', 'const at = Date.now();', []],
    ['src/ec2/a.ts', 'let x: any;', ['has the type any']],
    ['src/ec2/a.ts', 'const x: Map<string, any> = y;', ['has the type any']],
    ['src/ec2/a.ts', 'const x = y as any;', ['has the type any']],
    ['src/ec2/a.ts', "const x = { any: 1, b: 'x: any' };", []],
    ['src/ec2/a.ts', 'const x = y as unknown as Z;', ['has as unknown as']],
    ['src/ec2/a.ts', '// @ts-ignore\nx;', ['silences the compiler by a @ts- comment']],
    ['src/ec2/a.ts', "const x = '@ts-ignore';", []],
    ['src/ec2/a.test.ts', "test.only('x', run);", ['has .only(']],
  ])('%s with %j', (path, text, complaints) => {
    expect(check(path, text)).toEqual(complaints);
  });

  test.each([
    ['src/ec2/a.ts', 399, []],
    ['src/ec2/a.ts', 400, ['has 400 lines; fewer than 400 are allowed']],
    ['src/ec2/a.test.ts', 599, []],
    ['src/ec2/a.test.ts', 600, ['has 600 lines; fewer than 600 are allowed']],
    ['src/ec2/wire/made.ts', 9000, []],
  ])('%s of %i lines', (path, lines, complaints) => {
    expect(check(path, '\n'.repeat(lines))).toEqual(complaints);
  });

  test('a tree without files is refused', () => {
    expect(checkSources([], project)).toEqual(['src/: the checker saw no files']);
    expect(checkSources([{ path: 'test/a.test.ts', text: '' }], project)).toEqual([
      'src/: the checker saw no files',
    ]);
  });

  test.each<[string[], Record<string, string>, string[]]>([
    [['src/net/a.ts'], {}, ['src/net/README.md: is missing']],
    [['src/net/a.ts'], { 'src/net/README.md': 'x\n'.repeat(30) }, []],
    [
      ['src/net/a.ts'],
      { 'src/net/README.md': 'x\n'.repeat(31) },
      ['src/net/README.md: has 31 lines; 30 are allowed'],
    ],
    [['src/main.ts', 'test/a.ts'], {}, []],
    [[], {}, []],
  ])('READMEs of %j', (paths, texts, complaints) => {
    expect(checkReadmes(paths, new Map(Object.entries(texts)))).toEqual(complaints);
  });
});

describe('reading a source', () => {
  test.each([
    ["a // b 'c'", 'a         ', 'a         '],
    ['a /* b\nc */ d', 'a     \n     d', 'a     \n     d'],
    ["a('b // c')", "a('b // c')", "a('      ')"],
    ["'it\\'s' b", "'it\\'s' b", "'     ' b"],
    ['`a ${b + `c ${d}`} e` f', '`a ${b + `c ${d}`} e` f', '`    b + `    d} }    f'],
    ['`${{ a: 1 }.a} b` c', '`${{ a: 1 }.a} b` c', '`  { a: 1 }.a}    c'],
    ["x = /['/]/.test(y) // z", "x = /['/]/.test(y)     ", 'x = /    /.test(y)     '],
    ['a / b / c', 'a / b / c', 'a / b / c'],
    ['(a) / b // c', '(a) / b     ', '(a) / b     '],
  ])('%j', (text, code, bare) => {
    expect(readSource(text)).toEqual({ code, bare });
  });

  test.each([
    ["import a from 'x'", [{ specifier: 'x', isTypeOnly: false }]],
    ["import a, { b } from 'x'", [{ specifier: 'x', isTypeOnly: false }]],
    ["import * as a from 'x'", [{ specifier: 'x', isTypeOnly: false }]],
    ["import type { A } from 'x'", [{ specifier: 'x', isTypeOnly: true }]],
    ["import { type A } from 'x'", [{ specifier: 'x', isTypeOnly: false }]],
    ["import type from 'x'", [{ specifier: 'x', isTypeOnly: false }]],
    ["import data from 'x.json' with { type: 'json' }", [{ specifier: 'x.json', isTypeOnly: false }]],
    ["export { a } from 'x'", [{ specifier: 'x', isTypeOnly: false }]],
    ["export * as a from 'x'", [{ specifier: 'x', isTypeOnly: false }]],
    ["export const from = 'x'", []],
    ['import.meta.url', []],
    ["import('x')", [{ specifier: 'x', isTypeOnly: false }]],
    ['import(`./${name}.ts`)', [{ specifier: '?', isTypeOnly: false }]],
  ])('imports of %s', (text, imports) => {
    expect(findImports(text)).toEqual(imports);
  });
});
