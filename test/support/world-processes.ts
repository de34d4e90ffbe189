import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Installation } from './installation.ts';

/** The world's processes of our own, by what stands in their command line: all, or `internal-services`. */
export function processesOf({ world }: Installation, word = 'internal-'): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(word) &&
          readlinkSync(`/proc/${pid}/ns/pid`) === world.pidNamespace
        );
      } catch {
        return false;
      }
    });
}
