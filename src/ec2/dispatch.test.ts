import { describe, expect, test } from 'vitest';
import type { ActionContext } from './action.ts';
import { type ActionTable, createDispatcher } from './dispatch.ts';
import { AwsError } from './errors.ts';
import type { RememberedReply } from './idempotency.ts';
import { STANDARD_QUOTAS } from './quotas.ts';
import { loadModel } from './wire/model.ts';

const model = loadModel();
const request = {
  caller: { account: '111111111111', accessKeyId: 'AKIAEXAMPLE', arn: 'arn', userId: 'me' },
  region: 'us-east-1',
  requestId: 'request-1',
};

/** A world of one list, whose transactions are undone by keeping its length. */
function createWorld() {
  const made: string[] = [];
  const tokens = new Map<string, RememberedReply>();
  const bugs: unknown[] = [];
  const actions: ActionTable = {
    DescribeVpcs: () => ({ Vpcs: made.map((CidrBlock) => ({ CidrBlock })) }),
    CreateVpc: (_, { CidrBlock = '' }) => {
      made.push(CidrBlock);
      if (CidrBlock === 'bad') throw new AwsError('InvalidVpc.Range', "The CIDR 'bad' is invalid.");
      if (CidrBlock === 'bug') throw new TypeError('secret detail');
      return { Vpc: { CidrBlock, VpcId: `vpc-${made.length}` } };
    },
    DeleteVpc: () => undefined,
    CreateNatGateway: (_, { SubnetId = '' }) => {
      made.push(SubnetId);
      if (SubnetId === 'full') throw new AwsError('NatGatewayLimitExceeded', 'Full.');
      return { NatGateway: { NatGatewayId: `nat-${made.length}` } };
    },
    CreateKeyPair: {
      prepare: ({ KeyName }) => Promise.resolve(`made for ${KeyName}`),
      act: (_, { KeyName = '' }, prepared) => {
        made.push(KeyName);
        return { KeyMaterial: prepared };
      },
    },
  };
  const run = (act: (context: ActionContext) => string, isKept: boolean): string => {
    const length = made.length;
    let isDone = false;
    try {
      const text = act(context);
      isDone = isKept;
      return text;
    } finally {
      if (!isDone) made.length = length;
    }
  };
  const dispatch = createDispatcher({
    model,
    actions,
    transactions: {
      commit: async (_, act) => run(act, true),
      rehearse: (_, act) => void run(act, false),
    },
    tokens: {
      recall: (_, id) => tokens.get(id),
      remember: (_, id, reply) => void tokens.set(id, reply),
    },
    onBug: (error, action, requestId) => bugs.push([String(error), action, requestId]),
  });
  const send = async (query: string): Promise<string> => {
    const { status, body } = await dispatch(`Version=2016-11-15&${query}`, request);
    const code = /<Code>(.*?)<\/Code><Message>(.*?)<\/Message>/.exec(body);
    if (code !== null) return `${status} ${code[1]}: ${code[2]}`;
    return `${status} ${body.replace(/^[\s\S]*<requestId>request-1<\/requestId>/, '').replace(/<\/\w+Response>$/, '')}`;
  };
  return { made, bugs, dispatch, send };
}

const context: ActionContext = {
  get tx(): never {
    throw new Error('these actions use no transaction');
  },
  caller: request.caller,
  region: request.region,
  account: request.caller.account,
  requestId: request.requestId,
  quotas: STANDARD_QUOTAS,
  now: new Date(0),
  newId: (prefix) => `${prefix}-1`,
  randomBelow: () => 0,
};

