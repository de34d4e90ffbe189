import type { ActionContext, Caller } from './action.ts';
import { AwsError, missingParameter } from './errors.ts';
import { answerOnce, findTokenUse, type TokenStore } from './idempotency.ts';
import { refuseUnreadMembers } from './unread-members.ts';
import { type DecodeInput, DecoderCompiler } from './wire/decode.ts';
import { type EncodeOutput, EncoderCompiler } from './wire/encode.ts';
import { renderError, renderReply } from './wire/envelope.ts';
import type { Model, Structure } from './wire/model.ts';
import type { Operations } from './wire/operations.generated.ts';
import {
  dryRunOperation,
  internalError,
  invalidAction,
  missingAction,
  noSuchVersion,
  unsupportedAction,
} from './wire/protocol-errors.ts';
import { growTree, type Parameter, parseParameters } from './wire/query.ts';

/** The name of an EC2 operation. */
export type OperationName = keyof Operations;

/** Input and output of an EC2 operation, as the SDK's types have them. */
export type InputOf<Name extends OperationName> = Operations[Name]['input'];
export type OutputOf<Name extends OperationName> = Operations[Name]['output'];

type AnyAction = (context: ActionContext, input: never) => unknown;
interface AnyPreparedAction {
  readonly prepare: (input: never) => Promise<unknown>;
  readonly act: (context: ActionContext, input: never, prepared: never) => unknown;
}

/** The actions there are. What is not in it answers UnsupportedOperation. */
export type ActionTable = {
  readonly [Name in OperationName]?:
    | ((context: ActionContext, input: InputOf<Name>) => OutputOf<Name> | undefined)
    | {
        readonly prepare: (input: InputOf<Name>) => Promise<unknown>;
        readonly act: (
          context: ActionContext,
          input: InputOf<Name>,
          prepared: never,
        ) => OutputOf<Name> | undefined;
      };
};

/** Who asks for what: what a context is made of. */
export interface Request {
  readonly caller: Caller;
  readonly region: string;
  readonly requestId: string;
}

/** Runs the synchronous part of a request in a transaction of the caller's account and region. */
export interface Transactions {
  /** Commits, and resolves when it is on disk. Rejects with what `act` threw; then nothing was written. */
  commit(request: Request, act: (context: ActionContext) => string): Promise<string>;
  /** Undoes whatever `act` wrote; throws what it threw. */
  rehearse(request: Request, act: (context: ActionContext) => string): void;
}

/** All that the dispatcher uses. */
export interface DispatcherParts {
  readonly model: Model;
  readonly actions: ActionTable;
  readonly transactions: Transactions;
  readonly tokens: TokenStore;
  /** Told of every failure that is not an AwsError: a bug of ours. */
  readonly onBug: (error: unknown, action: string, requestId: string) => void;
}

/** An HTTP answer: status and XML. */
export interface Reply {
  readonly status: number;
  readonly body: string;
}

/** Answers one EC2 request; `query` is its form body or query string. Never rejects. */
export type Dispatch = (query: string, request: Request) => Promise<Reply>;

interface CompiledOperation {
  readonly name: string;
  readonly input: Structure | undefined;
  readonly decode: DecodeInput;
  readonly encode: EncodeOutput;
  readonly action: AnyAction | AnyPreparedAction;
}

/** Makes the EC2 service of its parts. Operations are compiled when first called. */
export function createDispatcher(parts: DispatcherParts): Dispatch {
  const findOperation = createOperationFinder(parts);
  return async (query, request) => {
    let action = '';
    try {
      const parameters = parseParameters(query);
      action = readAction(parameters);
      const inside = await answer(parts, findOperation(action), parameters, request);
      return { status: 200, body: renderReply(action, request.requestId, inside) };
    } catch (error) {
      const isRefusal = error instanceof AwsError;
      if (!isRefusal) parts.onBug(error, action, request.requestId);
      const shown = isRefusal ? error : internalError();
      return { status: shown.status, body: renderError(shown, request.requestId) };
    }
  };
}

/** Checks what every request carries besides its operation's own parameters. */
function readAction(parameters: readonly Parameter[]): string {
  const find = (wanted: string): string | undefined => parameters.find(([name]) => name === wanted)?.[1];
  const action = find('Action');
  if (action === undefined || action === '') throw missingAction();
  const version = find('Version');
  if (version === undefined || version === '') throw missingParameter('Version');
  if (!isKnownVersion(version)) throw noSuchVersion(version);
  return action;
}

/** Of the API's first and its present version. Older clients understand the present names. */
const FIRST_VERSION = '2006-06-26';
const PRESENT_VERSION = '2016-11-15';

function isKnownVersion(version: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(version) && version >= FIRST_VERSION && version <= PRESENT_VERSION;
}

function createOperationFinder({ model, actions }: DispatcherParts): (name: string) => CompiledOperation {
  const table: Readonly<Record<string, AnyAction | AnyPreparedAction | undefined>> = actions;
  const decoders = new DecoderCompiler(model);
  const encoders = new EncoderCompiler(model);
  const compiled = new Map<string, CompiledOperation>();
  return (name) => {
    const known = compiled.get(name);
    if (known !== undefined) return known;
    const operation = model.operation(name);
    if (operation === undefined) throw invalidAction(name);
    const action = Object.hasOwn(table, name) ? table[name] : undefined;
    if (action === undefined) throw unsupportedAction(name);
    const made = {
      name,
      input: operation.input,
      decode: decoders.compile(operation.input),
      encode: encoders.compile(operation.output),
      action,
    };
    compiled.set(name, made);
    return made;
  };
}

/** Parameters of the envelope and of query-string signatures: of no operation. */
const ENVELOPE =
  /^(Action|Version|AWSAccessKeyId|Signature|SignatureMethod|SignatureVersion|Timestamp|Expires|SecurityToken|X-Amz-.*)$/;

/** An id that is empty is none: Terraform sends `TransitGatewayAttachmentId=` with a blackhole route. */
function isEmptyId(name: string, value: string): boolean {
  return value === '' && /^[A-Za-z]+Id$/.test(name);
}

async function answer(
  { transactions, tokens }: DispatcherParts,
  operation: CompiledOperation,
  parameters: readonly Parameter[],
  request: Request,
): Promise<string> {
  const own = parameters.filter(([name, value]) => !ENVELOPE.test(name) && !isEmptyId(name, value));
  const input = operation.decode(growTree(own));
  refuseUnreadMembers(operation.name, input);
  const use = findTokenUse(operation.name, operation.input, own);
  const run = await prepare(operation.action, input);
  const act = (context: ActionContext): string =>
    answerOnce(context, use, tokens, () => operation.encode(run(context) ?? {}));
  if (input.DryRun !== true) return transactions.commit(request, act);
  transactions.rehearse(request, act);
  throw dryRunOperation();
}

/** The part of an action that is left to do in the transaction. */
async function prepare(
  action: AnyAction | AnyPreparedAction,
  input: Record<string, unknown>,
): Promise<(context: ActionContext) => unknown> {
  // The decoder made the input after the model that the action's types were made of.
  const typed = input as never;
  if (typeof action === 'function') return (context) => action(context, typed);
  const prepared = (await action.prepare(typed)) as never;
  return (context) => action.act(context, typed, prepared);
}
