import type { Filter } from '@aws-sdk/client-ec2';
import type { Tag } from '../model/records.ts';
import type { Lookup, TableView, World } from '../model/world.ts';
import { AwsError, invalidParameterValue } from './errors.ts';

/** What a filter compares: a record fits if any of its values does. Undefined: it has none, and never fits. */
export type FilterValue =
  | string
  | number
  | boolean
  | undefined
  | readonly (string | number | boolean | undefined)[];

/** Fields that hold a text, or a list of texts. */
export type TextField<T> = {
  [K in keyof T & string]-?: NonNullable<T[K]> extends string | readonly string[] ? K : never;
}[keyof T & string];

/**
 * The filters of an operation by AWS's name: the field compared, by which records are also found without looking at
 * all of them, or a function of the record. `tag:KEY`, `tag-key` and `tag-value` are understood wherever records have tags.
 */
export type FilterTable<T> = Readonly<
  Record<string, TextField<T> | ((record: T, world: World) => FilterValue)>
>;

/** Most values in the filters of one request. */
const MOST_VALUES = 200;

interface Condition<T> {
  readonly field: TextField<T> | undefined;
  /** The values as they are, when none holds a wildcard. */
  readonly exact: readonly string[] | undefined;
  fits(record: T): boolean;
}

/**
 * The records that fit all filters: the values of one filter are alternatives, with `*`, `?` and `\` as AWS has them.
 * Names are case-sensitive; an unknown one is refused with InvalidParameterValue.
 */
export function selectRecords<T extends object>(
  view: TableView<T>,
  filters: readonly Filter[] | undefined,
  table: FilterTable<T>,
  world: World,
): T[] {
  const conditions = readConditions(filters, table, world);
  const candidates = findCandidates(view, conditions) ?? view.values();
  return [...candidates].filter((record) => conditions.every((condition) => condition.fits(record)));
}

/** As `selectRecords`, for records that stand in no table. */
export function filterRecords<T extends object>(
  records: readonly T[],
  filters: readonly Filter[] | undefined,
  table: FilterTable<T>,
  world: World,
): T[] {
  const conditions = readConditions(filters, table, world);
  return records.filter((record) => conditions.every((condition) => condition.fits(record)));
}

function readConditions<T extends object>(
  filters: readonly Filter[] | undefined,
  table: FilterTable<T>,
  world: World,
): Condition<T>[] {
  const given = filters ?? [];
  if (given.reduce((count, { Values }) => count + (Values?.length ?? 0), 0) > MOST_VALUES) {
    const message = `The maximum number of filter values specified on a single call is ${MOST_VALUES}`;
    throw new AwsError('FilterLimitExceeded', message);
  }
  return given.map(({ Name, Values }) => readCondition(Name, Values ?? [], table, world));
}

function readCondition<T extends object>(
  name: string | undefined,
  values: readonly string[],
  table: FilterTable<T>,
  world: World,
): Condition<T> {
  const read = findReader(name, table, world);
  const patterns = values.map(parsePattern);
  const reader = name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
  const isExact = patterns.every((pattern) => pattern.every((token) => typeof token === 'string'));
  return {
    field: typeof reader === 'string' ? reader : undefined,
    exact: isExact ? patterns.map((pattern) => pattern.join('')) : undefined,
    fits: (record) => {
      const value = read(record);
      const texts = (typeof value === 'object' ? value : [value]).filter((text) => text !== undefined);
      return texts.some((text) => patterns.some((pattern) => matchesPattern(pattern, String(text))));
    },
  };
}

function findReader<T extends object>(
  name: string | undefined,
  table: FilterTable<T>,
  world: World,
): (record: T) => FilterValue {
  const reader = name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
  if (typeof reader === 'function') return (record) => reader(record, world);
  // A TextField holds texts: that is its definition.
  if (reader !== undefined) return (record) => record[reader] as FilterValue;
  if (name === 'tag-key') return (record) => tagsOf(record).map((tag) => tag.key);
  if (name === 'tag-value') return (record) => tagsOf(record).map((tag) => tag.value);
  if (name?.startsWith('tag:')) {
    const key = name.slice('tag:'.length);
    return (record) => tagsOf(record).find((tag) => tag.key === key)?.value;
  }
  throw invalidParameterValue(`The filter '${name ?? 'null'}' is invalid`);
}

function tagsOf(record: object): readonly Tag[] {
  // Every record whose `tags` is a list is a Taggable: no other kind of record has a field of this name.
  return 'tags' in record && Array.isArray(record.tags) ? (record.tags as readonly Tag[]) : [];
}

/** The records that one of the conditions finds by its index; undefined when none can. */
function findCandidates<T extends object>(
  view: TableView<T>,
  conditions: readonly Condition<T>[],
): readonly T[] | undefined {
  for (const { field, exact } of conditions) {
    if (field === undefined || exact === undefined) continue;
    const found = new Set<T>();
    for (const value of exact) {
      // The field holds texts, so a text is a value to look up by.
      for (const record of view.where(field, value as Lookup<T, typeof field>)) found.add(record);
    }
    return [...found];
  }
  return undefined;
}

const ANY_TEXT = Symbol('*');
const ANY_CHARACTER = Symbol('?');

/** A filter's value: characters that stand for themselves, and wildcards. */
export type Pattern = readonly (string | typeof ANY_TEXT | typeof ANY_CHARACTER)[];

/** Reads a filter's value: `*` is any text, `?` at most one character, and `\` takes the next one literally. */
export function parsePattern(text: string): Pattern {
  const pattern: Pattern[number][] = [];
  const characters = [...text];
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? '';
    if (character === '\\') pattern.push(characters[++index] ?? '\\');
    else if (character === '*') pattern.push(ANY_TEXT);
    else if (character === '?') pattern.push(ANY_CHARACTER);
    else pattern.push(character);
  }
  return pattern;
}

/** Whether the whole text fits. Costs at most the product of the lengths, whatever the pattern. */
export function matchesPattern(pattern: Pattern, text: string): boolean {
  let reached = new Set([0]);
  const characters = [...text];
  for (const character of characters) {
    const next = new Set<number>();
    for (const position of skipWildcards(pattern, reached)) {
      const token = pattern[position];
      if (token === ANY_TEXT) next.add(position);
      else if (token === ANY_CHARACTER || token === character) next.add(position + 1);
    }
    if (next.size === 0) return false;
    reached = next;
  }
  return skipWildcards(pattern, reached).has(pattern.length);
}

/** The positions, and those behind the wildcards there: both wildcards fit the empty text. */
function skipWildcards(pattern: Pattern, positions: ReadonlySet<number>): Set<number> {
  const all = new Set<number>();
  for (const start of positions) {
    let position = start;
    all.add(position);
    while (typeof pattern[position] === 'symbol') all.add(++position);
  }
  return all;
}
