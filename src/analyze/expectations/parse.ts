import { findNearMisses } from '../../model/near-misses.ts';
import type { PortRange } from '../../net/flow.ts';
import { type Expectation, ExpectationError, WAYS, type Way } from './expectation.ts';

const FORM = 'SOURCE -> DESTINATION[:PORTS[/udp]|:icmp] allowed|denied [via WAY]';

/**
 * Reads a file of expectations, one a line; `#` begins a comment, and names with spaces stand in double quotes. Throws an
 * ExpectationError for the first line that is none.
 */
export function parseExpectations(text: string): Expectation[] {
  const expectations = text.split(/\r?\n/).flatMap((raw, index) => {
    const words = readWords(raw);
    return words.length === 0 ? [] : [readLine(index + 1, words)];
  });
  if (expectations.length === 0) {
    throw new ExpectationError(1, `There is no expectation in it. A line is: ${FORM}.`);
  }
  return expectations;
}

/** Words between spaces; what stands in quotes is one, with what touches it. */
function readWords(raw: string): string[] {
  const words: string[] = [];
  for (const [word] of raw.matchAll(/(?:"[^"]*"|[^\s"])+/g)) {
    if (word.startsWith('#')) break;
    words.push(word);
  }
  return words;
}

function readLine(line: number, words: readonly string[]): Expectation {
  const [source, arrow, target, verdict, via, way, ...more] = words;
  const text = words.join(' ');
  if (source === undefined || arrow !== '->' || target === undefined || more.length > 0) {
    throw new ExpectationError(line, `"${text}" is no expectation. A line is: ${FORM}.`);
  }
  if (verdict !== 'allowed' && verdict !== 'denied') {
    throw new ExpectationError(
      line,
      `"${text}" does not say whether it is allowed or denied, after ${target}.`,
    );
  }
  return {
    line,
    text,
    source: unquote(source),
    ...readTarget(line, target),
    isAllowed: verdict === 'allowed',
    way: readWay(line, verdict, via, way),
  };
}

function readTarget(line: number, target: string): Pick<Expectation, 'destination' | 'protocol' | 'ports'> {
  const [, name, protocolOnly, ports, protocol] =
    /^(.+?)(?::(?:(icmp)|([0-9][0-9,-]*)(?:\/(tcp|udp))?))?$/.exec(target) ?? [];
  return {
    destination: unquote(name ?? target),
    protocol: protocolOnly ?? protocol,
    ports: ports === undefined ? [] : ports.split(',').map((range) => readRange(line, range)),
  };
}

function readRange(line: number, text: string): PortRange {
  const [from = '', to = from] = text.split('-');
  const [first, last] = [Number(from), Number(to)];
  if (/^\d{1,5}(?:-\d{1,5})?$/.test(text) && first <= last && last <= 65535) return { first, last };
  throw new ExpectationError(line, `"${text}" is no port, nor a range of ports: they go from 0 to 65535.`);
}

function readWay(
  line: number,
  verdict: string,
  via: string | undefined,
  word: string | undefined,
): Way | undefined {
  if (via === undefined) return undefined;
  if (via !== 'via' || word === undefined) {
    throw new ExpectationError(
      line,
      `"${via}" is not understood after ${verdict}: only \`via WAY\` may follow.`,
    );
  }
  if (verdict === 'denied')
    throw new ExpectationError(line, 'What is denied goes by no way: leave out `via`.');
  const way = WAYS.find((each) => each === word);
  if (way !== undefined) return way;
  const [near] = findNearMisses(word, WAYS);
  const hint = near === undefined ? `There are ${WAYS.join(', ')}.` : `Did you mean ${near}?`;
  throw new ExpectationError(line, `"${word}" is no way. ${hint}`);
}

function unquote(word: string): string {
  return word.replaceAll('"', '');
}