describe('one request', () => {
  test.each([
    ['Action=DescribeVpcs', '200 <vpcSet/>'],
    ['Action=CreateVpc&CidrBlock=a', '200 <vpc><vpcId>vpc-1</vpcId><cidrBlock>a</cidrBlock></vpc>'],
    ['Action=DeleteVpc&VpcId=vpc-1', '200 <return>true</return>'],
    [
      'Action=CreateVpc&CidrBlock=a&Ipv4IpamPoolId=',
      '200 <vpc><vpcId>vpc-1</vpcId><cidrBlock>a</cidrBlock></vpc>',
    ],
    ['Action=CreateKeyPair&KeyName=k', '200 <keyMaterial>made for k</keyMaterial>'],
    ['Action=DescribeVpcs&X-Amz-Date=1&X-Amz-Signature=2', '200 <vpcSet/>'],
    ['Action=CreateVpc&CidrBlock=bad', "400 InvalidVpc.Range: The CIDR 'bad' is invalid."],
    ['Action=DeleteVpc', '400 MissingParameter: The request must contain the parameter vpcId'],
    ['Action=Describe', '400 InvalidAction: The action Describe is not valid for this web service.'],
    ['Action=constructor', '400 InvalidAction: The action constructor is not valid for this web service.'],
    ['Action=%3Cb%3E', '400 InvalidAction: The action &lt;b&gt; is not valid for this web service.'],
    [
      'Action=CreateFleet',
      '400 UnsupportedOperation: The action CreateFleet is not supported by Cloudcroft.',
    ],
    ['', '400 MissingAction: The request is missing an action or a required parameter.'],
    [
      'Action=DeleteVpc&VpcId=v&DryRun=true',
      '412 DryRunOperation: Request would have succeeded, but DryRun flag is set.',
    ],
    ['Action=CreateVpc&CidrBlock=bad&DryRun=true', "400 InvalidVpc.Range: The CIDR 'bad' is invalid."],
    ['Action=DeleteVpc&DryRun=true', '400 MissingParameter: The request must contain the parameter vpcId'],
    ['Action=DeleteVpc&VpcId=v&DryRun=false', '200 <return>true</return>'],
  ])('%s', async (query, reply) => {
    expect(await createWorld().send(query)).toBe(reply);
  });

  test.each([
    ['2016-11-15', 200],
    ['2014-10-01', 200],
    ['2099-01-01', 400],
    ['latest', 400],
    ['', 400],
  ])('version %s: %i', async (version, status) => {
    const reply = await createWorld().dispatch(`Action=DescribeVpcs&Version=${version}`, request);
    expect(reply.status).toBe(status);
  });

  test('a bug is told to the log, not to the client', async () => {
    const world = createWorld();
    expect(await world.send('Action=CreateVpc&CidrBlock=bug')).toMatch(
      /^500 InternalError: An internal error/,
    );
    expect(world.bugs).toEqual([['TypeError: secret detail', 'CreateVpc', 'request-1']]);
    expect(world.made).toEqual([]);
  });

  test('DryRun changes nothing', async () => {
    const world = createWorld();
    await world.send('Action=CreateVpc&CidrBlock=a&DryRun=true');
    await world.send('Action=CreateKeyPair&KeyName=k&DryRun=true');
    expect(world.made).toEqual([]);
  });
});

describe('client tokens', () => {
  const create = 'Action=CreateNatGateway';

  test.each<[string, readonly string[], readonly string[]]>([
    ['the same twice', ['SubnetId=a&ClientToken=t', 'ClientToken=t&SubnetId=a'], ['nat-1', 'nat-1']],
    ['another token', ['SubnetId=a&ClientToken=t', 'SubnetId=a&ClientToken=u'], ['nat-1', 'nat-2']],
    ['no token', ['SubnetId=a', 'SubnetId=a'], ['nat-1', 'nat-2']],
    ['an empty token', ['SubnetId=a&ClientToken=', 'SubnetId=a&ClientToken='], ['nat-1', 'nat-2']],
    [
      'other parameters',
      ['SubnetId=a&ClientToken=t', 'SubnetId=b&ClientToken=t'],
      ['nat-1', 'IdempotentParameterMismatch'],
    ],
    [
      'a failure is not remembered',
      ['SubnetId=full&ClientToken=t', 'SubnetId=a&ClientToken=t'],
      ['NatGatewayLimitExceeded', 'nat-1'],
    ],
  ])('%s', async (_, queries, replies) => {
    const world = createWorld();
    const seen: string[] = [];
    for (const query of queries) seen.push(await world.send(`${create}&${query}`));
    expect(seen.map((reply) => /nat-\d|\w+(?=:)/.exec(reply)?.[0])).toEqual(replies);
  });

  test('two at the same time are one', async () => {
    const world = createWorld();
    const query = `${create}&SubnetId=a&ClientToken=t`;
    const [one, other] = await Promise.all([world.send(query), world.send(query)]);
    expect(one).toBe(other);
    expect(world.made).toEqual(['a']);
  });
});
