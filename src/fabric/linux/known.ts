import type { Link, Machine } from '../../plan/machine.ts';
import type { NftFamily } from '../../plan/ruleset.ts';
import type { KernelState } from './read-back.ts';
import { FAMILIES, type StackTexts, stackOf, textsOf, withoutLink } from './stack.ts';
import type { TimeoutTable } from './timeouts.ts';

/** What the driver knows of one namespace: what the kernel held at first sight, then what was applied. */
export interface Known {
  readonly links: Map<string, KnownLink>;
  readonly stacks: Record<NftFamily, StackTexts>;
  /** The tables of nftables; without a text those that were there at first sight. */
  readonly rulesets: Map<NftFamily, { readonly table: string; readonly text: string | undefined }>;
  /** The tables of timeouts. */
  readonly timeouts: Map<NftFamily, TimeoutTable>;
  /** The settings of `/proc/sys` that this process has written. */
  readonly settings: Map<string, string>;
}

/** A link that is there, and what is known to be set on it. */
export interface KnownLink {
  /** The other end, as far as it is known: the kernel tells the machine, mostly, and not the name. */
  readonly peer: { readonly machine: string | undefined; readonly name: string | undefined } | undefined;
  readonly settings: LinkSettings;
}

export type LinkSettings = Partial<Pick<Link, 'mac' | 'mtu' | 'group' | 'alias' | 'answersAtOnce'>> & {
  readonly isUp?: boolean;
  /** The link-local IPv6 addresses that it had at first sight. */
  readonly linkLocals?: readonly string[];
};

/** What is known of a namespace that was there before, or of one that has just been made. */
export function fromKernel(state: KernelState | undefined): Known {
  return {
    links: new Map(
      (state?.links ?? []).map(({ name, peerMachine, ...settings }): [string, KnownLink] => {
        const machine = peerMachine === '' ? undefined : peerMachine;
        return [
          name,
          { peer: peerMachine === undefined ? undefined : { machine, name: undefined }, settings },
        ];
      }),
    ),
    stacks: { ip: textsOf(state?.stacks.ip), ip6: textsOf(state?.stacks.ip6) },
    rulesets: new Map(
      [...(state?.tables ?? [])].map(([family, table]) => [family, { table, text: undefined }]),
    ),
    timeouts: new Map(state?.timeouts),
    settings: new Map(),
  };
}

/** Notes that the links and stacks of a machine are as planned. */
export function remember(machine: Machine, known: Known): void {
  known.links.clear();
  for (const link of machine.links) {
    known.links.set(link.name, { peer: link.peer, settings: { ...link, isUp: true } });
  }
  for (const family of FAMILIES) known.stacks[family] = textsOf(stackOf(machine, family));
}

/** Notes that a link is gone, and with it what stood on it. */
export function forgetLink(known: Known, name: string): void {
  known.links.delete(name);
  for (const family of FAMILIES) known.stacks[family] = withoutLink(known.stacks[family], name);
}
