import { findImports, readSource, type SourceFile } from './source.ts';

/** The rooms of `src/`, lowest level first. A room imports from lower levels only. */
export const LEVELS: readonly (readonly string[])[] = [
  ['net'],
  ['model'],
  ['analyze', 'state', 'plan', 'template', 'transfer'],
  ['ec2', 'region', 'control', 'fabric', 'guest', 'internet'],
  ['cloudformation'],
  ['cli', 'console'],
  ['main'],
];

/** Rooms without I/O, clock or randomness. */
const PURE_ROOMS = ['net', 'model', 'analyze', 'plan', 'template', 'transfer'];

/** Packages that compute and do nothing else: pure rooms may use them. */
const PURE_PACKAGES = ['yaml'];

/** The only room that starts processes or threads. */
const PROCESS_ROOM = 'fabric';
const PROCESS_MODULES = ['child_process', 'worker_threads', 'cluster'];

/** A call with such a module's name: by require(), getBuiltinModule() or whatever they were renamed to. */
const LOADED_PROCESS_MODULE = /\(\s*['"`]((?:node:)?(?:child_process|worker_threads|cluster))['"`]/;

const IMPURE =
  /\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\bprocess\.|\bperformance\.|\bcrypto\.|\bfetch\(|\bset(?:Timeout|Interval|Immediate)\b/g;

/** Ways around the type checker, and tests that hide the others. */
const LOOPHOLES: readonly (readonly [RegExp, string])[] = [
  [/(?:[:<,|&(]|\bas|=>)\s*any\b(?!\s*[:(=])/, 'the type any'],
  [/\bas\s+unknown\s+as\b/, 'as unknown as'],
  [/\.only\(/, '.only('],
];
const SUPPRESSION = /@ts-(?:ignore|nocheck|expect-error)/;

const SOURCE_LINES = 400;
const TEST_LINES = 600;
const README_LINES = 30;

/** Files that a generator writes: no limit of length, no style. */
export const GENERATED_FILES: readonly string[] = [
  'src/ec2/wire/model.generated.ts',
  'src/ec2/wire/operations.generated.ts',
];

/** What the checker needs to know besides the files. */
export interface Project {
  /** Names of package.json's dependencies: what may be imported at run time. */
  readonly dependencies: readonly string[];
  /** Paths that a generator writes. */
  readonly generated: readonly string[];
}

/** Room of a path under `src/` (`main` for src/main.ts), or undefined for a path outside of any room. */
export function findRoom(path: string): string | undefined {
  return /^src\/(?:(main)\.ts$|([a-z0-9-]+)\/)/.exec(path)?.slice(1).find(Boolean);
}

function isTest(path: string): boolean {
  return path.startsWith('test/') || path.endsWith('.test.ts');
}

function findLevel(room: string): number {
  return LEVELS.findIndex((level) => level.includes(room));
}

/** Every broken rule of a tree of TypeScript files, as sentences that begin with the file's path. */
export function checkSources(files: readonly SourceFile[], project: Project): string[] {
  if (!files.some((file) => findRoom(file.path) !== undefined)) return ['src/: the checker saw no files'];
  return files.flatMap((file) => {
    const isGenerated = project.generated.includes(file.path);
    const complaints = [
      ...checkRoom(file),
      ...checkImports(file, project),
      ...checkPurity(file),
      ...(isGenerated ? [] : [...checkLength(file), ...checkLoopholes(file)]),
    ];
    return complaints.map((complaint) => `${file.path}: ${complaint}`);
  });
}

function checkRoom(file: SourceFile): string[] {
  if (!file.path.startsWith('src/')) return [];
  const room = findRoom(file.path);
  if (room === undefined) return ['stands in no room; only main.ts stands beside the rooms'];
  return findLevel(room) === -1 ? [`${room} is no room that test/architecture/rules.ts knows`] : [];
}

function checkImports(file: SourceFile, project: Project): string[] {
  const room = findRoom(file.path);
  if (room === undefined || findLevel(room) === -1) return [];
  return findImports(file.text).flatMap(({ specifier, isTypeOnly }) => {
    if (specifier === '?') return ['imports something computed, which no rule can hold'];
    if (specifier.startsWith('.')) return checkRoomImport(file.path, room, specifier);
    return checkPackageImport(file.path, room, specifier, isTypeOnly, project);
  });
}

/** A test may also use a room of its own level: control is tried on the memory fabric. */
function checkRoomImport(path: string, room: string, specifier: string): string[] {
  const target = resolvePath(path, specifier);
  const other = findRoom(target);
  if (other === undefined) {
    return target.startsWith('src/') || !isTest(path) ? [`imports ${target}, which is in no room`] : [];
  }
  if (other === room) return [];
  const distance = findLevel(room) - findLevel(other);
  if (distance > 0 || (distance === 0 && isTest(path))) return [];
  return [`${room} imports ${other} (${target}), but imports point down only: ${describeLevels()}`];
}

function checkPackageImport(
  path: string,
  room: string,
  specifier: string,
  isTypeOnly: boolean,
  project: Project,
): string[] {
  if (isTest(path)) return [];
  const module = specifier.replace(/^node:/, '');
  if (PROCESS_MODULES.includes(module) && room !== PROCESS_ROOM && !isTypeOnly) {
    return [`imports ${specifier}; only ${PROCESS_ROOM} starts processes`];
  }
  const isPure = PURE_PACKAGES.includes(specifier);
  if (PURE_ROOMS.includes(room) && !isPure && (!isTypeOnly || specifier.startsWith('node:')))
    return [`imports ${specifier}, but ${room} is pure`];
  if (specifier.startsWith('node:') || isTypeOnly) return [];
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  return project.dependencies.includes(name)
    ? []
    : [`imports ${specifier}, which is no dependency (a built-in needs node:)`];
}

function checkPurity(file: SourceFile): string[] {
  const room = findRoom(file.path);
  if (room === undefined || isTest(file.path)) return [];
  const { code, bare } = readSource(file.text);
  const complaints: string[] = [];
  if (PURE_ROOMS.includes(room)) {
    for (const match of bare.matchAll(IMPURE)) complaints.push(`uses ${match[0]}, but ${room} is pure`);
  }
  const loaded = LOADED_PROCESS_MODULE.exec(code)?.[1];
  if (room !== PROCESS_ROOM && loaded !== undefined)
    complaints.push(`loads ${loaded}; only ${PROCESS_ROOM} starts processes`);
  return complaints;
}

function checkLength(file: SourceFile): string[] {
  const lines = file.text.replace(/\n$/, '').split('\n').length;
  const limit = isTest(file.path) ? TEST_LINES : SOURCE_LINES;
  return lines < limit ? [] : [`has ${lines} lines; fewer than ${limit} are allowed`];
}

function checkLoopholes(file: SourceFile): string[] {
  const { bare } = readSource(file.text);
  const complaints = LOOPHOLES.filter(([pattern]) => pattern.test(bare)).map(([, name]) => `has ${name}`);
  const comments = findComments(file.text, bare);
  if (SUPPRESSION.test(comments)) complaints.push('silences the compiler by a @ts- comment');
  return complaints;
}

/** What stands in the text but is blank without comments and strings, less the strings. */
function findComments(text: string, bare: string): string {
  const { code } = readSource(text);
  return Array.from(text, (char, index) => (code[index] === ' ' && bare[index] === ' ' ? char : ' ')).join(
    '',
  );
}

/** Rooms with files but without a README.md, or with one that is too long. `texts` maps a path to its text. */
export function checkReadmes(paths: readonly string[], texts: ReadonlyMap<string, string>): string[] {
  const rooms = new Set(paths.filter((path) => path.endsWith('.ts')).map(findRoom));
  return [...rooms].flatMap((room) => {
    if (room === undefined || room === 'main') return [];
    const path = `src/${room}/README.md`;
    const text = texts.get(path);
    if (text === undefined) return [`${path}: is missing`];
    const lines = text.trimEnd().split('\n').length;
    return lines <= README_LINES ? [] : [`${path}: has ${lines} lines; ${README_LINES} are allowed`];
  });
}

function describeLevels(): string {
  return LEVELS.map((level) => (level.length > 1 ? `{${level.join(', ')}}` : level.join(''))).join(' < ');
}

function resolvePath(from: string, specifier: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}
