import type { ActionContext } from '../action.ts';
import type { Transactions } from '../dispatch.ts';
import type { Output } from '../query-service/envelope.ts';
import type { Input } from '../query-service/input.ts';
import { createQueryService, performOperation, type QueryOperation } from '../query-service/service.ts';
import type { ServiceHandler } from '../service.ts';
import { listenerOperations } from './listeners.ts';
import { loadBalancerOperations } from './load-balancers.ts';
import { tagOperations } from './tags.ts';
import { targetGroupOperations } from './target-groups.ts';
import { targetOperations } from './targets.ts';

const VERSION = '2015-12-01';

const operations: Readonly<Record<string, QueryOperation>> = {
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
  return createQueryService({
    version: VERSION,
    namespace: `http://elasticloadbalancing.amazonaws.com/doc/${VERSION}/`,
    operations,
    prepare: () => undefined,
    commit: (request, act) => transactions.commit(request, act),
  });
}

/** The result of an operation, for whoever asks in the process. Throws as the API refuses. */
export function performLoadBalancing(
  context: ActionContext,
  action: string,
  input: Input,
): { readonly [member: string]: Output } {
  return performOperation(operations, context, action, input, undefined);
}
