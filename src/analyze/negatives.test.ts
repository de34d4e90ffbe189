import { describe, expect, test } from 'vitest';
import { BASTION_WORLD, ENDPOINT_WORLD, NAT_WORLD, withNatGateway } from '../../test/walkthrough-world.ts';
import {
  acl,
  add,
  change,
  entry,
  remove,
  route,
  rule,
  type WorldRecords,
  worldOf,
} from '../../test/worlds.ts';
import { explainFlow } from './explain.ts';

type Ask = readonly [source: string, destination: string, port?: number, protocol?: string];

/** A world with one thing wrong, what is said of it, and the same world mended. */
interface Negative {
  readonly name: string;
  readonly ask: Ask;
  readonly spoilt: WorldRecords;
  readonly brief: readonly string[];
  readonly mended: WorldRecords;
  /** The control's question, where it is another. */
  readonly instead?: Ask;
}

const LOCAL = route('10.0.0.0/16', 'local');

/** A table with other routes than `local`, each `destination target`. */
function routed(records: WorldRecords, table: string, ...routes: readonly string[]): WorldRecords {
  const others = routes.map((text) => {
    const [destination = '', target = ''] = text.split(' ');
    return route(destination, target);
  });
  return change(records, 'routeTables', table, { routes: [LOCAL, ...others] });
}

function guarded(...entries: Parameters<typeof acl>[2]): WorldRecords {
  return { ...BASTION_WORLD, networkAcls: [acl('acl-1', ['subnet-pub', 'subnet-priv'], entries)] };
}

const SSH_IN = entry(100, false, 'allow', { from: 22, to: 22 });
const REPLIES_OUT = entry(100, true, 'allow', { from: 1024, to: 65535 });
const GUARDED = guarded(SSH_IN, REPLIES_OUT);

const DETACHED: WorldRecords = {
  ...BASTION_WORLD,
  internetGateways: [{ internetGatewayId: 'igw-1', tags: [] }],
};
const NAT_IN_PRIVATE = routed(
  withNatGateway(BASTION_WORLD, 'subnet-priv', '10.0.1.6'),
  'rtb-priv',
  '0.0.0.0/0 nat-1',
);
const NAT_DELETED = change(remove(NAT_WORLD, 'addresses', 'eipalloc-1'), 'natGateways', 'nat-1', {
  state: 'deleted',
});
const ADDRESSED = change(BASTION_WORLD, 'networkInterfaces', 'eni-p', { autoAssignedPublicIp: '198.18.0.7' });
const FROM_BASTION = 'sgr-p-in';

