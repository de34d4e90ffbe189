import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CDK_PACKAGES, Example, environmentOf, findCdkObstacle } from '../support/example.ts';
import { findSystemObstacle, Installation } from '../support/installation.ts';
import { inventory } from '../support/inventory.ts';

const obstacle = (await findSystemObstacle()) ?? findCdkObstacle();
if (obstacle !== undefined) console.log(`skipped: apps by the real cdk: ${obstacle}`);

/** Each CDK command starts Node, synthesises nine stacks, and looks every five seconds whether they are done. */
const LONGEST_TEST_MILLISECONDS = 300_000;

const DEPLOY = ['deploy', '--all', '--require-approval', 'never', '--concurrency', '9'];
const CHANGED = ['-c', 'changed=true'];

/** What the last deployment synthesised, not synthesised again. */
const AS_DEPLOYED = ['--app', 'cdk.out'];

/** The stacks of test/cdk, one step after another in one world. */
describe.skipIf(obstacle !== undefined)(
  'apps by the real cdk',
  { timeout: LONGEST_TEST_MILLISECONDS },
  () => {
    let croft: Installation;
    let app: Example;
    let before = '';

    beforeAll(async () => {
      croft = await Installation.start();
      app = new Example('test/cdk', CDK_PACKAGES, await environmentOf(croft));
      before = await inventory(croft);
    });

    afterAll(async () => {
      app?.close();
      await croft?.end();
    });

    const expectAll = async (file: string, count: number): Promise<void> => {
      await croft.settle();
      const outcome = await croft.croft('assert', join(app.folder, file));
      expect(outcome).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`\n${count} held, 0 broken`),
      });
    };

    const idOf = async (name: string): Promise<{ readonly id: string; readonly address: string }> => {
      const Filters = [
        { Name: 'tag:Name', Values: [name] },
        { Name: 'instance-state-name', Values: ['running'] },
      ];
      const found = await croft.ec2('DescribeInstances', { Filters });
      const field = (path: string): string => found.text(`Reservations.0.Instances.0.${path}`);
      return { id: field('InstanceId'), address: field('PrivateIpAddress') };
    };

    /** Whether packets get from one instance to another's port 22. */
    const reaches = async (from: string, to: string): Promise<boolean> =>
      croft.canConnectFrom((await idOf(from)).id, (await idOf(to)).address, 22);

    test('bootstrapped, by the template that CDK brings', async () => {
      expect(await app.cdk('bootstrap')).toContain(
        'Environment aws://123456789012/ap-northeast-2 bootstrapped.',
      );
    });

    test('deployed, by the roles of the bootstrap, and as expected, on packets too', async () => {
      const said = await app.cdk(...DEPLOY);
      expect(said).not.toContain('could not be used to assume');
      expect(said.match(/✅ {2}(\w+)/g)).toHaveLength(9);
      await expectAll('first.expect', 18);
      expect([await reaches('near', 'far'), await reaches('spoke-a', 'spoke-b')]).toEqual([true, true]);
      expect([await reaches('near', 'data'), await reaches('office', 'shop')]).toEqual([false, false]);
    });

    test('with nothing left to do', async () => {
      expect(await app.cdk('diff', '--all', ...AS_DEPLOYED)).toContain(
        'Number of stacks with differences: 0',
      );
    });

    test('deployed again with changes: a rule, a subnet more, one replaced, a NAT gateway less', async () => {
      const said = await app.cdk(...DEPLOY, ...CHANGED);
      expect(said.match(/✅ {2}(\w+) \(no changes\)/g)).toHaveLength(5);
      expect(said).toContain('Requested update requires the creation of a new physical resource');
      await expectAll('changed.expect', 11);
      expect([await reaches('near', 'far'), await reaches('spoke-a', 'spoke-b')]).toEqual([false, false]);
      const gateways = await croft.ec2('DescribeNatGateways', {
        Filter: [{ Name: 'state', Values: ['available'] }],
      });
      expect(gateways.list('NatGateways')).toHaveLength(3);
    });

    test('destroyed, and nothing is left', async () => {
      const said = await app.cdk('destroy', '--all', '--force', '--concurrency', '9', ...AS_DEPLOYED);
      expect(said.match(/✅ {2}(\w+): destroyed/g)).toHaveLength(9);
      await croft.settle();
      expect(await inventory(croft)).toBe(before);
    });
  },
);
