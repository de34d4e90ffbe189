import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { ImportReply } from '../cli/import-reply.ts';
import { isRegion } from '../ec2/catalogue/regions.ts';
import { publicAddressOf } from '../model/public-addresses.ts';
import { type Scope, tableNames, type World } from '../model/world.ts';
import type { StateDirectory } from '../state/directory.ts';
import type { Store, Transaction } from '../state/store.ts';
import { Dump, DumpError } from '../transfer/aws/dump.ts';
import { importDump } from '../transfer/aws/import.ts';
import { ControlError } from './control-server.ts';
import { publicServers } from './servers.ts';

/** More instances than this boot only if the user says so: each is a container. */
const MOST_BOOTS_UNASKED = 50;

/** Text of all files together; a dump of ten thousand interfaces is a tenth of it. */
const MOST_BYTES = 400_000_000;

/** What `croft import aws` asks for. */
export interface ImportWish {
  readonly files: readonly { readonly name: string; readonly path: string }[];
  readonly account: string | undefined;
  readonly region: string | undefined;
  readonly isReplacing: boolean;
  /** Whether its instances boot; undefined when the user did not say. */
  readonly isBooting: boolean | undefined;
}

/** The wish in a question's fields. Throws a ControlError where it is none. */
export function readImportWish(fields: Readonly<Record<string, unknown>>): ImportWish {
  const { files, account, region, isReplacing, isBooting } = fields;
  if (!Array.isArray(files) || files.length === 0) throw new ControlError('Files are needed.');
  return {
    files: files.map((file: unknown) => {
      const [name, path] =
        typeof file === 'object' && file !== null && 'name' in file && 'path' in file
          ? [file.name, file.path]
          : [];
      if (typeof name !== 'string' || typeof path !== 'string' || !isAbsolute(path))
        throw new ControlError('The path of a file is needed.');
      return { name, path };
    }),
    account: typeof account === 'string' ? account : undefined,
    region: typeof region === 'string' ? region : undefined,
    isReplacing: isReplacing === true,
    isBooting: typeof isBooting === 'boolean' ? isBooting : undefined,
  };
}

/**
 * Reads a dump into the world of its account and region. Refuses, with all as it was, where that would forget something of
 * the user's, or where something of the dump is in another world already.
 */
export async function importAws(store: Store, state: StateDirectory, wish: ImportWish): Promise<ImportReply> {
  try {
    return await importFiles(store, state, wish);
  } catch (error) {
    if (error instanceof DumpError) throw new ControlError(error.message, error.hint);
    throw error;
  }
}

async function importFiles(store: Store, state: StateDirectory, wish: ImportWish): Promise<ImportReply> {
  const dump = new Dump(readFiles(wish.files));
  const scope = dump.scope(wish);
  if (!isRegion(scope.region)) {
    throw new ControlError(
      `Cloudcroft knows no region "${scope.region}".`,
      'Say another: --region us-east-1',
    );
  }
  if (!wish.isReplacing) refuseToForget(store.world(scope));
  const isAnalysedOnly = wish.isBooting === false;
  const reply = await store.replaceWorld(scope, (tx) => {
    importDump(dump, tx, { isAnalysedOnly });
    refuseTwins(tx);
    tellServers(dump, tx);
    const running = [...tx.instances.values()].filter((each) =>
      ['running', 'pending'].includes(each.state),
    ).length;
    if (wish.isBooting === undefined && running > MOST_BOOTS_UNASKED) {
      throw new ControlError(
        `${running} instances would boot, each as a container.`,
        'Import with --no-boot to ask about the network only, or with --boot to have them all.',
      );
    }
    return { counts: countsOf(tx), running };
  });
  return {
    ...scope,
    ...reply,
    files: wish.files.length,
    isAnalysedOnly,
    notes: dump.report.notes,
    asides: asidesOf(dump),
    record: keepRecord(state, scope, dump),
  };
}

function readFiles(files: ImportWish['files']) {
  let size = 0;
  return files.map(({ name, path }) => {
    const text = readText(name, path);
    size += text.length;
    if (size > MOST_BYTES) throw new ControlError('The files are too large: is this a dump of the aws CLI?');
    return { name, text };
  });
}

function readText(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ControlError(
      `${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** What a person made is not forgotten unless they say so; default VPCs are nobody's work. */
function refuseToForget(world: World | undefined): void {
  if (world === undefined) return;
  const own = [
    ...[...world.vpcs.values()].filter(({ isDefault }) => !isDefault).map(({ vpcId }) => vpcId),
    ...[...world.instances.values()].map(({ instanceId }) => instanceId),
  ];
  if (own.length === 0) return;
  const { account, region } = world.scope;
  throw new ControlError(
    `Account ${account} has something in ${region} that would be forgotten: ${own.slice(0, 3).join(', ')}${own.length > 3 ? ' and more' : ''}.`,
    'Import with --replace to put the files in its place, or into another world with --state DIR.',
  );
}

/** Machines are named after ids: one id cannot be in two worlds. */
function refuseTwins(tx: Transaction): void {
  for (const world of tx.allWorlds()) {
    const { account, region } = world.scope;
    if (account === tx.scope.account && region === tx.scope.region) continue;
    for (const table of ['vpcs', 'networkInterfaces', 'instances', 'transitGateways'] as const) {
      for (const record of tx[table].values()) {
        const id = Object.values(record)[0];
        if (typeof id !== 'string' || world[table].get(id) === undefined) continue;
        throw new ControlError(
          `${id} is in this world already, as account ${account}’s in ${region}.`,
          'Import into another world with --state DIR, or as the same account and region with --replace.',
        );
      }
    }
  }
}

/** The world’s own servers keep their addresses; whoever of the account has one of them is not reached by it. */
function tellServers(dump: Dump, tx: Transaction): void {
  const { internet, services } = publicServers();
  const taken = new Set([...internet, ...services]);
  for (const eni of tx.networkInterfaces.values()) {
    const address = publicAddressOf(tx, eni);
    if (address === undefined || !taken.has(address)) continue;
    dump.report.tell(
      'assumed',
      `${address} of ${eni.networkInterfaceId} is a server's of the simulated Internet.`,
    );
  }
}

function countsOf(world: World): ImportReply['counts'] {
  return Object.fromEntries(
    tableNames.map((table) => [table, world[table].size] as const).filter(([, count]) => count > 0),
  );
}

function asidesOf({ report }: Dump): ImportReply['asides'] {
  return [...Map.groupBy(report.asides, ({ member }) => member)].map(([member, all]) => ({
    member,
    count: all.length,
    why: all[0]?.why ?? '',
  }));
}

/** What the world has no place for, and all that was told, stay in the state directory. */
function keepRecord(state: StateDirectory, { account, region }: Scope, { report }: Dump): string {
  mkdirSync(state.at('imports'), { recursive: true, mode: 0o700 });
  const path = state.at('imports', `${account}-${region}.json`);
  const record = { account, region, notes: report.notes, asides: report.asides };
  writeFileSync(path, `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
  return path;
}
