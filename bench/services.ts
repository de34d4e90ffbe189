import { METADATA_ADDRESS, RESOLVER_ADDRESS, SERVICES } from '../src/plan/places.ts';
import { findPrefix } from '../src/region/prefixes.ts';
import { Installation } from '../test/support/installation.ts';
import { Network, type Placed } from './network.ts';
import { Packets } from './packets.ts';
import { type Benchmark, median, medianRatio, type Row } from './row.ts';

const REGION = 'ap-northeast-2';
const HOST = `s3.${REGION}.amazonaws.com`;
const SERVER_ADDRESS = findPrefix(REGION, 's3')?.serverAddress ?? '';
/** 1 GiB. */
const MEGABYTES = 1024;
const ROUNDS = 3;
const SECONDS = 3;
/** Of a plain copy of the same file over the same path, what `aws s3 cp` is to reach. */
const TARGET_OUT = 0.7;
const TARGET_IN = 0.5;
/** An instance may ask 1,024 packets a second (semantics S54): a little less is answered whole. */
const QUESTIONS_PER_SECOND = 1000;

/** Whoever is in a VPC may do anything, signed or not: what is measured is not signing. */
const OPEN_TO_THE_VPC = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:*',
      Resource: 'arn:aws:s3:::bench/*',
      Condition: { StringLike: { 'aws:SourceVpce': 'vpce-*' } },
    },
  ],
});

/** What the region's services give an instance through a gateway endpoint. */
export const services: Benchmark = {
  name: 'services',
  summary: 'S3 through a gateway endpoint, against a plain copy over the same path; DNS; metadata',
  run: async () => {
    const croft = await Installation.start();
    const instance = await placeWithEndpoint(croft);
    const packets = new Packets(croft.world);
    const rows = [...(await copyInTurns(croft, instance, packets)), ...(await ask(croft, instance, packets))];
    await packets.close();
    await croft.end();
    return rows;
  },
};

async function placeWithEndpoint(croft: Installation): Promise<Placed> {
  const network = await Network.make(croft);
  const subnetId = await network.addSubnet(1, true);
  await croft.ec2('CreateVpcEndpoint', {
    VpcId: network.vpcId,
    ServiceName: `com.amazonaws.${REGION}.s3`,
    RouteTableIds: [network.publicTable],
  });
  const instance = await network.place(subnetId, []);
  await croft.ec2('AssociateIamInstanceProfile', {
    InstanceId: instance.instanceId,
    IamInstanceProfile: { Name: 'bench' },
  });
  await croft.settle();
  return instance;
}

/** Each round a plain copy and the same by the aws command, in and out. */
async function copyInTurns(croft: Installation, instance: Placed, packets: Packets): Promise<Row[]> {
  const inside = (command: string): Promise<number> => timeInside(croft, instance, command);
  const route = { server: SERVICES, client: instance.namespace, address: SERVER_ADDRESS };
  await inside(`head -c ${MEGABYTES}M /dev/urandom > big && aws s3 mb s3://bench`);
  await inside(
    `aws s3api delete-public-access-block --bucket bench && aws s3api put-bucket-policy --bucket bench --policy '${OPEN_TO_THE_VPC}'`,
  );
  const ways = [
    {
      way: 'in',
      aws: 'aws s3 cp --quiet big s3://bench/big',
      curl: `curl -sSf -T big https://${HOST}/bench/big`,
      limit: TARGET_IN,
    },
    {
      way: 'out',
      aws: 'aws s3 cp --quiet s3://bench/big copy',
      curl: `curl -sSf -o copy https://${HOST}/bench/big`,
      limit: TARGET_OUT,
    },
  ] as const;
  const rows: Row[] = [];
  for (const { way, aws, curl, limit } of ways) {
    const plain: number[] = [];
    const byAws: number[] = [];
    const byCurl: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      plain.push(await packets.copy(route, MEGABYTES, way));
      byAws.push((MEGABYTES * 1.048576) / (await inside(aws)));
      byCurl.push((MEGABYTES * 1.048576) / (await inside(curl)));
    }
    rows.push(
      { name: `services.plain.${way}`, value: median(plain), unit: 'MB/s' },
      // A client that costs little, to tell the service's share from that of the aws command.
      {
        name: `services.curl.${way}`,
        value: median(byCurl),
        unit: 'MB/s',
        ratio: medianRatio(byCurl, plain),
      },
      {
        name: `services.s3.${way}`,
        value: median(byAws),
        unit: 'MB/s',
        ratio: medianRatio(byAws, plain),
        target: { of: 'ratio', is: 'at least', limit },
      },
    );
  }
  await inside('rm -f big copy');
  return rows;
}

/** Small questions, one after the other on one connection. */
async function ask(croft: Installation, { instanceId, namespace }: Placed, packets: Packets): Promise<Row[]> {
  const inside = (command: string): Promise<string> => runInside(croft, instanceId, command);
  await inside('echo hello > small && aws s3 cp --quiet small s3://bench/small');
  const token = await inside(
    `curl -s -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 600' http://${METADATA_ADDRESS}/latest/api/token`,
  );
  const object = {
    address: SERVER_ADDRESS,
    host: HOST,
    path: '/bench/small',
    header: 'accept:*',
  };
  const metadata = {
    address: METADATA_ADDRESS,
    host: METADATA_ADDRESS,
    path: '/latest/meta-data/instance-id',
    header: `x-aws-ec2-metadata-token:${token.trim()}`,
  };
  const gets = await packets.getRepeatedly(namespace, object, SECONDS);
  const answers = await packets.resolveRepeatedly(
    namespace,
    RESOLVER_ADDRESS,
    HOST,
    QUESTIONS_PER_SECOND,
    SECONDS,
  );
  const metadataGets = await packets.getRepeatedly(namespace, metadata, SECONDS);
  return [
    { name: 'services.s3.small', value: gets.perSecond, unit: 'GETs/s' },
    { name: 'services.s3.small.p99', value: gets.p99Milliseconds, unit: 'ms' },
    { name: 'services.dns', value: answers.perSecond, unit: 'answers/s' },
    { name: 'services.dns.p99', value: answers.p99Milliseconds, unit: 'ms' },
    { name: 'services.metadata', value: metadataGets.perSecond, unit: 'GETs/s' },
    { name: 'services.metadata.p99', value: metadataGets.p99Milliseconds, unit: 'ms' },
  ];
}

async function timeInside(croft: Installation, { instanceId }: Placed, command: string): Promise<number> {
  const start = performance.now();
  await runInside(croft, instanceId, command);
  return (performance.now() - start) / 1000;
}

async function runInside(croft: Installation, instanceId: string, command: string): Promise<string> {
  const { code, stdout, stderr } = await croft.croft('exec', instanceId, '--', 'sh', '-c', command);
  if (code !== 0) throw new Error(`${command}: ${stderr}${stdout}`);
  return stdout;
}
