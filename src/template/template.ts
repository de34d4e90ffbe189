import type { Value, ValueMap } from './value.ts';

/** A parameter as a template declares it. */
export interface ParameterDeclaration {
  readonly name: string;
  /** `String`, `Number`, `CommaDelimitedList`, `List<…>`, `AWS::EC2::VPC::Id`, `AWS::SSM::Parameter::Value<…>` … */
  readonly type: string;
  readonly defaultValue: string | undefined;
  readonly description: string | undefined;
  readonly isNoEcho: boolean;
  readonly allowedValues: readonly string[] | undefined;
  readonly allowedPattern: string | undefined;
  readonly minLength: number | undefined;
  readonly maxLength: number | undefined;
  readonly minValue: number | undefined;
  readonly maxValue: number | undefined;
  readonly constraintDescription: string | undefined;
}

export type DeletionPolicy = 'Delete' | 'Retain' | 'RetainExceptOnCreate' | 'Snapshot';

/** A resource as a template declares it: nothing in it is resolved yet. */
export interface ResourceDeclaration {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: ValueMap;
  readonly dependsOn: readonly string[];
  readonly condition: string | undefined;
  readonly deletionPolicy: DeletionPolicy;
  readonly updateReplacePolicy: DeletionPolicy;
  readonly hasCreationPolicy: boolean;
  readonly metadata: ValueMap;
}

/** An output as a template declares it. */
export interface OutputDeclaration {
  readonly name: string;
  readonly value: Value;
  readonly description: string | undefined;
  readonly exportName: Value | undefined;
  readonly condition: string | undefined;
}

/** A template that was read: its sections are of the right form, and what they refer to is there. */
export interface Template {
  readonly description: string | undefined;
  readonly metadata: ValueMap;
  readonly parameters: ReadonlyMap<string, ParameterDeclaration>;
  readonly mappings: ValueMap;
  readonly conditions: ValueMap;
  readonly rules: ValueMap;
  readonly resources: ReadonlyMap<string, ResourceDeclaration>;
  readonly outputs: ReadonlyMap<string, OutputDeclaration>;
}
