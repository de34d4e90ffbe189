/** Bytes of one step: eight tables at once instead of one eight times over. */
const STEP = 8;

/** Castagnoli's polynomial, its bits reversed. */
const CRC32C = 0x82f63b78;
/** The NVMe polynomial, its bits reversed; as two halves, since numbers hold 53 bits and BigInt is slow. */
const CRC64_HIGH = 0x9a6c9329;
const CRC64_LOW = 0xac4bc9b5;

/** The CRC-32C of a chunk that follows on bytes of the CRC `previous`, 0 for none. */
export function crc32c(chunk: Uint8Array, previous: number): number {
  const table = CRC32C_TABLE;
  const whole = chunk.length - (chunk.length % STEP);
  const words = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
  let value = ~previous;
  for (let at = 0; at < whole; at += STEP) {
    const one = value ^ words.getInt32(at, true);
    const two = words.getInt32(at + 4, true);
    value =
      at0(table, 0x700 | (one & 255)) ^
      at0(table, 0x600 | ((one >>> 8) & 255)) ^
      at0(table, 0x500 | ((one >>> 16) & 255)) ^
      at0(table, 0x400 | (one >>> 24)) ^
      at0(table, 0x300 | (two & 255)) ^
      at0(table, 0x200 | ((two >>> 8) & 255)) ^
      at0(table, 0x100 | ((two >>> 16) & 255)) ^
      at0(table, two >>> 24);
  }
  for (let at = whole; at < chunk.length; at++) {
    value = (value >>> 8) ^ at0(table, (value ^ at0(chunk, at)) & 255);
  }
  return ~value >>> 0;
}

/** CRC-64/NVME of chunks that follow on each other. */
export class Crc64Nvme {
  #high = -1;
  #low = -1;

  update(chunk: Uint8Array): void {
    const [highs, lows] = CRC64_TABLES;
    const whole = chunk.length - (chunk.length % STEP);
    const words = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    let [high, low] = [this.#high, this.#low];
    for (let at = 0; at < whole; at += STEP) {
      const one = low ^ words.getInt32(at, true);
      const two = high ^ words.getInt32(at + 4, true);
      const a = 0x700 | (one & 255);
      const b = 0x600 | ((one >>> 8) & 255);
      const c = 0x500 | ((one >>> 16) & 255);
      const d = 0x400 | (one >>> 24);
      const e = 0x300 | (two & 255);
      const f = 0x200 | ((two >>> 8) & 255);
      const g = 0x100 | ((two >>> 16) & 255);
      const h = two >>> 24;
      low =
        at0(lows, a) ^
        at0(lows, b) ^
        at0(lows, c) ^
        at0(lows, d) ^
        at0(lows, e) ^
        at0(lows, f) ^
        at0(lows, g) ^
        at0(lows, h);
      high =
        at0(highs, a) ^
        at0(highs, b) ^
        at0(highs, c) ^
        at0(highs, d) ^
        at0(highs, e) ^
        at0(highs, f) ^
        at0(highs, g) ^
        at0(highs, h);
    }
    for (let at = whole; at < chunk.length; at++) {
      const index = (low ^ at0(chunk, at)) & 255;
      low = ((low >>> 8) | (high << 24)) ^ at0(lows, index);
      high = (high >>> 8) ^ at0(highs, index);
    }
    this.#high = high;
    this.#low = low;
  }

  /** The CRC's eight bytes, the highest first. */
  digest(): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeInt32BE(~this.#high, 0);
    bytes.writeInt32BE(~this.#low, 4);
    return bytes;
  }
}

/** An entry that is there: the index is within the table. */
function at0(table: Int32Array | Uint8Array, index: number): number {
  return table[index] ?? 0;
}

const CRC32C_TABLE = makeTables(0, CRC32C)[1];
const CRC64_TABLES = makeTables(CRC64_HIGH, CRC64_LOW);

/**
 * What each byte does to a CRC, high and low halves; and, in the second to eighth 256 entries, what it does when one to seven
 * more bytes come after it. Signed, for those fit what V8 keeps a number in.
 */
function makeTables(polynomialHigh: number, polynomialLow: number): readonly [Int32Array, Int32Array] {
  const highs = new Int32Array(256 * STEP);
  const lows = new Int32Array(256 * STEP);
  for (let byte = 0; byte < 256; byte++) {
    let [high, low] = [0, byte];
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = (low & 1) === 1;
      low = ((low >>> 1) | (high << 31)) ^ (isOdd ? polynomialLow : 0);
      high = (high >>> 1) ^ (isOdd ? polynomialHigh : 0);
    }
    highs[byte] = high;
    lows[byte] = low;
  }
  for (let entry = 256; entry < highs.length; entry++) {
    const [high, low] = [at0(highs, entry - 256), at0(lows, entry - 256)];
    const index = low & 255;
    lows[entry] = ((low >>> 8) | (high << 24)) ^ at0(lows, index);
    highs[entry] = (high >>> 8) ^ at0(highs, index);
  }
  return [highs, lows];
}
