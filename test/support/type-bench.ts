import { checkProperties } from '../../src/cloudformation/properties.ts';
import type {
  Placement,
  Progress,
  RecordType,
  ResourceContext,
} from '../../src/cloudformation/resource-type.ts';
import { resourceTypes } from '../../src/cloudformation/resources/index.ts';
import type { ActionContext } from '../../src/ec2/action.ts';
import { actions } from '../../src/ec2/actions/index.ts';
import type { InputOf, OperationName, OutputOf } from '../../src/ec2/dispatch.ts';
import { tableNames } from '../../src/model/world.ts';
import type { Value, ValueMap } from '../../src/template/value.ts';
import { ControlledRegion } from './controlled-region.ts';
import { given, TestRegion } from './ec2.ts';

export const PLACEMENT: Placement = {
  stackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/Net/0a1b2c3d',
  stackName: 'Net',
  logicalId: 'Thing',
  tags: [
    { Key: 'team', Value: 'net' },
    { Key: 'aws:cloudformation:stack-name', Value: 'Net' },
  ],
  generatedName: 'Net-Thing-1A2B3C4D5E6F',
};

type AnyAction = (context: ActionContext, input: unknown) => unknown;

/** Resources made, changed and ended one at a time, as a stack does it, in a region whose fabric is memory. */
export class TypeBench {
  readonly controlled: ControlledRegion;

  constructor(controlled: ControlledRegion) {
    this.controlled = controlled;
  }

  static async start(): Promise<TypeBench> {
    return new TypeBench(await ControlledRegion.start(new TestRegion({ isSeeded: true })));
  }

  get region(): TestRegion {
    return this.controlled.region;
  }

  /** Makes one, once its properties are found good, and waits until it has come to be. */
  async create(name: string, properties: ValueMap, placement: Partial<Placement> = {}): Promise<string> {
    const type = recordType(name);
    checkProperties(type, properties);
    const prepared = await type.prepare?.(properties);
    const id = this.run((context) => type.create(context, properties, prepared), placement);
    await this.#settle((context) => type.progress?.(context, id, properties) ?? 'done');
    return id;
  }

  async update(name: string, id: string, before: ValueMap, after: ValueMap): Promise<void> {
    const type = recordType(name);
    checkProperties(type, after);
    this.run((context) => given(type.update)(context, id, before, after));
    await this.#settle((context) => type.progress?.(context, id, after) ?? 'done');
  }

  async delete(name: string, id: string, properties: ValueMap): Promise<void> {
    const type = recordType(name);
    this.run((context) => type.delete(context, id, properties));
    await this.#settle((context) => type.isGone?.(context, id) ?? 'done');
  }

  /** Whether a change of properties needs another resource: by its type's schema, or by its type's own word. */
  isReplaced(name: string, before: ValueMap, after: ValueMap): boolean {
    const type = recordType(name);
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    const changed = [...names].filter((each) => JSON.stringify(before[each]) !== JSON.stringify(after[each]));
    return (
      type.update === undefined ||
      changed.some((each) => type.properties[each]?.update === 'replace') ||
      (type.needsReplacement?.(before, after) ?? false)
    );
  }

  ref(name: string, id: string): Value {
    const type = recordType(name);
    return type.refOf === undefined ? id : this.run((context) => type.refOf?.(context, id) ?? id);
  }

  attributes(name: string, id: string, properties: ValueMap): Readonly<Record<string, Value>> {
    const type = recordType(name);
    return this.run((context) => type.attributesOf?.(context, id, properties) ?? {});
  }

  run<R>(act: (context: ResourceContext) => R, placement: Partial<Placement> = {}): R {
    return this.region.write((action) => act(contextOf(action, { ...PLACEMENT, ...placement })));
  }

  /** Everything there is and is not gone, less what only says when and how often. */
  living(): string[] {
    const { world } = this.region;
    return tableNames.flatMap((table) =>
      [...world[table].values()]
        .filter((record) => !('state' in record && GONE.has(String(record.state))) && !isPast(record))
        .map((record) => `${table} ${JSON.stringify(record).replaceAll(PASSING, '')}`)
        .toSorted(),
    );
  }

  async #settle(ask: (context: ResourceContext) => Progress): Promise<void> {
    for (let round = 0; round < 20; round++) {
      await this.controlled.control.idle();
      const progress = this.run(ask);
      if (progress === 'done') return this.controlled.control.idle();
      if (progress !== 'busy') throw new Error(progress.failed);
    }
    throw new Error('it is busy still, and nothing happens any more');
  }
}

/** What tells of the past only: ids of what was taken back and given again, how often something booted, where it was. */
const PASSING =
  /(?<=(?:aclassoc|rtbassoc|vpce-svc-perm|eipassoc|sgr|iip-assoc)-)[0-9a-f]+|,"detachedVpcId":"[^"]*"|,"boots(?:Wanted|Done)":\d+/g;

function isPast(record: object): boolean {
  return 'status' in record && JSON.stringify(record.status).includes('"deleted"');
}

const GONE = new Set(['deleted', 'terminated']);

/** A type whose resources are records. */
export function recordType(name: string): RecordType {
  const type = resourceTypes.get(name);
  if (type?.kind !== 'record') throw new Error(`${name} is no type of records`);
  return type;
}

function contextOf(action: ActionContext, placement: Placement): ResourceContext {
  return {
    action,
    placement,
    call<Name extends OperationName>(name: Name, input: InputOf<Name>): OutputOf<Name> {
      const table: Readonly<Record<string, unknown>> = actions;
      // The compiler cannot see that an action's input and output fit the action of the same name.
      return (table[name] as AnyAction)(action, input) as OutputOf<Name>;
    },
  };
}
