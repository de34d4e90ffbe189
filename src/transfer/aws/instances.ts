import type { BlockDevice } from '../../model/block-device-records.ts';
import type { Instance, InstanceMetadataOptions, InstanceProfile } from '../../model/records.ts';
import type { Dump } from './dump.ts';
import { type Item, optional } from './item.ts';
import { madeUpDigits, NO_TIME, type Target } from './target.ts';
import { readBlockDevices, readVolumes } from './volumes.ts';

const STATES = ['pending', 'running', 'shutting-down', 'terminated', 'stopping', 'stopped'] as const;

/** Instances and key pairs. To be called after the interfaces: an instance without one cannot be. */
export function importInstances(dump: Dump, target: Target): void {
  dump.each('KeyPairs', (item) => importKeyPair(dump, target, item));
  const volumes = readVolumes(dump);
  dump.each('Reservations', (reservation) => {
    for (const item of reservation.items('Instances')) {
      importInstance(dump, target, reservation, item, readBlockDevices(item, volumes));
    }
  });
  for (const eni of target.networkInterfaces.values()) {
    const instanceId = eni.attachment?.instanceId;
    if (instanceId === undefined || target.instances.get(instanceId) !== undefined) continue;
    dump.report.tell(
      'missing',
      `${eni.networkInterfaceId} is attached to ${instanceId}, which is in no file: nothing answers there.`,
    );
  }
}

function importKeyPair(dump: Dump, target: Target, item: Item): void {
  const keyName = item.need('KeyName');
  const keyPairId = item.id('KeyPairId');
  // One line as in authorized_keys; AWS adds the name as its comment.
  const [type, key] = (item.text('PublicKey') ?? '').trim().split(/\s+/);
  if (key === undefined) {
    dump.report.tell(
      'missing',
      `${keyPairId} (${keyName}): the public key is in no file; ask with --include-public-key. Nobody logs in with it.`,
    );
  }
  target.keyPairs.put({
    keyPairId,
    keyName,
    keyType: item.word('KeyType', ['rsa', 'ed25519']) ?? 'rsa',
    keyFingerprint: item.text('KeyFingerprint') ?? '',
    publicKey: key === undefined ? '' : `${type} ${key}`,
    createTime: item.time('CreateTime') ?? NO_TIME,
    tags: item.tags(),
  });
}

function importInstance(
  dump: Dump,
  target: Target,
  reservation: Item,
  item: Item,
  blockDevices: readonly BlockDevice[] | undefined,
): void {
  const instanceId = item.id('InstanceId');
  const state = item.must('State', (instance) => instance.item('State')?.word('Name', STATES));
  const first = findFirstInterface(target, instanceId);
  if (first === undefined && state !== 'terminated') {
    dump.report.tell('left out', `${instanceId} has no network interface that is in a file.`);
    dump.setAside('Reservations.Instances', item, 'It has no network interface in a VPC of the files.');
    return;
  }
  const launchTime = item.time('LaunchTime') ?? NO_TIME;
  const keyName = item.text('KeyName');
  const [pair] = keyName === undefined ? [] : target.keyPairs.where('keyName', keyName);
  const reason = item.item('StateReason');
  const instance: Instance = {
    instanceId,
    reservationId: reservation.reference('ReservationId') ?? `r-${madeUpDigits(instanceId)}`,
    amiLaunchIndex: item.number('AmiLaunchIndex') ?? 0,
    imageId: item.reference('ImageId') ?? '',
    instanceType: item.text('InstanceType') ?? '',
    vpcId: first?.vpcId ?? '',
    subnetId: first?.subnetId ?? '',
    availabilityZone: item.item('Placement')?.text('AvailabilityZone') ?? first?.availabilityZone ?? '',
    ...optional('keyName', keyName),
    ...optional('publicKey', pair === undefined || pair.publicKey === '' ? undefined : pair.publicKey),
    state,
    stateTransitionReason: item.text('StateTransitionReason') ?? '',
    ...(reason === undefined
      ? {}
      : { stateReason: { code: reason.text('Code') ?? '', message: reason.text('Message') ?? '' } }),
    launchTime,
    ...(state === 'terminated' ? { terminateTime: endOf(item) ?? launchTime } : {}),
    metadataOptions: readMetadataOptions(item.item('MetadataOptions')),
    ...readOptions(item),
    ...optional('instanceProfile', readProfile(instanceId, item.item('IamInstanceProfile'), launchTime)),
    disableApiTermination: false,
    disableApiStop: false,
    instanceInitiatedShutdownBehavior: 'stop',
    ebsOptimized: item.flag('EbsOptimized'),
    isMonitored: item.item('Monitoring')?.text('State') === 'enabled',
    rootVolumeId: blockDevices?.[0]?.volumeId ?? `vol-${madeUpDigits(instanceId)}`,
    ...optional('blockDevices', blockDevices),
    clientToken: item.text('ClientToken') ?? '',
    // It boots once: what ran on it is not in the files.
    bootsWanted: 1,
    bootsDone: 0,
    tags: item.tags(),
  };
  target.instances.put(instance);
  if (item.text('Platform')?.toLowerCase() === 'windows') {
    dump.report.tell('assumed', `${instanceId} runs Windows; here Linux answers in its place.`);
  }
}

