/**
 * Writes the EC2 wire model and the table of operation types from the runtime schemas of the pinned
 * `@aws-sdk/client-ec2`, and the enumerations from its type declarations. `--check` only says whether they are up to date.
 *
 * The schemas' slots are the SDK's own business. Whatever this script does not know makes it fail, and
 * src/ec2/wire/round-trip.test.ts compares what comes out with the real client.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { MemberData, ModelData, StructureData, TypeData } from '../src/ec2/wire/model.ts';

/** Kinds of schema, and the scalar types, by the SDK's numbers. */
const LIST = 1;
const STRUCTURE = 3;
const OPERATION = 9;
const SIMPLE = 0;
const LIST_OF_STRINGS = 64;
const SCALARS: Readonly<Record<number, TypeData>> = { 0: 's', 1: 'i', 2: 'b', 4: 't', 21: 'B' };
/** The bit of a member's traits that says: the client makes up a value where none is given. */
const IDEMPOTENCY_TOKEN = 4;

/** Members that hold fractions: the schemas do not tell them from whole numbers (from the API reference: Double, Float). */
const FRACTIONS = new Set([
  'ClientData.UploadSize',
  'FleetLaunchTemplateOverridesRequest.Priority',
  'FleetLaunchTemplateOverridesRequest.WeightedCapacity',
  'LaunchTemplateOverrides.Priority',
  'LaunchTemplateOverrides.WeightedCapacity',
  'MemoryGiBPerVCpu.Max',
  'MemoryGiBPerVCpu.Min',
  'MemoryGiBPerVCpuRequest.Max',
  'MemoryGiBPerVCpuRequest.Min',
  'NetworkBandwidthGbps.Max',
  'NetworkBandwidthGbps.Min',
  'NetworkBandwidthGbpsRequest.Max',
  'NetworkBandwidthGbpsRequest.Min',
  'PriceScheduleSpecification.Price',
  'ReservationFleetInstanceSpecification.Weight',
  'ReservedInstanceLimitPrice.Amount',
  'SpotFleetLaunchSpecification.WeightedCapacity',
  'SpotFleetRequestConfigData.FulfilledCapacity',
  'SpotFleetRequestConfigData.OnDemandFulfilledCapacity',
  'TotalLocalStorageGB.Max',
  'TotalLocalStorageGB.Min',
  'TotalLocalStorageGBRequest.Max',
  'TotalLocalStorageGBRequest.Min',
]);

const packageName = '@aws-sdk/client-ec2';
const require = createRequire(import.meta.url);
const packageFolder = dirname(require.resolve(`${packageName}/package.json`));
const target = join(import.meta.dirname, '../src/ec2/wire');

interface Traits {
  readonly xmlName?: string;
  readonly ec2QueryName?: string;
  readonly isToken: boolean;
}

