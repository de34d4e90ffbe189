import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCaptured } from '../../src/fabric/process.ts';
import { enterWords, findWorld } from '../../src/fabric/world/world.ts';
import { buildCourse, type Course } from '../support/course.ts';
import { eventually, findSystemObstacle, Installation } from '../support/installation.ts';
import { inventory } from '../support/inventory.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: what survives kill -9: ${obstacle}`);

/** The processes of this machine whose command line has a text in it. */
function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').includes(text);
      } catch {
        return false;
      }
    });
}

describe.skipIf(obstacle !== undefined)('kill -9 of anything', () => {
  let croft: Installation;
  let course: Course;

  beforeAll(async () => {
    croft = await Installation.start();
    course = await buildCourse(croft);
  });

  afterAll(async () => {
    await croft?.end();
  });

  const stateOf = async (instanceId: string): Promise<string> => {
    const found = await croft.ec2('DescribeInstances', { InstanceIds: [instanceId] });
    return found.text('Reservations.0.Instances.0.State.Name');
  };

  test('of the daemon: packets flow on without it (invariant 12), and the next one adopts what runs', async () => {
    const { pid } = await croft.status();
    const uptime = async () => (await croft.inside(course.bastionId, 'stat -c %Y /proc/1')).stdout;
    const booted = await uptime();
    process.kill(pid, 'SIGKILL');
    expect(await croft.canConnect(course.bastionIp, 22)).toBe(true);
    await croft.up();
    expect((await croft.status()).pid).not.toBe(pid);
    await croft.settle();
    expect(await stateOf(course.bastionId)).toBe('running');
    expect(await croft.canConnect(course.bastionIp, 22)).toBe(true);
    expect(await uptime()).toBe(booted);
  });

  test('of the agent: it is started again, and changes still reach the packets', async () => {
    const [agent] = processesWith('internal-agent').filter(isInWorld);
    if (agent === undefined) throw new Error('the world has no agent');
    process.kill(agent, 'SIGKILL');
    const rule = {
      GroupId: course.bastionGroup,
      IpPermissions: [
        { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '198.51.100.10/32' }] },
      ],
    };
    await croft.ec2('RevokeSecurityGroupIngress', rule);
    await eventually('the port is closed', async () => !(await croft.canConnect(course.bastionIp, 22)));
    await croft.ec2('AuthorizeSecurityGroupIngress', rule);
    await eventually('the port is open', () => croft.canConnect(course.bastionIp, 22));
  });

  test('of an instance’s first process: it is stopped, as after a shutdown from inside, and starts again', async () => {
    const kill = ['crun', '--root', '/run/crun', 'kill', course.privateId, 'KILL'];
    expect((await runCaptured(enterWords(croft.world, kill))).code).toBe(0);
    await eventually('it is stopped', async () => (await stateOf(course.privateId)) === 'stopped');
    await croft.ec2('StartInstances', { InstanceIds: [course.privateId] });
    await eventually('it runs', async () => (await stateOf(course.privateId)) === 'running');
    expect((await croft.inside(course.privateId, 'hostname')).stdout).toBe('ip-10-0-1-4\n');
  });

  test('of the world’s first process: another world takes its place, and the instances boot again', async () => {
    const { pid } = croft.world;
    process.kill(pid, 'SIGKILL');
    await eventually('there is a new world', async () => {
      const world = findWorld(croft.state.path);
      return world !== undefined && world.pid !== pid && (await croft.status()).world.phase === 'ready';
    });
    await eventually('the bastion answers', () => croft.canConnect(course.bastionIp, 22));
    const { stdout } = await croft.inside(course.bastionId, 'ls /var/lib/cloud');
    expect(stdout).toContain('instance-made');
  });

  test('its state, exported and imported elsewhere, answers the same and boots; damaged, it is told and not emptied', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'croft-kept-'));
    const file = join(folder, 'kept.croft');
    await croft.ec2('RegisterImage', { Name: 'mine', ImageLocation: 'cloudcroft:ami-0123456789abcdef0' });
    expect(await croft.croft('state', 'export', file)).toMatchObject({ code: 0, stderr: '' });
    const other = await Installation.start();
    try {
      const imported = await other.croft('state', 'import', file);
      expect([imported.code, imported.stdout]).toEqual([
        0,
        expect.stringMatching(/^\d+ records are imported/),
      ]);
      expect(imported.stderr).toContain('the files of image ami-0123456789abcdef0 are not here');
      await other.settle();
      expect(await inventory(other)).toBe(await inventory(croft));
      await eventually('the bastion answers there', () => other.canConnect(course.bastionIp, 22));
      const refused = await other.croft('state', 'import', file);
      expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('--replace')]);
      expect(await other.croft('state', 'import', file, '--replace')).toMatchObject({ code: 0 });
      expect(await other.croft('down')).toMatchObject({ code: 0 });
      writeFileSync(other.state.at('state.sqlite'), 'damaged');
      const up = await other.croft('up', '--detach', '--port', '0');
      expect([up.code, up.stderr]).toEqual([1, expect.stringMatching(/cannot be read.*Nothing was changed/)]);
      const here = await other.croft('up', '--port', '0');
      expect([here.code, here.stderr]).toEqual([
        1,
        expect.stringMatching(/cannot be read.*Nothing was changed/),
      ]);
      expect(here.stderr).not.toContain('at Journal.open');
      expect(readFileSync(other.state.at('state.sqlite'), 'utf8')).toBe('damaged');
    } finally {
      await other.end();
      rmSync(folder, { recursive: true });
    }
  });

  test('of daemon and world both: down leaves nothing, and nothing acknowledged is lost', async () => {
    const { pid } = await croft.status();
    const made = (await croft.ec2('CreateVpc', { CidrBlock: '10.99.0.0/16' })).text('Vpc.VpcId');
    const world = croft.world.pid;
    process.kill(pid, 'SIGKILL');
    process.kill(world, 'SIGKILL');
    await croft.up();
    const found = await croft.ec2('DescribeVpcs', { VpcIds: [made] });
    expect(found.text('Vpcs.0.CidrBlock')).toBe('10.99.0.0/16');
    const { pid: next } = await croft.status();
    process.kill(next, 'SIGKILL');
    expect((await croft.croft('down')).code).toBe(0);
    expect(findWorld(croft.state.path)).toBeUndefined();
    expect(processesWith(croft.state.path)).toEqual([]);
    expect((await croft.end()).code).toBe(0);
    expect(existsSync(croft.state.path)).toBe(false);
  });

  function isInWorld(pid: number): boolean {
    return readlinkSync(`/proc/${pid}/ns/pid`) === croft.world.pidNamespace;
  }
});
