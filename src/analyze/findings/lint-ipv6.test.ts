import { describe, expect, test } from 'vitest';
import { DUAL_WORLD, ipv6Entry, PEERED_WORLD } from '../../../test/ipv6-world.ts';
import {
  add,
  change,
  OPEN_IPV6_ENTRIES,
  route,
  rule,
  type WorldRecords,
  worldOf,
} from '../../../test/worlds.ts';
import type { NetworkAclEntry, RouteTarget } from '../../model/records.ts';
import { lintWorlds } from './lint.ts';

/** Sentences and mends of one rule's findings. */
function find(records: WorldRecords, rule: string): string[] {
  const { findings } = lintWorlds([worldOf(records)], { rules: [rule], severity: 'advice' });
  return findings.flatMap(({ sentence, mend }) => [sentence, ...(mend === undefined ? [] : [mend])]);
}

/** The main table with a default route for IPv6 by a target. */
function byTarget(kind: 'vpn-gateway' | 'network-interface' | 'internet-gateway', id: string): WorldRecords {
  const target: RouteTarget = { kind, id };
  return change(DUAL_WORLD, 'routeTables', 'rtb-priv', {
    routes: [{ ...route('::/0', 'igw-1'), target }],
  });
}

function guarded(...entries: readonly NetworkAclEntry[]): WorldRecords {
  return change(DUAL_WORLD, 'networkAcls', 'acl-1', { entries });
}

function ruled(port: number, block: string, isEgress = false): WorldRecords {
  return add(DUAL_WORLD, 'securityGroupRules', rule('sgr-x', 'sg-private', isEgress, port, block));
}

const IPV4_DEFAULT = change(DUAL_WORLD, 'routeTables', 'rtb-priv', { routes: [route('0.0.0.0/0', 'nat-1')] });

