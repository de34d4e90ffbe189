const INITIAL = 0xdeadbeef;

/**
 * The kernel's `jhash` (include/linux/jhash.h) of one or two 32-bit words, each a number whose lowest byte comes first in
 * memory, scaled to 0 up to `count` as nftables' `jhash … mod count seed …` does.
 */
export function chooseByHash(
  words: readonly [number] | readonly [number, number],
  count: number,
  seed: number,
): number {
  const initial = (INITIAL + 4 * words.length + seed) >>> 0;
  const hash = mixFinally((initial + words[0]) >>> 0, (initial + (words[1] ?? 0)) >>> 0, initial);
  // The kernel's reciprocal_scale: the upper half of a product of 64 bits.
  return Number((BigInt(hash) * BigInt(count)) >> 32n);
}

/** `__jhash_final`: its last word. */
function mixFinally(one: number, two: number, three: number): number {
  let [a, b, c] = [one, two, three];
  c = ((c ^ b) - rotate(b, 14)) >>> 0;
  a = ((a ^ c) - rotate(c, 11)) >>> 0;
  b = ((b ^ a) - rotate(a, 25)) >>> 0;
  c = ((c ^ b) - rotate(b, 16)) >>> 0;
  a = ((a ^ c) - rotate(c, 4)) >>> 0;
  b = ((b ^ a) - rotate(a, 14)) >>> 0;
  return ((c ^ b) - rotate(b, 24)) >>> 0;
}

function rotate(word: number, bits: number): number {
  return ((word << bits) | (word >>> (32 - bits))) >>> 0;
}

/** An address as the word that it is in a packet: its first byte is the lowest. */
export function wordOfAddress(address: number): number {
  return (
    (((address & 0xff) << 24) | ((address & 0xff00) << 8) | ((address >>> 8) & 0xff00) | (address >>> 24)) >>>
    0
  );
}

/** A port as the word that nftables loads it into: its first byte is the lowest, the rest is 0. */
export function wordOfPort(port: number): number {
  return ((port & 0xff) << 8) | (port >>> 8);
}
