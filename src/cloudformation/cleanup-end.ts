import type { Stack } from '../model/stack-records.ts';
import type { Transaction } from '../state/store.ts';
import { recordStack } from './history.ts';
import { type RunBase, withoutPrevious, withoutWork } from './run.ts';
import { endStatus } from './statuses.ts';
import { forgetTemplates } from './templates.ts';

/** Stacks that have gone are shown for a while: this many. */
const MOST_DELETED = 100;

/** What was to be ended is gone, all but `failed`: the stack comes to rest. */
export function finishCleanup(run: RunBase, failed: readonly string[]): void {
  run.transact((context, stack) => {
    const { tx } = context;
    dropReplaced(tx, stack);
    const { course } = run.work;
    const now = context.now.toISOString();
    const rested = withoutPrevious(withoutWork(stack));
    if (course === 'update' || course === 'update-rollback') {
      recordStack(context, { ...rested, status: endStatus(course, true) });
    } else if (failed.length > 0) {
      const reason = `The following resource(s) failed to delete: [${failed.join(', ')}]. `;
      recordStack(context, { ...rested, status: endStatus(course, false) }, reason);
    } else if (course === 'delete') {
      for (const { changeSetId } of tx.changeSets.where('stackId', stack.stackId)) {
        tx.changeSets.delete(changeSetId);
      }
      const ended: Stack = { ...rested, outputs: [], imports: [], deletionTime: now };
      recordStack(context, { ...ended, status: endStatus(course, true) });
      forgetOldest(tx);
    } else {
      recordStack(context, { ...rested, outputs: [], imports: [], status: endStatus(course, true) });
    }
    forgetTemplates(tx);
  });
}

/** Of a logical id that has a resource, those that have gone are shown no more. */
function dropReplaced(tx: Transaction, stack: Stack): void {
  const resources = tx.stackResources.where('stackId', stack.stackId);
  const newest = new Map<string, number>();
  for (const { logicalId, generation, stage, supersededIn } of resources) {
    if (stage === 'gone' && supersededIn !== undefined) continue;
    newest.set(logicalId, Math.max(generation, newest.get(logicalId) ?? 0));
  }
  for (const { resourceKey, logicalId, generation, stage, physicalId } of resources) {
    if (stage !== 'gone') continue;
    const isNewest = newest.get(logicalId) === generation;
    if (!isNewest || physicalId === undefined) tx.stackResources.delete(resourceKey);
  }
}

function forgetOldest(tx: Transaction): void {
  const gone = [...tx.stacks.values()].filter(({ status }) => status === 'DELETE_COMPLETE');
  for (const { stackId } of gone.slice(0, Math.max(0, gone.length - MOST_DELETED))) {
    for (const { resourceKey } of tx.stackResources.where('stackId', stackId)) {
      tx.stackResources.delete(resourceKey);
    }
    for (const { eventId } of tx.stackEvents.where('stackId', stackId)) tx.stackEvents.delete(eventId);
    tx.stacks.delete(stackId);
  }
}