function findFirstInterface(target: Target, instanceId: string) {
  return [...target.networkInterfaces.values()].find(
    ({ attachment }) => attachment?.instanceId === instanceId && attachment.deviceIndex === 0,
  );
}

/** When it was terminated, which AWS says inside a sentence: `User initiated (2026-01-02 03:04:05 GMT)`. */
function endOf(item: Item): string | undefined {
  const found = /\((\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) GMT\)/.exec(item.text('StateTransitionReason') ?? '');
  return found === null ? undefined : `${found[1]}T${found[2]}.000Z`;
}

/** What a launch may say of names, processors and recovery; absent where the file is silent. */
function readOptions(item: Item): Pick<Instance, 'privateDnsNameOptions' | 'cpuOptions' | 'autoRecovery'> {
  const names = item.item('PrivateDnsNameOptions');
  const cores = item.item('CpuOptions');
  const recovery = item.item('MaintenanceOptions')?.word('AutoRecovery', ['default', 'disabled']);
  const coreCount = cores?.number('CoreCount');
  const threadsPerCore = cores?.number('ThreadsPerCore');
  return {
    ...(names === undefined
      ? {}
      : {
          privateDnsNameOptions: {
            hostnameType: names.word('HostnameType', ['ip-name', 'resource-name']) ?? 'ip-name',
            enableResourceNameDnsARecord: names.flag('EnableResourceNameDnsARecord'),
            enableResourceNameDnsAaaaRecord: names.flag('EnableResourceNameDnsAAAARecord'),
          },
        }),
    ...(coreCount === undefined || threadsPerCore === undefined
      ? {}
      : { cpuOptions: { coreCount, threadsPerCore } }),
    ...optional('autoRecovery', recovery === 'default' ? undefined : recovery),
  };
}

function readMetadataOptions(item: Item | undefined): InstanceMetadataOptions {
  return {
    httpTokens: item?.word('HttpTokens', ['optional', 'required']) ?? 'optional',
    httpPutResponseHopLimit: item?.number('HttpPutResponseHopLimit') ?? 1,
    httpEndpoint: item?.word('HttpEndpoint', ['enabled', 'disabled']) ?? 'enabled',
    httpProtocolIpv6: item?.word('HttpProtocolIpv6', ['enabled', 'disabled']) ?? 'disabled',
    instanceMetadataTags: item?.word('InstanceMetadataTags', ['enabled', 'disabled']) ?? 'disabled',
  };
}

function readProfile(
  instanceId: string,
  item: Item | undefined,
  launchTime: string,
): InstanceProfile | undefined {
  if (item === undefined) return undefined;
  return {
    arn: item.need('Arn'),
    profileId: item.text('Id') ?? '',
    associationId: `iip-assoc-${madeUpDigits(instanceId)}`,
    associatedAt: launchTime,
  };
}
