import { randomUUID } from 'node:crypto';
import type { ActionContext } from '../../ec2/action.ts';
import type { Output } from '../../ec2/query-service/envelope.ts';
import { invalid } from '../../ec2/query-service/errors.ts';
import type { Input } from '../../ec2/query-service/input.ts';
import type { ChangeDetail, ChangeSet, ResourceChange, Stack } from '../../model/stack-records.ts';
import { bindTemplate } from '../../template/bind.ts';
import { beginCreation, beginUpdate } from '../begin.ts';
import { changesOf, isSameOtherwise } from '../changes.ts';
import {
  changeSetAlreadyExists,
  invalidChangeSetStatus,
  missingStack,
  stackAlreadyExists,
} from '../errors.ts';
import { recordStack } from '../history.ts';
import { type Accepted, acceptRevision, asValidation } from '../revision.ts';
import { changeSetIdOf } from '../stack-names.ts';
import type { StackParts } from '../stack-parts.ts';
import { surroundingsOf } from '../surroundings.ts';
import { forgetTemplates } from '../templates.ts';
import {
  checkName,
  demandChangeSet,
  demandStack,
  failureWish,
  findChangeSet,
  findStack,
  pageOf,
} from './find.ts';
import { showParameters, showTags } from './show.ts';
import { demandUpdatable, newStack } from './stacks.ts';

const NO_CHANGES =
  "The submitted information didn't contain changes. Submit different information to create a change set.";

/** Operations on change sets: what an update would do, told before it is done. */
export function changeSetOperations(parts: StackParts) {
  return {
    CreateChangeSet(context: ActionContext, input: Input, fetched: string | undefined) {
      const { tx } = context;
      const stackName = input.demand('StackName');
      const changeSetName = checkName(input.demand('ChangeSetName'), 'changeSetName');
      const clientToken = input.text('ClientToken');
      const description = input.text('Description');
      const type = readType(input);
      passOver(input);
      const present = findStack(tx, stackName);
      const stack = stackFor(context, stackName, present, type);
      const known = tx.changeSets
        .where('stackId', stack.stackId)
        .find((each) => each.changeSetName === changeSetName);
      const accepted = acceptRevision(
        context,
        input,
        parts,
        fetched,
        stack,
        type === 'UPDATE' ? stack : undefined,
      );
      const onFailure = input.has('OnStackFailure')
        ? failureWish(input, 'ROLLBACK', 'OnStackFailure')
        : undefined;
      if (known !== undefined) {
        if (clientToken === undefined || known.clientToken !== clientToken) {
          throw changeSetAlreadyExists(changeSetName);
        }
        return { Id: known.changeSetId, StackId: known.stackId };
      }
      if (present === undefined) recordStack(context, stack, 'User Initiated');
      const changes = changesOf(parts, context, stack, accepted);
      const isNothing =
        type === 'UPDATE' && changes.length === 0 && isSameOtherwise(parts, context, stack, accepted);
      const changeSet: ChangeSet = {
        changeSetId: changeSetIdOf(context, changeSetName, randomUUID()),
        changeSetName,
        stackId: stack.stackId,
        stackName: stack.stackName,
        type,
        ...(description === undefined ? {} : { description }),
        revision: accepted.revision,
        status: isNothing ? 'FAILED' : 'CREATE_COMPLETE',
        ...(isNothing ? { statusReason: NO_CHANGES } : {}),
        executionStatus: isNothing ? 'UNAVAILABLE' : 'AVAILABLE',
        creationTime: context.now.toISOString(),
        changes,
        ...(onFailure === undefined ? {} : { onStackFailure: onFailure }),
        ...(clientToken === undefined ? {} : { clientToken }),
      };
      tx.changeSets.put(changeSet);
      return { Id: changeSet.changeSetId, StackId: stack.stackId };
    },

    DescribeChangeSet({ tx }: ActionContext, input: Input) {
      const changeSet = demandChangeSet(tx, input);
      const withValues = input.flag('IncludePropertyValues') ?? false;
      const { page, NextToken } = pageOf(changeSet.changes, input);
      const { revision } = changeSet;
      const template = parts.templates.get(tx, revision.templateId);
      return {
        ...showSummary(changeSet),
        Parameters: showParameters(revision, template),
        NotificationARNs: revision.notificationArns,
        RollbackConfiguration: {},
        Capabilities: revision.capabilities,
        Tags: showTags(revision.tags),
        OnStackFailure: changeSet.onStackFailure,
        Changes: page.map((change) => ({
          Type: 'Resource',
          ResourceChange: showChange(change, withValues),
        })),
        NextToken,
      };
    },

    ListChangeSets({ tx }: ActionContext, input: Input) {
      const { stackId } = demandStack(tx, input);
      const { page, NextToken } = pageOf(tx.changeSets.where('stackId', stackId), input);
      return { Summaries: page.map(showSummary), NextToken };
    },

    DeleteChangeSet({ tx }: ActionContext, input: Input) {
      const found = findChangeSet(tx, input);
      if (found !== undefined) {
        tx.changeSets.delete(found.changeSetId);
        forgetTemplates(tx);
      }
      return {};
    },

    ExecuteChangeSet(context: ActionContext, input: Input) {
      const { tx } = context;
      const changeSet = demandChangeSet(tx, input);
      const token = input.text('ClientRequestToken');
      input.flag('RetainExceptOnCreate');
      const wish = { token, onFailure: failureWish(input, changeSet.onStackFailure ?? 'ROLLBACK') };
      const stack = tx.stacks.get(changeSet.stackId);
      if (stack === undefined) throw missingStack(changeSet.stackName);
      if (token !== undefined && stack.token === token) return {};
      const { changeSetId, executionStatus, revision, type } = changeSet;
      if (executionStatus !== 'AVAILABLE') throw invalidChangeSetStatus(changeSetId, changeSet.status);
      if (type === 'UPDATE') demandUpdatable(stack);
      else if (stack.status !== 'REVIEW_IN_PROGRESS') throw stackAlreadyExists(stack.stackName);
      const accepted = bindAgain(parts, context, stack, revision);
      tx.changeSets.put({ ...changeSet, executionStatus: 'EXECUTE_COMPLETE' });
      for (const other of tx.changeSets.where('stackId', stack.stackId)) {
        if (other.changeSetId !== changeSetId) tx.changeSets.put({ ...other, executionStatus: 'OBSOLETE' });
      }
      const next: Stack = { ...stack, changeSetId };
      if (type === 'CREATE') beginCreation(context, next, accepted, wish);
      else beginUpdate(context, next, accepted, wish);
      return {};
    },
  };
}

