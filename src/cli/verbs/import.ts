import { readdirSync, statSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import type { ImportReply } from '../import-reply.ts';
import type { Terminal } from '../terminal.ts';
import { type Context, UserError, type Verb } from '../verb.ts';

const USAGE = 'croft import aws FILES…: files or folders of JSON that `aws ec2 describe-…` wrote';

/** A folder with more files than this is no dump. */
const MOST_FILES = 5000;
/** Sentences of one kind that are printed; the rest is in the record. */
const MOST_SENTENCES = 20;

/** `croft import`: a copy of a real account's network, to ask about and to send packets through. */
export const importAws: Verb = {
  name: 'import',
  summary: 'load the network of a real AWS account, from what `aws ec2 describe-…` says',
  usage: 'aws FILES… [--no-boot] [--replace] [--account A] [--region R]',
  description:
    'Reads files, or all .json files of folders, that the aws CLI wrote; nothing is asked of AWS. Ids and addresses stay as they\n' +
    'are, so explain, reach, lint and assert speak of your own network. What is missing lets nothing through, and is told.\n' +
    'Running instances boot from the base image; with --no-boot nothing does, and the network is there to be asked about.',
  examples: [
    [
      'croft import aws dump/ --no-boot',
      'a folder of replies; docs/import-export.md has the commands that make one',
    ],
    ['croft import aws vpcs.json subnets.json …', 'some files; what they do not say is told'],
    ['croft import aws dump/ --replace', 'again, in the place of the copy that was there'],
    ['croft lint; croft reach --from internet', 'and now ask'],
  ],
  options: {
    'no-boot': { type: 'boolean', help: 'boot nothing: only explain, reach, lint, assert' },
    boot: { type: 'boolean', help: 'boot the instances even if they are more than 50' },
    replace: { type: 'boolean', help: 'forget what is there of this account in this region' },
    account: { type: 'string', value: 'ACCOUNT', help: 'the account to be (default: as the files say)' },
    region: { type: 'string', value: 'REGION', help: 'the region to be in (default: as the files say)' },
  },
  async run(context) {
    const [word, ...words] = context.positionals;
    if (word !== 'aws' || words.length === 0) {
      throw new UserError('croft import needs to be told what.', USAGE, 2);
    }
    const { boot, 'no-boot': noBoot, replace, account, region } = context.options;
    if (boot === true && noBoot === true)
      throw new UserError('--boot and --no-boot cannot both be.', undefined, 2);
    const reply = await ask(context, {
      files: words.flatMap(findFiles),
      account,
      region,
      isReplacing: replace === true,
      isBooting: boot === true ? true : noBoot === true ? false : undefined,
    });
    if (context.isJson) context.terminal.printJson(reply);
    else print(context.terminal, reply);
    return 0;
  },
};

/** The file that a word names, or the JSON files of the folder that it names, all the way down. */
function findFiles(word: string): { readonly name: string; readonly path: string }[] {
  const path = resolve(word);
  const kind = statSync(path, { throwIfNoEntry: false });
  if (kind === undefined) throw new UserError(`There is no file or folder ${word}.`);
  if (!kind.isDirectory()) return [{ name: basename(path), path }];
  const found = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json') && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  if (found.length === 0) throw new UserError(`The folder ${word} has no .json file.`);
  if (found.length > MOST_FILES) {
    throw new UserError(`The folder ${word} has ${found.length} files: is it a dump of the aws CLI?`);
  }
  return found.map((file) => ({ name: relative(path, file), path: file }));
}

async function ask({ client }: Context, question: object): Promise<ImportReply> {
  const reply = await client.post('/import/aws', question);
  if (isReply(reply)) return reply;
  throw new Error('the running Cloudcroft is of another version');
}

function isReply(value: unknown): value is ImportReply {
  return typeof value === 'object' && value !== null && 'counts' in value && 'notes' in value;
}

function print(terminal: Terminal, reply: ImportReply): void {
  const { account, region, files, counts, notes, asides, running } = reply;
  const filesRead = files === 1 ? 'one file' : `${files} files`;
  terminal.print(`Account ${account} in ${region} is here, from ${filesRead}:`);
  for (const [table, count] of Object.entries(counts)) {
    terminal.print(`  ${String(count).padStart(6)}  ${wordsOf(table)}`);
  }
  const headings = {
    missing: 'In no file, so it lets nothing through',
    assumed: 'Not said by the files',
    'left out': 'Left out',
  };
  for (const kind of ['missing', 'assumed', 'left out'] as const) {
    const sentences = notes.filter((note) => note.kind === kind).map(({ sentence }) => sentence);
    if (sentences.length === 0) continue;
    terminal.print(`\n${headings[kind]}:`);
    for (const sentence of sentences.slice(0, MOST_SENTENCES)) terminal.print(`  - ${sentence}`);
    const more = sentences.length - MOST_SENTENCES;
    if (more > 0) terminal.print(`  and ${more} more`);
  }
  if (asides.length > 0) {
    terminal.print(`\nKept aside: ${asides.map(({ member, count }) => `${count} ${member}`).join(', ')}.`);
  }
  if (notes.length + asides.length > 0) terminal.print(`\nAll of it is in ${reply.record}`);
  terminal.print(
    reply.isAnalysedOnly
      ? '\nNothing boots: ask by croft explain, reach, lint and assert.'
      : `\n${running === 1 ? 'One instance boots' : `${running} instances boot`}: \`croft status\` shows how far they are.`,
  );
  terminal.print(`The aws CLI sees it by: eval "$(croft env --account ${account} --region ${region})"`);
}

/** `vpcPeeringConnections` in words: `VPC peering connections`. */
function wordsOf(table: string): string {
  return table
    .replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replaceAll(/\b(vpcs?|vpn|dhcp|acls?|nat)\b/g, (word) =>
      word.endsWith('s') ? `${word.slice(0, -1).toUpperCase()}s` : word.toUpperCase(),
    );
}
