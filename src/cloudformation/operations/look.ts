import type { ActionContext } from '../../ec2/action.ts';
import { invalid } from '../../ec2/query-service/errors.ts';
import type { Input } from '../../ec2/query-service/input.ts';
import type { Stack, StackEvent, StackResource } from '../../model/stack-records.ts';
import type { World } from '../../model/world.ts';
import { noSuchStack } from '../errors.ts';
import type { Acceptance } from '../revision.ts';
import { exporterOf } from '../surroundings.ts';
import { demandStack, findStack, pageOf } from './find.ts';
import { showEvent, showResource, showStack, showSummary } from './show.ts';

/** Operations that look at stacks and change nothing. */
export function lookingOperations({ templates }: Acceptance) {
  return {
    DescribeStacks({ tx }: ActionContext, input: Input) {
      const name = input.text('StackName');
      const found = name === undefined ? undefined : findStack(tx, name);
      if (name !== undefined && found === undefined) throw noSuchStack(name);
      const all = found === undefined ? liveStacks(tx) : [found];
      const { page, NextToken } = pageOf(all, input);
      const shown = page.map((stack) => showStack(stack, templates.get(tx, stack.revision.templateId)));
      return { Stacks: shown, NextToken };
    },

    ListStacks({ tx }: ActionContext, input: Input) {
      const wanted = input.texts('StackStatusFilter');
      const all = [...tx.stacks.values()]
        .filter(({ status }) => wanted.length === 0 || wanted.includes(status))
        .toReversed();
      const { page, NextToken } = pageOf(all, input);
      return { StackSummaries: page.map(showSummary), NextToken };
    },

    DescribeStackEvents({ tx }: ActionContext, input: Input) {
      const { stackId } = demandStack(tx, input);
      const events = historyOf(tx, stackId);
      // A page begins where the last ended, counted from the oldest: new events do not move it.
      const token = input.text('NextToken');
      const end = token === undefined ? events.length : Number(token);
      if (!Number.isInteger(end) || end < 0) throw invalid(`The token '${token}' is invalid`);
      const start = Math.max(0, end - EVENTS_A_PAGE);
      return {
        StackEvents: events.slice(start, end).toReversed().map(showEvent),
        NextToken: start > 0 ? String(start) : undefined,
      };
    },

    DescribeStackResource({ tx }: ActionContext, input: Input) {
      const stack = demandStack(tx, input);
      const logicalId = input.demand('LogicalResourceId');
      const found = shownResources(tx, stack).find((each) => each.logicalId === logicalId);
      if (found === undefined) {
        throw invalid(`Resource ${logicalId} does not exist for stack ${stack.stackName}`);
      }
      const declaration = templates.get(tx, stack.revision.templateId).resources.get(logicalId);
      const metadata = declaration?.metadata ?? {};
      return {
        StackResourceDetail: {
          StackName: stack.stackName,
          StackId: stack.stackId,
          ...showResource(found),
          LastUpdatedTimestamp: found.timestamp,
          Metadata: Object.keys(metadata).length === 0 ? undefined : JSON.stringify(metadata),
        },
      };
    },

    DescribeStackResources({ tx }: ActionContext, input: Input) {
      const stack = stackOfResource(tx, input);
      const logicalId = input.text('LogicalResourceId');
      const found = shownResources(tx, stack).filter(
        (each) => logicalId === undefined || each.logicalId === logicalId,
      );
      return {
        StackResources: found.map((each) => ({
          StackName: stack.stackName,
          StackId: stack.stackId,
          ...showResource(each),
          Timestamp: each.timestamp,
        })),
      };
    },

    ListStackResources({ tx }: ActionContext, input: Input) {
      const stack = demandStack(tx, input);
      const { page, NextToken } = pageOf(shownResources(tx, stack), input);
      const shown = page.map((each) => ({ ...showResource(each), LastUpdatedTimestamp: each.timestamp }));
      return { StackResourceSummaries: shown, NextToken };
    },

    ListExports({ tx }: ActionContext, input: Input) {
      const all = [...tx.stacks.values()].flatMap(({ stackId, outputs }) =>
        outputs.flatMap(({ exportName, value }) =>
          exportName === undefined ? [] : [{ ExportingStackId: stackId, Name: exportName, Value: value }],
        ),
      );
      const { page, NextToken } = pageOf(all, input);
      return { Exports: page, NextToken };
    },

    ListImports({ tx }: ActionContext, input: Input) {
      const name = input.demand('ExportName');
      if (exporterOf(tx, name) === undefined) throw invalid(`Export '${name}' does not exist.`);
      const importers = tx.stacks.where('imports', name).map(({ stackName }) => stackName);
      if (importers.length === 0) throw invalid(`Export '${name}' is not imported by any stack.`);
      const { page, NextToken } = pageOf(importers, input);
      return { Imports: page, NextToken };
    },
  };
}

/** A stack's events, oldest first. */
export function historyOf(world: World, stackId: string): readonly StackEvent[] {
  return world.stackEvents.where('stackId', stackId).toSorted((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
}

const EVENTS_A_PAGE = 100;

function liveStacks(world: World): readonly Stack[] {
  return [...world.stacks.values()].filter(({ status }) => status !== 'DELETE_COMPLETE').toReversed();
}

/** A resource of each logical id: the one that stands for it. */
export function shownResources(world: World, { stackId }: Stack): readonly StackResource[] {
  const shown = new Map<string, StackResource>();
  for (const resource of world.stackResources.where('stackId', stackId)) {
    const other = shown.get(resource.logicalId);
    if (other === undefined || rank(resource) > rank(other)) shown.set(resource.logicalId, resource);
  }
  return [...shown.values()].toSorted((a, b) => (a.logicalId < b.logicalId ? -1 : 1));
}

function rank({ supersededIn, stage, generation }: StackResource): number {
  const isPresent = supersededIn === undefined && stage !== 'gone';
  return (isPresent ? 1_000_000 : 0) + generation;
}

/** By its name, or by the physical id of a resource of it. */
function stackOfResource(world: World, input: Input): Stack {
  const physicalId = input.text('PhysicalResourceId');
  if (input.text('StackName') !== undefined) return demandStack(world, input);
  if (physicalId === undefined) throw invalid('Either StackName or PhysicalResourceId must be specified');
  const [resource] = world.stackResources.where('physicalId', physicalId);
  const stack = world.stacks.get(resource?.stackId ?? '');
  if (stack === undefined) throw invalid(`Stack for ${physicalId} does not exist`);
  return stack;
}