function readType(input: Input): ChangeSet['type'] {
  const type = input.text('ChangeSetType') ?? 'UPDATE';
  if (type === 'IMPORT' || input.list('ResourcesToImport').length > 0) {
    throw invalid(
      'Cloudcroft does not support ChangeSetType IMPORT: a stack has the resources that it made itself. Use CREATE or UPDATE.',
    );
  }
  if (type !== 'CREATE' && type !== 'UPDATE') {
    throw invalid(`ChangeSetType '${type}' must be CREATE or UPDATE`);
  }
  return type;
}

/** What is accepted and makes no difference, and what would make one. */
function passOver(input: Input): void {
  input.flag('IncludeNestedStacks');
  input.flag('ImportExistingResources');
  const mode = input.text('DeploymentMode');
  if (mode !== undefined) throw invalid(`Cloudcroft does not support DeploymentMode ${mode}`);
}

/** The stack that a change set is for; of a new one, the draft. */
function stackFor(
  context: ActionContext,
  stackName: string,
  present: Stack | undefined,
  type: ChangeSet['type'],
): Stack {
  if (type === 'CREATE') {
    if (present === undefined) return newStack(context, checkName(stackName, 'stackName'), randomUUID());
    if (present.status === 'REVIEW_IN_PROGRESS') return present;
    throw stackAlreadyExists(present.stackName);
  }
  if (present === undefined || present.status === 'DELETE_COMPLETE') throw missingStack(stackName);
  demandUpdatable(present);
  return present;
}

function bindAgain(
  parts: StackParts,
  context: ActionContext,
  stack: Stack,
  revision: ChangeSet['revision'],
): Accepted {
  const template = parts.templates.get(context.tx, revision.templateId);
  const given = new Map(revision.parameters.map(({ name, value }) => [name, value]));
  const surroundings = surroundingsOf(context, stack, revision);
  return { revision, bound: asValidation(() => bindTemplate(template, given, surroundings)) };
}

function showSummary(changeSet: ChangeSet): { readonly [member: string]: Output } {
  return {
    ChangeSetId: changeSet.changeSetId,
    ChangeSetName: changeSet.changeSetName,
    StackId: changeSet.stackId,
    StackName: changeSet.stackName,
    Description: changeSet.description,
    CreationTime: changeSet.creationTime,
    ExecutionStatus: changeSet.executionStatus,
    Status: changeSet.status,
    StatusReason: changeSet.statusReason,
    IncludeNestedStacks: false,
  };
}

function showChange(change: ResourceChange, withValues: boolean): Output {
  const scope = [...new Set(change.details.map(({ attribute }) => attribute))];
  return {
    PolicyAction: change.policyAction,
    Action: change.action,
    LogicalResourceId: change.logicalId,
    PhysicalResourceId: change.physicalId,
    ResourceType: change.type,
    Replacement: change.replacement,
    Scope: scope,
    Details: change.details.map((detail) => showDetail(detail, withValues)),
    BeforeContext: withValues ? change.beforeContext : undefined,
    AfterContext: withValues ? change.afterContext : undefined,
  };
}

function showDetail(detail: ChangeDetail, withValues: boolean): Output {
  return {
    Target: {
      Attribute: detail.attribute,
      Name: detail.name,
      RequiresRecreation: detail.requiresRecreation,
      ...(withValues && detail.name !== undefined
        ? {
            Path: `/Properties/${detail.name}`,
            BeforeValue: detail.beforeValue,
            AfterValue: detail.afterValue,
            AttributeChangeType:
              detail.beforeValue === undefined
                ? 'Add'
                : detail.afterValue === undefined
                  ? 'Remove'
                  : 'Modify',
          }
        : {}),
    },
    Evaluation: detail.evaluation,
    ChangeSource: detail.changeSource,
    CausingEntity: detail.causingEntity,
  };
}
