import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** How often to look whether the other is done. */
const POLL_MILLISECONDS = 200;
/** A turn that takes longer than this is taken over: whoever has it may be in a container whose processes are not seen here. */
const LONGEST_MILLISECONDS = 15 * 60_000;

/**
 * Does work that only one process is to do at a time, of all that share the file system: the file `path` says which has its
 * turn. Others wait, and look each time whether the work `isDone` by then. A process that died has no turn any more.
 */
export async function takeTurn(
  path: string,
  isDone: () => boolean,
  onWait: () => void,
  work: () => Promise<void>,
): Promise<void> {
  for (let isFirst = true; !isDone(); isFirst = false) {
    if (begin(path)) {
      try {
        if (!isDone()) await work();
      } finally {
        rmSync(path, { force: true });
      }
      return;
    }
    if (isFirst) onWait();
    await pause(POLL_MILLISECONDS);
  }
}

/** Whether it is our turn now. */
function begin(path: string): boolean {
  try {
    writeFileSync(path, `${process.pid}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  }
  if (!isOver(path)) return false;
  rmSync(path, { force: true });
  return false;
}

function isOver(path: string): boolean {
  try {
    const text = readFileSync(path, 'utf8');
    // It was made this moment, and not yet written.
    if (text === '') return false;
    if (Date.now() - statSync(path).mtimeMs > LONGEST_MILLISECONDS) return true;
    process.kill(Number(text), 0);
    return false;
  } catch (error) {
    return isCode(error, 'ESRCH');
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
