import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runInForeground } from '../../fabric/process.ts';
import { runOnLaptop } from '../../fabric/world/laptop.ts';
import { findObstacle } from '../../fabric/world/probe.ts';
import { findWorld } from '../../fabric/world/world.ts';
import { cleanUp } from '../demo/clean-up.ts';
import { Player } from '../demo/player.ts';
import { playWalkthrough } from '../demo/walkthrough.ts';
import { type Context, UserError, type Verb } from '../verb.ts';

/** The walk-through is in the region that `croft env` names. */
const REGION = 'ap-northeast-2';

/** `croft demo`: the walk-through, played on real packets. */
export const demo: Verb = {
  name: 'demo',
  summary: 'play the whole walk-through: VPC, bastion, NAT gateway, endpoint',
  usage: '[--clean]',
  description:
    'Builds a VPC with a public and a private subnet, logs in through a bastion host, gives the private instance a way\n' +
    'out by a NAT gateway, and a gateway endpoint for S3. Each step shows the aws CLI line it stands for. What it made\n' +
    'stays, to be looked at; `croft demo --clean` deletes it again.',
  examples: [
    ['croft demo', 'start Cloudcroft if it does not run, and play'],
    ['croft demo --clean', 'delete what demos have made'],
  ],
  options: {
    clean: { type: 'boolean', help: 'delete what demos have made' },
    yes: { type: 'boolean', help: 'install missing host packages without asking' },
  },
  async run(context) {
    const { client, terminal, state, isJson } = context;
    if (!(await client.isUp())) {
      if ((await findObstacle()) !== undefined) await bringHostPackages(context);
      const code = await runInForeground([
        ...context.program,
        'up',
        '--detach',
        '--state',
        state.path,
        ...quiet(context),
      ]);
      if (code !== 0)
        throw new UserError(
          'Cloudcroft could not be started.',
          '`croft doctor` says what this machine lacks.',
        );
    }
    const directory = state.at('keys');
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const begun = performance.now();
    const player = new Player(client, terminal, laptopOf(context), REGION, isJson);
    if (context.options['clean'] === true) {
      const count = await cleanUp(player);
      terminal.print(
        count === 0
          ? 'There was no demo to delete.'
          : `Deleted what ${count === 1 ? 'the demo' : `${count} demos`} had made.`,
      );
      return 0;
    }
    const made = await playWalkthrough(player, client, directory);
    const seconds = (performance.now() - begun) / 1000;
    if (isJson) {
      terminal.printJson({ ...made, seconds, steps: player.facts });
      return 0;
    }
    terminal.print();
    terminal.print(
      terminal.style('bold', `All of it works, in ${seconds.toFixed(1)} s. It is still there; try next:`),
    );
    const state_ = state.path;
    const options = context.options['state'] === undefined ? '' : ` --state ${state_}`;
    for (const [command, meaning] of [
      ...pathLine(context),
      [`croft explain laptop private${options}`, 'why the private instance cannot be reached from here'],
      [`croft laptop${options}`, 'a shell on the simulated Internet'],
      [`ssh -i ${made.keyFile} ec2-user@${made.bastionPublicIp}`, '  in that shell: log in to the bastion'],
      [`croft exec ${made.privateInstanceId}${options}`, 'a shell in the private instance'],
      [
        `eval "$(croft env${options})"; aws ec2 describe-vpcs`,
        'the same with your own aws CLI, Terraform, boto3',
      ],
      [`croft demo --clean${options}; croft down${options}`, 'delete it all and stop'],
    ] as const) {
      terminal.print(`  ${terminal.style('cyan', command)}`);
      terminal.print(terminal.style('dim', `      ${meaning}`));
    }
    return 0;
  },
};

/** How a shell finds the commands below, for one that does not yet. */
function pathLine({ program, environment }: Context): (readonly [command: string, meaning: string])[] {
  const folder = dirname(program.at(-1) ?? '');
  const isFound = (environment['PATH'] ?? '').split(':').some((each) => existsSync(join(each, 'croft')));
  return isFound ? [] : [[`export PATH="${folder}:$PATH"`, 'so that your shell finds croft']];
}

/** As `./dev demo` does in a checkout: says what is missing, asks or is told `--yes`, and says what falls away. */
async function bringHostPackages({ program, options }: Context): Promise<void> {
  const script = join(dirname(program.at(-1) ?? ''), '..', 'dev');
  if (!existsSync(script)) return;
  await runInForeground([script, 'setup', '--host', ...(options['yes'] === true ? ['--yes'] : [])]);
}

function quiet({ isJson }: Context): string[] {
  return isJson ? ['--json'] : [];
}

function laptopOf({ state }: Context) {
  return (command: readonly string[], timeoutMilliseconds: number) => {
    const world = findWorld(state.path);
    if (world === undefined) throw new UserError('The world is not running.', 'Start it with `croft up -d`.');
    return runOnLaptop(world, state.path, command, { timeoutMilliseconds });
  };
}
