import type { ActionTable, InputOf } from '../../src/ec2/dispatch.ts';

/** The actions that our table may have, those that ask the fabric included. */
type ActionName = keyof ActionTable;

/** What to keep of a reply: a name, and the path of members and indexes that leads to the text, `Subnets.0.SubnetId`. */
type Kept = Readonly<Record<string, string>>;

/** An action and its input; `$name` in its texts stands for what an earlier step kept: `$Latest` is AWS's own. */
export type Request = {
  readonly [Name in ActionName]: readonly [action: Name, input: InputOf<Name>];
}[ActionName];

/** A request that must succeed. `partner` sends it as another account. */
export type Step = {
  readonly [Name in ActionName]: readonly [
    action: Name,
    input: InputOf<Name>,
    keep?: Kept,
    by?: 'owner' | 'partner',
  ];
}[ActionName];

/** Texts kept so far. */
export type Memory = Map<string, string>;

/** The input with every `$name` replaced; throws for one that nothing kept. */
export function fillIn(input: unknown, memory: Memory): unknown {
  if (typeof input === 'string') return fillInText(input, memory);
  if (Array.isArray(input)) return input.map((item) => fillIn(item, memory));
  if (typeof input !== 'object' || input === null || input instanceof Uint8Array) return input;
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, fillIn(value, memory)]));
}

/** As fillIn, of one text. */
export function fillInText(text: string, memory: Memory): string {
  return text.replaceAll(/\$([a-z]\w*)/g, (_, name: string) => recall(memory, name));
}

/** Keeps of a reply what later requests name; throws where it is not there. */
export function keepOf(reply: unknown, keep: Kept, memory: Memory): void {
  for (const [name, path] of Object.entries(keep)) {
    const found = path.split('.').reduce((value, key) => Object(value)[key], reply);
    if (typeof found !== 'string') throw new Error(`the reply has no ${path}: ${JSON.stringify(reply)}`);
    memory.set(name, found);
  }
}

function recall(memory: Memory, name: string): string {
  const text = memory.get(name);
  if (text === undefined) throw new Error(`no earlier request kept ${name}`);
  return text;
}
