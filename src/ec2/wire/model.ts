import { modelText } from './model.generated.ts';

/**
 * A type as the generated model writes it: `s` string, `i` whole number, `f` number, `b` boolean, `t` timestamp,
 * `B` blob; a number for the structure of that number; `['L', item, name]` for a list whose items are named `name` in
 * XML; `['E', n]` for a string of enumeration n.
 */
export type TypeData =
  | 's'
  | 'i'
  | 'f'
  | 'b'
  | 't'
  | 'B'
  | number
  | readonly ['L', TypeData, string]
  | readonly ['E', number];

/** A member: its name, type, name in a query, name in XML (both default to the name), and 1 for an idempotency token. */
export type MemberData = readonly [name: string, type: TypeData, query?: string, xml?: string, isToken?: 1];

/** A structure: its name, how many of its first members are required, and its members in the model's order. */
export type StructureData = readonly [name: string, required: number, members: readonly MemberData[]];

/** The whole model; operations name the structures of their input and output, -1 for none. */
export interface ModelData {
  readonly operations: Readonly<Record<string, readonly [input: number, output: number]>>;
  readonly structures: readonly StructureData[];
  readonly enums: readonly (readonly string[])[];
}

/** One member of a structure. */
export interface Member {
  readonly name: string;
  readonly type: TypeData;
  /** Its name in a request. */
  readonly query: string;
  /** Its name in a reply. */
  readonly xml: string;
  readonly isRequired: boolean;
  /** Two requests with the same value here are one request. */
  readonly isToken: boolean;
}

/** A structure: of a request, of a reply, or within one. */
export interface Structure {
  readonly name: string;
  readonly members: readonly Member[];
}

/** One operation of the EC2 API; `input` or `output` is undefined where it has none. */
export interface OperationModel {
  readonly name: string;
  readonly input: Structure | undefined;
  readonly output: Structure | undefined;
}

/** The EC2 API as the SDK's schemas describe it. Structures are made when first asked for: most never are. */
export class Model {
  readonly #data: ModelData;
  readonly #structures = new Map<number, Structure>();

  constructor(data: ModelData) {
    this.#data = data;
  }

  /** Names of all operations, in alphabetical order. */
  operationNames(): string[] {
    return Object.keys(this.#data.operations);
  }

  /** The operation of that name, or undefined where the EC2 API has none. */
  operation(name: string): OperationModel | undefined {
    if (!Object.hasOwn(this.#data.operations, name)) return undefined;
    const numbers = this.#data.operations[name];
    if (numbers === undefined) return undefined;
    const [input, output] = numbers;
    return {
      name,
      input: input < 0 ? undefined : this.structure(input),
      output: output < 0 ? undefined : this.structure(output),
    };
  }

  /** The structure of a number that a type names. */
  structure(number: number): Structure {
    const known = this.#structures.get(number);
    if (known !== undefined) return known;
    const data = this.#data.structures[number];
    if (data === undefined) throw new Error(`the EC2 model has no structure ${number}`);
    const [name, required, members] = data;
    const structure = {
      name,
      members: members.map(([member, type, query = member, xml = member, isToken], index) => ({
        name: member,
        type,
        query,
        xml,
        isRequired: index < required,
        isToken: isToken === 1,
      })),
    };
    this.#structures.set(number, structure);
    return structure;
  }

  /** The values of an enumeration that a type names. */
  enumeration(number: number): readonly string[] {
    const values = this.#data.enums[number];
    if (values === undefined) throw new Error(`the EC2 model has no enumeration ${number}`);
    return values;
  }
}

/** The generated model. Costs some 10 ms: load it once. */
export function loadModel(): Model {
  const data: ModelData = JSON.parse(modelText);
  return new Model(data);
}