const NEGATIVES: readonly Negative[] = [
  {
    name: 'S32 no gateway',
    ask: ['laptop', 'bastion'],
    spoilt: DETACHED,
    brief: [
      'laptop cannot reach bastion on TCP 22: 1 thing stands in the way.',
      '',
      '1. VPC main (vpc-1) has no internet gateway attached.',
      '   mend: aws ec2 attach-internet-gateway --vpc-id vpc-1 --internet-gateway-id igw-1',
    ],
    mended: BASTION_WORLD,
  },
  {
    name: 'S28 no gateway: outward it is one obstacle, not also a blackhole',
    ask: ['bastion', 'internet'],
    spoilt: DETACHED,
    brief: [
      'bastion cannot reach the Internet (8.8.8.8) on TCP 443: 1 thing stands in the way.',
      '',
      '1. VPC main (vpc-1) has no internet gateway attached.',
      '   mend: aws ec2 attach-internet-gateway --vpc-id vpc-1 --internet-gateway-id igw-1',
    ],
    mended: BASTION_WORLD,
  },
  {
    name: 'S32 a gateway without a route',
    ask: ['laptop', 'bastion'],
    spoilt: routed(BASTION_WORLD, 'rtb-pub'),
    brief: [
      'laptop cannot reach bastion on TCP 22: 1 thing stands in the way.',
      '',
      '1. Route table public (rtb-pub), associated with subnet public (subnet-pub), has no route to',
      '   198.51.100.10: the reply cannot leave.',
      '   mend: aws ec2 create-route --route-table-id rtb-pub --destination-cidr-block 0.0.0.0/0 \\',
      '     --gateway-id igw-1',
    ],
    mended: BASTION_WORLD,
  },
  {
    name: 'S38 an instance without a public address is dropped, not masqueraded',
    ask: ['db', 'internet', 80],
    spoilt: routed(BASTION_WORLD, 'rtb-priv', '0.0.0.0/0 igw-1'),
    brief: [
      'db cannot reach the Internet (8.8.8.8) on TCP 80: 1 thing stands in the way.',
      '',
      '1. db has no public address: igw-1 drops what comes from 10.0.1.4, it does not masquerade.',
      '   mend: aws ec2 associate-address --network-interface-id eni-p --allocation-id $(aws ec2 \\',
      '     allocate-address --query AllocationId --output text)',
    ],
    mended: routed(ADDRESSED, 'rtb-priv', '0.0.0.0/0 igw-1'),
  },
  {
    name: 'S37 the private instance from the laptop: all that is in the way, at once',
    ask: ['laptop', 'db'],
    spoilt: BASTION_WORLD,
    brief: [
      'laptop cannot reach db on TCP 22: 3 things stand in the way.',
      '',
      '1. db has no public address, and the Internet does not route its private one, 10.0.1.4: it is',
      '   reached from within the VPC only.',
      '   mend: aws ec2 associate-address --network-interface-id eni-p --allocation-id $(aws ec2 \\',
      '     allocate-address --query AllocationId --output text)',
      '',
      '2. No inbound rule of db’s security group private (sg-private) allows TCP 22 from 198.51.100.10.',
      '   mend: aws ec2 authorize-security-group-ingress --group-id sg-private --protocol tcp --port 22 \\',
      '     --cidr 198.51.100.10/32',
      '',
      '3. Main route table private (rtb-priv), used by subnet private (subnet-priv), has no route to',
      '   198.51.100.10: the reply cannot leave.',
      '   mend: aws ec2 create-route --route-table-id rtb-priv --destination-cidr-block 0.0.0.0/0 \\',
      '     --gateway-id igw-1',
    ],
    mended: add(
      routed(ADDRESSED, 'rtb-priv', '0.0.0.0/0 igw-1'),
      'securityGroupRules',
      rule('sgr-new', 'sg-private', false, 22, '198.51.100.10/32'),
    ),
  },
  {
    name: 'S37 a private address is not routed from outside',
    ask: ['laptop', '10.0.0.4'],
    instead: ['laptop', '198.18.0.5'],
    spoilt: BASTION_WORLD,
    brief: [
      'laptop cannot reach bastion on TCP 22: 1 thing stands in the way.',
      '',
      '1. The Internet does not route 10.0.0.4, a private address; bastion is reached at 198.18.0.5.',
    ],
    mended: BASTION_WORLD,
  },
  {
    name: 'S74 no ingress rule',
    ask: ['laptop', 'bastion'],
    spoilt: remove(BASTION_WORLD, 'securityGroupRules', 'sgr-b-in'),
    brief: [
      'laptop cannot reach bastion on TCP 22: 1 thing stands in the way.',
      '',
      '1. No inbound rule of bastion’s security group bastion (sg-bastion) allows TCP 22 from',
      '   198.51.100.10.',
      '   mend: aws ec2 authorize-security-group-ingress --group-id sg-bastion --protocol tcp --port 22 \\',
      '     --cidr 198.51.100.10/32',
    ],
    mended: BASTION_WORLD,
  },
  {
    name: 'S78 a reference to another group than the bastion’s',
    ask: ['bastion', 'db'],
    spoilt: change(BASTION_WORLD, 'securityGroupRules', FROM_BASTION, {
      peer: { kind: 'group', groupId: 'sg-private', userId: '000000000000' },
    }),
    brief: [
      'bastion cannot reach db on TCP 22: 1 thing stands in the way.',
      '',
      '1. No inbound rule of db’s security group private (sg-private) allows TCP 22 from 10.0.0.4.',
      '   mend: aws ec2 authorize-security-group-ingress --group-id sg-private --protocol tcp --port 22 \\',
      '     --source-group sg-bastion',
    ],
    mended: BASTION_WORLD,
  },
  {
    name: 'S78 a reference means private addresses: not those of a hairpin by the public one',
    ask: ['bastion', '198.18.0.7'],
    spoilt: routed(ADDRESSED, 'rtb-priv', '0.0.0.0/0 igw-1'),
    brief: [
      'bastion cannot reach db on TCP 22: 1 thing stands in the way.',
      '',
      '1. No inbound rule of db’s security group private (sg-private) allows TCP 22 from 198.18.0.5. Rule',
      '   sgr-p-in names the group sg-bastion, which means private addresses only.',
      '   mend: aws ec2 authorize-security-group-ingress --group-id sg-private --protocol tcp --port 22 \\',
      '     --cidr 198.18.0.5/32',
    ],
    mended: change(routed(ADDRESSED, 'rtb-priv', '0.0.0.0/0 igw-1'), 'securityGroupRules', FROM_BASTION, {
      peer: { kind: 'cidr', cidrBlock: '198.18.0.5/32' },
    }),
  },
  {
    name: 'S66 a custom network ACL denies all',
    ask: ['laptop', 'bastion'],
    spoilt: guarded(),
    brief: [
      'laptop cannot reach bastion on TCP 22: 2 things stand in the way.',
      '',
      '1. Rule * of network ACL acl-1 denies TCP 22 into subnet public (subnet-pub).',
      '   mend: aws ec2 create-network-acl-entry --network-acl-id acl-1 --ingress --rule-number 100 \\',
      '     --protocol tcp --port-range From=22,To=22 --cidr-block 198.51.100.10/32 --rule-action allow',
      '',
      '2. Rule * of network ACL acl-1 denies the reply (TCP 32768–60999) out of subnet public (subnet-pub).',
      '   Network ACLs are stateless: a reply needs a rule of its own.',
      '   mend: aws ec2 create-network-acl-entry --network-acl-id acl-1 --egress --rule-number 100 \\',
      '     --protocol tcp --port-range From=32768,To=60999 --cidr-block 198.51.100.10/32 --rule-action \\',
      '     allow',
    ],
    mended: GUARDED,
  },
  {
    name: 'S63 a network ACL without the ephemeral ports',
    ask: ['laptop', 'bastion'],
    spoilt: guarded(SSH_IN),
    brief: [
      'laptop cannot reach bastion on TCP 22: 1 thing stands in the way.',
      '',
      '1. Rule * of network ACL acl-1 denies the reply (TCP 32768–60999) out of subnet public (subnet-pub).',
      '   Network ACLs are stateless: a reply needs a rule of its own.',
      '   mend: aws ec2 create-network-acl-entry --network-acl-id acl-1 --egress --rule-number 100 \\',
      '     --protocol tcp --port-range From=32768,To=60999 --cidr-block 198.51.100.10/32 --rule-action \\',
      '     allow',
    ],
    mended: GUARDED,
  },
  {
    name: 'S63 a network ACL with a part of the ephemeral ports',
    ask: ['laptop', 'bastion'],
    spoilt: guarded(SSH_IN, entry(100, true, 'allow', { from: 1024, to: 40000 })),
    brief: [
      'laptop cannot reach bastion on TCP 22: 1 thing stands in the way.',
      '',
      '1. Network ACL acl-1 lets only some replies out of subnet public (subnet-pub): they go to any of the',
      '   client’s ports 32768–60999, allowed are 32768–40000, rule * denies the rest. Network ACLs are',
      '   stateless: a reply needs a rule of its own.',
      '   mend: aws ec2 create-network-acl-entry --network-acl-id acl-1 --egress --rule-number 110 \\',
      '     --protocol tcp --port-range From=32768,To=60999 --cidr-block 198.51.100.10/32 --rule-action \\',
      '     allow',
    ],
    mended: GUARDED,
  },
  {
    name: 'S62 the lower rule number wins',
    ask: ['laptop', 'bastion'],
    spoilt: guarded(SSH_IN, REPLIES_OUT, entry(90, false, 'deny', { from: 22, to: 22 })),
    brief: [
      'laptop cannot reach bastion on TCP 22: 1 thing stands in the way.',
      '',
      '1. Rule 90 of network ACL acl-1 denies TCP 22 into subnet public (subnet-pub). Rule 100 would allow',
      '   it, but the lowest number decides.',
      '   mend: aws ec2 delete-network-acl-entry --network-acl-id acl-1 --ingress --rule-number 90',
    ],
    mended: guarded(SSH_IN, REPLIES_OUT, entry(110, false, 'deny', { from: 22, to: 22 })),
  },
  {
    name: 'S47 no route to the Internet from the private subnet',
    ask: ['db', 'internet', 80],
    spoilt: BASTION_WORLD,
    brief: [
      'db cannot reach the Internet (8.8.8.8) on TCP 80: 1 thing stands in the way.',
      '',
      '1. Main route table private (rtb-priv), used by subnet private (subnet-priv), has no route to',
      '   8.8.8.8.',
      '   mend: aws ec2 create-route --route-table-id rtb-priv --destination-cidr-block 0.0.0.0/0 \\',
      '     --nat-gateway-id $(aws ec2 create-nat-gateway --subnet-id subnet-pub --allocation-id $(aws \\',
      '     ec2 allocate-address --query AllocationId --output text) --query NatGateway.NatGatewayId \\',
      '     --output text)',
    ],
    mended: NAT_WORLD,
  },
  {
    name: 'S47 a NAT gateway in a private subnet',
    ask: ['db', 'internet', 80],
    spoilt: NAT_IN_PRIVATE,
    brief: [
      'db cannot reach the Internet (8.8.8.8) on TCP 80: 1 thing stands in the way.',
      '',
      '1. NAT gateway nat (nat-1) stands in a private subnet: main route table private (rtb-priv), used by',
      '   subnet private (subnet-priv), has no route to an internet gateway.',
      '   mend: aws ec2 replace-route --route-table-id rtb-priv --destination-cidr-block 0.0.0.0/0 \\',
      '     --nat-gateway-id $(aws ec2 create-nat-gateway --subnet-id subnet-pub --allocation-id $(aws \\',
      '     ec2 allocate-address --query AllocationId --output text) --query NatGateway.NatGatewayId \\',
      '     --output text)',
    ],
    mended: NAT_WORLD,
  },
  {
    name: 'S28 a deleted NAT gateway leaves a blackhole',
    ask: ['db', 'internet', 80],
    spoilt: NAT_DELETED,
    brief: [
      'db cannot reach the Internet (8.8.8.8) on TCP 80: 1 thing stands in the way.',
      '',
      '1. 0.0.0.0/0 → nat-1 in main route table private (rtb-priv), used by subnet private (subnet-priv),',
      '   is a blackhole: the NAT gateway is deleted.',
      '   mend: aws ec2 replace-route --route-table-id rtb-priv --destination-cidr-block 0.0.0.0/0 \\',
      '     --nat-gateway-id $(aws ec2 create-nat-gateway --subnet-id subnet-pub --allocation-id $(aws \\',
      '     ec2 allocate-address --query AllocationId --output text) --query NatGateway.NatGatewayId \\',
      '     --output text)',
    ],
    mended: NAT_WORLD,
  },
  {
    name: 'S54 S55 nothing comes in through the NAT gateway, on no port',
    ask: ['internet', '198.18.0.9'],
    instead: ['db', 'internet'],
    spoilt: NAT_WORLD,
    brief: [
      'The Internet (203.0.113.7) cannot reach nat on TCP 22: 1 thing stands in the way.',
      '',
      '1. nat is a NAT gateway: it lets in only answers to what began behind it.',
    ],
    mended: NAT_WORLD,
  },
  {
    name: 'S98 no way to S3 from a private subnet',
    ask: ['db', 's3'],
    spoilt: BASTION_WORLD,
    brief: [
      'db cannot reach S3 (52.219.32.1) on TCP 443: 1 thing stands in the way.',
      '',
      '1. Main route table private (rtb-priv), used by subnet private (subnet-priv), has no route to',
      '   52.219.32.1.',
      '   mend: aws ec2 create-vpc-endpoint --vpc-id vpc-1 --service-name com.amazonaws.ap-northeast-2.s3 \\',
      '     --route-table-ids rtb-priv',
    ],
    mended: ENDPOINT_WORLD,
  },
  {
    name: 'a stopped instance',
    ask: ['bastion', 'db'],
    spoilt: change(BASTION_WORLD, 'instances', 'i-p', { state: 'stopped' }),
    brief: [
      'bastion cannot reach db on TCP 22: 1 thing stands in the way.',
      '',
      '1. db is stopped.',
      '   mend: aws ec2 start-instances --instance-ids i-p',
    ],
    mended: BASTION_WORLD,
  },
];

function ask(records: WorldRecords, [source, destination, port, protocol]: Ask) {
  return explainFlow([worldOf(records)], { source, destination, port, protocol });
}

describe('what stands in the way, and what mends it', () => {
  for (const { name, ask: question, spoilt, brief, mended, instead } of NEGATIVES) {
    test(name, () => {
      const answer = ask(spoilt, question);
      expect(answer.brief).toEqual(brief);
      expect(answer.isAllowed).toBe(false);
      expect([...answer.lines, ...answer.brief].filter((line) => line.length > 100)).toEqual([]);
      expect(ask(mended, instead ?? question).brief).toHaveLength(1);
    });
  }
});
