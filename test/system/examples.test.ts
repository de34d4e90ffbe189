import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCaptured } from '../../src/fabric/process.ts';
import { sshWords } from '../support/course.ts';
import { CDK_PACKAGES, Example, environmentOf, findCdkObstacle } from '../support/example.ts';
import { eventually, findSystemObstacle, Installation } from '../support/installation.ts';
import { inventory } from '../support/inventory.ts';
import { findTerraformObstacle, mirrorWords } from '../support/terraform.ts';

/** Each of them waits for gateways and for clients that start slowly. */
const LONGEST_TEST_MILLISECONDS = 420_000;

const EXPECTATIONS = join(import.meta.dirname, '..', '..', 'examples', 'network.expect');

/** A folder of examples/, and the commands of its README. */
interface Course {
  readonly name: string;
  /** Why it cannot be tried on this machine. */
  readonly obstacle: string | undefined;
  /** Makes the network; resolves when the file of the private key is in the folder. */
  deploy(example: Example): Promise<void>;
  destroy(example: Example): Promise<unknown>;
}

/** As its README has it: CloudFormation keeps the private key as a parameter. */
const KEY_COMMAND =
  'aws ssm get-parameter --with-decryption --query Parameter.Value --output text --name "$(aws cloudformation ' +
  `describe-stacks --stack-name Course --query "Stacks[0].Outputs[?OutputKey=='KeyParameter'].OutputValue" ` +
  '--output text)" > course.pem && chmod 400 course.pem';

const hasAws = (await runCaptured(['aws', '--version']).catch(() => undefined))?.code === 0;

const courses: readonly Course[] = [
  {
    name: 'aws-cli',
    obstacle: hasAws ? undefined : 'this machine has no aws CLI',
    deploy: async (example) => void (await example.run('./deploy.sh')),
    destroy: (example) => example.run('./destroy.sh'),
  },
  {
    name: 'aws-sdk',
    obstacle: undefined,
    deploy: async (example) => void (await example.run('node', 'deploy.ts')),
    destroy: (example) => example.run('node', 'destroy.ts'),
  },
  {
    name: 'terraform',
    obstacle: await findTerraformObstacle(),
    deploy: async (example) => {
      await example.run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', 'course.pem');
      await example.run('terraform', 'init', ...mirrorWords());
      await example.run('terraform', 'apply', '-auto-approve');
    },
    destroy: (example) => example.run('terraform', 'destroy', '-auto-approve'),
  },
  {
    name: 'cdk',
    obstacle: findCdkObstacle() ?? (hasAws ? undefined : 'this machine has no aws CLI'),
    deploy: async (example) => {
      await example.cdk('deploy', '--require-approval', 'never');
      await example.run('sh', '-c', KEY_COMMAND);
    },
    destroy: (example) => example.cdk('destroy', '--force'),
  },
];

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: the examples: ${obstacle}`);

// Side by side, each in a world of its own: they mostly wait for gateways, and for clients that start slowly.
describe.skipIf(obstacle !== undefined)('the examples, as their READMEs say', () => {
  for (const course of courses) {
    test.concurrent(`${course.name}: deployed, as expected, on packets too; destroyed, and nothing is left`, {
      timeout: LONGEST_TEST_MILLISECONDS,
    }, async (context) => {
      if (course.obstacle !== undefined) context.skip(course.obstacle);
      const croft = await Installation.start();
      let example: Example | undefined;
      try {
        example = new Example(
          `examples/${course.name}`,
          course.name === 'cdk' ? CDK_PACKAGES : '.',
          await environmentOf(croft),
        );
        const before = await inventory(croft);
        await course.deploy(example);
        await croft.settle();
        const held = await croft.croft('assert', EXPECTATIONS);
        expect(held).toMatchObject({ code: 0, stdout: expect.stringContaining('\n14 held, 0 broken') });
        await checkPackets(croft, join(example.folder, 'course.pem'));
        await course.destroy(example);
        await croft.settle();
        expect(await inventory(croft)).toBe(before);
      } finally {
        example?.close();
        await croft.end();
      }
    });
  }
});

/** SSH from the laptop to the bastion, and a request from the private instance that reaches S3 by the endpoint. */
async function checkPackets(croft: Installation, keyFile: string): Promise<void> {
  const running = { Name: 'instance-state-name', Values: ['running'] };
  const find = async (name: string) => {
    const Filters = [{ Name: 'tag:Name', Values: [name] }, running];
    return (await croft.ec2('DescribeInstances', { Filters })).list('Reservations.0.Instances')[0];
  };
  const [bastion, inside] = [await find('bastion'), await find('private')];
  const login = sshWords(keyFile, `ec2-user@${bastion?.text('PublicIpAddress')}`, 'hostname', '-I');
  await eventually('the bastion answers', async () => (await croft.laptop(login)).code === 0);
  expect((await croft.laptop(login)).stdout.trim()).toBe(bastion?.text('PrivateIpAddress'));
  const ask = (url: string) =>
    croft.inside(
      inside?.text('InstanceId') ?? '',
      `curl -s -m 5 -o /dev/null -w '%{http_code} %{remote_ip}' ${url}`,
    );
  // Whoever has not signed is sent to AWS's page about S3.
  expect((await ask('https://s3.ap-northeast-2.amazonaws.com/')).stdout).toMatch(/^307 /);
  // The endpoint's own address, by private DNS.
  expect((await ask('https://sts.ap-northeast-2.amazonaws.com/')).stdout).toMatch(/ 10\.0\.1\.\d+$/);
}
