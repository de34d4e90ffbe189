import { type ChildProcess, spawn } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { KeptServer } from './kept-server.ts';

/** Serves: says that it is ready once it has been told of the world, answers with what it was told, and ends on demand. */
const SERVES = `
  let told;
  process.on('message', ({ kind, id, verb, name, value }) => {
    if (kind === 'event' && name === 'view') {
      if (told === undefined) process.send({ kind: 'event', name: 'ready', value: true });
      told = value;
    }
    if (verb === 'told') process.send({ kind: 'reply', id, value: told });
  });
  process.once('disconnect', () => process.exit());
`;
const ENDS_AT_ONCE = 'process.exit(3)';

const children: ChildProcess[] = [];
const lines: string[] = [];

function keep(scripts: readonly string[], leastMilliseconds = 0): KeptServer {
  const left = [...scripts];
  return new KeptServer({
    name: 'server',
    leastMilliseconds,
    view: () => `view ${children.length}`,
    log: (line) => lines.push(line),
    spawn: () => {
      const stdio = ['ignore', 'ignore', 'inherit', 'ipc'] as const;
      const child = spawn(process.execPath, ['-e', left.shift() ?? ''], { stdio: [...stdio] });
      children.push(child);
      return child;
    },
  });
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  lines.splice(0);
});

test('one that is killed is started again, is told of the world first, and answers', async () => {
  const server = keep([SERVES, SERVES]);
  await server.start();
  const first = server.child;
  expect(await server.ask('told')).toBe('view 1');
  first?.kill('SIGKILL');
  await expect.poll(() => server.ask('told').catch(() => undefined), { timeout: 10_000 }).toBe('view 2');
  expect(server.child).not.toBe(first);
  server.tell('view', 'later');
  expect(await server.ask('told')).toBe('later');
  expect(lines).toEqual(['server ended; starting it again']);
});

test('one that ends before it serves is an error of the start', async () => {
  await expect(keep([ENDS_AT_ONCE]).start()).rejects.toThrow(
    'the server process ended with code 3 before it was ready',
  );
});

test('one that cannot be started again is lost, with the reason', async () => {
  const server = keep([SERVES, ENDS_AT_ONCE]);
  await server.start();
  server.child?.kill('SIGKILL');
  expect(await server.lost).toBe('server (the server process ended with code 3 before it was ready)');
  expect(await server.ask('told')).toBeUndefined();
});

test('one that did not live long is lost', async () => {
  const server = keep([SERVES, SERVES], 3_600_000);
  await server.start();
  server.child?.kill('SIGKILL');
  expect(await server.lost).toBe('server, again,');
  expect(children).toHaveLength(1);
});

test('one that is closed is let go', async () => {
  const server = keep([SERVES, SERVES]);
  await server.start();
  server.close();
  server.child?.kill('SIGKILL');
  await expect.poll(() => server.ask('told').catch(() => 'ending'), { timeout: 10_000 }).toBeUndefined();
  expect([children.length, lines]).toEqual([1, []]);
});
