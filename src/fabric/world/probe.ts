import { accessSync, constants, existsSync, readdirSync, readFileSync, statfsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { cacheDirectory } from '../compute/image.ts';
import { runCaptured } from '../process.ts';
import { type Mode, modeOf, spawnMapped } from './mapping.ts';

/** One thing that was looked at. */
export interface Finding {
  readonly name: string;
  readonly isOk: boolean;
  /** Without it Cloudcroft works, but for what the sentence says. */
  readonly isOptional: boolean;
  readonly sentence: string;
  /** The command that mends it. */
  readonly mend?: string;
}

/** A command that must be there: its Debian package and what it is for. */
type Tool = readonly [command: string, packageName: string, purpose: string];

const REQUIRED_TOOLS: readonly Tool[] = [
  ['nsenter', 'util-linux', 'enters the namespaces of the world'],
  ['unshare', 'util-linux', 'makes the namespaces of the world'],
  ['setpriv', 'util-linux', 'changes users in the world'],
  ['ip', 'iproute2', 'sets up the links of the world'],
  ['nft', 'nftables', 'loads security groups, network ACLs and NAT into the kernel'],
  ['crun', 'crun', 'starts the instances'],
];

const OPTIONAL_TOOLS: readonly Tool[] = [
  ['ssh', 'openssh-client', 'logs into instances by SSH'],
  ['curl', 'curl', 'asks web servers from the laptop'],
  ['perl', 'perl-base', 'sends the packets of croft trace'],
  ['aws', 'awscli', 'is the usual way to make VPCs'],
];

/** Each instance's disk holds only what it changed; the image is 300 MB, twice while it is made. */
const LEAST_FREE_BYTES = 2_000_000_000;

/** The first Node that runs TypeScript as it is and has node:sqlite. */
const LEAST_NODE = [22, 18] as const;

/** A try that takes longer has failed: each takes some milliseconds. */
const TRY_MILLISECONDS = 10_000;

/** Looks at all that a world needs of this machine, by trying it wherever that is possible. Changes nothing. */
export async function probeMachine(): Promise<readonly Finding[]> {
  const mode = modeOf(process.getuid?.() ?? 0);
  const tools = REQUIRED_TOOLS.map((tool) => probeTool(tool, false));
  // What is tried needs the tools it is tried with.
  const hasTools = tools.every(({ isOk }) => isOk);
  return [
    probeNode(),
    ...tools,
    ...(hasTools ? await probeNamespaces(mode) : []),
    probeImage(mode),
    probeSpace(),
    ...OPTIONAL_TOOLS.map((tool) => probeTool(tool, true)),
  ];
}

/** The first required thing that is missing, as one sentence; undefined where a world can be started. */
export async function findObstacle(): Promise<string | undefined> {
  return (await probeMachine()).find(({ isOk, isOptional }) => !isOk && !isOptional)?.sentence;
}

function ok(name: string, sentence: string): Finding {
  return { name, isOk: true, isOptional: false, sentence };
}

function lack(name: string, sentence: string, mend?: string): Finding {
  return { name, isOk: false, isOptional: false, sentence, ...(mend === undefined ? {} : { mend }) };
}

/** Where a command is; the folders of the system's own commands are looked into even when PATH lacks them. */
function findCommand(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function install(packageName: string): string {
  return `sudo apt-get install ${packageName}`;
}

function probeTool([command, packageName, purpose]: Tool, isOptional: boolean): Finding {
  const path = findCommand(command);
  if (path !== undefined) return { ...ok(command, `${path} ${purpose}.`), isOptional };
  const sentence = `The command ${command} is missing: it ${purpose}.`;
  return { ...lack(command, sentence, install(packageName)), isOptional };
}

function probeNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isNew = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  const version = `Node ${process.versions.node}`;
  return isNew
    ? ok('node', `${version}.`)
    : lack('node', `${version} is too old; ${LEAST_NODE.join('.')} or later is needed.`, './dev setup');
}

/** User namespaces, the mapping of users, and what the world does with them: each tried in a process of its own. */
async function probeNamespaces(mode: Mode): Promise<readonly Finding[]> {
  const made = await attempt(['unshare', '--user', '--map-root-user', '--net', '--mount', '--', 'true']);
  if (made !== undefined)
    return [lack('user namespaces', `User namespaces cannot be used here: ${made}.`, mendNamespaces())];
  const findings = [ok('user namespaces', 'A process can have users and a network of its own.')];
  if (mode === 'rootless') findings.push(...probeSubordinateIds());
  if (findings.some(({ isOk }) => !isOk)) return findings;
  for (const probe of TRIALS) findings.push(await tryMapped(mode, probe));
  return findings;
}

/** Why user namespaces are refused has few causes; each has its own switch. */
function mendNamespaces(): string | undefined {
  if (readSwitch('kernel/apparmor_restrict_unprivileged_userns') === '1') {
    return 'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0';
  }
  if (readSwitch('kernel/unprivileged_userns_clone') === '0')
    return 'sudo sysctl -w kernel.unprivileged_userns_clone=1';
  if (readSwitch('user/max_user_namespaces') === '0') return 'sudo sysctl -w user.max_user_namespaces=15000';
  return undefined;
}

function readSwitch(name: string): string | undefined {
  const path = join('/proc/sys', name);
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}

/** An ordinary user needs other users' ids for those of the instances. */
function probeSubordinateIds(): Finding[] {
  const { username, uid } = userInfo();
  const missing = ['newuidmap', 'newgidmap'].find((name) => findCommand(name) === undefined);
  if (missing !== undefined) {
    return [
      lack(
        'uidmap',
        `The command ${missing} is missing: without it only root can map users.`,
        install('uidmap'),
      ),
    ];
  }
  return ['subuid', 'subgid'].map((name) => {
    const path = `/etc/${name}`;
    const count = existsSync(path) ? countIds(readFileSync(path, 'utf8'), [username, String(uid)]) : 0;
    if (count >= 65_536) return ok(name, `${username} has ${count} ids in ${path}.`);
    const mend = `sudo usermod --add-${name}s 100000-165535 ${username}`;
    return lack(name, `${username} needs 65536 ids in ${path} and has ${count}.`, mend);
  });
}

/** How many ids a file like `/etc/subuid` gives to a user, who may stand there by name or number. */
export function countIds(text: string, owners: readonly string[]): number {
  const rows = text.split('\n').map((line) => line.split(':'));
  return rows.reduce(
    (sum, [owner = '', , count]) => sum + (owners.includes(owner) ? Number(count) || 0 : 0),
    0,
  );
}

/** Something that the world's root must be able to do: tried in namespaces that end with the trial. */
interface Trial {
  readonly name: string;
  readonly script: string;
  readonly success: string;
  readonly failure: string;
  /** Whether the world may do without, as on a machine whose own tree serves. */
  readonly isOptional?: boolean;
}

const TRIALS: readonly Trial[] = [
  {
    name: 'overlay',
    script:
      'mount -t tmpfs tmpfs /run && mkdir -p /run/l /run/u /run/w /run/m && ' +
      'mount -t overlay overlay -o lowerdir=/run/l,upperdir=/run/u,workdir=/run/w,userxattr /run/m && : >/run/m/file',
    success: 'Instances can have disks of their own over one image.',
    failure: "Overlay file systems cannot be mounted by the world's root",
  },
  {
    name: 'cgroup',
    script: 'mount -t cgroup2 cgroup2 /sys/fs/cgroup',
    success: 'The world can have a control group tree of its own.',
    failure: "The cgroup2 file system cannot be mounted by the world's root",
    isOptional: true,
  },
  {
    name: 'links',
    script: 'ip link add croft0 type veth peer name croft1 && ip link set croft0 up',
    success: 'Virtual links can be made.',
    failure: 'Virtual links cannot be made',
  },
  {
    name: 'packet filter',
    script:
      "nft add table inet t && nft 'add chain inet t c { type filter hook forward priority 0; }' && nft 'add rule inet t c ct state established accept'",
    success: 'Packets can be filtered and connections tracked.',
    failure: 'The packet filter cannot be used',
  },
  {
    name: 'ipv6',
    script:
      '[ -e /proc/sys/net/ipv6/conf ] || { echo "this kernel has none" >&2; exit 1; }; ' +
      'nft add table ip6 t && ip -6 rule add pref 9 to 2001:db8::/32 lookup 9 && ' +
      'ip -6 route add blackhole 2001:db8::/32 table 9',
    success: 'IPv6 can be carried beside IPv4.',
    failure: 'IPv6 is not carried here, VPCs speak IPv4 only',
    isOptional: true,
  },
];

async function tryMapped(mode: Mode, trial: Trial): Promise<Finding> {
  const { name, script, success, failure, isOptional = false } = trial;
  const isolation = ['unshare', '--cgroup', '--mount', '--net', '--propagation', 'private', '--', 'sh', '-c'];
  const path = `PATH="$PATH:/usr/sbin:/sbin"; ${script}`;
  try {
    const child = await spawnMapped(mode, [...isolation, path], { stdout: 'ignore', directory: '/' });
    let complaint = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      complaint += chunk.toString();
    });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    if (code === 0) return { ...ok(name, success), isOptional };
    return { ...lack(name, `${failure}: ${lastLine(complaint)}.`), isOptional };
  } catch (error) {
    return lack(
      name,
      `The world's users cannot be mapped: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}

/** Runs a command that should succeed; returns what it complained of when it does not. */
async function attempt(command: readonly string[]): Promise<string | undefined> {
  const { code, stderr } = await runCaptured(command, { timeoutMilliseconds: TRY_MILLISECONDS });
  return code === 0 ? undefined : lastLine(stderr);
}

function lastLine(text: string): string {
  return (text.trim().split('\n').at(-1) ?? '').replace(/\.$/, '') || 'no reason was given';
}

/** The base image is made once, from the distribution's packages; where it is there already no apt is needed. */
function probeImage(mode: Mode): Finding {
  const cache = cacheDirectory();
  const names = existsSync(cache)
    ? readdirSync(cache).filter((name) => name.startsWith(`image-${mode}-`))
    : [];
  if (names.some((name) => existsSync(join(cache, name, 'complete')))) {
    return ok('base image', `It is in ${cache}.`);
  }
  const missing = ['apt-get', 'dpkg-deb'].find((name) => findCommand(name) === undefined);
  if (missing === undefined)
    return ok('base image', 'The first start makes it: about 80 MB from the package archive.');
  return lack(
    'base image',
    `It is made of Debian or Ubuntu packages, and the command ${missing} is missing here.`,
  );
}

/** Space is counted where the image will be: in the nearest folder that is there already. */
function probeSpace(): Finding {
  let folder = cacheDirectory();
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const shown = `${(free / 1e9).toFixed(1)} GB are free in ${folder}`;
  if (free >= LEAST_FREE_BYTES) return ok('disk', `${shown}.`);
  return lack(
    'disk',
    `Only ${shown}; ${LEAST_FREE_BYTES / 1e9} GB are needed for the base image and the instances.`,
  );
}
