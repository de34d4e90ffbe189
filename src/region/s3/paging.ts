/** Compares names in S3's order, that of their UTF-8 bytes. */
export function compareNames(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

/** One page of things that are in order: at most `limit`, and whether there are more. */
export function pageOf<T>(items: readonly T[], limit: number): { page: readonly T[]; hasMore: boolean } {
  return { page: items.slice(0, limit), hasMore: items.length > limit };
}
