import { runCaptured } from '../process.ts';

/** What the kernel tells of the connections it tracks, one a line: both directions, each with `src=` and `dst=`. */
const CONNECTIONS = '/proc/net/nf_conntrack';

/**
 * Looks for a connection whose answers are for an address, other than TCP's that are over and only remembered. Some
 * kernels do not tell: then nobody can say.
 */
const SCRIPT = `[ -r ${CONNECTIONS} ] || exit 3
grep -F " dst=$1 " ${CONNECTIONS} | grep -qvE ' (TIME_WAIT|CLOSE) '`;

/** Whether connections that a namespace translates have an address of its own for answers; true where nobody can say. */
export async function isConnectedBy(namespace: string, address: string): Promise<boolean> {
  const command = ['nsenter', `--net=${namespace}`, 'sh', '-c', SCRIPT, 'sh', address];
  const { code } = await runCaptured(command, { timeoutMilliseconds: 30_000 });
  return code !== 1;
}
