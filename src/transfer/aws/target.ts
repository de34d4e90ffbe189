import type { Records, Scope, TableName, TableView, World } from '../../model/world.ts';

/** The world that an import fills: a transaction of the store is one. */
export type Target = {
  readonly [T in TableName]: TableView<Records[T]> & { put(record: Records[T]): void };
} & {
  readonly scope: Scope;
  /** A small integer that no record has or had. */
  takeOrdinal(): number;
  /** Every world of the installation: a peering connection has one ordinal on both sides. */
  allWorlds(): Iterable<World>;
};

/** Digits of an id that the files do not say: the same ones for the same text, whoever imports it. */
export function madeUpDigits(text: string): string {
  // FNV-1a, twice: ids are to differ, not to be secret.
  let [high, low] = [0x811c9dc5, 0x01000193];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 0x01000193) >>> 0;
    low = Math.imul(low ^ (code + index), 0x85ebca6b) >>> 0;
  }
  return `0${high.toString(16).padStart(8, '0')}${low.toString(16).padStart(8, '0')}`;
}

/** A time for what AWS gives none. */
export const NO_TIME = '1970-01-01T00:00:00.000Z';
