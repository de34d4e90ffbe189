import { nameTagOf } from '../../model/display-names.ts';
import type { Taggable } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import { NameGiver, type Selection, tagsOf } from '../selection.ts';
import { type Body, raw, renderBlock, type Value } from './hcl.ts';

/** A configuration being written: who is called what, and the blocks so far. */
export class Document {
  readonly selection: Selection;
  readonly #names = new NameGiver();
  /** By id of a resource: its address, `aws_vpc.main`. */
  readonly #addresses = new Map<string, string>();
  /** By id of what another resource brings: the whole expression, `aws_vpc.main.main_route_table_id`. */
  readonly #brought = new Map<string, string>();
  readonly #data = new Map<string, string>();
  readonly #blocks: string[] = [];
  /** What could not be said, as sentences. */
  readonly notes: string[] = [];

  constructor(selection: Selection) {
    this.selection = selection;
  }

  get world(): World {
    return this.selection.world;
  }

  /** Gives a resource its name, by its Name tag or what it is called else; before anything refers to it. */
  name(
    type: string,
    id: string,
    record: Taggable | undefined,
    ...others: readonly (string | undefined)[]
  ): void {
    const wishes = [record === undefined ? undefined : nameTagOf(record), ...others];
    this.#addresses.set(id, `${type}.${this.#names.give(type, wishes, snakeCase)}`);
  }

  /** Says that a resource comes with another one. */
  bring(id: string, owner: string, attribute: string): void {
    this.#brought.set(id, `${this.address(owner)}.${attribute}`);
  }

  /** The address of a named resource. */
  address(id: string): string {
    return this.#addresses.get(id) ?? id;
  }

  /** Whether it is written, or comes with what is. */
  has(id: string): boolean {
    return this.#addresses.has(id) || this.#brought.has(id);
  }

  /** A reference to an attribute of a resource; the id itself, told, where it is not part of what is written. */
  ref(id: string, attribute = 'id'): Value {
    const brought = this.#brought.get(id);
    if (brought !== undefined) return raw(brought);
    const address = this.#addresses.get(id);
    if (address !== undefined) return raw(`${address}.${attribute}`);
    this.tell(`${id} is not part of what is exported: it is named by its id.`);
    return id;
  }

  refs(ids: readonly string[]): Value {
    return ids.map((id) => this.ref(id));
  }

  /** Writes a named resource. */
  add(id: string, body: Body): void {
    const [type = '', name = ''] = this.address(id).split('.');
    this.#blocks.push(renderBlock(`resource "${type}" "${name}"`, body));
  }

  /** Writes a resource that nothing refers to. */
  addUnnamed(type: string, wish: string, body: Body): void {
    const name = this.#names.give(type, [wish], snakeCase);
    this.#blocks.push(renderBlock(`resource "${type}" "${name}"`, body));
  }

  /** A data source, written once for the same arguments. */
  data(type: string, wish: string, body: Body): string {
    const key = `${type} ${JSON.stringify(body)}`;
    const known = this.#data.get(key);
    if (known !== undefined) return known;
    const name = this.#names.give(`data.${type}`, [wish], snakeCase);
    this.#blocks.unshift(renderBlock(`data "${type}" "${name}"`, body));
    const address = `data.${type}.${name}`;
    this.#data.set(key, address);
    return address;
  }

  /** The name part of a resource's address, to call others after it. */
  nameOf(id: string): string {
    return this.address(id).split('.')[1] ?? id;
  }

  tags(record: Taggable): readonly [string, Value | undefined] {
    const tags = tagsOf(record);
    return [
      'tags',
      tags.length === 0 ? undefined : Object.fromEntries(tags.map(({ key, value }) => [key, value])),
    ];
  }

  tell(sentence: string): void {
    if (!this.notes.includes(sentence)) this.notes.push(sentence);
  }

  /** The whole text, with what could not be said as comments at its top. */
  render(): string {
    const { account, region } = this.world.scope;
    const told =
      this.notes.length === 0
        ? []
        : [
            '#',
            '# What this does not say:',
            ...this.notes.map((note) => `# - ${note.replaceAll('\n', ' ')}`),
          ];
    const head = [`# Account ${account} in ${region}, written by croft export terraform.`, ...told].join(
      '\n',
    );
    const settings = 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}';
    const provider = renderBlock('provider "aws"', [['region', region]]);
    return `${[head, settings, provider, ...this.#blocks].join('\n\n')}\n`;
  }
}

/** `undefined` where the flag is as it is without being said. */
export function unless<V extends Value>(usual: V, value: V): V | undefined {
  return value === usual ? undefined : value;
}

function snakeCase(text: string): string {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, 60);
  return /^[0-9]/.test(plain) ? `r_${plain}` : plain;
}
