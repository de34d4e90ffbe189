import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { applicationDirectory } from './program.ts';

/** The version of this Cloudcroft, as its package says. */
export const VERSION: string = readVersion();

function readVersion(): string {
  const parsed: unknown = JSON.parse(readFileSync(join(applicationDirectory, 'package.json'), 'utf8'));
  if (typeof parsed === 'object' && parsed !== null && 'version' in parsed) return String(parsed.version);
  return 'unknown';
}
