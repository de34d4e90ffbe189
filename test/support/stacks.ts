import { setImmediate } from 'node:timers/promises';
import { StackEngine } from '../../src/cloudformation/engine.ts';
import type {
  AskRemote,
  RecordType,
  RemoteType,
  ResourceType,
} from '../../src/cloudformation/resource-type.ts';
import { createCloudFormation } from '../../src/cloudformation/service.ts';
import type { StackParts } from '../../src/cloudformation/stack-parts.ts';
import { Templates } from '../../src/cloudformation/templates.ts';
import { actions } from '../../src/ec2/actions/index.ts';
import { AwsError } from '../../src/ec2/errors.ts';
import type { Value } from '../../src/template/value.ts';
import { TestRegion } from './ec2.ts';

type Parameters = Readonly<Record<string, string>>;

/** The daemon was killed: nothing after it is written. */
class Killed extends Error {}

/**
 * A type that does what its properties say. Things are kept as parameters of Systems Manager, so they are in the store as every
 * record is: `Refuses` names the act that fails, one that is `Slow` is busy until somebody sets its `version` to 2.
 */
const thing: RecordType = {
  kind: 'record',
  name: 'Test::Thing',
  properties: {
    Name: { type: 'String', update: 'replace' },
    Value: { type: 'String' },
    Refuses: { type: 'String' },
    Slow: { type: 'Boolean' },
    Tags: { type: 'List' },
  },
  attributes: ['Value', 'Tag'],
  create({ action: { tx, newId, now }, placement }, properties) {
    refuse(properties, 'create');
    const name = newId('thing');
    tx.parameters.put({
      name,
      type: 'String',
      value: String(properties['Value'] ?? ''),
      version: properties['Slow'] === true ? 1 : 2,
      lastModifiedDate: now.toISOString(),
      dataType: 'text',
      tier: 'Standard',
      tags: placement.tags.map(({ Key, Value }) => ({ key: Key, value: Value })),
    });
    return name;
  },
  progress: ({ action: { tx } }, name, properties) => {
    if (properties['Refuses'] === 'progress') return { failed: 'it broke' };
    return (tx.parameters.get(name)?.version ?? 2) < 2 ? 'busy' : 'done';
  },
  update({ action: { tx }, placement }, name, _before, after) {
    refuse(after, 'update');
    const record = tx.parameters.get(name);
    if (record === undefined) throw new AwsError('ThingNotFound', `${name} is not there`);
    const tags = placement.tags.map(({ Key, Value }) => ({ key: Key, value: Value }));
    const version = after['Slow'] === true ? 1 : 2;
    tx.parameters.put({ ...record, value: String(after['Value'] ?? ''), version, tags });
  },
  delete({ action: { tx } }, name, properties) {
    refuse(properties, 'delete');
    tx.parameters.delete(name);
  },
  attributesOf: ({ action: { tx } }, name) => {
    const record = tx.parameters.get(name);
    return record === undefined ? {} : { Value: record.value };
  },
};

function refuse(properties: Readonly<Record<string, Value>>, act: string): void {
  if (properties['Refuses'] === act) throw new AwsError('ThingRefused', `a thing refuses to ${act}`);
}

/** A type that another process keeps: what was asked of it stands in `asked`. */
export function remoteThing(kept: Map<string, string>): RemoteType {
  return {
    kind: 'remote',
    name: 'Test::Remote',
    properties: {
      Name: { type: 'String', update: 'replace' },
      Value: { type: 'String' },
      Refuses: { type: 'String' },
    },
    attributes: ['Url'],
    nameOf: (placement, properties) => String(properties['Name'] ?? placement.generatedName),
    create: async (_place, name, properties) => {
      if (properties['Refuses'] === 'create') throw new Error('the other process refuses');
      kept.set(name, String(properties['Value'] ?? ''));
    },
    update: async (_place, name, _before, after) => {
      kept.set(name, String(after['Value'] ?? ''));
    },
    delete: async (_place, name) => {
      kept.delete(name);
    },
    attributesOf: (_place, name) => ({ Url: `http://${name}` }),
  };
}

interface BenchOptions {
  readonly types?: readonly ResourceType[];
  readonly region?: TestRegion;
  readonly askRemote?: AskRemote;
}

/** Stacks in a region of its own, of things and of whatever types are given. */
export class StackBench {
  readonly region: TestRegion;
  readonly bugs: unknown[] = [];
  /** How many transactions of the engine are still carried out. */
  commitsLeft = Number.POSITIVE_INFINITY;
  /** What the engine's clock is ahead of the region's. */
  minutes = 0;
  #engine: StackEngine;
  readonly #parts: StackParts;

