import { expect, test } from 'vitest';
import { Loop } from './loop.ts';

/** A loop whose runs end when the test says so. */
function newLoop(onFailure: (loop: Loop, attempt: number) => void = () => {}) {
  const began: string[] = [];
  const failed: string[] = [];
  const open: PromiseWithResolvers<void>[] = [];
  const loop: Loop = new Loop(
    (name) => {
      began.push(name);
      const run = Promise.withResolvers<void>();
      open.push(run);
      return run.promise;
    },
    (name, error, attempt) => {
      failed.push(`${name} ${attempt}: ${error instanceof Error ? error.message : String(error)}`);
      onFailure(loop, attempt);
    },
  );
  /** The oldest run that is going on; waits until there is one. */
  const next = async (): Promise<PromiseWithResolvers<void>> => {
    for (let turn = 0; turn < 1000; turn++) {
      const run = open.shift();
      if (run !== undefined) return run;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    throw new Error('the loop begins no run');
  };
  return { loop, began, failed, next };
}

/** Lets everything run that is ready to. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('work never begins in the turn of who wakes', async () => {
  const { loop, began, next } = newLoop();
  loop.wake('a');
  expect(began).toEqual([]);
  (await next()).resolve();
  await loop.idle();
  expect(began).toEqual(['a']);
});

test('woken any number of times while it runs, a name is worked on once more, afterwards', async () => {
  const { loop, began, next } = newLoop();
  loop.wake('a');
  const first = await next();
  for (let i = 0; i < 5; i++) loop.wake('a');
  await turn();
  expect(began).toEqual(['a']);
  first.resolve();
  (await next()).resolve();
  await loop.idle();
  expect(began).toEqual(['a', 'a']);
});

test('woken again before its work began, a name is worked on once', async () => {
  const { loop, began, next } = newLoop();
  loop.wake('a');
  loop.wake('a');
  (await next()).resolve();
  await loop.idle();
  expect(began).toEqual(['a']);
});

test('what the event loop had at hand comes before the work', async () => {
  const { loop, began, next } = newLoop();
  const answered = turn().then(() => began.length);
  loop.wake('a');
  expect(await answered).toBe(0);
  (await next()).resolve();
  await loop.idle();
  expect(began).toEqual(['a']);
});

test('names do not wait for each other', async () => {
  const { loop, began, next } = newLoop();
  loop.wake('a');
  loop.wake('b');
  await turn();
  expect(began).toEqual(['a', 'b']);
  const [a, b] = [await next(), await next()];
  b.resolve();
  await loop.settled('b');
  a.resolve();
  await loop.idle();
});

test('work that fails is repeated until it succeeds, and is not settled before', async () => {
  const { loop, began, failed, next } = newLoop();
  loop.wake('a');
  (await next()).reject(new Error('one'));
  let isSettled = false;
  const settled = loop.settled('a').then(() => {
    isSettled = true;
  });
  (await next()).reject(new Error('two'));
  await turn();
  expect(isSettled).toBe(false);
  (await next()).resolve();
  await settled;
  expect([began, failed]).toEqual([
    ['a', 'a', 'a'],
    ['a 1: one', 'a 2: two'],
  ]);
});

test('waking a name that waits to be repeated repeats it at once, and only once', async () => {
  const { loop, began, failed, next } = newLoop();
  loop.wake('a');
  (await next()).reject(new Error('one'));
  await turn();
  loop.wake('a');
  await turn();
  expect(began).toEqual(['a', 'a']);
  (await next()).resolve();
  await loop.idle();
  expect([began.length, failed]).toEqual([2, ['a 1: one']]);
});

test('a name that is woken by who hears of its failure is not run twice at a time', async () => {
  const { loop, began, next } = newLoop((itself) => itself.wake('a'));
  loop.wake('a');
  (await next()).reject(new Error('one'));
  (await next()).resolve();
  await loop.idle();
  expect(began).toEqual(['a', 'a']);
});

test('a closed loop begins nothing, and whoever waits for it goes on', async () => {
  const { loop, began, next } = newLoop();
  loop.wake('a');
  const run = await next();
  loop.wake('a');
  const settled = loop.settled('a');
  loop.close();
  run.resolve();
  await settled;
  loop.wake('b');
  await loop.idle();
  expect(began).toEqual(['a']);
});

test('what was woken before the loop was closed, and had not begun, never does', async () => {
  const { loop, began } = newLoop();
  loop.wake('a');
  loop.close();
  await loop.idle();
  await turn();
  expect(began).toEqual([]);
});

test('work that fails after the loop was closed is not repeated', async () => {
  const { loop, began, next } = newLoop();
  loop.wake('a');
  const run = await next();
  loop.close();
  run.reject(new Error('late'));
  await loop.idle();
  await turn();
  expect(began).toEqual(['a']);
});
