import * as sdk from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DecoderCompiler } from './decode.ts';
import { EncoderCompiler } from './encode.ts';
import { renderReply } from './envelope.ts';
import { loadModel, type Model, type OperationModel, type Structure, type TypeData } from './model.ts';
import { growTree, parseParameters } from './query.ts';

type AnyCommand = Parameters<sdk.EC2Client['send']>[0];

const model = loadModel();
const decoders = new DecoderCompiler(model);
const encoders = new EncoderCompiler(model);

/** What the client last sent, and what it is answered next. */
const wire = { sent: '', reply: '' };
let client: sdk.EC2Client;

beforeAll(() => {
  client = new sdk.EC2Client({
    region: 'us-east-1',
    endpoint: 'http://127.0.0.1:1',
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
    requestHandler: {
      handle: (request: { readonly body?: unknown }) => {
        wire.sent = String(request.body);
        const body = new TextEncoder().encode(wire.reply);
        return Promise.resolve({ response: { statusCode: 200, headers: {}, body } });
      },
    },
  });
});
afterAll(() => client.destroy());

function isCommandClass(value: unknown): value is new (input: unknown) => AnyCommand {
  return typeof value === 'function';
}

/** What the middleware of the SDK adds to an input by itself. */
const ADDED_BY_CLIENT: Readonly<Record<string, readonly string[]>> = {
  CopySnapshot: ['PresignedUrl', 'DestinationRegion'],
};

async function sendThroughClient(operation: OperationModel, input: object, output: object): Promise<object> {
  const Command: unknown = Reflect.get(sdk, `${operation.name}Command`);
  if (!isCommandClass(Command)) throw new Error(`the SDK has no command ${operation.name}`);
  wire.reply = renderReply(operation.name, 'request-1', encoders.compile(operation.output)(output));
  const { $metadata, ...rest } = await client.send(new Command(input));
  expect($metadata).toBeDefined();
  return rest;
}

function decodeSent(operation: OperationModel): Record<string, unknown> {
  const parameters = parseParameters(wire.sent);
  expect(parameters.slice(0, 2)).toEqual([
    ['Action', operation.name],
    ['Version', '2016-11-15'],
  ]);
  return decoders.compile(operation.input)(growTree(parameters.slice(2)));
}

test('every operation: the client and we understand each other, both ways', async () => {
  const names = model.operationNames();
  expect(names).toHaveLength(823);
  const different: string[] = [];
  for (const name of names) {
    const operation = model.operation(name);
    if (operation === undefined) throw new Error(name);
    const input = makeExample(model, operation.input);
    const output = makeExample(model, operation.output);
    const parsed = await sendThroughClient(operation, input, output);
    const decoded = decodeSent(operation);
    for (const added of ADDED_BY_CLIENT[name] ?? []) decoded[added] = input[added];
    if (!isSame(decoded, input)) different.push(`${name}: request`);
    if (!isSame(parsed, output)) different.push(`${name}: reply`);
  }
  expect(different).toEqual([]);
}, 60_000);

function isSame(a: unknown, b: unknown): boolean {
  try {
    expect(a).toEqual(b);
    return true;
  } catch {
    return false;
  }
}

test('the model has the enumerations, tokens and required members', () => {
  const find = (name: string, member: string) =>
    model.operation(name)?.input?.members.find((candidate) => candidate.name === member);
  expect(find('RunInstances', 'ClientToken')?.isToken).toBe(true);
  expect(find('CreateSubnet', 'VpcId')?.isRequired).toBe(true);
  expect(find('CreateVpc', 'CidrBlock')?.isRequired).toBe(false);
  const tenancy = find('CreateVpc', 'InstanceTenancy')?.type;
  expect(Array.isArray(tenancy) && tenancy[0] === 'E' && model.enumeration(tenancy[1])).toEqual([
    'dedicated',
    'default',
    'host',
  ]);
});

/** Text that every layer has to escape: form, XML and UTF-8. */
const AWKWARD_TEXT = 'a <b> & "c" é漢😀 +%20=;/~\'';

/** A value for every member of a structure, made from the model. Structures that hold themselves end after one round. */
function makeExample(model: Model, structure: Structure | undefined): Record<string, unknown> {
  return structure === undefined ? {} : exampleOf(model, structure, []);
}

function exampleOf(model: Model, structure: Structure, outer: readonly Structure[]): Record<string, unknown> {
  const example: Record<string, unknown> = {};
  for (const { name, type } of structure.members) {
    const value = exampleValue(model, type, [...outer, structure]);
    if (value !== undefined) example[name] = value;
  }
  return example;
}

function exampleValue(model: Model, type: TypeData, outer: readonly Structure[]): unknown {
  if (typeof type === 'number') {
    const structure = model.structure(type);
    // A structure without members cannot be told from none in a query.
    if (outer.includes(structure) || structure.members.length === 0) return undefined;
    return exampleOf(model, structure, outer);
  }
  if (typeof type === 'string') return SCALARS[type];
  if (type[0] === 'E') return model.enumeration(type[1])[0];
  const item = exampleValue(model, type[1], outer);
  return item === undefined ? undefined : [item, item];
}

const SCALARS: Readonly<Record<Extract<TypeData, string>, unknown>> = {
  s: AWKWARD_TEXT,
  i: -42,
  f: 1.25,
  b: false,
  t: new Date('2026-02-03T04:05:06.000Z'),
  B: new Uint8Array([0, 127, 128, 255]),
};
