import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCommandLine } from '../run.ts';
import { Terminal } from '../terminal.ts';
import { connect, relay, relayStreams } from './connect.ts';
import { doctor } from './doctor.ts';
import { down } from './down.ts';
import { exec } from './exec.ts';
import { laptop } from './laptop.ts';
import { ssh } from './ssh.ts';
import { makeUp } from './up.ts';

const up = makeUp(() => Promise.reject(new Error('started')));
const verbs = [connect, relay, doctor, down, exec, laptop, ssh, up];

/** A terminal that keeps what is printed on it, and never has a person before it. */
class Recorder extends Terminal {
  readonly printed: string[] = [];
  readonly noted: string[] = [];
  constructor() {
    super(process.stdout, process.stderr, { NO_COLOR: '1' });
  }
  override get isInteractive(): boolean {
    return false;
  }
  override print(line = ''): void {
    this.printed.push(line);
  }
  override note(line: string): void {
    this.noted.push(line);
  }
}

const facts = {
  version: '0',
  pid: 0,
  startedAt: '',
  apiUrl: '',
  isOpen: false,
  state: '',
  world: { phase: 'ready', detail: '' },
  resources: [
    {
      account: '1',
      region: 'ap-northeast-2',
      vpcs: 1,
      subnets: 1,
      instances: [
        { instanceId: 'i-0b', name: 'private', state: 'running', privateIp: '10.0.1.5' },
        { instanceId: 'i-0c', name: 'old', state: 'stopped', privateIp: '10.0.1.6' },
      ],
    },
  ],
};

let state = '';
let server: Server | undefined;

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'croft-verbs-'));
});

afterEach(() => {
  server?.close();
  server = undefined;
  rmSync(state, { recursive: true, force: true });
});

/** A daemon that only knows its status. */
async function serveStatus(): Promise<void> {
  const started = createHttpServer((_, response) => response.end(JSON.stringify(facts)));
  server = started;
  await new Promise<void>((resolve) => started.listen(join(state, 'croft.sock'), resolve));
}

async function croft(...words: string[]): Promise<{ code: number; printed: string[]; noted: string[] }> {
  const terminal = new Recorder();
  const [verb = '', ...rest] = words;
  const line = [verb, '--state', state, ...rest];
  const code = await runCommandLine(line, {
    verbs,
    environment: {},
    terminal,
    program: ['croft'],
    version: '0',
  });
  return { code, printed: terminal.printed, noted: terminal.noted };
}

describe('a command line that is wrong or cannot be done', () => {
  test.each([
    [
      ['laptop', 'ls'],
      2,
      'croft: "ls" is one word too many.',
      '  A command goes behind "--": croft laptop -- ls ...',
    ],
    [['laptop'], 3, 'croft: Cloudcroft is not running.', '  Start it with `croft up -d`.'],
    [['exec'], 2, 'croft: INSTANCE is missing.', '  Usage: croft exec INSTANCE [-- CMD...]'],
    [['exec', 'web'], 3, 'croft: Cloudcroft is not running.', '  Start it with `croft up -d`.'],
    [
      ['ssh', 'web', '--identiy', 'k'],
      2,
      'croft: there is no option --identiy; did you mean --identity?',
      '  See `croft ssh --help`.',
    ],
    [['connect', '10.0.0.5'], 2, 'croft: PORT is missing.', '  Usage: croft connect HOST PORT'],
    [
      ['connect', '10.0.0.5', '70000'],
      2,
      'croft: "70000" is not a port number.',
      '  A port is a number from 1 to 65535.',
    ],
    [
      ['connect', '10.0.0.5', '22', 'x'],
      2,
      'croft: "x" is one word too many.',
      '  See `croft connect --help`.',
    ],
    [['connect', 'a b', '22'], 2, 'croft: "a b" is neither an address nor a host name.', undefined],
    [['internal-relay', '../x', '22'], 2, 'croft: "../x" is neither an address nor a host name.', undefined],
    [['doctor', 'me'], 2, 'croft: "me" is one word too many.', '  See `croft doctor --help`.'],
  ])('%j: %d, %s', async (words, code, message, hint) => {
    const { noted, ...result } = await croft(...words);
    expect([result.code, noted[0], noted[1]]).toEqual([code, message, hint]);
  });
});

describe('an instance that cannot be entered', () => {
  test.each([
    ['exec', 'privat', 'croft: there is no instance "privat".', '  Did you mean "private"?'],
    [
      'exec',
      'old',
      'croft: i-0c is stopped, not running.',
      '  `aws ec2 start-instances --instance-ids i-0c` starts it.',
    ],
    [
      'ssh',
      'private',
      'croft: i-0b has no public address, so the Internet cannot reach it.',
      '  `croft exec i-0b` goes in past the network; ssh goes by way of a bastion host (ssh -J).',
    ],
  ])('%s %s: %s', async (verb, word, message, hint) => {
    await serveStatus();
    const { code, noted } = await croft(verb, word);
    expect([code, ...noted]).toEqual([1, message, hint]);
  });
});

describe('croft down where nothing runs', () => {
  test('says so and is content', async () => {
    expect(await croft('down')).toEqual({ code: 0, printed: ['Cloudcroft is not running.'], noted: [] });
  });

  test('a process id of someone else in daemon.pid is left alone', async () => {
    writeFileSync(join(state, 'daemon.pid'), `${process.pid}\n`);
    writeFileSync(join(state, 'state.sqlite'), '');
    expect((await croft('down')).code).toBe(0);
  });

  test('--purge removes the state', async () => {
    writeFileSync(join(state, 'credentials.json'), '{}');
    mkdirSync(join(state, 'images', 'ami-0123456789abcdef0'), { recursive: true });
    expect(await croft('down', '--purge')).toEqual({ code: 0, printed: [`${state} is removed.`], noted: [] });
    expect((await croft('down', '--purge')).printed).toEqual(['Cloudcroft is not running.']);
  });

  test('--purge does not remove what is not its own', async () => {
    writeFileSync(join(state, 'thesis.tex'), '');
    const { code, noted } = await croft('down', '--purge');
    expect(code).toBe(1);
    expect(noted[0]).toBe(
      `croft: ${state} holds what is not Cloudcroft's, so it is not removed: thesis.tex.`,
    );
  });
});

describe('the relay of croft connect', () => {
  test('passes the end of the input on and waits for the answer', async () => {
    const echo = createServer({ allowHalfOpen: true }, (socket) => {
      const chunks: Buffer[] = [];
      socket.on('data', (chunk) => chunks.push(chunk));
      socket.on('end', () => socket.end(Buffer.concat(chunks).toString().toUpperCase()));
    });
    await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
    const input = new PassThrough();
    const output = new PassThrough();
    input.end('hello');
    await relayStreams('127.0.0.1', portOf(echo.address()), input, output);
    expect(output.read()?.toString()).toBe('HELLO');
    echo.close();
  });

  test('says why there is no connection', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const port = portOf(closed.address());
    await new Promise((resolve) => closed.close(resolve));
    const attempt = relayStreams('127.0.0.1', port, new PassThrough(), new PassThrough());
    await expect(attempt).rejects.toThrow(`cannot connect to 127.0.0.1 port ${port}: connection refused.`);
  });
});

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('up on a port where another program listens says so, and starts nothing', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  try {
    const { code, noted } = await croft('up', '--port', String(port));
    expect(code).toBe(1);
    expect(noted).toContain(`croft: another program listens on port ${port} of 127.0.0.1.`);
  } finally {
    taken.close();
  }
});
