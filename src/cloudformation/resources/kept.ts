import type { KeptResource } from '../../model/kept-records.ts';
import type { Value, ValueMap } from '../../template/value.ts';
import { invalidProperty, PropertyReader } from '../properties.ts';
import type { PropertySchema, RecordType, ResourceContext } from '../resource-type.ts';

/** A type whose resources are kept as records, and nothing more: no service of Cloudcroft acts on them. */
interface KeptType {
  readonly name: string;
  readonly properties: Readonly<Record<string, PropertySchema>>;
  readonly attributes: readonly string[];
  /** The property that names the resource; without it, the name is CloudFormation's. */
  readonly nameProperty?: string;
  /** The resource's name where no property says it. */
  nameOf?(context: ResourceContext, properties: ValueMap): string;
  /** Refuses what cannot be kept. */
  check?(context: ResourceContext, properties: ValueMap): void;
  attributesOf?(
    context: ResourceContext,
    name: string,
    properties: ValueMap,
  ): Readonly<Record<string, Value>>;
}

/** The type of resources that are kept. One of a name that is taken is refused. */
export function keptType(kept: KeptType): RecordType {
  const { name: type, properties, attributes, attributesOf } = kept;
  return {
    kind: 'record',
    name: type,
    properties,
    attributes,
    create(context, given) {
      kept.check?.(context, given);
      const name = nameOf(kept, context, given);
      if (find(context, type, name) !== undefined) {
        throw invalidProperty(`Resource of type '${type}' with identifier '${name}' already exists.`);
      }
      put(context, type, name, given);
      return name;
    },
    update(context, name, _before, after) {
      kept.check?.(context, after);
      put(context, type, name, after);
    },
    delete(context, name) {
      context.action.tx.keptResources.delete(idOf(type, name));
    },
    ...(attributesOf === undefined ? {} : { attributesOf }),
  };
}

function nameOf({ nameProperty, nameOf }: KeptType, context: ResourceContext, properties: ValueMap): string {
  const own = nameProperty === undefined ? undefined : new PropertyReader(properties).text(nameProperty);
  return own ?? nameOf?.(context, properties) ?? context.placement.generatedName;
}

function find({ action: { tx } }: ResourceContext, type: string, name: string): KeptResource | undefined {
  return tx.keptResources.get(idOf(type, name));
}

function put({ action: { tx } }: ResourceContext, type: string, name: string, properties: ValueMap): void {
  const record = { keptResourceId: idOf(type, name), type, name, properties: JSON.stringify(properties) };
  tx.keptResources.put(record);
}

function idOf(type: string, name: string): string {
  return `${type} ${name}`;
}
