import type { GuestInstance, GuestInterface, GuestRole } from './view.ts';

/** A directory of the metadata: names in alphabetical order are what a listing shows. */
export interface MetadataDirectory {
  readonly [name: string]: string | MetadataDirectory | undefined;
}

/** An instance's place in the world: the interface that asks, and all interfaces of the same instance. */
export interface MetadataSubject {
  readonly instance: GuestInstance;
  /** The primary interface: what stands at the top of the metadata is of it. */
  readonly primary: GuestInterface;
  readonly interfaces: readonly GuestInterface[];
}

/** The partition's domain and name: worlds are of the partition `aws` only. */
const SERVICES: MetadataDirectory = { domain: 'amazonaws.com', partition: 'aws' };

/** The tree below `/latest/meta-data/`. An entry that is undefined does not exist. */
export function buildMetadata(
  { instance, primary, interfaces }: MetadataSubject,
  now: Date,
): MetadataDirectory {
  return {
    'ami-id': instance.imageId,
    'ami-launch-index': String(instance.amiLaunchIndex ?? 0),
    'ami-manifest-path': '(unknown)',
    'block-device-mapping': { ami: '/dev/xvda', root: '/dev/xvda' },
    events: { maintenance: { history: '[]', scheduled: '[]' } },
    hibernation: { configured: 'false' },
    hostname: primary.localHostname,
    iam: instance.role === undefined ? undefined : buildRole(instance.role, now),
    'instance-action': 'none',
    'instance-id': instance.instanceId,
    'instance-life-cycle': 'on-demand',
    'instance-type': instance.instanceType,
    ipv6: primary.ipv6Addresses?.[0],
    'local-hostname': primary.localHostname,
    'local-ipv4': primary.privateIpAddress,
    mac: primary.macAddress,
    network: {
      interfaces: {
        macs: Object.fromEntries(interfaces.map((eni) => [eni.macAddress, buildInterface(eni)])),
      },
    },
    placement: {
      'availability-zone': primary.availabilityZone,
      'availability-zone-id': primary.availabilityZoneId,
      region: primary.region,
    },
    profile: 'default-hvm',
    'public-hostname': primary.publicHostname,
    'public-ipv4': primary.publicIpAddress,
    'public-keys':
      instance.publicKey === undefined
        ? undefined
        : { '0': { 'openssh-key': `${instance.publicKey.trim()}\n` } },
    'reservation-id': instance.reservationId,
    'security-groups': primary.securityGroups.join('\n'),
    services: SERVICES,
    tags: instance.tags === undefined ? undefined : { instance: instance.tags },
  };
}

