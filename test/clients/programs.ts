import { join } from 'node:path';
import { CommandError, type Outcome, runCaptured } from '../../src/fabric/process.ts';
import { REGION } from '../support/ec2.ts';
import { CREDENTIALS, type Ec2Endpoint } from './ec2-endpoint.ts';
import type { Replayed } from './sdk.ts';

const BOTO3_REPLAY = join(import.meta.dirname, 'boto3-replay.py');
const AWS_REPLAY = join(import.meta.dirname, 'aws-replay.py');

/** Python and its model of EC2 are read from disk first; more means that something hangs. */
const LONGEST_COMMAND_MILLISECONDS = 60_000;

/** Without the user's settings, and without asking a metadata service that is not there. */
const ENVIRONMENT: NodeJS.ProcessEnv = {
  ...(process.env['PATH'] === undefined ? {} : { PATH: process.env['PATH'] }),
  ...(process.env['HOME'] === undefined ? {} : { HOME: process.env['HOME'] }),
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_PAGER: '',
};

/** Why a client cannot be tried here (`awscli` is the aws CLI as a library of Python, which version 2 is not); undefined where it can. */
export async function findObstacle(client: 'boto3' | 'aws' | 'awscli'): Promise<string | undefined> {
  const command = client === 'aws' ? ['aws', '--version'] : ['python3', '-c', `import ${client}`];
  try {
    const { code } = await run(command);
    return code === 0 ? undefined : `${client} does not run on this machine`;
  } catch (error) {
    if (error instanceof CommandError) return `this machine has no ${client}`;
    throw error;
  }
}

/** Sends again what the SDK sent, through boto3 in one process; resolves with the parsed replies. */
export async function replayThroughBoto3(
  endpoint: Ec2Endpoint,
  requests: readonly Replayed[],
): Promise<unknown[]> {
  return replayThroughPython(BOTO3_REPLAY, endpoint, requests);
}

/** As replayThroughBoto3, through the aws CLI; resolves with what each command printed. */
export async function replayThroughAws(
  endpoint: Ec2Endpoint,
  requests: readonly Replayed[],
): Promise<unknown[]> {
  return replayThroughPython(AWS_REPLAY, endpoint, requests);
}

async function replayThroughPython(
  script: string,
  endpoint: Ec2Endpoint,
  requests: readonly Replayed[],
): Promise<unknown[]> {
  const task = { endpoint: endpoint.url, region: REGION, credentials: CREDENTIALS, requests };
  const { code, stdout, stderr } = await run(['python3', script], JSON.stringify(task, asText));
  if (code !== 0) throw new Error(`${script}: ${stderr}`);
  return JSON.parse(stdout);
}

/** Runs one command of the aws CLI as the owner; resolves with what it printed, rejects where it fails. */
export async function runAws(endpoint: Ec2Endpoint, words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(['aws', 'ec2', ...words], '', {
    AWS_ENDPOINT_URL: endpoint.url,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: CREDENTIALS.owner.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.owner.secretAccessKey,
  });
  if (code !== 0) throw new Error(`aws ec2 ${words.join(' ')}: ${stderr}`);
  return stdout;
}

/** boto3 takes text where the SDK takes bytes, and encodes user data itself. */
function asText(name: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  return name === 'UserData' && typeof value === 'string' ? decodeBase64(value) : value;
}

/** What boto3 makes of a reply that the SDK parsed: it decodes console output itself. */
export function asBoto3Reads(reply: object): object {
  const output: unknown = Reflect.get(reply, 'Output');
  return typeof output === 'string' ? { ...reply, Output: decodeBase64(output) } : reply;
}

function decodeBase64(text: string): string {
  return Buffer.from(text, 'base64').toString();
}

function run(command: readonly string[], input = '', more: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  return runCaptured(command, {
    input,
    environment: { ...ENVIRONMENT, ...more },
    timeoutMilliseconds: LONGEST_COMMAND_MILLISECONDS,
  });
}
