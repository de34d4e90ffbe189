/**
 * An nftables table as data: what the planner writes, the renderer prints, the driver compares and the simulator runs.
 * Expressions are the text nft itself prints, so that `nft list ruleset` in a router reads like the plan.
 */
export interface Ruleset {
  readonly table: string;
  readonly timeouts?: readonly NftTimeout[];
  readonly sets: readonly NftSet[];
  readonly maps: readonly NftMap[];
  readonly chains: readonly NftChain[];
}

/** What a rule gives to connections by `ct timeout set`: for how many seconds each of their states lasts without a packet. */
export interface NftTimeout {
  readonly name: string;
  readonly protocol: 'tcp' | 'udp';
  /** By the kernel's word for the state. */
  readonly seconds: Readonly<Record<string, number>>;
}

export interface NftSet {
  readonly name: string;
  /** `ipv4_addr`, or a concatenation: `ifname . ipv4_addr` */
  readonly type: string;
  readonly isInterval: boolean;
  readonly elements: readonly string[];
  /** Of a set that rules fill: how many elements it takes, each with a counter, and how long it keeps one unused. */
  readonly counted?: { readonly size: number; readonly seconds: number };
}

/** A map from keys to values or, with `type` ending in `: verdict`, to verdicts. */
export interface NftMap {
  readonly name: string;
  /** `ifname : verdict` */
  readonly type: string;
  readonly isInterval: boolean;
  readonly elements: readonly NftMapElement[];
}

export interface NftMapElement {
  readonly key: string;
  readonly value: string;
  /** The user's own object: a rule id, an ACL's rule number. At most 127 characters. */
  readonly comment?: string;
}

export interface NftChain {
  readonly name: string;
  /** Present on the chains the kernel calls itself. */
  readonly hook?: {
    readonly type: 'filter' | 'nat';
    readonly hook: 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';
    readonly priority: number;
    readonly policy: 'accept' | 'drop';
  };
  readonly rules: readonly string[];
}

/** The kernel's word for the packets that a table is about. */
export type NftFamily = 'ip' | 'ip6';

/** The whole table in nft's language, ready to be loaded in one transaction. */
export function renderRuleset(ruleset: Ruleset, family: NftFamily = 'ip'): string {
  const lines = [`table ${family} ${ruleset.table} {`];
  for (const { name, protocol, seconds } of ruleset.timeouts ?? []) {
    const policy = Object.entries(seconds).map(([state, count]) => `${state} : ${count}`);
    lines.push(`  ct timeout ${name} {`, `    protocol ${protocol}`, `    l3proto ${family}`);
    lines.push(`    policy = { ${policy.join(', ')} }`, '  }');
  }
  for (const set of ruleset.sets) {
    const { counted } = set;
    const more =
      counted === undefined
        ? []
        : [`size ${counted.size}`, 'flags dynamic,timeout', `timeout ${counted.seconds}s`, 'counter'];
    lines.push(...renderContainer('set', set.name, set.type, set.isInterval, set.elements, more));
  }
  for (const map of ruleset.maps) {
    lines.push(
      ...renderContainer('map', map.name, map.type, map.isInterval, map.elements.map(renderElement)),
    );
  }
  for (const chain of ruleset.chains) {
    lines.push(`  chain ${chain.name} {`);
    if (chain.hook !== undefined) {
      const { type, hook, priority, policy } = chain.hook;
      lines.push(`    type ${type} hook ${hook} priority ${priority}; policy ${policy};`);
    }
    for (const rule of chain.rules) lines.push(`    ${rule}`);
    lines.push('  }');
  }
  lines.push('}');
  return `${lines.join('\n')}\n`;
}

/** One element of a map as nft writes it: `key comment "…" : value`. */
export function renderElement(element: NftMapElement): string {
  const comment = element.comment === undefined ? '' : ` comment "${element.comment}"`;
  return `${element.key}${comment} : ${element.value}`;
}

function renderContainer(
  word: 'set' | 'map',
  name: string,
  type: string,
  isInterval: boolean,
  elements: readonly string[],
  more: readonly string[] = [],
): string[] {
  const lines = [`  ${word} ${name} {`, `    type ${type}`, ...more.map((line) => `    ${line}`)];
  if (isInterval) lines.push('    flags interval');
  if (elements.length > 0) lines.push(`    elements = {\n      ${elements.join(',\n      ')}\n    }`);
  lines.push('  }');
  return lines;
}
