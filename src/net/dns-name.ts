/** A label's longest length in bytes (RFC 1035 section 2.3.4). */
const MAX_LABEL = 63;
/** A name's longest length in bytes, with the lengths of its labels and the root's (RFC 1035 section 2.3.4). */
const MAX_NAME = 255;

/** A message that is not DNS: it ended early, or says what cannot be. Never leaves the codec. */
export class DnsFormatError extends Error {}

/** The labels of a name in text form, as bytes. Throws a DnsFormatError when the text is no name. */
export function parseName(text: string): Uint8Array[] {
  if (text === '') return [];
  const labels: Uint8Array[] = [];
  let label: number[] = [];
  for (let index = 0; index < text.length; index++) {
    const char = text.charCodeAt(index);
    if (char === DOT) {
      labels.push(Uint8Array.from(label));
      label = [];
    } else if (char === BACKSLASH) {
      const digits = /^[0-9]{3}/.exec(text.slice(index + 1, index + 4))?.[0];
      label.push(digits === undefined ? text.charCodeAt(index + 1) : Number(digits));
      index += digits === undefined ? 1 : 3;
    } else {
      label.push(char);
    }
  }
  labels.push(Uint8Array.from(label));
  const isFit = labels.every(({ length }) => length > 0 && length <= MAX_LABEL);
  if (!isFit || lengthOf(labels) > MAX_NAME) throw new DnsFormatError(`not a DNS name: ${text}`);
  return labels;
}

/** Whether a text is a name that fits a message. */
export function isDnsName(text: string): boolean {
  try {
    parseName(text);
    return /^[\x20-\x7e]*$/.test(text);
  } catch {
    return false;
  }
}

/** The text form of labels: the inverse of parseName. */
export function formatName(labels: readonly Uint8Array[]): string {
  return labels.map(formatLabel).join('.');
}

/** Reads the name at an offset and says where the next field begins. Throws a DnsFormatError. */
export function readName(message: Uint8Array, start: number): { name: string; next: number } {
  const labels: Uint8Array[] = [];
  let offset = start;
  let next: number | undefined;
  // Each jump must go before the last one: so no loop is possible.
  let barrier = start;
  for (;;) {
    const length = byteAt(message, offset);
    if (length === 0) break;
    if (length <= MAX_LABEL) {
      if (offset + 1 + length > message.length) throw new DnsFormatError('a label ends after the message');
      labels.push(message.slice(offset + 1, offset + 1 + length));
      if (lengthOf(labels) > MAX_NAME) throw new DnsFormatError('a name is too long');
      offset += 1 + length;
      continue;
    }
    if (length < POINTER) throw new DnsFormatError('a label is of an unknown kind');
    const target = ((length & 63) << 8) | byteAt(message, offset + 1);
    if (target >= barrier) throw new DnsFormatError('a name points forward');
    next ??= offset + 2;
    barrier = target;
    offset = target;
  }
  return { name: formatName(labels), next: next ?? offset + 1 };
}

const DOT = 46;
const BACKSLASH = 92;
/** The two upper bits of a length that make it a pointer (RFC 1035 section 4.1.4). */
const POINTER = 192;

function byteAt(message: Uint8Array, offset: number): number {
  const byte = message[offset];
  if (byte === undefined) throw new DnsFormatError('the message ends within a name');
  return byte;
}

/** Bytes on the wire, uncompressed. */
function lengthOf(labels: readonly Uint8Array[]): number {
  return labels.reduce((sum, { length }) => sum + 1 + length, 1);
}

function formatLabel(label: Uint8Array): string {
  let text = '';
  for (const byte of label) {
    if (byte === DOT || byte === BACKSLASH) text += `\\${String.fromCharCode(byte)}`;
    else if (byte > 32 && byte < 127) text += String.fromCharCode(byte);
    else text += `\\${String(byte).padStart(3, '0')}`;
  }
  return text;
}
