import type { Lookup, TableView } from '../model/world.ts';

/** A table to read and to write. Records are never changed in place: `put` replaces. */
export interface TableWriter<T> extends TableView<T> {
  put(record: T): void;
  delete(id: string): void;
}

/** Called with each write: the record as it was before and as it is now, and how to undo the write, order and all. */
export type WriteListener<T> = (
  id: string,
  before: T | undefined,
  after: T | undefined,
  revert: () => void,
) => void;

/** The values of a field by which a record is found: one, or each element of a list. */
function lookupValuesOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/**
 * Records by id, with an index on any field, made the first time that field is asked for and kept since. Every write is
 * told to the listener, which is how a transaction can undo it and the journal can store it.
 */
export class Table<T extends object> implements TableWriter<T> {
  readonly #idOf: (record: T) => string;
  readonly #onWrite: WriteListener<T>;
  #records = new Map<string, T>();
  readonly #indexes = new Map<keyof T & string, Map<unknown, Map<string, T>>>();
  /** By id, a number that grows with each creation. */
  readonly #sequences = new Map<string, number>();
  #nextSequence = 0;
  /** True after a deletion was undone: the record then stands last in the map, not in its place. */
  #isUnordered = false;

  constructor(idOf: (record: T) => string, onWrite: WriteListener<T>) {
    this.#idOf = idOf;
    this.#onWrite = onWrite;
  }

  get size(): number {
    return this.#records.size;
  }

  get(id: string): T | undefined {
    return this.#records.get(id);
  }

  values(): Iterable<T> {
    if (this.#isUnordered) this.#restoreOrder();
    return this.#records.values();
  }

  where<K extends keyof T & string>(field: K, value: Lookup<T, K>): readonly T[] {
    let index = this.#indexes.get(field);
    if (index === undefined) {
      index = new Map();
      this.#indexes.set(field, index);
      for (const [id, record] of this.#records) addToIndex(index, id, record, record[field]);
    }
    const found = index.get(value);
    return found === undefined ? [] : [...found.values()];
  }

  put(record: T): void {
    const id = this.#idOf(record);
    const before = this.#records.get(id);
    this.set(id, record);
    this.#onWrite(id, before, record, () => this.set(id, before));
  }

  delete(id: string): void {
    const before = this.#records.get(id);
    if (before === undefined) return;
    const sequence = this.#sequenceOf(id);
    this.set(id, undefined);
    this.#onWrite(id, before, undefined, () => {
      this.#sequences.set(id, sequence);
      this.#isUnordered = true;
      this.set(id, before);
    });
  }

  /** Deletes every record. */
  clear(): void {
    for (const id of [...this.#records.keys()]) this.delete(id);
  }

  /** Writes without telling the listener: for loading and for undoing. */
  set(id: string, record: T | undefined): void {
    const before = this.#records.get(id);
    for (const [field, index] of this.#indexes) {
      if (before !== undefined) removeFromIndex(index, id, before[field]);
      if (record !== undefined) addToIndex(index, id, record, record[field]);
    }
    if (record === undefined) {
      this.#records.delete(id);
      this.#sequences.delete(id);
    } else {
      if (!this.#sequences.has(id)) this.#sequences.set(id, this.#nextSequence++);
      this.#records.set(id, record);
    }
  }

  #sequenceOf(id: string): number {
    return this.#sequences.get(id) ?? this.#nextSequence;
  }

  #restoreOrder(): void {
    this.#records = new Map([...this.#records].sort(([a], [b]) => this.#sequenceOf(a) - this.#sequenceOf(b)));
    this.#isUnordered = false;
  }
}

function addToIndex<T extends object>(
  index: Map<unknown, Map<string, T>>,
  id: string,
  record: T,
  field: unknown,
): void {
  for (const value of lookupValuesOf(field)) {
    const bucket = index.get(value);
    if (bucket === undefined) index.set(value, new Map([[id, record]]));
    else bucket.set(id, record);
  }
}

function removeFromIndex<T extends object>(
  index: Map<unknown, Map<string, T>>,
  id: string,
  field: unknown,
): void {
  for (const value of lookupValuesOf(field)) {
    const bucket = index.get(value);
    bucket?.delete(id);
    if (bucket?.size === 0) index.delete(value);
  }
}
