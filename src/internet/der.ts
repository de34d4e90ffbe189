/** Encodings of ASN.1's distinguished encoding rules (X.690), as far as a certificate needs them. */

const UNIVERSAL = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Certificates write years before this with two digits (RFC 5280 section 4.1.2.5). */
const FIRST_GENERALIZED_YEAR = 2050;

/** A tag, the length, and the content. */
export function encodeTagged(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([tag]), encodeLength(content.length), content]);
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

export function encodeSequence(...items: readonly Uint8Array[]): Buffer {
  return encodeTagged(UNIVERSAL.sequence, Buffer.concat(items));
}

export function encodeSet(...items: readonly Uint8Array[]): Buffer {
  return encodeTagged(UNIVERSAL.set, Buffer.concat(items));
}

export function encodeBoolean(value: boolean): Buffer {
  return encodeTagged(UNIVERSAL.boolean, Buffer.from([value ? 0xff : 0]));
}

/** A non-negative integer from its bytes, most significant first. */
export function encodeInteger(magnitude: Uint8Array): Buffer {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++;
  const bytes = magnitude.subarray(start);
  // A leading one bit would make it negative.
  const isPadded = ((bytes[0] ?? 0) & 0x80) !== 0;
  return encodeTagged(UNIVERSAL.integer, isPadded ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
}

/** Bits, of which the last byte leaves `unused` ones out. */
export function encodeBitString(bytes: Uint8Array, unused = 0): Buffer {
  return encodeTagged(UNIVERSAL.bitString, Buffer.concat([Buffer.of(unused), bytes]));
}

export function encodeOctetString(bytes: Uint8Array): Buffer {
  return encodeTagged(UNIVERSAL.octetString, bytes);
}

export function encodeUtf8String(text: string): Buffer {
  return encodeTagged(UNIVERSAL.utf8String, Buffer.from(text));
}

/** An object identifier from its dotted form, `2.5.29.17`. */
export function encodeObjectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap(encodeBase128);
  return encodeTagged(UNIVERSAL.objectIdentifier, Buffer.from(bytes));
}

function encodeBase128(number: number): number[] {
  const digits = [number & 0x7f];
  for (let rest = number >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 0x7f) | 0x80);
  return digits;
}

/** A time in whole seconds, in the form that RFC 5280 wants for its year. */
export function encodeTime(time: Date): Buffer {
  const digits = time.toISOString().replace(/[-:T]|\.[0-9]+/g, '');
  return time.getUTCFullYear() < FIRST_GENERALIZED_YEAR
    ? encodeTagged(UNIVERSAL.utcTime, Buffer.from(digits.slice(2)))
    : encodeTagged(UNIVERSAL.generalizedTime, Buffer.from(digits));
}

/** `[number] EXPLICIT` around an encoding, or `[number] IMPLICIT` in the place of a constructed one's tag. */
export function encodeContext(number: number, content: Uint8Array): Buffer {
  return encodeTagged(0xa0 | number, content);
}

/** `[number] IMPLICIT` in the place of a primitive's tag. */
export function encodeContextPrimitive(number: number, content: Uint8Array): Buffer {
  return encodeTagged(0x80 | number, content);
}
