import type { ActionContext } from '../action.ts';
import type { Request } from '../dispatch.ts';
import { AwsError } from '../errors.ts';
import type { Refusal, ServiceHandler, ServiceReply } from '../service.ts';
import { invalidAction, missingAction } from '../wire/protocol-errors.ts';
import { growTree, parseParameters } from '../wire/query.ts';
import { type Output, renderRefusal, renderReply } from './envelope.ts';
import { invalid } from './errors.ts';
import { Input } from './input.ts';

/** An operation: from its input to its result, synchronous and atomic as EC2's actions are. */
export type QueryOperation<Prepared = undefined> = (
  context: ActionContext,
  input: Input,
  prepared: Prepared,
) => { readonly [member: string]: Output };

/** What a service of AWS's query protocol is made of. */
export interface QueryServiceParts<Prepared> {
  readonly version: string;
  readonly namespace: string;
  readonly operations: Readonly<Record<string, QueryOperation<Prepared>>>;
  readonly bodyLimit?: number;
  /**
   * Work before the transaction, whose result each operation is given. It may read the input, and changes nothing. Where it
   * gives no promise, the transaction has been when `handle` returns.
   */
  readonly prepare: (input: Input, request: Request) => Promise<Prepared> | Prepared;
  /** Commits what `act` writes, and resolves with its value when that is on disk; rejects with what it threw. */
  readonly commit: (request: Request, act: (context: ActionContext) => string) => Promise<string>;
  /** What to answer to an action that `operations` has not. Default: InvalidAction. */
  readonly refuseAction?: (action: string) => AwsError;
}

/**
 * A service of AWS's query protocol with lists written `Name.member.1`. An operation's input that it does not look at is
 * refused, not passed over.
 */
export function createQueryService<Prepared>(parts: QueryServiceParts<Prepared>): ServiceHandler {
  const { version, namespace, operations, bodyLimit, prepare, commit } = parts;
  const refuse = (refusal: Refusal, requestId: string): ServiceReply => ({
    status: refusal.status,
    body: renderRefusal(namespace, refusal, requestId),
  });
  const refuseAction = parts.refuseAction ?? invalidAction;
  return {
    version,
    ...(bodyLimit === undefined ? {} : { bodyLimit }),
    handle: async ({ method, query, body, caller, region, requestId }) => {
      const form = method === 'GET' ? query : new TextDecoder().decode(body);
      try {
        const input = new Input(growTree(parseParameters(form)));
        input.text('Version');
        const action = input.text('Action') ?? '';
        if (action === '') throw missingAction();
        if (!Object.hasOwn(operations, action)) throw refuseAction(action);
        const request = { caller, region, requestId };
        const work = prepare(input, request);
        const prepared = work instanceof Promise ? await work : work;
        const text = await commit(request, (context) => {
          const result = performOperation(operations, context, action, input, prepared);
          return renderReply(namespace, action, context.requestId, result);
        });
        return { status: 200, body: text };
      } catch (error) {
        if (error instanceof AwsError) return refuse(error, requestId);
        throw error;
      }
    },
    refuse,
  };
}

/** The result of an operation. Throws its AwsError, and for parameters that the operation does not look at. */
export function performOperation<Prepared>(
  operations: Readonly<Record<string, QueryOperation<Prepared>>>,
  context: ActionContext,
  action: string,
  input: Input,
  prepared: Prepared,
): { readonly [member: string]: Output } {
  const operation = Object.hasOwn(operations, action) ? operations[action] : undefined;
  if (operation === undefined) throw invalidAction(action);
  const result = operation(context, input, prepared);
  const [unread] = input.unread();
  if (unread !== undefined) throw invalid(`Cloudcroft does not support ${unread} of ${action}.`);
  return result;
}