/** What is found of IPv6, and the control: where it is right, nothing. */
const CASES: readonly {
  readonly rule: string;
  readonly records: WorldRecords;
  readonly found: readonly string[];
  readonly right: WorldRecords;
}[] = [
  {
    rule: 'admin-port-open-to-world',
    records: change(ruled(3389, '::/0'), 'securityGroupRules', 'sgr-b-in', { fromPort: 80, toPort: 80 }),
    found: [
      'Rule sgr-b-in6 of security group bastion (sg-bastion) lets in SSH (TCP 22) from ::/0.',
      'aws ec2 revoke-security-group-ingress --group-id sg-bastion --security-group-rule-ids sgr-b-in6',
      'Rule sgr-x of security group private (sg-private) lets in RDP (TCP 3389) from ::/0.',
      'aws ec2 revoke-security-group-ingress --group-id sg-private --security-group-rule-ids sgr-x',
    ],
    right: {
      ...DUAL_WORLD,
      securityGroupRules: [
        rule('sgr-1', 'sg-bastion', false, 22, '2001:db8:1::/48'),
        rule('sgr-2', 'sg-bastion', true, 22, '::/0'),
      ],
    },
  },
  {
    rule: 'database-port-open-to-world',
    records: ruled(5432, '::/0'),
    found: [
      'Rule sgr-x of security group private (sg-private) lets in PostgreSQL (TCP 5432) from ::/0.',
      'aws ec2 revoke-security-group-ingress --group-id sg-private --security-group-rule-ids sgr-x',
    ],
    right: ruled(5432, '2001:db8:c000::/36'),
  },
  {
    rule: 'everything-open-to-world',
    records: DUAL_WORLD,
    found: [
      'Rule sgr-f-in6 of security group far (sg-far) lets in all traffic from ::/0.',
      'aws ec2 revoke-security-group-ingress --group-id sg-far --security-group-rule-ids sgr-f-in6',
    ],
    right: change(DUAL_WORLD, 'securityGroupRules', 'sgr-f-in6', { isEgress: true }),
  },
  {
    rule: 'acl-without-ephemeral-ports-out',
    records: guarded(ipv6Entry(101, false, 'allow', { from: 443, to: 443 })),
    found: [
      'Network ACL acl-1 lets TCP over IPv6 in and lets no answer out: no outbound entry allows ports 32768 to 60999.',
      'aws ec2 create-network-acl-entry --network-acl-id acl-1 --egress --rule-number 100 --protocol tcp --port-range From=1024,To=65535 --ipv6-cidr-block ::/0 --rule-action allow',
    ],
    right: guarded(...OPEN_IPV6_ENTRIES),
  },
  {
    rule: 'acl-entry-never-reached',
    records: guarded(ipv6Entry(50, false, 'deny'), ...OPEN_IPV6_ENTRIES),
    found: [
      'Entry 101 (inbound, allow) of network ACL acl-1 is never reached: entry 50 comes first and denies all that it is about.',
      'aws ec2 delete-network-acl-entry --network-acl-id acl-1 --ingress --rule-number 101',
    ],
    right: guarded(ipv6Entry(50, false, 'deny', undefined, '2001:db8::/32'), ...OPEN_IPV6_ENTRIES, {
      ...ipv6Entry(32768, false, 'deny'),
    }),
  },
  {
    rule: 'main-table-to-internet',
    records: byTarget('internet-gateway', 'igw-1'),
    found: [
      'Route table private (rtb-priv) is the main one of its VPC and has ::/0 → igw-1.',
      'aws ec2 delete-route --route-table-id rtb-priv --destination-ipv6-cidr-block ::/0',
    ],
    right: DUAL_WORLD,
  },
  {
    rule: 'egress-only-gateway-without-route',
    records: byTarget('internet-gateway', 'igw-1'),
    found: ['No route table of vpc-1 leads to egress-only internet gateway eigw-1.'],
    right: DUAL_WORLD,
  },
  {
    rule: 'ipv6-address-without-way',
    records: IPV4_DEFAULT,
    found: [
      'Subnet private (subnet-priv) has instances with IPv6 addresses, and its route table private (rtb-priv) has 0.0.0.0/0 → nat-1 and no route for ::/0.',
      'aws ec2 create-route --route-table-id rtb-priv --destination-ipv6-cidr-block ::/0 --egress-only-internet-gateway-id eigw-1',
    ],
    right: change(IPV4_DEFAULT, 'networkInterfaces', 'eni-p', { ipv6Addresses: [] }),
  },
  {
    rule: 'no-public-address-in-public-subnet',
    records: change(DUAL_WORLD, 'networkInterfaces', 'eni-p', {
      subnetId: 'subnet-pub',
      ipv6Addresses: [],
    }),
    found: [
      'Instance db (i-p) stands in subnet public (subnet-pub), whose way out is an internet gateway, and has no public address.',
      'aws ec2 associate-address --network-interface-id eni-p --allocation-id $(aws ec2 allocate-address --query AllocationId --output text)',
    ],
    right: change(DUAL_WORLD, 'networkInterfaces', 'eni-p', { subnetId: 'subnet-pub' }),
  },
  {
    rule: 'peering-without-route',
    records: { ...PEERED_WORLD, routeTables: DUAL_WORLD.routeTables },
    found: [
      'No route table of vpc-1 (route table private (rtb-priv) and the others) leads to 10.1.0.0/16 by peering connection pcx-1.',
      'aws ec2 create-route --route-table-id rtb-priv --destination-cidr-block 10.1.0.0/16 --vpc-peering-connection-id pcx-1',
      'No route table of vpc-2 leads to 10.0.0.0/16 by peering connection pcx-1.',
    ],
    right: PEERED_WORLD,
  },
  {
    rule: 'kept-and-not-carried',
    records: byTarget('vpn-gateway', 'vgw-1'),
    found: [
      'Route table private (rtb-priv) has ::/0 → vgw-1: IPv6 is carried by internet gateways, egress-only ones, peering and transit gateways only.',
    ],
    right: PEERED_WORLD,
  },
  {
    rule: 'kept-and-not-carried',
    records: byTarget('network-interface', 'eni-b'),
    found: [
      'Route table private (rtb-priv) has ::/0 → eni-b: IPv6 is carried by internet gateways, egress-only ones, peering and transit gateways only.',
    ],
    right: change(DUAL_WORLD, 'routeTables', 'rtb-priv', { routes: [route('0.0.0.0/0', 'eni-b')] }),
  },
];

describe('mistakes with IPv6 are found, and nothing where it is right', () => {
  test.each(CASES)('$rule', ({ rule, records, found, right }) => {
    expect(find(records, rule)).toEqual(found);
    expect(find(right, rule)).toEqual([]);
  });
});
