import type { Scope } from '../../model/world.ts';
import type { Transaction } from '../../state/store.ts';
import { SsmError } from './errors.ts';
import { Input } from './input.ts';
import { operations } from './parameters.ts';

/** A verified request, as far as Systems Manager looks at it. */
export interface SsmRequest {
  readonly header: (name: string) => string | undefined;
  readonly body: Uint8Array;
  readonly caller: { readonly account: string };
  readonly region: string;
  readonly now: Date;
}

/** Status and JSON of an answer. */
export interface SsmReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the service is made of. */
export interface SsmOptions {
  /** Changes a world; resolves when that is on disk. */
  readonly write: <R>(scope: Scope, act: (tx: Transaction) => R) => Promise<R>;
  readonly publicParametersOf: (region: string) => ReadonlyMap<string, string>;
}

const PREFIX = 'AmazonSSM';

/** Systems Manager, of which there is the Parameter Store: names that people's templates look images up by. */
export function createSsm({ write, publicParametersOf }: SsmOptions) {
  return {
    targetPrefixes: [PREFIX],
    handle: async ({ header, body, caller, region, now }: SsmRequest): Promise<SsmReply> => {
      const name = (header('x-amz-target') ?? '').slice(PREFIX.length + 1);
      const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
      if (operation === undefined) return refuse(unknownOperation(name));
      try {
        const input = new Input(body);
        const publicParameters = publicParametersOf(region);
        const scope = { account: caller.account, region };
        return render(200, await write(scope, (tx) => operation({ tx, now, publicParameters }, input)));
      } catch (error) {
        if (error instanceof SsmError)
          return refuse({ code: error.code, message: error.message, status: 400 });
        throw error;
      }
    },
    refuse,
  };
}

function unknownOperation(name: string): { code: string; message: string; status: number } {
  const known = Object.keys(operations).join(', ');
  const message = `Cloudcroft's Systems Manager does not have the operation ${name}. It has ${known}.`;
  return { code: 'UnknownOperationException', message, status: 400 };
}

function refuse({ code, message, status }: { code: string; message: string; status: number }): SsmReply {
  return render(status, { __type: code, message });
}

function render(status: number, value: object): SsmReply {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(value) };
}
