import { invalid } from '../query-service/errors.ts';
import type { Input } from '../query-service/input.ts';

const MOST_A_PAGE = 400;

/** One page of a list, and the marker that asks for the next. */
export function pageOf<T>(all: readonly T[], input: Input) {
  const size = input.count('PageSize', 1, MOST_A_PAGE) ?? MOST_A_PAGE;
  const marker = input.text('Marker') ?? '0';
  if (!/^\d{1,9}$/.test(marker)) throw invalid(`Marker '${marker}' is not valid`);
  const end = Number(marker) + size;
  return {
    records: all.slice(Number(marker), end),
    NextMarker: end < all.length ? String(end) : undefined,
  };
}

/** The name of a load balancer or a target group. Throws ValidationError. */
export function checkName(name: string): string {
  if (name.length <= 32 && /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/.test(name)) return name;
  throw invalid(
    `The name '${name}' must have at most 32 letters, digits and hyphens, and not begin or end with a hyphen`,
  );
}
