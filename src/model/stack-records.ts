import type { Tag, Taggable } from './records.ts';

/** A value as JSON has them. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonMap;
export interface JsonMap {
  readonly [name: string]: JsonValue;
}

/** A parameter of a stack: as it was given, and what a Systems Manager parameter's name led to. */
export interface StackParameter {
  readonly name: string;
  readonly value: string;
  readonly resolvedValue?: string;
}

/** What a stack is made after: a template and all that it was given. */
export interface StackRevision extends Taggable {
  readonly templateId: string;
  readonly description?: string;
  readonly parameters: readonly StackParameter[];
  readonly capabilities: readonly string[];
  readonly notificationArns: readonly string[];
  readonly roleArn?: string;
}

/**
 * What is being done to a stack. `apply` makes and changes resources after the stack's revision; `cleanup` ends those that do
 * not belong to it. The course says what it is done for, and so in which words it is shown.
 */
export interface StackWork {
  /** The update, with its rollback: what it made is known by it. */
  readonly operationId: string;
  readonly course: 'create' | 'create-rollback' | 'update' | 'update-rollback' | 'delete';
  readonly phase: 'apply' | 'cleanup';
  readonly clientRequestToken?: string;
  /** Logical ids that are let be: `RetainResources` of a deletion, `ResourcesToSkip` of a rollback. */
  readonly skipped: readonly string[];
  /** In the place of the stack's own policy, for this update. */
  readonly policyBody?: string;
}

/** An output of a stack, its value resolved. */
export interface StackOutput {
  readonly name: string;
  readonly value: string;
  readonly description?: string;
  readonly exportName?: string;
}

/** A stack of CloudFormation. */
export interface Stack {
  /** Its ARN. */
  readonly stackId: string;
  readonly stackName: string;
  /** `CREATE_IN_PROGRESS` … */
  readonly status: string;
  readonly statusReason?: string;
  readonly revision: StackRevision;
  /** During an update: the revision to go back to. */
  readonly previous?: StackRevision;
  /** The last update, or the creation: what it made is known by it. */
  readonly operationId: string;
  /** The ClientRequestToken of the last operation: a repeat of it does nothing. */
  readonly token?: string;
  /** Logical ids that its revision wants: those whose conditions hold. */
  readonly resourceIds: readonly string[];
  /** What is being done to it; undefined while nothing is. */
  readonly work?: StackWork;
  readonly outputs: readonly StackOutput[];
  /** Names of exports that its template imports. */
  readonly imports: readonly string[];
  readonly creationTime: string;
  readonly lastUpdatedTime?: string;
  readonly deletionTime?: string;
  /** What happens when making or changing it fails. */
  readonly onFailure: 'ROLLBACK' | 'DELETE' | 'DO_NOTHING';
  readonly timeoutInMinutes?: number;
  readonly isProtected: boolean;
  readonly policyBody?: string;
  /** The change set that was executed last. */
  readonly changeSetId?: string;
}

/** The text of a template, kept once for all stacks and change sets that have it. */
export interface StackTemplate {
  readonly templateId: string;
  readonly body: string;
}

/**
 * One resource of a stack. A logical id whose resource is being replaced has two: the one that is superseded is ended in the
 * cleanup, or taken back into use by a rollback.
 */
export interface StackResource {
  /** Stack id, logical id and generation. */
  readonly resourceKey: string;
  readonly stackId: string;
  readonly logicalId: string;
  /** 1, and one more for each replacement. */
  readonly generation: number;
  readonly type: string;
  readonly physicalId?: string;
  /** `failed`: never came to be. `gone`: is no more, or is no longer the stack's. */
  readonly stage: 'creating' | 'updating' | 'ready' | 'failed' | 'deleting' | 'gone';
  /** The operation that made it. */
  readonly bornIn: string;
  /** The operation that put another into its place, or took it back: it is ended in the cleanup. */
  readonly supersededIn?: string;
  /** AWS's word: `CREATE_IN_PROGRESS` … */
  readonly status: string;
  readonly statusReason?: string;
  readonly timestamp: string;
  /** Resolved. */
  readonly properties: JsonMap;
  /** While it is `updating`: its properties before. */
  readonly before?: JsonMap;
  /** Tags of the stack that it was given. */
  readonly stackTags: readonly Tag[];
  /** Logical ids that it needs. */
  readonly dependsOn: readonly string[];
  readonly deletionPolicy: string;
  readonly updateReplacePolicy: string;
}

/** An entry of a stack's history. */
export interface StackEvent {
  readonly eventId: string;
  readonly stackId: string;
  readonly stackName: string;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly timestamp: string;
  readonly status: string;
  readonly statusReason?: string;
  readonly properties?: string;
  readonly clientRequestToken?: string;
}

/** One property, or another part of a resource's declaration, that a change set changes. */
export interface ChangeDetail {
  readonly attribute: string;
  readonly name?: string;
  readonly requiresRecreation: 'Never' | 'Conditionally' | 'Always';
  readonly evaluation: 'Static' | 'Dynamic';
  readonly changeSource: string;
  readonly causingEntity?: string;
  readonly beforeValue?: string;
  readonly afterValue?: string;
}

/** What a change set does to one resource. */
export interface ResourceChange {
  readonly action: 'Add' | 'Modify' | 'Remove';
  readonly logicalId: string;
  readonly physicalId?: string;
  readonly type: string;
  readonly replacement?: 'True' | 'False' | 'Conditional';
  readonly policyAction?: string;
  readonly details: readonly ChangeDetail[];
  readonly beforeContext?: string;
  readonly afterContext?: string;
}

/** A change set of a stack. */
export interface ChangeSet {
  /** Its ARN. */
  readonly changeSetId: string;
  readonly changeSetName: string;
  readonly stackId: string;
  readonly stackName: string;
  readonly type: 'CREATE' | 'UPDATE';
  readonly description?: string;
  readonly revision: StackRevision;
  readonly status: 'CREATE_COMPLETE' | 'FAILED';
  readonly statusReason?: string;
  readonly executionStatus: 'AVAILABLE' | 'UNAVAILABLE' | 'EXECUTE_COMPLETE' | 'OBSOLETE';
  readonly creationTime: string;
  readonly changes: readonly ResourceChange[];
  readonly onStackFailure?: 'ROLLBACK' | 'DELETE' | 'DO_NOTHING';
  readonly clientToken?: string;
}
