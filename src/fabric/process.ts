import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { constants } from 'node:os';

/** Surroundings of a process to start; what is not given is as in this process. */
export interface ProcessOptions {
  readonly environment?: NodeJS.ProcessEnv;
  readonly directory?: string;
}

/** A command cannot be run at all: it is missing or not executable. */
export class CommandError extends Error {}

/**
 * Runs a command with this process's own terminal and resolves with its exit code: as a shell does, 128 plus the number
 * of the signal that ended it. Interrupts typed meanwhile are the command's, not ours.
 */
export function runInForeground(command: readonly string[], options: ProcessOptions = {}): Promise<number> {
  const [file = '', ...rest] = command;
  return new Promise((resolve, reject) => {
    const ignore = (): void => {};
    process.on('SIGINT', ignore);
    process.on('SIGQUIT', ignore);
    const child = spawn(file, rest, {
      stdio: 'inherit',
      env: options.environment ?? process.env,
      cwd: options.directory,
    });
    const finish = (): void => {
      process.off('SIGINT', ignore);
      process.off('SIGQUIT', ignore);
    };
    child.once('error', (error) => {
      finish();
      reject(new CommandError(`${file} cannot be run: ${error.message}`));
    });
    child.once('exit', (code, signal) => {
      finish();
      resolve(code ?? 128 + (signal === null ? 0 : (constants.signals[signal] ?? 0)));
    });
  });
}

/** What a command that was run to its end had to say. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command without a terminal and resolves with what it printed. Killed after `timeoutMilliseconds`. */
export function runCaptured(
  command: readonly string[],
  options: ProcessOptions & { readonly input?: string; readonly timeoutMilliseconds?: number } = {},
): Promise<Outcome> {
  const [file = '', ...rest] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(file, rest, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: options.environment ?? process.env,
      cwd: options.directory,
      timeout: options.timeoutMilliseconds,
      killSignal: 'SIGKILL',
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.once('error', (error) => reject(new CommandError(`${file} cannot be run: ${error.message}`)));
    child.once('close', (code) => {
      resolve({
        code: code ?? 124,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      });
    });
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}

/** Starts a command that outlives this process, with its output going to a file. Returns its process id. */
export function startDetached(
  command: readonly string[],
  logFile: string,
  options: ProcessOptions = {},
): number {
  const [file = '', ...rest] = command;
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(file, rest, {
    stdio: ['ignore', log, log],
    env: options.environment ?? process.env,
    cwd: options.directory,
    detached: true,
  });
  child.on('error', () => {});
  child.unref();
  if (child.pid === undefined) throw new CommandError(`${file} cannot be run`);
  return child.pid;
}
