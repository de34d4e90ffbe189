/**
 * Writes docs/s3.md: which operations of S3 are answered, from the very table that answers them. `--check` only says whether the
 * page is up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Operation } from '../src/region/s3/operation.ts';
import { type Level, OPERATIONS } from '../src/region/s3/operations.ts';

const page = join(import.meta.dirname, '../docs/s3.md');
const TITLES: Readonly<Record<Level, string>> = {
  service: 'Of the account',
  bucket: 'Of a bucket',
  object: 'Of an object',
};

function renderLevel(level: Level): string {
  const rows = [...OPERATIONS[level]]
    .filter(({ run }) => run !== undefined)
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(
      (operation) =>
        `| ${operation.name} | \`${requestOf(level, operation)}\` | ${permissionsOf(operation)} |`,
    );
  return `## ${TITLES[level]}\n\n| Operation | Request | Action in policies |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
}

function requestOf(level: Level, { method, query, header }: Operation): string {
  const path = { service: '/', bucket: '/BUCKET', object: '/BUCKET/KEY' }[level];
  const asked = query === undefined ? '' : `?${query}`;
  return `${method} ${path}${asked}${header === undefined ? '' : `, ${header}`}`;
}

function permissionsOf({ name, permission = name, versionPermission }: Operation): string {
  return versionPermission === undefined ? `s3:${permission}` : `s3:${permission}, s3:${versionPermission}`;
}

function render(): string {
  const all = Object.values(OPERATIONS).flat();
  const missing = all
    .filter(({ run }) => run === undefined)
    .map(({ name }) => name)
    .sort();
  const answered = all.length - missing.length;
  const levels: readonly Level[] = ['service', 'bucket', 'object'];
  return `<!-- Made by scripts/generate-s3.ts. Do not edit; run ./dev generate. -->

# S3's operations

${answered} of ${all.length} operations are answered. Signatures are verified, those of streamed chunks and trailers too. Versions are kept; bucket
policies, endpoint policies and blocks of public access are evaluated for each request, and for each key of \`DeleteObjects\`.

Kept and given back, but not acted on: accelerate, CORS, lifecycle, logging, notification, request payment and website
configurations, storage classes, and the encryption that is asked for. Access lists are off in every bucket, as AWS makes
buckets today: a list that gives more than the owner has is refused with \`AccessControlListNotSupported\`. No bucket has object
locks: locks of an object are refused with \`InvalidRequest\`.

${levels.map(renderLevel).join('\n')}
## Not provided

Refused with \`NotImplemented\` (501) and their name:
${missing.join(', ')}.
`;
}

const text = render();
if (!process.argv.includes('--check')) {
  writeFileSync(page, text);
  console.log('docs/s3.md: written');
} else if (readFileSync(page, 'utf8') !== text) {
  console.error('docs/s3.md is out of date. Run ./dev generate.');
  process.exitCode = 1;
}
