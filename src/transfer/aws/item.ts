import type { Tag } from '../../model/records.ts';
import { parseIpv4 } from '../../net/address.ts';
import { formatCidr, parseCidr } from '../../net/cidr.ts';
import { canonicalIpv6Cidr, formatIpv6, parseIpv6 } from '../../net/ipv6.ts';

/** A member of a reply is not of the shape that AWS gives it; the message names file and member. */
export class ShapeError extends Error {}

/** One object of AWS's JSON: its members are read with the type they must have, or refused with a sentence. */
export class Item {
  readonly value: object;
  /** File and members on the way to it: `vpcs.json: Vpcs[3]`. */
  readonly place: string;

  constructor(value: unknown, place: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new ShapeError(`${place} is ${nameOf(value)}, not an object.`);
    }
    this.value = value;
    this.place = place;
  }

  /** A text; undefined when it is absent. Numbers are taken as text, which is how some tools write account numbers. */
  text(name: string): string | undefined {
    const value = this.#read(name);
    if (value === undefined || typeof value === 'string') return value;
    if (typeof value === 'number') return String(value);
    throw this.#wrong(name, value, 'a text');
  }

  /** A text that must be there, and not be empty. */
  need(name: string): string {
    const value = this.text(name);
    if (value !== undefined && value !== '') return value;
    throw new ShapeError(`${this.place} has no ${name}.`);
  }

  /** The id of a resource, which must be there. Machines and folders are named after ids: only AWS's letters are taken. */
  id(name: string): string {
    const value = this.need(name);
    if (isId(value)) return value;
    throw this.#wrong(name, value, 'the id of a resource');
  }

  /** The id of another resource; undefined when it is absent. */
  reference(name: string): string | undefined {
    return (this.text(name) ?? '') === '' ? undefined : this.id(name);
  }

  /** An IPv4 block, canonical. */
  cidr(name: string): string | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const cidr = parseCidr(value);
    if (cidr !== undefined) return formatCidr(cidr);
    throw this.#wrong(name, value, 'an IPv4 block');
  }

  /** An IPv6 block, canonical. */
  ipv6Cidr(name: string): string | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const cidr = canonicalIpv6Cidr(value);
    if (cidr !== undefined) return cidr;
    throw this.#wrong(name, value, 'an IPv6 block');
  }

  /** An IPv4 address. */
  address(name: string): string | undefined {
    const value = this.text(name);
    if (value === undefined || parseIpv4(value) !== undefined) return value;
    throw this.#wrong(name, value, 'an IPv4 address');
  }

  /** An IPv6 address, as RFC 5952 writes it. */
  ipv6Address(name: string): string | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const address = parseIpv6(value);
    if (address !== undefined) return formatIpv6(address);
    throw this.#wrong(name, value, 'an IPv6 address');
  }

  /** What `read` gives of this, which must be there. */
  must<T>(name: string, read: (item: Item) => T | undefined): T {
    const value = read(this);
    if (value !== undefined) return value;
    throw new ShapeError(`${this.place} has no ${name}.`);
  }

  number(name: string): number | undefined {
    const value = this.#read(name);
    if (value === undefined || (typeof value === 'number' && Number.isFinite(value))) return value;
    throw this.#wrong(name, value, 'a number');
  }

  /** A flag; false when it is absent. */
  flag(name: string): boolean {
    const value = this.#read(name);
    if (value === undefined) return false;
    if (typeof value === 'boolean') return value;
    throw this.#wrong(name, value, 'true or false');
  }

  /** One of a closed list of words. */
  word<W extends string>(name: string, words: readonly W[]): W | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    throw new ShapeError(`${this.place}.${name} is "${value}", not one of ${words.join(', ')}.`);
  }

  /** A time as ISO 8601 in UTC, whatever zone it was written in. */
  time(name: string): string | undefined {
    const value = this.#read(name);
    if (value === undefined) return undefined;
    // The aws CLI writes ISO 8601; its older versions, and some tools, seconds since 1970.
    const time = typeof value === 'number' ? value * 1000 : Date.parse(String(value));
    if (Number.isFinite(time) && Math.abs(time) < 8e15) return new Date(time).toISOString();
    throw this.#wrong(name, value, 'a time');
  }

  item(name: string): Item | undefined {
    const value = this.#read(name);
    return value === undefined ? undefined : new Item(value, `${this.place}.${name}`);
  }

  items(name: string): readonly Item[] {
    return this.#list(name).map((value, index) => new Item(value, `${this.place}.${name}[${index}]`));
  }

  texts(name: string): readonly string[] {
    return this.#list(name).map((value, index) => {
      if (typeof value === 'string') return value;
      throw new ShapeError(`${this.place}.${name}[${index}] is ${nameOf(value)}, not a text.`);
    });
  }

  tags(name = 'Tags'): readonly Tag[] {
    return this.items(name).map((tag) => ({ key: tag.need('Key'), value: tag.text('Value') ?? '' }));
  }

  /** The ids of other resources. */
  ids(name: string): readonly string[] {
    return this.texts(name).map((value) => {
      if (isId(value)) return value;
      throw this.#wrong(name, value, 'the id of a resource');
    });
  }

  #list(name: string): readonly unknown[] {
    const value = this.#read(name);
    if (value === undefined) return [];
    if (Array.isArray(value)) return value;
    throw this.#wrong(name, value, 'a list');
  }

  #read(name: string): unknown {
    if (!Object.hasOwn(this.value, name)) return undefined;
    const value: unknown = Reflect.get(this.value, name);
    return value === null ? undefined : value;
  }

  #wrong(name: string, value: unknown, expected: string): ShapeError {
    return new ShapeError(`${this.place}.${name} is ${nameOf(value)}, not ${expected}.`);
  }
}

function isId(text: string): boolean {
  return /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(text) && text.length <= 64;
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'boolean') return String(value);
  return `the ${typeof value === 'string' ? 'text' : typeof value} ${JSON.stringify(value).slice(0, 40)}`;
}

/** A record's optional field, absent where there is no value. */
export function optional<Name extends string, V>(
  name: Name,
  value: V | undefined,
): { readonly [Each in Name]?: V } {
  const field: { [Each in Name]?: V } = {};
  if (value !== undefined) field[name] = value;
  return field;
}
