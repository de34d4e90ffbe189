import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Context, UserError, type Verb } from '../verb.ts';

/** `croft state`: what was made, as one file, to keep or to take elsewhere. */
export const state: Verb = {
  name: 'state',
  summary: 'export what is in it to one file, or import such a file',
  usage: 'export FILE | import FILE [--replace]',
  description:
    'Export writes every VPC, instance and rule of all regions and accounts to one file of JSON lines. Import puts such\n' +
    'a file in the place of what is there. Instances boot anew from their images: disks, S3 objects and the files of\n' +
    'images that you brought are not in it.\n' +
    'The file holds user data and key pairs’ public halves, and no access key.',
  examples: [
    ['croft state export before.croft', 'keep how it is now'],
    ['croft state import before.croft --replace', 'and have it back'],
    ['croft state import course.croft --state ~/course', 'the same in another world'],
  ],
  options: { replace: { type: 'boolean', help: 'import: forget what is there' } },
  async run(context) {
    const [word, file, ...more] = context.positionals;
    if (word === undefined || file === undefined || more.length > 0) throw usageError();
    if (word === 'export') return exportState(context, resolve(file));
    if (word === 'import') return importState(context, resolve(file));
    throw usageError();
  },
};

function usageError(): UserError {
  return new UserError('croft state needs a word and a file.', 'croft state export FILE, or import FILE', 2);
}

async function exportState({ client, terminal, isJson }: Context, path: string): Promise<number> {
  const reply = await client.post('/state/export', { path });
  if (isJson) terminal.printJson(reply);
  else terminal.print(`${countOf(reply)} records are in ${path}.`);
  return 0;
}

async function importState(
  { client, terminal, isJson, options, state }: Context,
  path: string,
): Promise<number> {
  if (!existsSync(path)) throw new UserError(`There is no file ${path}.`);
  const reply = await client.post('/state/import', { path, isReplacing: options['replace'] === true });
  if (isJson) terminal.printJson(reply);
  else {
    terminal.print(`${countOf(reply)} records are imported. \`croft status\` shows what runs.`);
    for (const imageId of missingImagesOf(reply)) {
      terminal.note(
        `the files of image ${imageId} are not here, so no instance of it boots: copy the folder images/${imageId} of the other state directory to ${state.at('images')}`,
      );
    }
  }
  return 0;
}

function countOf(reply: unknown): number {
  return typeof reply === 'object' && reply !== null && 'records' in reply ? Number(reply.records) : 0;
}

function missingImagesOf(reply: unknown): readonly string[] {
  const found = typeof reply === 'object' && reply !== null && 'missingImages' in reply;
  return found && Array.isArray(reply.missingImages) ? reply.missingImages.map(String) : [];
}
