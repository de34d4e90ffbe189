import { describe, expect, test } from 'vitest';
import { findInstance } from './instance.ts';
import type { InstanceLine, Status } from './status.ts';
import { UserError } from './verb.ts';

const line = (
  instanceId: string,
  name: string,
  state: string,
  privateIp?: string,
  publicIp?: string,
): InstanceLine => ({
  instanceId,
  name,
  state,
  privateIp,
  publicIp,
});

const seoul = [
  line('i-0a', 'bastion', 'running', '10.0.0.5', '52.78.0.10'),
  line('i-0b', 'private', 'running', '10.0.1.5'),
  line('i-0c', 'old', 'stopped', '10.0.1.6'),
  line('i-0d', 'bastion', 'terminated'),
  line('i-0e', 'twin', 'running', '10.0.1.7'),
  line('i-0f', 'twin', 'running', '10.0.1.8'),
  line('i-10', 'moved', 'stopped', '10.0.1.9'),
  line('i-11', 'moved', 'running', '10.0.1.10'),
];
const virginia = [line('i-0aa', 'far', 'running', '10.0.0.5', '3.80.0.1'), line('i-0bb', 'late', 'pending')];

const facts: Status = {
  version: '0',
  pid: 1,
  startedAt: '',
  apiUrl: '',
  isOpen: false,
  state: '',
  world: { phase: 'ready', detail: '' },
  resources: [
    { account: '1', region: 'ap-northeast-2', vpcs: 1, subnets: 2, instances: seoul },
    { account: '1', region: 'us-east-1', vpcs: 1, subnets: 1, instances: virginia },
  ],
};

describe('the instance that a person means', () => {
  test.each([
    ['i-0a', 'i-0a', 'ap-northeast-2'],
    ['bastion', 'i-0a', 'ap-northeast-2'],
    ['10.0.1.5', 'i-0b', 'ap-northeast-2'],
    ['52.78.0.10', 'i-0a', 'ap-northeast-2'],
    ['far', 'i-0aa', 'us-east-1'],
    ['moved', 'i-11', 'ap-northeast-2'],
  ])('%s is %s of %s', (word, instanceId, region) => {
    const found = findInstance(facts, word);
    expect([found.instance.instanceId, found.region]).toEqual([instanceId, region]);
  });

  test.each([
    ['bastoin', 'there is no instance "bastoin".', 'Did you mean "bastion"?'],
    ['nothing-like-it', 'there is no instance "nothing-like-it".', '`croft status` lists the instances.'],
    ['old', 'i-0c is stopped, not running.', '`aws ec2 start-instances --instance-ids i-0c` starts it.'],
    ['late', 'i-0bb is pending, not running.', 'It is starting; try again in a moment.'],
    ['i-0d', 'i-0d is terminated, not running.', '`croft status` lists the instances.'],
    [
      'twin',
      '"twin" means several instances: i-0e (ap-northeast-2), i-0f (ap-northeast-2).',
      'Say which by its id.',
    ],
    [
      '10.0.0.5',
      '"10.0.0.5" means several instances: i-0a (ap-northeast-2), i-0aa (us-east-1).',
      'Say which by its id.',
    ],
  ])('%s: %s', (word, message, hint) => {
    expect(failureOf(() => findInstance(facts, word))).toEqual([message, hint]);
  });

  test('an empty world says how to fill it', () => {
    const [, hint] = failureOf(() => findInstance({ ...facts, resources: [] }, 'bastion'));
    expect(hint).toBe('There are no instances yet: `aws ec2 run-instances` makes one.');
  });
});

function failureOf(act: () => unknown): readonly [string, string | undefined] {
  try {
    act();
  } catch (error) {
    if (error instanceof UserError) return [error.message, error.hint];
    throw error;
  }
  throw new Error('it did not fail');
}
