import { describe, expect, test } from 'vitest';
import { Ec2Endpoint } from '../clients/ec2-endpoint.ts';
import {
  asBoto3Reads,
  findObstacle,
  replayThroughAws,
  replayThroughBoto3,
  runAws,
} from '../clients/programs.ts';
import type { Step } from '../clients/scenario.ts';
import { scenarios } from '../clients/scenarios.ts';
import { type Replayed, replayThroughSdk } from '../clients/sdk.ts';

const boto3Obstacle = await findObstacle('boto3');
if (boto3Obstacle !== undefined) console.log(`skipped: every action through boto3: ${boto3Obstacle}`);
const awscliObstacle = await findObstacle('awscli');
if (awscliObstacle !== undefined) console.log(`skipped: every action through the aws CLI: ${awscliObstacle}`);
const awsObstacle = await findObstacle('aws');
if (awsObstacle !== undefined) console.log(`skipped: a network through the aws CLI: ${awsObstacle}`);

/** Answered anew each time: tokens that the clients think up, and key pairs. */
const RANDOM: ReadonlySet<string> = new Set(['ClientToken', 'KeyMaterial', 'KeyFingerprint']);

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** A reply as JSON has it, without what is random; versions of the aws CLI write times in ways of their own. */
function normalise(reply: unknown): unknown {
  const text = JSON.stringify(reply, (name, value) => (RANDOM.has(name) ? undefined : value));
  return JSON.parse(text, (_name, value) =>
    typeof value === 'string' && TIME.test(value) ? new Date(value).toISOString() : value,
  );
}

/** Runs in a new world; two of them answer the same. */
async function withEndpoint<R>(act: (endpoint: Ec2Endpoint) => Promise<R>): Promise<R> {
  const endpoint = await Ec2Endpoint.start();
  try {
    return await act(endpoint);
  } finally {
    await endpoint.stop();
  }
}

function inWords({ action, reply }: Pick<Replayed, 'action' | 'reply'>): unknown {
  return { action, reply: normalise(reply) };
}

/** Each client with what runs it in one process, and why it cannot be tried. */
const clients = [
  ['boto3', replayThroughBoto3, boto3Obstacle],
  ['the aws CLI', replayThroughAws, awscliObstacle],
] as const;

describe.each(clients)('%s', (_name, replay, obstacle) => {
  test.skipIf(obstacle !== undefined).each(scenarios)(
    '%s: reads every reply as the SDK does',
    async (_, steps) => {
      const requests = await withEndpoint((endpoint) => replayThroughSdk(endpoint, steps));
      const replies = await withEndpoint((endpoint) => replay(endpoint, requests));
      expect(replies).toHaveLength(requests.length);
      const read = requests.map(({ action }, index) => inWords({ action, reply: Object(replies[index]) }));
      expect(read).toEqual(
        requests.map(({ action, reply }) => inWords({ action, reply: asBoto3Reads(reply) })),
      );
    },
  );
});

/** Short, since every command is a process that reads its model from disk. */
const shortSteps: readonly Step[] = [
  [
    'CreateVpc',
    {
      CidrBlock: '10.0.0.0/16',
      TagSpecifications: [{ ResourceType: 'vpc', Tags: [{ Key: 'Name', Value: 'a <b> & "c" é漢😀' }] }],
    },
    { vpc: 'Vpc.VpcId' },
  ],
  ['CreateSubnet', { VpcId: '$vpc', CidrBlock: '10.0.0.0/24' }, { subnet: 'Subnet.SubnetId' }],
  ['CreateSecurityGroup', { VpcId: '$vpc', GroupName: 'web', Description: 'web' }, { group: 'GroupId' }],
  [
    'AuthorizeSecurityGroupIngress',
    {
      GroupId: '$group',
      IpPermissions: [
        {
          IpProtocol: 'tcp',
          FromPort: 80,
          ToPort: 80,
          IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'web' }],
        },
      ],
    },
  ],
  [
    'DescribeImages',
    { Filters: [{ Name: 'name', Values: ['al2023-ami-2023.*-x86_64'] }] },
    { image: 'Images.0.ImageId' },
  ],
  [
    'RunInstances',
    { ImageId: '$image', InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, SubnetId: '$subnet' },
    { instance: 'Instances.0.InstanceId' },
  ],
  ['DescribeInstances', { InstanceIds: ['$instance'] }],
];

describe.skipIf(awsObstacle !== undefined)('the command aws', () => {
  test('reads replies as the SDK does, waits, pages and filters', async () => {
    const requests = await withEndpoint((endpoint) => replayThroughSdk(endpoint, shortSteps));
    await withEndpoint(async (endpoint) => {
      for (const request of requests) {
        const words = [commandOf(request.action), '--cli-input-json', JSON.stringify(request.input)];
        const printed = await runAws(endpoint, [...words, '--output', 'json']);
        expect(
          inWords({ action: request.action, reply: JSON.parse(printed === '' ? '{}' : printed) }),
        ).toEqual(inWords(request));
      }
      await runAws(endpoint, ['wait', 'instance-running', '--filters', 'Name=instance-state-name,Values=*']);
      const subnets = ['describe-subnets', '--page-size', '5', '--query', 'length(Subnets)'];
      expect(await runAws(endpoint, [...subnets, '--output', 'json'])).toBe('9\n');
      const vpcs = [
        'describe-vpcs',
        '--filters',
        'Name=tag:Name,Values=a*é漢?',
        '--query',
        'Vpcs[].CidrBlock',
      ];
      expect(await runAws(endpoint, [...vpcs, '--output', 'text'])).toBe('10.0.0.0/16\n');
    });
  });
});

/** `DescribeVpcs` is the command `describe-vpcs`. */
function commandOf(action: string): string {
  return action.replaceAll(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}
