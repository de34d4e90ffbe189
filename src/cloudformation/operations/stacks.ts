import { randomUUID } from 'node:crypto';
import type { ActionContext } from '../../ec2/action.ts';
import { invalid } from '../../ec2/query-service/errors.ts';
import type { Input } from '../../ec2/query-service/input.ts';
import type { Stack, StackWork } from '../../model/stack-records.ts';
import { beginRollback, goBack, importersOf } from '../apply-end.ts';
import { beginCreation, beginDeletion, beginUpdate, workOf } from '../begin.ts';
import { changesOf, isSameOtherwise } from '../changes.ts';
import { missingStack, nothingToUpdate, stackAlreadyExists, stateForbids } from '../errors.ts';
import { recordStack } from '../history.ts';
import { type Accepted, acceptRevision } from '../revision.ts';
import { stackIdOf } from '../stack-names.ts';
import type { StackParts } from '../stack-parts.ts';
import { readPolicy } from '../stack-policy.ts';
import { UPDATABLE, workingStatus } from '../statuses.ts';
import { NO_TEMPLATE } from '../templates.ts';
import { checkName, demandLiveStack, demandStack, failureWish, findStack } from './find.ts';

/** Operations that make, change and end stacks; `fetched` is the text that a TemplateURL led to. */
export function stackOperations(parts: StackParts) {
  return {
    CreateStack(context: ActionContext, input: Input, fetched: string | undefined) {
      const stackName = checkName(input.demand('StackName'), 'stackName');
      const token = input.text('ClientRequestToken');
      const present = findStack(context.tx, stackName);
      const isRepeat = token !== undefined && present?.token === token;
      const draft = newStack(context, stackName, randomUUID());
      const accepted = acceptRevision(context, input, parts, fetched, draft, undefined);
      const policyBody = readPolicyBody(input, 'StackPolicy');
      const timeout = input.count('TimeoutInMinutes', 1, 43_200);
      input.flag('RetainExceptOnCreate');
      const wish = { token, onFailure: failureWish(input, 'ROLLBACK') };
      const isProtected = input.flag('EnableTerminationProtection') ?? false;
      if (isRepeat) return { StackId: present?.stackId };
      if (present !== undefined) throw stackAlreadyExists(stackName);
      const stack: Stack = {
        ...draft,
        isProtected,
        ...(policyBody === undefined ? {} : { policyBody }),
        ...(timeout === undefined ? {} : { timeoutInMinutes: timeout }),
      };
      return { StackId: beginCreation(context, stack, accepted, wish).stackId };
    },

    UpdateStack(context: ActionContext, input: Input, fetched: string | undefined) {
      const stack = demandLiveStack(context.tx, input);
      const token = input.text('ClientRequestToken');
      const isRepeat = token !== undefined && stack.token === token;
      if (!isRepeat) demandUpdatable(stack);
      const accepted = acceptRevision(context, input, parts, fetched, stack, stack);
      const policyBody = readPolicyBody(input, 'StackPolicy');
      const duringUpdate = readPolicyBody(input, 'StackPolicyDuringUpdate');
      input.flag('RetainExceptOnCreate');
      const wish = { token, onFailure: failureWish(input, 'ROLLBACK', 'OnStackFailure') };
      if (isRepeat) return { StackId: stack.stackId };
      const kept: Stack = policyBody === undefined ? stack : { ...stack, policyBody };
      if (isUnchanged(parts, context, stack, accepted)) throw nothingToUpdate();
      beginUpdate(context, kept, accepted, wish, duringUpdate);
      return { StackId: stack.stackId };
    },

    DeleteStack(context: ActionContext, input: Input) {
      const { tx } = context;
      const stack = findStack(tx, input.demand('StackName'));
      const retained = input.texts('RetainResources');
      const token = input.text('ClientRequestToken');
      input.text('RoleARN');
      input.structure('DeploymentConfig')?.ignore();
      const mode = input.choice('DeletionMode', 'STANDARD', 'FORCE_DELETE_STACK');
      // A stack that is not there is deleted.
      if (stack === undefined || stack.status === 'DELETE_COMPLETE') return {};
      if (stack.work?.course === 'delete') return {};
      if (stack.isProtected) {
        throw invalid(`Stack [${stack.stackName}] cannot be deleted while TerminationProtection is enabled`);
      }
      if (mode === 'FORCE_DELETE_STACK') throw invalid('Cloudcroft does not support FORCE_DELETE_STACK');
      if (stack.work !== undefined && stack.work.course !== 'create') {
        throw stateForbids(stack.stackId, stack.status, 'deleted');
      }
      if (retained.length > 0 && stack.status !== 'DELETE_FAILED') {
        throw invalid(
          'RetainResources can be specified only for a stack in the DELETE_FAILED state, for the resources that failed to delete',
        );
      }
      for (const { exportName } of stack.outputs) {
        if (exportName === undefined) continue;
        const importers = importersOf(tx, exportName, stack.stackId);
        if (importers.length === 0) continue;
        throw invalid(`Export ${exportName} cannot be deleted as it is in use by ${importers.join(', ')}`);
      }
      beginDeletion(context, stack, token, retained);
      return {};
    },

    CancelUpdateStack(context: ActionContext, input: Input) {
      const stack = demandLiveStack(context.tx, input);
      input.text('ClientRequestToken');
      if (stack.work?.course !== 'update' || stack.work.phase !== 'apply') {
        throw invalid(
          `CancelUpdateStack cannot be called from current stack status ${stack.status}: only in UPDATE_IN_PROGRESS`,
        );
      }
      beginRollback(context, { ...stack, onFailure: 'ROLLBACK' }, 'User Initiated');
      return {};
    },

    ContinueUpdateRollback(context: ActionContext, input: Input) {
      const stack = demandLiveStack(context.tx, input);
      const skipped = input.texts('ResourcesToSkip');
      const token = input.text('ClientRequestToken');
      input.text('RoleARN');
      if (stack.status !== 'UPDATE_ROLLBACK_FAILED') {
        throw stateForbids(stack.stackId, stack.status, 'continued to roll back');
      }
      const work: StackWork = {
        ...workOf('update-rollback', 'apply', stack.operationId, token),
        skipped,
      };
      recordStack(context, { ...stack, work, status: workingStatus(work) }, 'User Initiated');
      return {};
    },

    RollbackStack(context: ActionContext, input: Input) {
      const stack = demandLiveStack(context.tx, input);
      const token = input.text('ClientRequestToken');
      input.text('RoleARN');
      input.flag('RetainExceptOnCreate');
      input.structure('DeploymentConfig')?.ignore();
      if (stack.status === 'UPDATE_FAILED') {
        const work = workOf('update', 'apply', stack.operationId, token);
        goBack(context, { ...stack, onFailure: 'ROLLBACK' }, work, 'User Initiated');
      } else if (stack.status === 'CREATE_FAILED') {
        const work = workOf('create-rollback', 'cleanup', stack.operationId, token);
        recordStack(context, { ...stack, work, status: workingStatus(work) }, 'User Initiated');
      } else {
        throw stateForbids(stack.stackId, stack.status, 'rolled back');
      }
      return { StackId: stack.stackId };
    },

    UpdateTerminationProtection({ tx }: ActionContext, input: Input) {
      const stack = demandLiveStack(tx, input);
      const isProtected = input.flag('EnableTerminationProtection');
      if (isProtected === undefined) throw invalid('EnableTerminationProtection must be specified');
      tx.stacks.put({ ...stack, isProtected });
      return { StackId: stack.stackId };
    },

    SetStackPolicy({ tx }: ActionContext, input: Input) {
      const stack = demandLiveStack(tx, input);
      const policyBody = readPolicyBody(input, 'StackPolicy');
      if (policyBody === undefined) throw invalid('StackPolicyBody must be specified');
      tx.stacks.put({ ...stack, policyBody });
      return {};
    },

    GetStackPolicy({ tx }: ActionContext, input: Input) {
      return { StackPolicyBody: demandStack(tx, input).policyBody };
    },
  };
}

