/** A range of whole numbers, both ends included. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/** A box in header space: one range a dimension, such as protocol, port and address. */
export type Box = readonly Range[];

/** A box with what is decided for the packets in it. */
export interface Decision<T> {
  readonly box: Box;
  readonly decision: T;
}

/**
 * The same decisions as disjoint boxes: a packet is decided by the first box it lies in, and the result has exactly one
 * box for it. An nftables interval set can only hold disjoint elements, and is looked up in a time that does not grow
 * with the number of rules.
 */
export function disjoin<T>(ordered: readonly Decision<T>[]): Decision<T>[] {
  const result: Decision<T>[] = [];
  for (const { box, decision } of ordered) {
    let pieces: Box[] = [box];
    for (const earlier of result) {
      if (!intersects(box, earlier.box)) continue;
      pieces = pieces.flatMap((piece) => subtract(piece, earlier.box));
      if (pieces.length === 0) break;
    }
    for (const piece of pieces) result.push({ box: piece, decision });
  }
  return result;
}

/** Whether the two boxes share a point. */
export function intersects(one: Box, other: Box): boolean {
  return one.every((range, i) => {
    const opposite = other[i];
    return opposite !== undefined && range.first <= opposite.last && opposite.first <= range.last;
  });
}

/** What of `box` lies outside `hole`, as disjoint boxes: at most two a dimension. */
export function subtract(box: Box, hole: Box): Box[] {
  if (!intersects(box, hole)) return [box];
  const pieces: Box[] = [];
  let rest = box;
  for (const [i, cut] of hole.entries()) {
    const range = rest[i];
    if (range === undefined) continue;
    if (range.first < cut.first) pieces.push(rest.with(i, { first: range.first, last: cut.first - 1 }));
    if (range.last > cut.last) pieces.push(rest.with(i, { first: cut.last + 1, last: range.last }));
    rest = rest.with(i, { first: Math.max(range.first, cut.first), last: Math.min(range.last, cut.last) });
  }
  return pieces;
}
