import type { QueryParameters } from './api-client.ts';
import { startBareServer } from './bare.ts';
import { Disk } from './disk.ts';
import { answersOfEach } from './load.ts';
import { type Benchmark, median, medianRatio, type Row } from './row.ts';
import { compare, type Side, type Sides, startSides } from './side.ts';

const CLIENTS = [1, 8, 64];
const ROUNDS = 3;
/** So many that each side is at it for about half a second a round. Ours has to hold and to sync all that it made. */
const WRITES = { croft: 1_000, moto: 100 };
const SYNCS = 200;
/** The answer to CreateVpc. */
const CREATE_VPC_BYTES = 703;
/** Below the quotas of AWS: 200 subnets a VPC, 60 rules a security group. */
const SUBNETS_A_VPC = 100;
const RULES_A_GROUP = 50;

/** Changes that are on disk when they are answered (moto's are in memory), by one client and by many. */
export const write: Benchmark = {
  name: 'write',
  summary:
    'durable CreateVpc, CreateSubnet and AuthorizeSecurityGroupIngress a second, against moto_server, and what bounds them',
  run: async () => {
    const sides = await startSides();
    const disk = new Disk();
    const rows: Row[] = [];
    const diskRates: number[] = [];
    for (const [name, prepare] of [
      ['create-vpc', prepareVpcs],
      ['create-subnet', prepareSubnets],
      ['authorize', prepareRules],
    ] as const) {
      for (const clients of CLIENTS) {
        const measured = await compare(`write.${name}.${clients}`, ROUNDS, sides, async (side) =>
          answersOfEach(side.port, await prepare(side, countFor(side, sides)), clients),
        );
        diskRates.push(measureDisk(disk));
        rows.push(...measured);
      }
    }
    rows.push(...(await measureFloor(sides)));
    await sides.close();
    disk.close();
    return [...rows, { name: 'write.disk', value: median(diskRates), unit: 'syncs/s' }];
  },
};

/**
 * How often a second this disk takes a block for good, one after the other: more durable answers than that no single
 * client can get, whatever answers it.
 */
function measureDisk(disk: Disk): number {
  const begin = performance.now();
  for (let index = 0; index < SYNCS; index++) disk.writeBlock();
  return (SYNCS * 1_000) / (performance.now() - begin);
}

/**
 * What no server written in Node gets past with one client: one that reads the request, has one block written for good, and
 * answers with as many bytes as CreateVpc does. Its row has the ratio to moto's CreateVpc, and ours the share of it.
 */
async function measureFloor({ croft, moto }: Sides): Promise<Row[]> {
  const bare = await startBareServer('-'.repeat(CREATE_VPC_BYTES), 'durable');
  const [floors, ours, theirs]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    const requests = await prepareVpcs(croft, WRITES.croft);
    floors.push(await answersOfEach(bare.port, requests, 1));
    ours.push(await answersOfEach(croft.port, requests, 1));
    if (moto !== undefined)
      theirs.push(await answersOfEach(moto.port, await prepareVpcs(moto, WRITES.moto), 1));
  }
  bare.close();
  const [name, unit] = ['write.floor.1', 'requests/s'];
  const ratio = moto === undefined ? {} : { ratio: medianRatio(floors, theirs) };
  return [
    { name, value: median(floors), unit, ...ratio },
    { name: `${name}.croft`, value: median(ours), unit, ratio: medianRatio(ours, floors) },
  ];
}

function countFor(side: Side, { croft }: Sides): number {
  return side === croft ? WRITES.croft : WRITES.moto;
}

async function prepareVpcs(side: Side, count: number): Promise<Buffer[]> {
  const request = side.request('CreateVpc', { CidrBlock: '10.0.0.0/16' });
  return Array.from({ length: count }, () => request);
}

function prepareSubnets(side: Side, count: number): Promise<Buffer[]> {
  return prepareIn(side, count, SUBNETS_A_VPC, async () => {
    const VpcId = await side.ask('vpcId', 'CreateVpc', { CidrBlock: '10.0.0.0/16' });
    return (index) => ['CreateSubnet', { VpcId, CidrBlock: `10.0.${index}.0/24` }];
  });
}

async function prepareRules(side: Side, count: number): Promise<Buffer[]> {
  const VpcId = await side.ask('vpcId', 'DescribeVpcs');
  return prepareIn(side, count, RULES_A_GROUP, async () => {
    const GroupName = `bench-${crypto.randomUUID()}`;
    const created = { GroupName, GroupDescription: 'for a benchmark', VpcId };
    const GroupId = await side.ask('groupId', 'CreateSecurityGroup', created);
    return (index) => ['AuthorizeSecurityGroupIngress', { GroupId, ...ruleFor(8_000 + index) }];
  });
}

function ruleFor(port: number): QueryParameters {
  return {
    'IpPermissions.1.IpProtocol': 'tcp',
    'IpPermissions.1.FromPort': String(port),
    'IpPermissions.1.ToPort': String(port),
    'IpPermissions.1.IpRanges.1.CidrIp': '0.0.0.0/0',
  };
}

type Write = readonly [action: string, parameters: QueryParameters];

/** So many requests, shared among as many places as the quotas ask for. */
async function prepareIn(
  side: Side,
  count: number,
  most: number,
  makePlace: () => Promise<(index: number) => Write>,
): Promise<Buffer[]> {
  const requests: Buffer[] = [];
  while (requests.length < count) {
    const writeAt = await makePlace();
    for (let index = 0; index < most && requests.length < count; index++) {
      requests.push(side.request(...writeAt(index)));
    }
  }
  return requests;
}