/** JSON with the spacing of AWS's. */
function printDocument(document: object): string {
  return JSON.stringify(document, null, 2).replace(/": /g, '" : ');
}

/** Asked for again by SDKs well before they end. */
const CREDENTIALS_HOURS = 6;
const HOUR_MILLISECONDS = 3_600_000;

function buildRole(role: GuestRole, now: Date): MetadataDirectory {
  const time = (date: Date): string => date.toISOString().replace(/\.\d+Z$/, 'Z');
  return {
    info: printDocument({
      Code: 'Success',
      LastUpdated: time(now),
      InstanceProfileArn: role.profileArn,
      InstanceProfileId: role.profileId,
    }),
    'security-credentials': {
      [role.name]: printDocument({
        Code: 'Success',
        LastUpdated: time(now),
        Type: 'AWS-HMAC',
        AccessKeyId: role.accessKeyId,
        SecretAccessKey: role.secretAccessKey,
        Token: role.sessionToken,
        Expiration: time(new Date(now.getTime() + CREDENTIALS_HOURS * HOUR_MILLISECONDS)),
      }),
    },
  };
}

function buildInterface(eni: GuestInterface): MetadataDirectory {
  return {
    'device-number': String(eni.deviceIndex ?? 0),
    'interface-id': eni.eniId,
    'ipv4-associations':
      eni.publicIpAddress === undefined ? undefined : { [eni.publicIpAddress]: eni.privateIpAddress },
    ipv6s: listOf(eni.ipv6Addresses),
    'local-hostname': eni.localHostname,
    'local-ipv4s': eni.privateIpAddress,
    mac: eni.macAddress,
    'owner-id': eni.ownerId,
    'public-hostname': eni.publicHostname,
    'public-ipv4s': eni.publicIpAddress,
    'security-group-ids': eni.securityGroupIds.join('\n'),
    'security-groups': eni.securityGroups.join('\n'),
    'subnet-id': eni.subnetId,
    'subnet-ipv4-cidr-block': eni.subnetCidrBlock,
    'subnet-ipv6-cidr-blocks': listOf(eni.subnetIpv6CidrBlocks),
    'vpc-id': eni.vpcId,
    'vpc-ipv4-cidr-block': eni.vpcCidrBlocks[0],
    'vpc-ipv4-cidr-blocks': eni.vpcCidrBlocks.join('\n'),
    'vpc-ipv6-cidr-blocks': listOf(eni.vpcIpv6CidrBlocks),
  };
}

/** A line each; undefined without any, since AWS shows no entry then. */
function listOf(items: readonly string[] = []): string | undefined {
  return items.length === 0 ? undefined : items.join('\n');
}

/** The instance identity document, with the members and the spacing of AWS's. */
export function buildIdentityDocument({ instance, primary }: MetadataSubject): string {
  const document = {
    accountId: primary.ownerId,
    architecture: instance.architecture,
    availabilityZone: primary.availabilityZone,
    billingProducts: null,
    devpayProductCodes: null,
    marketplaceProductCodes: null,
    imageId: instance.imageId,
    instanceId: instance.instanceId,
    instanceType: instance.instanceType,
    kernelId: null,
    pendingTime: instance.launchTime.replace(/\.[0-9]+Z$/, 'Z'),
    privateIp: primary.privateIpAddress,
    ramdiskId: null,
    region: primary.region,
    version: '2017-09-30',
  };
  return printDocument(document);
}

/** Dates by which clients may ask for the tree of that day; all of them show today's. */
export const METADATA_VERSIONS: readonly string[] = [
  '1.0',
  '2007-01-19',
  '2007-03-01',
  '2007-08-29',
  '2007-10-10',
  '2007-12-15',
  '2008-02-01',
  '2008-09-01',
  '2009-04-04',
  '2011-01-01',
  '2011-05-01',
  '2012-01-12',
  '2014-02-25',
  '2014-11-05',
  '2015-10-20',
  '2016-04-19',
  '2016-06-30',
  '2016-09-02',
  '2018-03-28',
  '2018-08-17',
  '2018-09-24',
  '2019-10-01',
  '2020-10-27',
  '2021-01-03',
  '2021-03-23',
  '2021-07-15',
  '2022-09-24',
  '2024-04-11',
  'latest',
];

/**
 * What stands at a path of the tree: a value, or the listing of a directory, where directories end with a slash. Undefined
 * when nothing stands there. `/` is the list of versions.
 */
export function readMetadata(subject: MetadataSubject, path: string, now: Date): string | Buffer | undefined {
  const [version, top, ...rest] = path.split('/').filter((part) => part !== '');
  if (version === undefined) return METADATA_VERSIONS.join('\n');
  if (!METADATA_VERSIONS.includes(version)) return undefined;
  const { userData } = subject.instance;
  // These few names carry no slash in AWS's listing, directories or not.
  if (top === undefined)
    return ['dynamic', 'meta-data', ...(userData === undefined ? [] : ['user-data'])].join('\n');
  if (top === 'user-data' && rest.length === 0) {
    return userData === undefined ? undefined : Buffer.from(userData, 'base64');
  }
  if (top === 'dynamic') {
    return readTree({ 'instance-identity': { document: buildIdentityDocument(subject) } }, rest);
  }
  if (top !== 'meta-data') return undefined;
  const { keyName } = subject.instance;
  const tree = buildMetadata(subject, now);
  // The one directory whose listing shows more than the names.
  if (rest.length === 1 && rest[0] === 'public-keys' && tree['public-keys'] !== undefined)
    return `0=${keyName ?? ''}`;
  return readTree(tree, rest);
}

function readTree(tree: MetadataDirectory, path: readonly string[]): string | undefined {
  let node: string | MetadataDirectory = tree;
  for (const name of path) {
    const next: string | MetadataDirectory | undefined =
      typeof node === 'object' && Object.hasOwn(node, name) ? node[name] : undefined;
    if (next === undefined) return undefined;
    node = next;
  }
  return typeof node === 'string' ? node : listDirectory(node);
}

function listDirectory(directory: MetadataDirectory): string {
  return Object.entries(directory)
    .filter(([, node]) => node !== undefined)
    .map(([name, node]) => (typeof node === 'string' ? name : `${name}/`))
    .sort()
    .join('\n');
}
