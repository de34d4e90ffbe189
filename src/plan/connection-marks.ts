/**
 * A connection's mark in a VPC's router. Its upper 28 bits are the fingerprint of the rules by which it was let through, its
 * lower four are these. The first two: which of its directions passed every gate.
 */
export const JUDGED_ORIGINAL = 1;
export const JUDGED_REPLY = 2;

/** Whose security groups do not track the connection (semantics S81). */
export const UNTRACKED_BY_SENDER = 4;
export const UNTRACKED_BY_RECEIVER = 8;
export const UNTRACKED = UNTRACKED_BY_SENDER | UNTRACKED_BY_RECEIVER;

/** Where the fingerprint of the rules begins. */
export const GENERATION_SHIFT = 4;

/** Bits as nft writes a mark in a rule: `0x00000004`. */
export function renderBits(bits: number): string {
  return `0x${bits.toString(16).padStart(8, '0')}`;
}
