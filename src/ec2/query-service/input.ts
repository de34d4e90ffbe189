import type { QueryTree } from '../wire/query.ts';
import { invalid } from './errors.ts';

/**
 * A request's parameters in the form of Elastic Load Balancing and CloudFormation, whose lists are written `Subnets.member.1=…`. It remembers which
 * were asked for: what no action looks at is refused, not passed over.
 */
export class Input {
  readonly #tree: QueryTree;
  readonly #path: string;
  readonly #read = new Set<string>();
  readonly #below: Input[] = [];

  constructor(tree: QueryTree, path = '') {
    this.#tree = tree;
    this.#path = path;
  }

  text(name: string): string | undefined {
    this.#read.add(name);
    const value = this.#tree.get(name);
    if (value === undefined || typeof value === 'string') return value;
    throw invalid(`${this.#path}${name} must be one value.`);
  }

  has(name: string): boolean {
    return this.#tree.has(name);
  }

  /** Passes over all members: what is accepted and makes no difference. */
  ignore(): void {
    for (const name of this.#tree.keys()) this.#read.add(name);
  }

  /** A member that must be there. */
  demand(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === '') throw invalid(`${this.#path}${name} must be specified`);
    return value;
  }

  /** A whole number between two, both included. */
  count(name: string, fewest: number, most: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= fewest && value <= most) return value;
    throw invalid(`${this.#path}${name} '${text}' must be a whole number from ${fewest} to ${most}`);
  }

  flag(name: string): boolean | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (text === 'true' || text === 'false') return text === 'true';
    throw invalid(`${this.#path}${name} '${text}' must be true or false`);
  }

  /** One of some words; the first where nothing is given. */
  choice<T extends string>(name: string, ...words: readonly [T, ...T[]]): T {
    const text = this.text(name) ?? words[0];
    const found = words.find((word) => word === text);
    if (found !== undefined) return found;
    throw invalid(
      `${this.#path}${name} '${text}' is not supported by Cloudcroft: it has ${words.join(', ')}`,
    );
  }

  texts(name: string): readonly string[] {
    return this.#members(name).map(([place, node]) => {
      if (typeof node === 'string') return node;
      throw invalid(`${this.#path}${name}.member.${place} must be one value.`);
    });
  }

  /** A list of structures. */
  list(name: string): readonly Input[] {
    return this.#members(name).map(([place, node]) => {
      const path = `${this.#path}${name}.member.${place}.`;
      if (typeof node === 'string') throw invalid(`${path} must have members.`);
      const made = new Input(node, path);
      this.#below.push(made);
      return made;
    });
  }

  /** A structure. */
  structure(name: string): Input | undefined {
    this.#read.add(name);
    const node = this.#tree.get(name);
    if (node === undefined || typeof node === 'string') return undefined;
    const made = new Input(node, `${this.#path}${name}.`);
    this.#below.push(made);
    return made;
  }

  /** The names of parameters that nobody asked for. */
  unread(): readonly string[] {
    const own = [...this.#tree.keys()].filter((name) => !this.#read.has(name));
    return [...own.map((name) => `${this.#path}${name}`), ...this.#below.flatMap((each) => each.unread())];
  }

  #members(name: string) {
    this.#read.add(name);
    const node = this.#tree.get(name);
    // A list without members is sent as an empty text.
    if (node === undefined || node === '') return [];
    const members = typeof node === 'string' ? undefined : node.get('member');
    if (members === undefined || typeof members === 'string') {
      throw invalid(`${this.#path}${name} must be a list: ${name}.member.1`);
    }
    return [...members].toSorted(([one], [other]) => Number(one) - Number(other));
  }
}
