import { readFileSync } from 'node:fs';
import { Client } from '../src/cli/client.ts';
import { Reply } from '../src/cli/demo/reply.ts';
import type { NetworkInterface } from '../src/model/records.ts';
import { formatIpv4, parseIpv4 } from '../src/net/address.ts';
import type { StateDirectory } from '../src/state/directory.ts';
import { Journal } from '../src/state/journal.ts';
import { Store } from '../src/state/store.ts';
import { answersOfEach } from './load.ts';
import { Moto } from './moto.ts';
import { type Benchmark, median, medianRatio, type Row } from './row.ts';
import { Side } from './side.ts';
import { croft, newState, up } from './up.ts';

const INTERFACES = 100_000;
/** Each has a /20, which takes 4,091 interfaces. */
const SUBNETS = 25;
const TARGET_MEGABYTES = 500;
const TARGET_SECONDS = 2;
const ROUNDS = 3;
/** moto makes so many in about ten seconds; what one of them takes is counted, not what all would. */
const MOTO_INTERFACES = 1_000;

/** What a state as large as a region of AWS allows costs: in memory, and at the start. */
export const state: Benchmark = {
  name: 'state',
  summary: `memory with ${INTERFACES.toLocaleString('en')} network interfaces, and the start with that state`,
  run: async () => {
    const empty = newState();
    const full = newState();
    await up(full);
    await addSubnets(full);
    await croft(full, 'down');
    await multiplyInterfaces(full, INTERFACES / SUBNETS);
    const [withNone, withAll, starts, motoStarts]: [number[], number[], number[], number[]] = [
      [],
      [],
      [],
      [],
    ];
    let rowsOfMoto: Row[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await up(empty);
      withNone.push(megabytesOf(daemonOf(empty)));
      await croft(empty, 'down');
      starts.push((await up(full)).answered);
      withAll.push(megabytesOf(daemonOf(full)));
      await croft(full, 'down');
      const moto = await Moto.start();
      if (moto === undefined) continue;
      motoStarts.push(moto.startMilliseconds / 1_000);
      const perInterface = (median(withAll) - median(withNone)) / INTERFACES;
      if (round === ROUNDS - 1) rowsOfMoto = await measureMoto(moto, perInterface);
      await moto.stop();
    }
    for (const each of [empty, full]) await croft(each, 'down', '--purge');
    return [
      { name: 'state.memory.empty', value: median(withNone), unit: 'MB' },
      {
        name: `state.memory.${INTERFACES}`,
        value: median(withAll),
        unit: 'MB',
        target: { of: 'value', is: 'at most', limit: TARGET_MEGABYTES },
      },
      ...rowsOfMoto,
      {
        name: `state.start.${INTERFACES}`,
        value: median(starts),
        unit: 's',
        ...(motoStarts.length === 0 ? {} : { ratio: medianRatio(starts, motoStarts) }),
        target: { of: 'value', is: 'at most', limit: TARGET_SECONDS },
      },
      ...(motoStarts.length === 0
        ? []
        : [{ name: 'state.start.moto-empty', value: median(motoStarts), unit: 's' }]),
    ];
  },
};

/** VPCs with a subnet, a security group of the VPC's, and one interface each, by the API. */
async function addSubnets(directory: StateDirectory): Promise<void> {
  const client = new Client(directory.socket);
  const ask = async (action: string, input: object): Promise<Reply> =>
    new Reply(await client.post('/ec2', { action, input }));
  for (let index = 0; index < SUBNETS; index++) {
    const vpc = await ask('CreateVpc', { CidrBlock: `10.${index}.0.0/16` });
    const subnet = await ask('CreateSubnet', {
      VpcId: vpc.text('Vpc.VpcId'),
      CidrBlock: `10.${index}.0.0/20`,
    });
    await ask('CreateNetworkInterface', { SubnetId: subnet.text('Subnet.SubnetId') });
  }
}

/** Puts copies of each interface into the journal of a world that is down, until there are so many in each subnet. */
async function multiplyInterfaces(directory: StateDirectory, wanted: number): Promise<void> {
  const journal = Journal.open(directory.journal);
  const store = new Store(journal);
  for (const world of store.worlds()) {
    for (const original of [...world.networkInterfaces.values()]) {
      const { durable } = store.transact(world.scope, (tx) => {
        for (let index = 1; index < wanted; index++) {
          tx.networkInterfaces.put(copyOf(original, index, tx.takeOrdinal()));
        }
      });
      await durable;
    }
  }
  await journal.close();
}

function copyOf(original: NetworkInterface, index: number, ordinal: number): NetworkInterface {
  const [first = ''] = original.privateIpAddresses;
  const base = (parseIpv4(first) ?? 0) & 0xff_ff_f0_00;
  return {
    ...original,
    networkInterfaceId: `eni-0${ordinal.toString(16).padStart(16, '0')}`,
    ordinal,
    macAddress: `06:00:${(ordinal + 2 ** 32).toString(16).slice(1).match(/../g)?.join(':')}`,
    // Behind the four addresses that a subnet keeps, and the original.
    privateIpAddresses: [formatIpv4((base >>> 0) + 8 + index)],
  };
}

async function measureMoto(moto: Moto, ownMegabytes: number): Promise<Row[]> {
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench', account: '123456789012' };
  const side = new Side(moto.port, credentials);
  const VpcId = await side.ask('vpcId', 'CreateVpc', { CidrBlock: '10.0.0.0/16' });
  const SubnetId = await side.ask('subnetId', 'CreateSubnet', { VpcId, CidrBlock: '10.0.0.0/20' });
  const before = megabytesOf(moto.pid);
  const request = side.request('CreateNetworkInterface', { SubnetId });
  const requests = Array.from({ length: MOTO_INTERFACES }, () => request);
  await answersOfEach(moto.port, requests, 8);
  const each = (megabytesOf(moto.pid) - before) / MOTO_INTERFACES;
  side.close();
  return [
    {
      name: 'state.memory.one',
      value: ownMegabytes * 1_024,
      unit: 'kB',
      ratio: ownMegabytes / each,
    },
    { name: 'state.memory.one.moto', value: each * 1_024, unit: 'kB' },
  ];
}

function daemonOf(directory: StateDirectory): number {
  return Number(readFileSync(directory.at('daemon.pid'), 'utf8'));
}

/** What a process holds in memory, its program included. */
function megabytesOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error(`process ${pid} ended`);
  return Number(kilobytes) / 1_024;
}
