import { UserError } from '../verb.ts';

/** A step that did not come out as it does when all is well. */
export class DemoError extends UserError {}

/** A reply of the API, to take values out of by path: `Vpc.VpcId`, `Subnets.0.State`. */
export class Reply {
  readonly #value: unknown;

  constructor(value: unknown) {
    this.#value = value;
  }

  /** The text at the path; throws when there is none. */
  text(path: string): string {
    const value = this.maybe(path);
    if (value === undefined) throw new DemoError(`the reply has no ${path}`);
    return value;
  }

  /** The elements of the list at the path; none when there is no list. */
  list(path: string): Reply[] {
    const value = this.#find(path);
    return Array.isArray(value) ? value.map((item: unknown) => new Reply(item)) : [];
  }

  /** The text at the path, or undefined. */
  maybe(path: string): string | undefined {
    const value = this.#find(path);
    return value === undefined || value === null ? undefined : String(value);
  }

  #find(path: string): unknown {
    let value = this.#value;
    for (const name of path.split('.')) {
      if (typeof value !== 'object' || value === null) return undefined;
      value = Object.entries(value).find(([key]) => key === name)?.[1];
    }
    return value;
  }
}
