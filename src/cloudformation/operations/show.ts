import type { Output } from '../../ec2/query-service/envelope.ts';
import type { Tag } from '../../model/records.ts';
import type { Stack, StackEvent, StackResource, StackRevision } from '../../model/stack-records.ts';
import type { Template } from '../../template/template.ts';

/** A stack as DescribeStacks shows it; its template says which parameters are secrets. */
export function showStack(stack: Stack, template: Template): Output {
  const { revision } = stack;
  return {
    StackId: stack.stackId,
    StackName: stack.stackName,
    ChangeSetId: stack.changeSetId,
    Description: revision.description,
    Parameters: showParameters(revision, template),
    CreationTime: stack.creationTime,
    DeletionTime: stack.deletionTime,
    LastUpdatedTime: stack.lastUpdatedTime,
    RollbackConfiguration: {},
    StackStatus: stack.status,
    StackStatusReason: stack.statusReason,
    DisableRollback: stack.onFailure === 'DO_NOTHING',
    NotificationARNs: revision.notificationArns,
    TimeoutInMinutes: stack.timeoutInMinutes,
    Capabilities: revision.capabilities,
    Outputs: stack.outputs.map(({ name, value, description, exportName }) => ({
      OutputKey: name,
      OutputValue: value,
      Description: description,
      ExportName: exportName,
    })),
    RoleARN: revision.roleArn,
    Tags: showTags(revision.tags),
    EnableTerminationProtection: stack.isProtected,
    DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
  };
}

export function showTags(tags: readonly Tag[]): Output {
  return tags.map(({ key, value }) => ({ Key: key, Value: value }));
}

export function showParameters({ parameters }: StackRevision, template: Template): Output {
  return parameters.map(({ name, value, resolvedValue }) => ({
    ParameterKey: name,
    ParameterValue: template.parameters.get(name)?.isNoEcho === true ? '****' : value,
    ResolvedValue: resolvedValue,
  }));
}

export function showSummary(stack: Stack): Output {
  return {
    StackId: stack.stackId,
    StackName: stack.stackName,
    TemplateDescription: stack.revision.description,
    CreationTime: stack.creationTime,
    LastUpdatedTime: stack.lastUpdatedTime,
    DeletionTime: stack.deletionTime,
    StackStatus: stack.status,
    StackStatusReason: stack.statusReason,
    DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
  };
}

export function showEvent(event: StackEvent): Output {
  return {
    ...showOperationEvent(event),
    EventType: undefined,
    StackName: event.stackName,
    ResourceProperties: event.properties,
  };
}

/** An event as DescribeEvents shows it. */
export function showOperationEvent(event: StackEvent): { readonly [member: string]: Output } {
  return {
    EventId: event.eventId,
    StackId: event.stackId,
    EventType: 'PROGRESS_UPDATE',
    LogicalResourceId: event.logicalId,
    PhysicalResourceId: event.physicalId,
    ResourceType: event.type,
    Timestamp: event.timestamp,
    ResourceStatus: event.status,
    ResourceStatusReason: event.statusReason,
    ClientRequestToken: event.clientRequestToken,
  };
}

const NO_DRIFT = { StackResourceDriftStatus: 'NOT_CHECKED' };

/** What all ways of showing a resource have; the time has another name in each. */
export function showResource(resource: StackResource): { readonly [member: string]: Output } {
  return {
    LogicalResourceId: resource.logicalId,
    PhysicalResourceId: resource.physicalId,
    ResourceType: resource.type,
    ResourceStatus: resource.status,
    ResourceStatusReason: resource.statusReason,
    DriftInformation: NO_DRIFT,
  };
}
