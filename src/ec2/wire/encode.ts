import type { Model, Structure, TypeData } from './model.ts';
import { escapeXml } from './xml.ts';

/** Turns a value into the inside of its XML element. Throws a TypeError for a value that is not of the type. */
type EncodeValue = (value: unknown) => string;

/** Turns an operation's output into the inside of its reply. */
export type EncodeOutput = (output: unknown) => string;

/**
 * Compiles encoders of replies: a closure for each structure, made when first used. Members come in the model's order;
 * undefined ones are left out, an empty list is `<tagSet/>`. A value of the wrong type is a handler's bug and throws.
 */
export class EncoderCompiler {
  readonly #model: Model;
  readonly #structures = new Map<Structure, EncodeValue>();

  constructor(model: Model) {
    this.#model = model;
  }

  /** The encoder of an operation's output. An operation without one answers `<return>true</return>`. */
  compile(structure: Structure | undefined): EncodeOutput {
    return structure === undefined ? () => '<return>true</return>' : this.#compileStructure(structure);
  }

  #compileType(type: TypeData): EncodeValue {
    if (typeof type === 'number') return this.#compileStructure(this.#model.structure(type));
    if (typeof type === 'string') return SCALARS[type];
    return type[0] === 'E' ? SCALARS.s : encodeList(this.#compileType(type[1]), type[2]);
  }

  #compileStructure(structure: Structure): EncodeValue {
    const known = this.#structures.get(structure);
    if (known !== undefined) return known;
    let members:
      | readonly { readonly name: string; readonly encode: EncodeValue; readonly element: Element }[]
      | undefined;
    const encode: EncodeValue = (value) => {
      if (!isRecord(value)) throw new TypeError(`${structure.name} is no object: ${typeof value}`);
      members ??= structure.members.map(({ name, type, xml }) => ({
        name,
        encode: this.#compileType(type),
        element: makeElement(xml),
      }));
      let text = '';
      for (const { name, encode, element } of members) {
        const member = value[name];
        if (member !== undefined && member !== null) text += wrap(element, encode(member));
      }
      return text;
    };
    this.#structures.set(structure, encode);
    return encode;
  }
}

interface Element {
  readonly open: string;
  readonly close: string;
  readonly empty: string;
}

function makeElement(name: string): Element {
  return { open: `<${name}>`, close: `</${name}>`, empty: `<${name}/>` };
}

function wrap(element: Element, inside: string): string {
  return inside === '' ? element.empty : element.open + inside + element.close;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function encodeList(encodeItem: EncodeValue, itemName: string): EncodeValue {
  const item = makeElement(itemName);
  return (value) => {
    if (!Array.isArray(value)) throw new TypeError(`a list was expected, not ${typeof value}`);
    let text = '';
    for (const member of value) text += wrap(item, encodeItem(member));
    return text;
  };
}

function refuse(expected: string, value: unknown): never {
  throw new TypeError(`${expected} was expected, not ${value === null ? 'null' : typeof value}`);
}

const encodeNumber: EncodeValue = (value) =>
  typeof value === 'number' && Number.isFinite(value) ? String(value) : refuse('a number', value);

const SCALARS: Readonly<Record<Extract<TypeData, string>, EncodeValue>> = {
  s: (value) => (typeof value === 'string' ? escapeXml(value) : refuse('a string', value)),
  i: encodeNumber,
  f: encodeNumber,
  b: (value) => (typeof value === 'boolean' ? String(value) : refuse('a boolean', value)),
  // With milliseconds, as AWS writes it.
  t: (value) => (value instanceof Date ? value.toISOString() : refuse('a Date', value)),
  B: (value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : refuse('bytes', value),
};
