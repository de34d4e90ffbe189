import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Context, UserError, type Verb } from '../verb.ts';

const LANGUAGES = ['terraform', 'cloudformation'] as const;
type Language = (typeof LANGUAGES)[number];

/** The daemon's answer to `POST /export`. */
interface ExportReply {
  readonly text: string;
  readonly notes: readonly string[];
}

/** `croft export`: a world as code that makes it anew. */
export const exportCode: Verb = {
  name: 'export',
  summary: 'write VPCs out as Terraform or CloudFormation',
  usage: 'terraform|cloudformation [--vpc ID,…] [-o PATH]',
  description:
    'Writes code that makes the VPCs anew: named after their Name tags, with references in the place of ids, and without\n' +
    'what is as usual. Default VPCs are left out unless asked for. What the code cannot say stands at its top, and is told.',
  examples: [
    ['croft export terraform -o network/', 'network/main.tf'],
    ['croft export cloudformation -o network.json', 'a template of CloudFormation'],
    ['croft export terraform --vpc main | less', 'one VPC, by its Name tag or id'],
  ],
  options: {
    vpc: {
      type: 'string',
      value: 'ID,…',
      help: 'only these, by id or Name tag (default: all but default VPCs)',
    },
    output: {
      type: 'string',
      short: 'o',
      value: 'PATH',
      help: 'terraform: a folder; cloudformation: a file (default: print)',
    },
    account: {
      type: 'string',
      value: 'ACCOUNT',
      help: 'whose (default: the only one with a VPC of its own)',
    },
    region: { type: 'string', value: 'REGION', help: 'where (default: the only one with a VPC of its own)' },
    force: { type: 'boolean', help: 'write over a file that is there' },
  },
  async run(context) {
    const [word, ...more] = context.positionals;
    const language = LANGUAGES.find((each) => each === word);
    if (language === undefined || more.length > 0) {
      throw new UserError(
        'croft export needs to be told a language.',
        'croft export terraform, or croft export cloudformation',
        2,
      );
    }
    const { vpc, account, region, output } = context.options;
    const vpcs = typeof vpc === 'string' ? vpc.split(',').filter((each) => each !== '') : [];
    const path = typeof output === 'string' ? pathOf(context, language, output) : undefined;
    const reply = await ask(context, { language, vpcs, account, region });
    write(context, reply, path);
    return 0;
  },
};

/** Where to write: nothing that is there is written over unasked. */
function pathOf({ options }: Context, language: Language, output: string): string {
  const path = language === 'terraform' ? join(resolve(output), 'main.tf') : resolve(output);
  if (options['force'] !== true && existsSync(path)) {
    throw new UserError(`${path} is there already.`, 'Say --force to write over it.');
  }
  return path;
}

async function ask({ client }: Context, question: object): Promise<ExportReply> {
  const reply = await client.post('/export', question);
  if (isReply(reply)) return reply;
  throw new Error('the running Cloudcroft is of another version');
}

function isReply(value: unknown): value is ExportReply {
  return typeof value === 'object' && value !== null && 'text' in value && 'notes' in value;
}

function write({ terminal, isJson }: Context, { text, notes }: ExportReply, path: string | undefined): void {
  if (path !== undefined) {
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    } catch (error) {
      throw new UserError(
        `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  if (isJson) terminal.printJson(path === undefined ? { text, notes } : { path, notes });
  else if (path === undefined) terminal.print(text.trimEnd());
  else {
    terminal.print(`${path} is written.`);
    for (const note of notes) terminal.note(`not said: ${note}`);
  }
}
