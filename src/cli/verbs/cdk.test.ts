import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Outcome, runCaptured } from '../../fabric/process.ts';

const LAUNCHER = join(import.meta.dirname, '..', '..', '..', 'bin', 'croft');

/** A `cdk` that says what it was run with, and ends as its last word says. */
const PROGRAM = `
console.log(JSON.stringify({ words: process.argv.slice(2), environment: process.env }));
process.exit(Number(process.argv.at(-1)) || 0);
`;

let place = '';
let server: Server;

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'croft-cdk-'));
  const program = join(place, 'app', 'node_modules', 'aws-cdk', 'bin', 'cdk');
  mkdirSync(dirname(program), { recursive: true });
  mkdirSync(join(place, 'app', 'lib'));
  mkdirSync(join(place, 'state'));
  writeFileSync(program, PROGRAM);
  const status = { apiUrl: 'http://127.0.0.1:4747', resources: [], world: { phase: 'ready', detail: '' } };
  server = createServer((_, response) => response.end(JSON.stringify(status)));
  await new Promise<void>((resolve) => server.listen(join(place, 'state', 'croft.sock'), resolve));
});

afterAll(() => {
  server.close();
  rmSync(place, { recursive: true, force: true });
});

/** `croft cdk …` in the app's folder, with a profile and a token of somewhere else about. */
function croft(words: readonly string[], folder = 'app', state = 'state'): Promise<Outcome> {
  const environment = {
    ...process.env,
    CROFT_STATE: join(place, state),
    AWS_PROFILE: 'work',
    AWS_SESSION_TOKEN: 'other',
  };
  const directory = join(place, folder);
  return runCaptured([process.execPath, LAUNCHER, 'cdk', ...words], { directory, environment });
}

describe('croft cdk', () => {
  test.each([
    ['all that follows the command is cdk’s', ['deploy', '--all', '--help', '-c', 'a=b'], 'ap-northeast-2'],
    ['options before it are croft’s', ['--region', 'us-east-1', 'ls', '--json'], 'us-east-1'],
    ['an option of cdk’s own, of the same name', ['diff', '--region', 'x'], 'ap-northeast-2'],
    ['two dashes are cdk’s too', ['synth', '--', 'Stack'], 'ap-northeast-2'],
    ['a command that we do not know', ['cli-telemetry'], 'ap-northeast-2'],
  ])('%s', async (_, words, region) => {
    const { code, stdout } = await croft(words);
    const seen: { words: string[]; environment: NodeJS.ProcessEnv } = JSON.parse(stdout);
    const credentials = JSON.parse(readFileSync(join(place, 'state', 'credentials.json'), 'utf8'));
    expect(code).toBe(0);
    expect(seen.words).toEqual(words[0] === '--region' ? words.slice(2) : words);
    expect(seen.environment).toMatchObject({
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4747',
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_REGION: region,
      CDK_DISABLE_CLI_TELEMETRY: 'true',
      CDK_NOTICES: 'false',
      PATH: expect.stringMatching(new RegExp(`^${dirname(process.execPath)}:`)),
    });
    expect(seen.environment).not.toHaveProperty('AWS_PROFILE');
    expect(seen.environment).not.toHaveProperty('AWS_SESSION_TOKEN');
  });

  test('the exit code is cdk’s own, and a folder below the app’s will do', async () => {
    expect(await croft(['deploy', '7'], 'app/lib')).toMatchObject({ code: 7 });
  });

  test.each([
    ['no command', [], 'app', 'state', 2, 'COMMAND is missing.'],
    ['a misspelt one', ['deplyo'], 'app', 'state', 2, 'Did you mean `croft cdk deploy`?'],
    ['a misspelt option', ['--regio', 'x', 'ls'], 'app', 'state', 2, 'did you mean --region?'],
    ['no app', ['deploy'], '.', 'state', 1, 'No CDK is installed for the app in this directory.'],
    ['no Cloudcroft', ['deploy'], 'app', 'nowhere', 3, 'Cloudcroft is not running.'],
  ])('refused: %s', async (_, words, folder, state, code, message) => {
    expect(await croft(words, folder, state)).toMatchObject({
      code,
      stdout: '',
      stderr: expect.stringContaining(message),
    });
  });

  test('its help is croft’s', async () => {
    expect(await croft(['--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Usage: croft cdk [--region REGION]'),
    });
  });
});
