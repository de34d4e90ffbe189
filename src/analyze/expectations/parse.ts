import { findNearMisses } from '../../model/near-misses.ts';
import type { PortRange } from '../../net/flow.ts';
import { parseIpv6, parseIpv6Cidr } from '../../net/ipv6.ts';
import { type Expectation, ExpectationError, WAYS, type Way } from './expectation.ts';

const FORM = 'SOURCE -> DESTINATION[:PORTS[/udp]|:icmp] allowed|denied [via WAY] [over ipv6]';

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
  const [source, arrow, target, verdict, ...more] = words;
  const text = words.join(' ');
  if (source === undefined || arrow !== '->' || target === undefined || more.length > 4) {
    throw new ExpectationError(line, `"${text}" is no expectation. A line is: ${FORM}.`);
  }
  if (verdict !== 'allowed' && verdict !== 'denied') {
    throw new ExpectationError(
      line,
      `"${text}" does not say whether it is allowed or denied, after ${target}.`,
    );
  }
  const from = unbracket(unquote(source));
  const to = readTarget(line, target);
  const { way, isIpv6 } = readAddition(line, verdict, more);
  return {
    line,
    text,
    source: from,
    ...to,
    isAllowed: verdict === 'allowed',
    way,
    isIpv6: isIpv6 || isOfIpv6(from) || isOfIpv6(to.destination),
  };
}

/** Whether an end is an IPv6 address or block. */
function isOfIpv6(word: string): boolean {
  return parseIpv6(word) !== undefined || parseIpv6Cidr(word) !== undefined;
}

/** `[2001:db8::1]` as it stands before a port. */
function unbracket(word: string): string {
  const [, inner = ''] = /^\[(.+)\]$/.exec(word) ?? [];
  return isOfIpv6(inner) ? inner : word;
}

function readTarget(line: number, target: string): Pick<Expectation, 'destination' | 'protocol' | 'ports'> {
  if (isOfIpv6(target)) return { destination: target, protocol: undefined, ports: [] };
  const [, name, protocolOnly, ports, protocol] =
    /^(.+?)(?::(?:(icmp|icmpv6)|([0-9][0-9,-]*)(?:\/(tcp|udp))?))?$/.exec(target) ?? [];
  return {
    destination: unbracket(unquote(name ?? target)),
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

/** What may follow the verdict: `via WAY` and `over ipv6`, in any order. */
function readAddition(
  line: number,
  verdict: string,
  words: readonly string[],
): Pick<Expectation, 'way' | 'isIpv6'> {
  const [first, second, ...rest] = words;
  if (first === undefined) return { way: undefined, isIpv6: false };
  if (first === 'over' && second === 'ipv6') return { ...readAddition(line, verdict, rest), isIpv6: true };
  if (first !== 'via' || second === undefined) {
    throw new ExpectationError(
      line,
      `"${first}" is not understood after ${verdict}: only \`via WAY\` and \`over ipv6\` may follow.`,
    );
  }
  return { ...readAddition(line, verdict, rest), way: readWay(line, verdict, second) };
}

function readWay(line: number, verdict: string, word: string): Way {
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
