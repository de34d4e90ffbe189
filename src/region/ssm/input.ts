import { refusals } from './errors.ts';

/** A request's members, read with what their kind is. */
export class Input {
  readonly #fields: Readonly<Record<string, unknown>>;

  /** Throws for what is no JSON object. */
  constructor(body: Uint8Array) {
    const text = new TextDecoder().decode(body);
    let parsed: unknown;
    try {
      parsed = text === '' ? {} : JSON.parse(text);
    } catch {
      throw refusals.validation('The request is not valid JSON.');
    }
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
      throw refusals.validation('The request is not a JSON object.');
    }
    this.#fields = { ...parsed };
  }

  text(name: string): string | undefined {
    const value = this.#fields[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') throw refusals.validation(`${name} must be a string.`);
    return value;
  }

  /** A member that must be there. */
  demand(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === '') {
      throw refusals.validation(
        `1 validation error detected: Value null at '${name.charAt(0).toLowerCase()}${name.slice(1)}' failed to satisfy constraint: Member must not be null`,
      );
    }
    return value;
  }

  flag(name: string): boolean {
    return this.#fields[name] === true;
  }

  /** A whole number from 1 up to `most`; `most` where it is not given. */
  count(name: string, most: number): number {
    const value = this.#fields[name];
    if (value === undefined || value === null) return most;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) return value;
    throw refusals.validation(`${name} must be a whole number from 1 to ${most}.`);
  }

  texts(name: string): readonly string[] {
    const value = this.#fields[name];
    if (value === undefined || value === null) return [];
    if (Array.isArray(value) && value.every((each) => typeof each === 'string')) return value;
    throw refusals.validation(`${name} must be a list of strings.`);
  }

  /** A list of objects, each read by `read`, which sees its members. */
  list<T>(name: string, read: (fields: Readonly<Record<string, unknown>>) => T): readonly T[] {
    const value = this.#fields[name];
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) throw refusals.validation(`${name} must be a list.`);
    return value.map((each: unknown) => {
      if (typeof each !== 'object' || each === null) throw refusals.validation(`${name} must hold objects.`);
      return read({ ...each });
    });
  }
}