  constructor({ types = [], region = new TestRegion({ isSeeded: true }), askRemote }: BenchOptions = {}) {
    this.region = region;
    this.#parts = {
      store: region.store,
      actions,
      types: new Map([thing, ...types].map((type) => [type.name, type])),
      templates: new Templates(),
      transact: (scope, act) => {
        if (this.commitsLeft-- <= 0) throw new Killed();
        return region.store.transact(scope, (tx) => {
          const context = region.contextOf(tx);
          return act({ ...context, ...scope, now: new Date(context.now.getTime() + this.minutes * 60_000) });
        }).value;
      },
      askRemote: askRemote ?? (() => Promise.reject(new Error('nobody is there'))),
      onBug: (error) => {
        if (!(error instanceof Killed)) this.bugs.push(error);
      },
    };
    this.#engine = new StackEngine(this.#parts);
  }

  /** Ends the engine as if its process were gone, and begins another on the same records. */
  restart(): void {
    this.#engine.close();
    this.commitsLeft = Number.POSITIVE_INFINITY;
    this.#engine = new StackEngine({ ...this.#parts, templates: new Templates() });
    this.#engine.start();
  }

  /** Resolves when the engine was killed for want of commits, or has nothing to do. */
  async untilKilled(): Promise<void> {
    const isAtRest = () => [...this.region.world.stacks.values()].every(({ work }) => work === undefined);
    for (let turns = 0; turns < 1_000 && this.commitsLeft >= 0 && !isAtRest(); turns++) await setImmediate();
  }

  /** Asks CloudFormation; the reply is XML. */
  async ask(Action: string, parameters: Parameters = {}): Promise<string> {
    const { region } = this;
    const service = createCloudFormation(this.#parts, async (_request, act) => region.write(act));
    const { account } = region.scope;
    const body = new URLSearchParams({ Action, Version: '2010-05-15', ...parameters }).toString();
    const reply = await service.handle({
      method: 'POST',
      path: '/',
      query: '',
      header: () => undefined,
      body: Buffer.from(body),
      caller: { account, accessKeyId: 'AKIATEST', arn: `arn:aws:iam::${account}:root`, userId: account },
      region: region.scope.region,
      requestId: '00000000-0000-4000-8000-000000000000',
      now: new Date('2026-01-02T03:04:05.000Z'),
    });
    return typeof reply.body === 'string' ? reply.body : Buffer.from(reply.body).toString();
  }

  /** Asks, and waits until nothing more can be done. */
  async do(action: string, parameters: Parameters = {}): Promise<string> {
    const reply = await this.ask(action, parameters);
    await this.idle();
    return reply;
  }

  idle(): Promise<void> {
    return this.#engine.idle();
  }

  /** The history of a stack, oldest first, without what differs from run to run. */
  events(stackName: string): string[] {
    const { world } = this.region;
    const ids = new Set(world.stacks.where('stackName', stackName).map(({ stackId }) => stackId));
    return [...world.stackEvents.values()]
      .filter(({ stackId }) => ids.has(stackId))
      .map(({ logicalId, status, statusReason = '' }) =>
        `${logicalId} ${status} ${statusReason.replace(UUID, 'UUID')}`.trimEnd(),
      );
  }

  /** The status of the newest stack of a name. */
  status(stackName: string): string {
    return this.region.world.stacks.where('stackName', stackName).at(-1)?.status ?? 'none';
  }

  /** Values of the things that there are, in order. */
  things(): string[] {
    return [...this.region.world.parameters.values()].map(({ value }) => value).toSorted();
  }

  /** A thing that was slow has come to be. */
  finish(value: string): void {
    this.region.write(({ tx }) => {
      for (const each of [...tx.parameters.values()]) {
        if (each.value === value) tx.parameters.put({ ...each, version: 2 });
      }
    });
  }
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** A template of things: their properties, with what else a declaration has under `$`. */
export function templateOf(
  things: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  more: object = {},
): string {
  const resources = Object.entries(things).map(([logicalId, { $: rest = {}, ...Properties }]) => [
    logicalId,
    { Type: 'Test::Thing', ...(typeof rest === 'object' ? rest : {}), Properties },
  ]);
  return JSON.stringify({ Resources: Object.fromEntries(resources), ...more });
}

/** `Code: message` of a refusal, or `done`. */
export function refusalIn(xml: string): string {
  const textOf = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
  return xml.startsWith('<ErrorResponse') ? `${textOf('Code')}: ${textOf('Message')}` : 'done';
}
