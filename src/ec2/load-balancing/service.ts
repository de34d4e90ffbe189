import type { ActionContext } from '../action.ts';
import type { Transactions } from '../dispatch.ts';
import { AwsError } from '../errors.ts';
import type { Refusal, ServiceHandler, ServiceReply } from '../service.ts';
import { invalidAction, missingAction } from '../wire/protocol-errors.ts';
import { growTree, parseParameters } from '../wire/query.ts';
import { type Output, renderRefusal, renderReply, VERSION } from './envelope.ts';
import { invalid } from './errors.ts';
import { Input } from './input.ts';
import { listenerOperations } from './listeners.ts';
import { loadBalancerOperations } from './load-balancers.ts';
import { tagOperations } from './tags.ts';
import { targetGroupOperations } from './target-groups.ts';
import { targetOperations } from './targets.ts';

/** An operation: from its input to its result, synchronous and atomic as EC2's actions are. */
type Operation = (context: ActionContext, input: Input) => { readonly [member: string]: Output };

const operations: Readonly<Record<string, Operation>> = {
  ...loadBalancerOperations,
  ...targetGroupOperations,
  ...targetOperations,
  ...listenerOperations,
  ...tagOperations,
};

/**
 * Elastic Load Balancing, version 2, of which there are Network Load Balancers:
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/
 */
export function createLoadBalancing(transactions: Transactions): ServiceHandler {
  return {
    version: VERSION,
    handle: async ({ method, query, body, caller, region, requestId }) => {
      const form = method === 'GET' ? query : new TextDecoder().decode(body);
      try {
        const text = await transactions.commit({ caller, region, requestId }, (context) =>
          perform(context, form),
        );
        return { status: 200, body: text };
      } catch (error) {
        if (error instanceof AwsError) return refuse(error, requestId);
        throw error;
      }
    },
    refuse,
  };
}

function perform(context: ActionContext, form: string): string {
  const input = new Input(growTree(parseParameters(form)));
  input.text('Version');
  const action = input.text('Action') ?? '';
  if (action === '') throw missingAction();
  return renderReply(action, context.requestId, performOperation(context, action, input));
}

/** The result of an operation. Throws its AwsError, and for parameters that the operation does not look at. */
export function performOperation(
  context: ActionContext,
  action: string,
  input: Input,
): { readonly [member: string]: Output } {
  const operation = Object.hasOwn(operations, action) ? operations[action] : undefined;
  if (operation === undefined) throw invalidAction(action);
  const result = operation(context, input);
  const [unread] = input.unread();
  if (unread !== undefined) throw invalid(`Cloudcroft does not support ${unread} of ${action}.`);
  return result;
}

function refuse(refusal: Refusal, requestId: string): ServiceReply {
  const { code, message, status } = refusal;
  return { status, body: renderRefusal({ code, message, status }, requestId) };
}
