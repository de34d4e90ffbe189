import { type ChildProcess, spawn } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { Channel } from './ipc.ts';

const children: ChildProcess[] = [];

/** A process that answers each request with its argument. */
function open(): { child: ChildProcess; channel: Channel } {
  const script =
    "process.on('message', ({ id, argument }) => process.send({ kind: 'reply', id, value: argument }))";
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  children.push(child);
  return { child, channel: new Channel(child, 'echo') };
}

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

test('what is asked is answered, and nothing is closed', async () => {
  const { channel } = open();
  let isClosed = false;
  void channel.closed.then(() => {
    isClosed = true;
  });
  expect(await channel.ask('echo', 'one')).toBe('one');
  expect(isClosed).toBe(false);
});

test('a child that is killed: what is open fails, and it is closed', async () => {
  const { child, channel } = open();
  await channel.ask('echo', 'one');
  child.kill('SIGSTOP');
  const asked = channel.ask('echo', 'two');
  child.kill('SIGKILL');
  await expect(asked).rejects.toThrow('the echo process has ended');
  await channel.closed;
  await expect(channel.ask('echo', 'three')).rejects.toThrow('the echo process has ended');
});

test('messages that are not taken are the end, too, before it is told', async () => {
  const { child, channel } = open();
  await channel.ask('echo', 'one');
  // Node tells this of each message to a process that was just killed.
  for (const message of ['write EPIPE', 'write EPIPE']) child.emit('error', new Error(message));
  await channel.closed;
  await expect(channel.ask('echo', 'two')).rejects.toThrow('the echo process has ended');
});
