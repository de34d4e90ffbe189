import type { ActionContext } from '../ec2/action.ts';
import type { Stack, StackOutput, StackResource, StackWork } from '../model/stack-records.ts';
import type { Transaction } from '../state/store.ts';
import { type BoundTemplate, type Referents, resolveValue } from '../template/bind.ts';
import { TemplateError, type Value } from '../template/value.ts';
import { importsOf } from './acceptance.ts';
import { recordFailure } from './apply-resource.ts';
import { recordStack } from './history.ts';
import { type RunBase, withoutPrevious, withoutWork } from './run.ts';
import { endStatus, workingStatus } from './statuses.ts';
import { exporterOf } from './surroundings.ts';

/** A resource that failed, and at what. */
export interface Failure {
  readonly logicalId: string;
  readonly verb: 'create' | 'update';
}

/** Every resource is as it should be: the outputs follow, and then the cleanup. */
export function finishApply(
  run: RunBase,
  bound: BoundTemplate,
  referentsIn: (context: ActionContext, stack: Stack) => Referents,
): void {
  try {
    run.transact((context, stack) => {
      const outputs = outputsOf(bound, referentsIn(context, stack));
      checkExports(context.tx, stack, outputs);
      const { course } = run.work;
      const made: Stack = {
        ...stack,
        outputs,
        imports: importsOf(bound),
        resourceIds: [...bound.resources.keys()],
      };
      if (course === 'create') {
        recordStack(context, { ...withoutWork(made), status: endStatus(course, true) });
        return;
      }
      const work: StackWork = { ...run.work, phase: 'cleanup' };
      recordStack(context, { ...withoutPrevious(made), work, status: workingStatus(work) });
    });
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    failApply(run, [], error.message);
  }
}

/** What failed decides what follows: a rollback, the end of the stack, or rest where it is. `reason` is the stack's own. */
export function failApply(run: RunBase, failures: readonly Failure[], reason?: string): void {
  run.transact((context, stack) => beginRollback(context, stack, reason ?? describeFailures(failures)));
}

function describeFailures(failures: readonly Failure[]): string {
  const sentence = (verb: Failure['verb']): string => {
    const ids = failures.filter((each) => each.verb === verb).map(({ logicalId }) => logicalId);
    return ids.length === 0 ? '' : `The following resource(s) failed to ${verb}: [${ids.join(', ')}]. `;
  };
  return sentence('create') + sentence('update');
}

/** Ends the present phase of a stack that cannot go on, or is not to; what is under way is cancelled. */
export function beginRollback(context: ActionContext, stack: Stack, reason: string): void {
  const { work } = stack;
  if (work === undefined) return;
  cancelUnderWay(context, stack);
  const { course } = work;
  if (course === 'update-rollback' || stack.onFailure === 'DO_NOTHING') {
    recordStack(context, { ...withoutWork(stack), status: endStatus(course, false) }, reason);
  } else if (course === 'create') {
    const rollback: StackWork = { ...work, course: 'create-rollback', phase: 'cleanup' };
    const next: StackWork = stack.onFailure === 'DELETE' ? { ...rollback, course: 'delete' } : rollback;
    recordStack(
      context,
      { ...stack, work: next, status: workingStatus(next) },
      `${reason}Rollback requested by user.`,
    );
  } else {
    goBack(context, stack, work, reason);
  }
}

/** Has a stack return to the revision that it had before the update. */
export function goBack(context: ActionContext, stack: Stack, from: StackWork, reason?: string): void {
  const { previous } = stack;
  if (previous === undefined) throw new Error(`there is nothing that ${stack.stackId} could go back to`);
  const { operationId } = from;
  const { tx } = context;
  for (const resource of tx.stackResources.where('stackId', stack.stackId)) {
    const { supersededIn, ...rest } = resource;
    if (resource.bornIn === operationId) tx.stackResources.put({ ...rest, supersededIn: operationId });
    else if (supersededIn === operationId) tx.stackResources.put(rest);
  }
  const work: StackWork = { ...from, course: 'update-rollback', phase: 'apply', skipped: [] };
  recordStack(context, { ...stack, revision: previous, work, status: workingStatus(work) }, reason);
}

function cancelUnderWay(context: ActionContext, stack: Stack): void {
  for (const resource of context.tx.stackResources.where('stackId', stack.stackId)) {
    if (!isUnderWay(resource)) continue;
    const what = resource.stage === 'creating' ? 'creation' : 'update';
    recordFailure(context, stack, resource, `Resource ${what} cancelled`);
  }
}

function isUnderWay({ stage }: StackResource): boolean {
  return stage === 'creating' || stage === 'updating';
}

/** The outputs of a template whose resources are there. Throws a TemplateError for one that is no text. */
export function outputsOf(bound: BoundTemplate, referents: Referents): StackOutput[] {
  return [...bound.template.outputs.values()].flatMap((output): StackOutput[] => {
    const { name, condition, description } = output;
    if (condition !== undefined && bound.conditions.get(condition) !== true) return [];
    const value = resolveValue(bound, output.value, referents);
    if (value === undefined) return [];
    const exportName =
      output.exportName === undefined ? undefined : resolveValue(bound, output.exportName, referents);
    return [
      {
        name,
        value: textOf(name, value),
        ...(description === undefined ? {} : { description }),
        ...(exportName === undefined ? {} : { exportName: textOf(name, exportName) }),
      },
    ];
  });
}

function textOf(name: string, value: Value): string {
  if (value !== null && typeof value !== 'object') return String(value);
  throw new TemplateError(
    `Template format error: Output ${name} is malformed. The Value field of every Outputs member must evaluate to a String.`,
  );
}

/** Names of stacks that import an export of another. */
export function importersOf(tx: Transaction, exportName: string, except: string): string[] {
  return tx.stacks
    .where('imports', exportName)
    .filter(({ stackId }) => stackId !== except)
    .map(({ stackName }) => stackName);
}

/** Export names are unique, and what another stack imports stays as it is. Throws a TemplateError. */
function checkExports(tx: Transaction, stack: Stack, outputs: readonly StackOutput[]): void {
  const next = new Map<string, string>();
  for (const { exportName, value } of outputs) {
    if (exportName === undefined) continue;
    const other = exporterOf(tx, exportName)?.stack;
    if ((other !== undefined && other.stackId !== stack.stackId) || next.has(exportName)) {
      const owner = other?.stackName ?? stack.stackName;
      throw new TemplateError(`Export with name ${exportName} is already exported by stack ${owner}. `);
    }
    next.set(exportName, value);
  }
  for (const { exportName, value } of stack.outputs) {
    if (exportName === undefined || next.get(exportName) === value) continue;
    const importers = importersOf(tx, exportName, stack.stackId);
    if (importers.length === 0) continue;
    const what = next.has(exportName) ? 'updated' : 'deleted';
    throw new TemplateError(
      `Export ${exportName} cannot be ${what} as it is in use by ${importers.join(', ')}. `,
    );
  }
}
