import type { NftChain } from './ruleset.ts';

/** What a NAT gateway does to packets that it does not translate. */
export const NAT_REFUSALS: readonly NftChain[] = [
  {
    name: 'fragments',
    // Before the kernel puts them together (-400). More follow, or an offset: the bit between, "do not", is no matter.
    hook: { type: 'filter', hook: 'prerouting', priority: -450, policy: 'accept' },
    rules: [
      'meta l4proto { icmp, tcp } ip frag-off { 1-16383, 16385-32767 } counter drop comment "fragments of UDP only (S52)"',
    ],
  },
  {
    name: 'idle',
    // A connection that was idle for too long is unknown, and who goes on with it is told so (S51).
    hook: { type: 'filter', hook: 'forward', priority: -1, policy: 'accept' },
    rules: [
      'ct state new tcp flags & 0x02 == 0x02 accept',
      'ct state new meta l4proto tcp counter reject with tcp reset',
    ],
  },
  {
    name: 'output',
    // No traceroute shows it (S60): ICMP's type 11, in the high byte, says that a packet's time is over.
    hook: { type: 'filter', hook: 'output', priority: 0, policy: 'accept' },
    rules: ['meta l4proto icmp th sport 2816-3071 drop'],
  },
];
