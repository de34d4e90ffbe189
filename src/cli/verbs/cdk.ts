import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { runInForeground } from '../../fabric/process.ts';
import { suggest } from '../suggest.ts';
import { type Context, UserError, type Verb } from '../verb.ts';
import { env, environmentOf } from './env.ts';

/** The AWS CDK's own words, for whoever mistypes one (`cdk --help`). */
const COMMANDS = [
  'acknowledge',
  'bootstrap',
  'context',
  'deploy',
  'destroy',
  'diff',
  'docs',
  'doctor',
  'drift',
  'gc',
  'import',
  'init',
  'list',
  'ls',
  'metadata',
  'migrate',
  'notices',
  'refactor',
  'rollback',
  'synth',
  'synthesize',
  'watch',
];

/** Where npm puts the command line of the AWS CDK. */
const PLACE = join('node_modules', 'aws-cdk', 'bin', 'cdk');

/** What could lead away from the keys that `croft env` gives. */
const OTHER_KEYS = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SESSION_TOKEN', 'AWS_CA_BUNDLE'];

/** `croft cdk`: the app's own `cdk`, pointed here. */
export const cdk: Verb = {
  name: 'cdk',
  summary: 'run your CDK app’s own `cdk`, with what `croft env` says',
  usage: '[--region REGION] [--account ACCOUNT] COMMAND [ARGS...]',
  description:
    'Runs the `cdk` that is installed with the app in this directory, as `npx cdk` does, with the endpoint, keys and region of\n' +
    '`croft env`. It neither sends telemetry nor looks for notices. Options before COMMAND are croft’s, all that follows is\n' +
    'cdk’s. The exit code is cdk’s own.',
  examples: [
    ['croft cdk deploy', 'the app’s stacks, deployed here'],
    ['croft cdk diff', 'what a deployment would change'],
    ['croft cdk --region us-east-1 bootstrap', 'the bucket and the roles that default stacks deploy with'],
    ['croft cdk destroy --all --force', 'everything ended, without a question'],
  ],
  options: env.options,
  isForwarding: true,
  async run(context) {
    const [word] = context.command;
    if (word === undefined) {
      throw new UserError('COMMAND is missing.', `Usage: croft cdk ${cdk.usage}`, 2);
    }
    const meant = COMMANDS.includes(word) ? undefined : suggest(word, COMMANDS);
    if (meant !== undefined) {
      throw new UserError(`cdk has no command "${word}".`, `Did you mean \`croft cdk ${meant}\`?`, 2);
    }
    const program = findProgram(process.cwd());
    const [node = process.execPath] = context.program;
    return runInForeground([node, program, ...context.command], {
      environment: await environmentOfCdk(context, node),
    });
  },
};

/** The `cdk` of this directory or one above it, as npx finds it. */
function findProgram(directory: string): string {
  const program = join(directory, PLACE);
  if (existsSync(program)) return program;
  const above = dirname(directory);
  if (above !== directory) return findProgram(above);
  throw new UserError(
    'No CDK is installed for the app in this directory.',
    'In the directory of its package.json, run `npm ci` (or `npm install aws-cdk`), and try again there.',
  );
}

/** The app's own `node` is the one that runs croft, so an app in TypeScript needs no other. */
async function environmentOfCdk(context: Context, node: string): Promise<NodeJS.ProcessEnv> {
  const inherited = Object.entries(context.environment).filter(([name]) => !OTHER_KEYS.includes(name));
  return {
    ...Object.fromEntries(inherited),
    PATH: [dirname(node), context.environment['PATH']].join(delimiter),
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    CDK_DISABLE_VERSION_CHECK: 'true',
    CDK_NOTICES: 'false',
    ...(await environmentOf(context)),
  };
}