/** A stack that nothing has been done for yet. */
export function newStack(context: ActionContext, stackName: string, unique: string): Stack {
  return {
    stackId: stackIdOf(context, stackName, unique),
    stackName,
    status: 'REVIEW_IN_PROGRESS',
    revision: { templateId: NO_TEMPLATE, parameters: [], capabilities: [], notificationArns: [], tags: [] },
    operationId: '',
    resourceIds: [],
    outputs: [],
    imports: [],
    creationTime: context.now.toISOString(),
    onFailure: 'ROLLBACK',
    isProtected: false,
  };
}

/** Throws a ValidationError unless an update may begin. */
export function demandUpdatable(stack: Stack): void {
  if (stack.work === undefined && UPDATABLE.has(stack.status)) return;
  if (stack.status === 'REVIEW_IN_PROGRESS') throw missingStack(stack.stackName);
  throw stateForbids(stack.stackId, stack.status, 'updated');
}

function isUnchanged(parts: StackParts, context: ActionContext, stack: Stack, accepted: Accepted): boolean {
  // After a failure there is always something to do.
  if (stack.status.endsWith('_FAILED')) return false;
  return (
    changesOf(parts, context, stack, accepted).length === 0 &&
    isSameOtherwise(parts, context, stack, accepted)
  );
}

function readPolicyBody(input: Input, name: string): string | undefined {
  const body = input.text(`${name}Body`);
  if (input.text(`${name}URL`) !== undefined) {
    throw invalid(`Cloudcroft does not support ${name}URL: give the ${name}Body.`);
  }
  if (body !== undefined) readPolicy(body);
  return body;
}
