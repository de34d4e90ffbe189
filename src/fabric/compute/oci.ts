import type { InstanceSpec } from '../../plan/driver.ts';

/** What root in an instance may do there: enough for a computer of its own, nothing over the kernel that all share. */
const CAPABILITIES = [
  ...[
    'CAP_AUDIT_WRITE',
    'CAP_CHOWN',
    'CAP_DAC_OVERRIDE',
    'CAP_FOWNER',
    'CAP_FSETID',
    'CAP_KILL',
    'CAP_MKNOD',
  ],
  ...['CAP_NET_ADMIN', 'CAP_NET_BIND_SERVICE', 'CAP_NET_RAW', 'CAP_SETFCAP', 'CAP_SETGID', 'CAP_SETPCAP'],
  ...['CAP_SETUID', 'CAP_SYS_CHROOT', 'CAP_SYS_NICE', 'CAP_SYS_PTRACE', 'CAP_SYS_RESOURCE'],
];

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Where a bundle's mounts come from. */
export interface BundlePaths {
  readonly root: string;
  /** The folder with what the daemon gives: keys, resolver, names. */
  readonly given: string;
}

/** The OCI configuration of an instance (https://github.com/opencontainers/runtime-spec). */
export function ociConfig(spec: InstanceSpec, paths: BundlePaths): object {
  const capabilities = { bounding: CAPABILITIES, effective: CAPABILITIES, permitted: CAPABILITIES };
  return {
    ociVersion: '1.0.2',
    hostname: spec.hostname,
    root: { path: paths.root, readonly: false },
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      args: ['/usr/lib/cloudcroft/init'],
      env: [PATH, 'HOME=/root', 'TERM=linux', 'LANG=C.UTF-8'],
      cwd: '/',
      capabilities,
      noNewPrivileges: false,
      // OpenSSH and databases want more files than the usual 1024.
      rlimits: [{ type: 'RLIMIT_NOFILE', soft: 4096, hard: 4096 }],
    },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      {
        destination: '/dev',
        type: 'tmpfs',
        source: 'tmpfs',
        options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
      },
      {
        destination: '/dev/pts',
        type: 'devpts',
        source: 'devpts',
        options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'],
      },
      {
        destination: '/dev/shm',
        type: 'tmpfs',
        source: 'shm',
        options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'],
      },
      {
        destination: '/dev/mqueue',
        type: 'mqueue',
        source: 'mqueue',
        options: ['nosuid', 'noexec', 'nodev'],
      },
      { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
      {
        destination: '/run',
        type: 'tmpfs',
        source: 'tmpfs',
        options: ['nosuid', 'nodev', 'mode=755', 'size=65536k'],
      },
      {
        destination: '/run/cloudcroft',
        type: 'none',
        source: paths.given,
        options: ['bind', 'ro', 'nosuid', 'nodev'],
      },
      {
        destination: '/run/chrony-dhcp',
        type: 'none',
        source: `${paths.given}/chrony-dhcp`,
        options: ['bind', 'ro', 'nosuid', 'nodev'],
      },
    ],
    linux: {
      namespaces: [
        { type: 'pid' },
        { type: 'ipc' },
        { type: 'uts' },
        { type: 'mount' },
        { type: 'network', path: `/run/netns/${spec.namespace}` },
      ],
      maskedPaths: [
        '/proc/acpi',
        '/proc/kcore',
        '/proc/keys',
        '/proc/timer_list',
        '/proc/scsi',
        '/sys/firmware',
      ],
      readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sysrq-trigger'],
    },
  };
}
