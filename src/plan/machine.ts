import type { Ruleset } from './ruleset.ts';

/**
 * What one network namespace must hold: complete, declarative, comparable. It is a function of the world alone, so two
 * plans of the same world are equal text by text (invariant 2).
 */
export interface Machine {
  /** The namespace's name: `vpc-…` for a VPC's router, `eni-…` for an interface, else a name of `places.ts`. */
  readonly name: string;
  /**
   * Written before the links, so that `default` values are inherited, and again when they change; what is no longer named
   * stays as it was: `net/ipv4/ip_forward` → `1`.
   */
  readonly sysctls: Readonly<Record<string, string>>;
  /** Ordered by name. */
  readonly links: readonly Link[];
  /** All routes of all tables, but those the kernel makes itself. */
  readonly routes: readonly KernelRoute[];
  /** The routing policy rules, besides the kernel's own three. */
  readonly rules: readonly RoutingRule[];
  /** The one nftables table of the namespace for IPv4; undefined for none. */
  readonly ruleset: Ruleset | undefined;
  /**
   * A table beside the others, for each family that the machine speaks: how long which connections are remembered. What
   * it says holds for connections that begin; others keep what they began with, for the kernel keeps the timeouts that no
   * rule names any more. A timeout's name says what it is: of another meaning is one of another name.
   */
  readonly timeouts?: Ruleset;
  /** Where it speaks IPv6, too. Without it, IPv6 is off in the namespace. */
  readonly ipv6?: Ipv6Stack;
}

/** What a namespace holds for IPv6, on the same links (decision 0008). The kernel gives each link its link-local address. */
export interface Ipv6Stack {
  readonly addresses: readonly Ipv6LinkAddress[];
  /** Permanent neighbours. */
  readonly neighbours: readonly { readonly link: string; readonly address: string; readonly mac: string }[];
  /** All routes of all tables, but those the kernel makes itself; `::/0` is the default. */
  readonly routes: readonly KernelRoute[];
  /** The routing policy rules, besides the kernel's own two. */
  readonly rules: readonly RoutingRule[];
  /** The nftables table, of family `ip6`; undefined for none. */
  readonly ruleset: Ruleset | undefined;
}

/** An address on a link, with its prefix length: `2001:db8::5/128` on `eth0`. */
export interface Ipv6LinkAddress {
  readonly link: string;
  readonly address: string;
}

/** One end of a veth pair; or `lo`, which has addresses only. */
export interface Link {
  readonly name: string;
  /** The other end. Both machines name each other; whichever is updated first makes the pair. */
  readonly peer?: { readonly machine: string; readonly name: string };
  readonly mac?: string;
  readonly mtu?: number;
  /** The link group: in a router the ordinal of the subnet, 0 for none. */
  readonly group?: number;
  /** ARP for what lies behind the machine is answered without the kernel's delay of up to 0.8 s (`proxy_delay`). */
  readonly answersAtOnce?: boolean;
  /** The AWS id behind the link, by which it is recognised after a restart. */
  readonly alias?: string;
  /** With prefix length: `10.0.0.5/24`. */
  readonly addresses: readonly string[];
  /** Permanent neighbours. */
  readonly neighbours: readonly { readonly address: string; readonly mac: string }[];
}

export interface KernelRoute {
  /** 254 is the kernel's `main`. */
  readonly table: number;
  /** A CIDR block; `0.0.0.0/0` for the default. */
  readonly destination: string;
  readonly type: 'unicast' | 'blackhole';
  readonly via?: string;
  readonly device?: string;
  /** The next hop is on the link although no address says so. */
  readonly isOnlink?: boolean;
  readonly preferredSource?: string;
}

export interface RoutingRule {
  readonly priority: number;
  /** Of packets from this block only: `10.0.0.5/32`. */
  readonly source?: string;
  readonly mark?: number;
  readonly destination?: string;
  readonly table: number;
}

/** The kernel's `main` routing table. */
export const MAIN_TABLE = 254;
