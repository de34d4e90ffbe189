import { expect, test } from 'vitest';
import { Terminal } from './terminal.ts';

function say(isTTY: boolean): string {
  const said: string[] = [];
  const output = { isTTY, write: (text: string) => said.push(text) };
  const terminal = new Terminal(output, output, { NO_COLOR: '1' });
  terminal.progress('one');
  terminal.progress('two');
  terminal.note('careful');
  terminal.print('done');
  return said.join('');
}

test('progress stays in one line of a terminal, and leaves nothing there', () => {
  expect(say(true)).toBe('\r\u001b[Kone\r\u001b[Ktwo\r\u001b[Kcareful\ndone\n');
});

test('progress is a line each time where it is kept', () => {
  expect(say(false)).toBe('one\ntwo\ncareful\ndone\n');
});