function fail(what: string, value: unknown): never {
  throw new Error(`${packageName} has ${what} that this script does not know: ${JSON.stringify(value)}`);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isStringList(value: unknown): value is readonly string[] {
  return isList(value) && value.every((item) => typeof item === 'string');
}

/** Follows a reference: the SDK writes `() => Vpc$` where a schema is defined later. */
function follow(schema: unknown): unknown {
  return typeof schema === 'function' ? follow(schema()) : schema;
}

/** A member's or item's schema is bare, or a pair of the schema and its traits. */
function splitTraits(schema: unknown): { readonly schema: unknown; readonly traits: Traits } {
  if (isList(schema) && schema.length === 2)
    return { schema: follow(schema[0]), traits: readTraits(schema[1]) };
  return { schema: follow(schema), traits: { isToken: false } };
}

function readTraits(traits: unknown): Traits {
  if (typeof traits === 'number') {
    if ((traits & ~IDEMPOTENCY_TOKEN) !== 0) return fail('traits', traits);
    return { isToken: (traits & IDEMPOTENCY_TOKEN) !== 0 };
  }
  const known: { xmlName?: string; ec2QueryName?: string; isToken: boolean } = { isToken: false };
  for (const [name, value] of Object.entries(Object(traits))) {
    if (name === 'xmlName' && typeof value === 'string') known.xmlName = value;
    else if (name === 'ec2QueryName' && typeof value === 'string') known.ec2QueryName = value;
    else if (name === 'idempotencyToken') known.isToken = value === 1;
    else fail(`a trait ${name}`, value);
  }
  return known;
}

function capitalise(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Enumerations, and which members hold them, from the declarations: the runtime schemas say `string`. */
class Declarations {
  readonly #enumOf = new Map<string, string>();
  readonly #values = new Map<string, readonly string[]>();

  constructor(folder: string) {
    const texts = readdirSync(folder)
      .filter((name) => /^(enums|models_\d+)\.d\.ts$/.test(name))
      .map((name) => readFileSync(join(folder, name), 'utf8').replace(/\/\*[\s\S]*?\*\//g, ''));
    for (const text of texts) this.#readEnums(text);
    for (const text of texts) this.#readMembers(text);
    if (this.#values.size === 0 || this.#enumOf.size === 0) fail('declarations', folder);
  }

  /** The name of the enumeration that a member, or the items of a list member, hold. */
  enumOf(structure: string, member: string): string | undefined {
    return this.#enumOf.get(`${structure}.${member}`);
  }

  valuesOf(name: string): readonly string[] {
    return this.#values.get(name) ?? fail('an enumeration', name);
  }

  #readEnums(text: string): void {
    for (const [, name = '', body = ''] of text.matchAll(/export declare const (\w+): \{([^}]*)\};/g)) {
      this.#values.set(
        name,
        Array.from(body.matchAll(/readonly [^:]+: "([^"]*)";/g), ([, value = '']) => value),
      );
    }
  }

  #readMembers(text: string): void {
    for (const [, structure = '', body = ''] of text.matchAll(
      /export interface (\w+) (?:extends \w+ )?\{([^}]*)\}/g,
    )) {
      for (const [, member = '', type = ''] of body.matchAll(
        /^ {4}(\w+)\??: (\w+)(?:\[\])?(?: \| undefined)?;$/gm,
      )) {
        if (this.#values.has(type)) this.#enumOf.set(`${structure}.${member}`, type);
      }
    }
  }
}

/** Gathers structures and enumerations under numbers, each once, in the order in which the operations reach them. */
class ModelWriter {
  readonly #structures: StructureData[] = [];
  readonly #numberOf = new Map<unknown, number>();
  readonly #enums: (readonly string[])[] = [];
  readonly #enumNumberOf = new Map<string, number>();
  readonly #declarations: Declarations;

  constructor(declarations: Declarations) {
    this.#declarations = declarations;
  }

  write(operations: ReadonlyMap<string, { readonly input: unknown; readonly output: unknown }>): ModelData {
    const numbered: Record<string, readonly [input: number, output: number]> = {};
    for (const [name, { input, output }] of operations) {
      numbered[name] = [this.#number(follow(input)), this.#number(follow(output))];
    }
    return { operations: numbered, structures: this.#structures, enums: this.#enums };
  }

  /** The number of a structure, -1 for none (`unit`). */
  #number(schema: unknown): number {
    if (schema === 'unit') return -1;
    const known = this.#numberOf.get(schema);
    if (known !== undefined) return known;
    if (!isList(schema) || schema[0] !== STRUCTURE) return fail('a structure', schema);
    const [, , name, traits, members, schemas, required = 0] = schema;
    if (
      typeof name !== 'string' ||
      !isStringList(members) ||
      !isList(schemas) ||
      typeof required !== 'number'
    ) {
      return fail('a structure', schema);
    }
    if (typeof traits !== 'number') readTraits(traits);
    const number = this.#structures.length;
    const data: MemberData[] = [];
    this.#structures.push([name, required, data]);
    this.#numberOf.set(schema, number);
    members.forEach((member, index) => {
      data.push(this.#member(name, member, schemas[index]));
    });
    return number;
  }

  #member(structure: string, member: string, raw: unknown): MemberData {
    const { schema, traits } = splitTraits(raw);
    const query = traits.ec2QueryName ?? capitalise(traits.xmlName ?? member);
    const xml = traits.xmlName ?? member;
    const type = this.#type(`${structure}.${member}`, schema, this.#declarations.enumOf(structure, member));
    const flags = traits.isToken || member === 'ClientToken' ? 1 : 0;
    if (flags !== 0) return [member, type, query, xml, flags];
    if (xml !== member) return [member, type, query, xml];
    return query === member ? [member, type] : [member, type, query];
  }

  #type(path: string, schema: unknown, enumName: string | undefined): TypeData {
    if (schema === LIST_OF_STRINGS) return ['L', this.#scalar(path, 0, enumName), 'member'];
    if (typeof schema === 'number') return this.#scalar(path, schema, enumName);
    if (!isList(schema)) return fail('a type', schema);
    if (schema[0] === SIMPLE) return this.#type(path, schema[4], enumName);
    if (schema[0] === STRUCTURE) return this.#number(schema);
    if (schema[0] !== LIST) return fail('a type', schema);
    const item = splitTraits(schema[4]);
    return ['L', this.#type(path, item.schema, enumName), item.traits.xmlName ?? 'member'];
  }

  #scalar(path: string, kind: number, enumName: string | undefined): TypeData {
    if (enumName !== undefined && kind === 0) return ['E', this.#enumNumber(enumName)];
    if (kind === 1 && FRACTIONS.has(path)) return 'f';
    return SCALARS[kind] ?? fail('a scalar', kind);
  }

  #enumNumber(name: string): number {
    const known = this.#enumNumberOf.get(name);
    if (known !== undefined) return known;
    this.#enums.push(this.#declarations.valuesOf(name));
    this.#enumNumberOf.set(name, this.#enums.length - 1);
    return this.#enums.length - 1;
  }
}

async function readOperations(): Promise<Map<string, { readonly input: unknown; readonly output: unknown }>> {
  const sdk: Readonly<Record<string, unknown>> = await import(packageName);
  const operations = new Map<string, { readonly input: unknown; readonly output: unknown }>();
  for (const schema of Object.values(sdk)) {
    if (isList(schema) && schema[0] === OPERATION && typeof schema[2] === 'string') {
      operations.set(schema[2], { input: schema[4], output: schema[5] });
    }
  }
  if (operations.size === 0) fail('no operations, or none', Object.keys(sdk).length);
  return new Map([...operations].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const NOTICE = '// Made by scripts/generate-ec2-model.ts. Do not edit; run ./dev generate.\n';

function renderModel(model: ModelData): string {
  // A string, because JSON.parse reads it several times faster than the compiler reads an object of this size.
  const text = JSON.stringify(model).replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  return `${NOTICE}export const modelText = '${text}';\n`;
}

function renderOperations(names: readonly string[]): string {
  const lines = names.map(
    (name) => `  ${name}: Operation<sdk.${name}CommandInput, sdk.${name}CommandOutput>;`,
  );
  return `${NOTICE}import type * as sdk from '${packageName}';

/** The types of one operation, without what the SDK's client adds. */
interface Operation<Input, Output> {
  readonly input: Input;
  readonly output: Omit<Output, '$metadata'>;
}

/** Input and output of every operation of the EC2 API. */
export interface Operations {
${lines.join('\n')}
}
`;
}

const operations = await readOperations();
const model = new ModelWriter(new Declarations(join(packageFolder, 'dist-types/models'))).write(operations);
const files: Readonly<Record<string, string>> = {
  'model.generated.ts': renderModel(model),
  'operations.generated.ts': renderOperations([...operations.keys()]),
};
const isCheck = process.argv.includes('--check');
for (const [name, text] of Object.entries(files)) {
  const path = join(target, name);
  if (!isCheck) {
    writeFileSync(path, text);
    console.log(`src/ec2/wire/${name}: ${text.length} characters, ${operations.size} operations`);
  } else if (readFileSync(path, 'utf8') !== text) {
    console.error(`src/ec2/wire/${name} is out of date. Run ./dev generate.`);
    process.exitCode = 1;
  }
}
