import { existsSync } from 'node:fs';
import type { Machine } from '../../plan/machine.ts';
import { runInside } from './namespace.ts';

/** Where a kernel that speaks IPv6 has its settings. */
const IPV6_SETTINGS_FOLDER = '/proc/sys/net/ipv6';

/** What holds in every namespace that speaks IPv6, unless its plan says otherwise: all it has is told to it, never asked for. */
const TOLD_ONLY: Readonly<Record<string, string>> = {
  'net/ipv6/conf/all/forwarding': '0',
  // No address is tentative first, so that servers can be bound to it at once. The kernel asks for both.
  'net/ipv6/conf/all/accept_dad': '0',
  'net/ipv6/conf/default/accept_dad': '0',
  'net/ipv6/conf/default/dad_transmits': '0',
  'net/ipv6/conf/default/accept_ra': '0',
  'net/ipv6/conf/default/autoconf': '0',
  'net/ipv6/conf/default/accept_redirects': '0',
  // Next hops are the link-local addresses that are made of MAC addresses.
  'net/ipv6/conf/default/addr_gen_mode': '0',
};

/** Whether this kernel speaks IPv6 at all. */
export function hasIpv6(): boolean {
  return existsSync(`${IPV6_SETTINGS_FOLDER}/conf`);
}

/** All settings of `/proc/sys` that a machine is to have, in the order in which they are written. */
export function settingsOf({ sysctls, ipv6 }: Machine): ReadonlyMap<string, string> {
  const disabled = ipv6 === undefined ? '1' : '0';
  return new Map(
    Object.entries({
      // With the first address of a block its others would go, too.
      'net/ipv4/conf/all/promote_secondaries': '1',
      ...(ipv6 === undefined ? {} : TOLD_ONLY),
      ...sysctls,
      // Last: what is said of IPv6 holds from its beginning on.
      'net/ipv6/conf/all/disable_ipv6': disabled,
      'net/ipv6/conf/default/disable_ipv6': disabled,
    }),
  );
}

/**
 * Writes what differs from what the kernel has. `default` holds for links to come: it is set on those that a peer made
 * before us, too. Settings of IPv6 are passed over where the kernel does not speak it.
 */
export async function writeSettings(
  namespace: string,
  settings: readonly (readonly [key: string, value: string])[],
): Promise<void> {
  const written = hasIpv6() ? settings : settings.filter(([key]) => !key.startsWith('net/ipv6/'));
  const lines = written.map(([key, value]) => {
    if (!key.includes('/conf/default/')) return `put '${value}' /proc/sys/${key}`;
    const each = `/proc/sys/${key.replace('/default/', '/*/')}`;
    return `for file in ${each}; do case $file in */all/*|*/lo/*) ;; *) put '${value}' $file;; esac; done`;
  });
  const put = `put() { read -r old < "$2" || old=; [ "$old" = "$1" ] || echo "$1" > "$2"; }`;
  await runInside(namespace, ['sh', '-ec', [put, ...lines].join('\n')]);
}

/**
 * Has the kernel make links' link-local addresses anew, of the MAC addresses they have now: it does so only where IPv6
 * begins. All that is IPv6's on these links goes.
 */
export async function renewLinkLocals(namespace: string, links: readonly string[]): Promise<void> {
  const lines = links.flatMap((link) =>
    ['1', '0'].map((value) => `echo ${value} > ${IPV6_SETTINGS_FOLDER}/conf/${link}/disable_ipv6`),
  );
  await runInside(namespace, ['sh', '-ec', lines.join('\n')]);
}
