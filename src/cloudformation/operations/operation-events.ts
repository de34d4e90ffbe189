import type { ActionContext } from '../../ec2/action.ts';
import type { Input } from '../../ec2/query-service/input.ts';
import { demandStack, findChangeSet, pageOf } from './find.ts';
import { historyOf } from './look.ts';
import { showOperationEvent } from './show.ts';

/** What CDK asks for when an operation or a change set failed: the history in the form of operations. */
export function operationEventOperations() {
  return {
    DescribeEvents({ tx }: ActionContext, input: Input) {
      input.text('OperationId');
      const onlyFailed = input.structure('Filters')?.flag('FailedEvents') ?? false;
      const changeSetName = input.text('ChangeSetName');
      const stackId =
        changeSetName === undefined ? demandStack(tx, input).stackId : findChangeSet(tx, input)?.stackId;
      // A change set of ours is checked before it is there: nothing of it fails later.
      const events = changeSetName === undefined ? historyOf(tx, stackId ?? '') : [];
      const shown = events
        .filter(({ status }) => !onlyFailed || status.endsWith('_FAILED'))
        .toReversed()
        .map(showOperationEvent);
      const { page, NextToken } = pageOf(shown, input);
      return { OperationEvents: page, NextToken };
    },
  };
}
