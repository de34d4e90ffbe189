import { hash } from 'node:crypto';
import type { ActionContext } from './action.ts';
import type { Structure } from './wire/model.ts';
import { idempotentParameterMismatch } from './wire/protocol-errors.ts';
import type { Parameter } from './wire/query.ts';

/** What was once answered to a client token. */
export interface RememberedReply {
  /** Hash of the request's parameters. */
  readonly requestHash: string;
  /** The inside of the reply, as XML. */
  readonly reply: string;
}

/**
 * Where client tokens are kept. Both work within the context's transaction, so a token is on disk exactly when what
 * it stands for is. Ids are the action and the token joined by a colon, unique within an account and region.
 */
export interface TokenStore {
  recall(context: ActionContext, tokenId: string): RememberedReply | undefined;
  remember(context: ActionContext, tokenId: string, reply: RememberedReply): void;
}

/** A request's client token. */
export interface ClientTokenUse {
  readonly tokenId: string;
  readonly requestHash: string;
}

/**
 * The client token that a request of this operation carries, or undefined. DryRun does not count among the
 * parameters, nor their order.
 */
export function findTokenUse(
  action: string,
  structure: Structure | undefined,
  parameters: readonly Parameter[],
): ClientTokenUse | undefined {
  const member = structure?.members.find(({ isToken }) => isToken);
  if (member === undefined) return undefined;
  const token = parameters.find(([name]) => name === member.query)?.[1];
  if (token === undefined || token === '') return undefined;
  const counted = parameters.filter(([name]) => name !== member.query && name !== 'DryRun');
  const sorted = counted.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return { tokenId: `${action}:${token}`, requestHash: hash('sha256', JSON.stringify(sorted)) };
}

/**
 * Answers a repeated request from memory, and remembers the reply of a new one. Throws IdempotentParameterMismatch
 * when the token was used with other parameters (semantics S125). A failed request is not remembered.
 */
export function answerOnce(
  context: ActionContext,
  use: ClientTokenUse | undefined,
  store: TokenStore,
  answer: () => string,
): string {
  if (use === undefined) return answer();
  const known = store.recall(context, use.tokenId);
  if (known === undefined) {
    const reply = answer();
    store.remember(context, use.tokenId, { requestHash: use.requestHash, reply });
    return reply;
  }
  if (known.requestHash !== use.requestHash) throw idempotentParameterMismatch();
  return known.reply;
}
