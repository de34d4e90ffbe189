import type { ActionContext } from '../ec2/action.ts';
import type { InputOf, OperationName, OutputOf } from '../ec2/dispatch.ts';
import type { Value, ValueMap } from '../template/value.ts';

/** The stack and the place in it that a resource is made for. */
export interface Placement {
  readonly stackId: string;
  readonly stackName: string;
  readonly logicalId: string;
  /** The stack's own tags, and CloudFormation's `aws:cloudformation:…`: for the resource, besides the ones it asks for. */
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
  /** A name of CloudFormation's form, `STACK-LOGICALID-1A2B3C4D5E6F`, the same at every try: for what is known by a name. */
  readonly generatedName: string;
}

/** What a type has to act with: one transaction, in which the stack's own records are written as well. */
export interface ResourceContext {
  readonly action: ActionContext;
  readonly placement: Placement;
  /** An EC2 action, in this transaction: the very one that answers the API. Throws its AwsError. */
  call<Name extends OperationName>(name: Name, input: InputOf<Name>): OutputOf<Name>;
}

/** How an update of a property comes about. */
export type UpdateKind = 'in-place' | 'replace';

/** One property of a type. */
export interface PropertySchema {
  readonly type: 'String' | 'Number' | 'Integer' | 'Boolean' | 'List' | 'Map' | 'Json';
  readonly isRequired?: boolean;
  /** Default `in-place`. */
  readonly update?: UpdateKind;
}

/** Not yet, done, or failed for good: then CloudFormation rolls back, and shows the reason. */
export type Progress = 'busy' | 'done' | { readonly failed: string };

interface CommonType {
  /** `AWS::EC2::VPC` */
  readonly name: string;
  readonly properties: Readonly<Record<string, PropertySchema>>;
  /** What `Fn::GetAtt` may name. */
  readonly attributes: readonly string[];
  /** For what the schema cannot say: whether this change needs a replacement. Properties are resolved. */
  needsReplacement?(before: ValueMap, after: ValueMap): boolean;
}

/**
 * A type whose resources are records of our own: everything happens in the transaction that also writes down that it has,
 * so a daemon that is killed leaves nothing half done. Functions throw an AwsError to fail.
 */
export interface RecordType extends CommonType {
  readonly kind: 'record';
  /** Slow work before `create`, such as making a key; what it resolves with is given to `create`. */
  prepare?(properties: ValueMap): Promise<unknown>;
  /** Makes it; returns its physical id, which is what `Ref` gives unless `refOf` says otherwise. */
  create(context: ResourceContext, properties: ValueMap, prepared: unknown): string;
  /** Whether it has come to be: asked after `create` and `update`, again after each change of the world. Absent: at once. */
  progress?(context: ResourceContext, physicalId: string, properties: ValueMap): Progress;
  /** Changes it in place. Absent: every change replaces it. */
  update?(context: ResourceContext, physicalId: string, before: ValueMap, after: ValueMap): void;
  /** Ends it. That it is not there any more is no failure. */
  delete(context: ResourceContext, physicalId: string, properties: ValueMap): void;
  /** Whether it has gone: asked after `delete`. Absent: at once. */
  isGone?(context: ResourceContext, physicalId: string): Progress;
  /** The attributes as they are now; one that is missing cannot be had. */
  attributesOf?(
    context: ResourceContext,
    physicalId: string,
    properties: ValueMap,
  ): Readonly<Record<string, Value>>;
  refOf?(context: ResourceContext, physicalId: string): Value;
}

/** One HTTP request to a service that is not made of records: S3, DynamoDB. Signed with the owner's key on the way. */
export interface RemoteRequest {
  readonly service: 's3' | 'dynamodb';
  readonly region: string;
  readonly account: string;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type AskRemote = (
  request: RemoteRequest,
) => Promise<{ readonly status: number; readonly body: string }>;

/** Where a remote resource stands. */
export interface RemotePlace {
  readonly placement: Placement;
  readonly account: string;
  readonly region: string;
  readonly ask: AskRemote;
}

/**
 * A type whose resources another process keeps. Its name is written down before it is made, and each function may be called
 * again after a crash: a second time it does nothing. They reject with an Error whose message tells a person why.
 */
export interface RemoteType extends CommonType {
  readonly kind: 'remote';
  nameOf(placement: Placement, properties: ValueMap): string;
  create(place: RemotePlace, physicalId: string, properties: ValueMap): Promise<void>;
  update?(place: RemotePlace, physicalId: string, before: ValueMap, after: ValueMap): Promise<void>;
  delete(place: RemotePlace, physicalId: string, properties: ValueMap): Promise<void>;
  attributesOf?(
    place: Omit<RemotePlace, 'ask'>,
    physicalId: string,
    properties: ValueMap,
  ): Readonly<Record<string, Value>>;
}

export type ResourceType = RecordType | RemoteType;

/** All types there are, by name. What is not in it fails the stack with its name. */
export type ResourceTypes = ReadonlyMap<string, ResourceType>;
