import { missingParameter } from '../errors.ts';
import type { Member, Model, Structure, TypeData } from './model.ts';
import { illTypedValue, unknownParameter } from './protocol-errors.ts';
import type { QueryNode, QueryTree } from './query.ts';

/** Turns a node of a request into a value; `name` is the parameter's full name, for the error. */
type DecodeNode = (node: QueryNode, name: string) => unknown;

/** Turns a request's parameters into an operation's input, or throws AWS's error. */
export type DecodeInput = (parameters: QueryTree) => Record<string, unknown>;

/**
 * Compiles decoders of requests: a closure for each structure, made when first used. Input comes out in the shape of
 * the SDK's types: timestamps as Date, blobs as Uint8Array, members that were not sent absent.
 */
export class DecoderCompiler {
  readonly #model: Model;
  readonly #structures = new Map<Structure, DecodeNode>();

  constructor(model: Model) {
    this.#model = model;
  }

  /** The decoder of an operation's input. */
  compile(structure: Structure | undefined): DecodeInput {
    const decode = compileMembers(structure?.members ?? [], (type) => this.#compileType(type));
    return (parameters) => decode(parameters, '');
  }

  #compileType(type: TypeData): DecodeNode {
    if (typeof type === 'number') return this.#compileStructure(this.#model.structure(type));
    if (typeof type === 'string') return decodeLeaf(SCALARS[type]);
    if (type[0] === 'E') return decodeLeaf(decodeEnumeration(new Set(this.#model.enumeration(type[1]))));
    return decodeList(this.#compileType(type[1]));
  }

  /** Registered before its members are compiled, because structures hold themselves. */
  #compileStructure(structure: Structure): DecodeNode {
    const known = this.#structures.get(structure);
    if (known !== undefined) return known;
    let decode: ((tree: QueryTree, name: string) => Record<string, unknown>) | undefined;
    const decodeNode: DecodeNode = (node, name) => {
      decode ??= compileMembers(structure.members, (type) => this.#compileType(type));
      if (typeof node !== 'string') return decode(node, name);
      // An empty value stands for an empty structure, as for an empty list.
      if (node === '') return decode(new Map(), name);
      throw illTypedValue(node, name, 'The parameter is a structure.');
    };
    this.#structures.set(structure, decodeNode);
    return decodeNode;
  }
}

function compileMembers(
  members: readonly Member[],
  compileType: (type: TypeData) => DecodeNode,
): (tree: QueryTree, name: string) => Record<string, unknown> {
  const byQuery = new Map(
    members.map((member) => [member.query, { member, decode: compileType(member.type) }]),
  );
  const required = members.filter((member) => member.isRequired);
  return (tree, name) => {
    const value: Record<string, unknown> = {};
    for (const [part, node] of tree) {
      const full = name === '' ? part : `${name}.${part}`;
      const known = byQuery.get(part);
      if (known === undefined) throw unknownParameter(full);
      value[known.member.name] = known.decode(node, full);
    }
    for (const member of required) {
      if (value[member.name] === undefined) throw missingParameter(nameMissing(name, member.query));
    }
    return value;
  };
}

/** AWS begins the name of a missing parameter with a small letter: `vpcId`. */
function nameMissing(structure: string, query: string): string {
  return structure === '' ? query.charAt(0).toLowerCase() + query.slice(1) : `${structure}.${query}`;
}

function decodeLeaf(decode: (text: string, name: string) => unknown): DecodeNode {
  return (node, name) => {
    if (typeof node === 'string') return decode(node, name);
    const [below = ''] = node.keys();
    throw unknownParameter(`${name}.${below}`);
  };
}

/** Items are in the order of their numbers; AWS does not mind gaps. */
function decodeList(decodeItem: DecodeNode): DecodeNode {
  return (node, name) => {
    if (typeof node === 'string') {
      if (node === '') return [];
      throw illTypedValue(node, name, 'The parameter is a list: its items are numbered from 1.');
    }
    return Array.from(node.keys(), (key) => readIndex(key, name))
      .sort((a, b) => a - b)
      .map((index) => decodeItem(node.get(String(index)) ?? '', `${name}.${index}`));
  };
}

function readIndex(key: string, name: string): number {
  if (!/^[1-9]\d{0,8}$/.test(key)) throw unknownParameter(`${name}.${key}`);
  return Number(key);
}

const SCALARS = {
  s: (text: string) => text,
  i: (text: string, name: string) => {
    const value = Number(text);
    if (/^[+-]?\d+$/.test(text) && Number.isSafeInteger(value)) return value;
    throw illTypedValue(text, name, 'Parameter must be an integer.');
  },
  f: (text: string, name: string) => {
    const value = Number(text);
    if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) && Number.isFinite(value)) return value;
    throw illTypedValue(text, name, 'Parameter must be a number.');
  },
  b: (text: string, name: string) => {
    const value = text.toLowerCase();
    if (value === 'true' || value === 'false') return value === 'true';
    throw illTypedValue(text, name, 'Parameter must be a boolean: true or false.');
  },
  t: decodeTimestamp,
  B: (text: string, name: string) => {
    const bare = text.replace(/\s+/g, '');
    if (/^[A-Za-z0-9+/]*={0,2}$/.test(bare) && bare.replace(/=+$/, '').length % 4 !== 1) {
      return new Uint8Array(Buffer.from(bare, 'base64'));
    }
    throw illTypedValue(text, name, 'Parameter must be encoded in base64.');
  },
} as const satisfies Record<Extract<TypeData, string>, (text: string, name: string) => unknown>;

const ISO_TIMESTAMP = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;

/** ISO 8601 as every client sends it, or seconds since 1970; a time without a zone is in UTC. */
function decodeTimestamp(text: string, name: string): Date {
  const hasZone = !text.includes('T') || /(Z|[+-]\d\d:?\d\d)$/.test(text);
  const time = ISO_TIMESTAMP.test(text)
    ? Date.parse(hasZone ? text : `${text}Z`)
    : /^\d{1,12}(\.\d+)?$/.test(text)
      ? Number(text) * 1000
      : Number.NaN;
  if (Number.isNaN(time))
    throw illTypedValue(text, name, 'Parameter must be a timestamp such as 2030-01-31T12:00:00Z.');
  return new Date(time);
}

function decodeEnumeration(values: ReadonlySet<string>): (text: string, name: string) => string {
  const isProtocols = values.size === 2 && values.has('tcp') && values.has('udp');
  return (text, name) => {
    // AWS's own examples of CreateNetworkInsightsPath say TCP.
    const known = isProtocols ? text.toLowerCase() : text;
    if (values.has(known)) return known;
    throw illTypedValue(text, name, describeChoices(values));
  };
}

/** Not the 1,000 instance types. */
const SHOWN_CHOICES = 20;

function describeChoices(values: ReadonlySet<string>): string {
  if (values.size > SHOWN_CHOICES) return 'It is not one of the values that the parameter may have.';
  return `The parameter may be one of: ${[...values].join(', ')}.`;
}
