import { describe, expect, test } from 'vitest';
import { BASTION_WORLD, ENDPOINT_WORLD, NAT_WORLD, S3_LIST } from '../../test/walkthrough-world.ts';
import {
  add,
  change,
  eni,
  instance,
  remove,
  route,
  rule,
  subnet,
  vpc,
  type WorldRecords,
  worldOf,
} from '../../test/worlds.ts';
import { explainFlow } from './explain.ts';

function ask(records: WorldRecords, source: string, destination: string, port?: number, protocol?: string) {
  return explainFlow([worldOf(records)], { source, destination, port, protocol });
}

/** The stages of the way there and back, `!` before those that refuse. */
function stagesOf({ result }: ReturnType<typeof ask>): string {
  const words = result.hops.map(
    ({ stage, isAllowed, isReply }) => `${isReply ? '<' : ''}${isAllowed ? '' : '!'}${stage}`,
  );
  return words.join(' ');
}

test('the whole answer, as people read it', () => {
  expect(ask(BASTION_WORLD, 'laptop', 'bastion').lines).toEqual([
    'laptop can reach bastion on TCP 22.',
    '',
    '  ✓ internet gateway     igw-1 turns 198.18.0.5 into 10.0.0.4.',
    '  ✓ network ACL, in      rule 100 of network ACL acl-1 lets it into subnet public (subnet-pub).',
    '  ✓ security group, in   rule sgr-b-in of security group bastion (sg-bastion) lets it in: tcp 22',
    '                         from 0.0.0.0/0.',
    '  ✓ destination check    it is addressed to bastion’s own 10.0.0.4.',
    '  ✓ deliver              bastion gets it.',
    '  and back:',
    '  ✓ security group, out  security groups remember the connection: the reply needs no rule.',
    '  ✓ network ACL, out     rule 100 of network ACL acl-1 lets the reply out of subnet public',
    '                         (subnet-pub).',
    '  ✓ route                route table public (rtb-pub), associated with subnet public (subnet-pub),',
    '                         has 0.0.0.0/0 → igw-1 for the reply.',
    '  ✓ internet gateway     igw-1 turns 10.0.0.4 back into 198.18.0.5.',
  ]);
});

describe('the path', () => {
  test('S46 S53 through a NAT gateway crosses the edges of both subnets, there and back', () => {
    expect(stagesOf(ask(NAT_WORLD, 'db', 'internet'))).toBe(
      'source_check egress_security_group network_acl_out route network_acl_in nat_gateway network_acl_out route ' +
        'internet_gateway deliver <internet_gateway <network_acl_in <nat_gateway <network_acl_out <network_acl_in ' +
        '<ingress_security_group',
    );
  });

  test('S52 a NAT gateway translates TCP, UDP and ICMP only', () => {
    const obstacles = (protocol: string) =>
      ask(NAT_WORLD, 'db', 'internet', undefined, protocol).result.obstacles.map(
        ({ disposition }) => disposition,
      );
    expect(['tcp', 'udp', 'icmp', '47'].map(obstacles)).toEqual([[], [], [], ['nat-gateway-protocol']]);
  });

  test('S57 a private NAT gateway leads to no Internet, though its own table does', () => {
    const bare = remove(NAT_WORLD, 'addresses', 'eipalloc-1');
    const world = change(bare, 'natGateways', 'nat-1', { connectivityType: 'private' });
    expect(ask(world, 'db', 'internet').result.obstacles.map(({ disposition }) => disposition)).toEqual([
      'nat-gateway-is-private',
    ]);
    expect(ask(NAT_WORLD, 'db', 'internet').isAllowed).toBe(true);
  });

  test('S101 a group must let out what goes to an endpoint’s service: by its prefix list or its block', () => {
    const out = (...peers: readonly string[]) => {
      const shut = remove(ENDPOINT_WORLD, 'securityGroupRules', 'sgr-p-out');
      const rules = peers.map((peer, index) => rule(`sgr-${index}`, 'sg-private', true, 443, peer));
      const world = { ...shut, securityGroupRules: [...shut.securityGroupRules, ...rules] };
      return ask(world, 'db', 's3').isAllowed;
    };
    expect([out(), out(S3_LIST), out('52.219.32.0/22'), out('10.0.0.0/16')]).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  test('S6 the VPC’s own block plus two is its resolver; plus two of a subnet is kept and is nobody', () => {
    expect(ask(BASTION_WORLD, 'db', '10.0.0.2', 53, 'udp').isAllowed).toBe(true);
    expect(ask(BASTION_WORLD, 'db', '10.0.1.2', 53, 'udp').brief[2]).toBe(
      '1. 10.0.1.2 belongs to the VPC, but no interface has it.',
    );
  });

  test('S7 a subnet has no broadcast', () => {
    for (const address of ['10.0.1.255', '10.0.0.255', '255.255.255.255']) {
      expect([address, ask(BASTION_WORLD, 'db', address, 9, 'udp').isAllowed]).toEqual([address, false]);
    }
  });

  test('S64 within a subnet no network ACL is asked', () => {
    const other = add(BASTION_WORLD, 'instances', instance('i-c', 'subnet-pub', 'twin'));
    const world = add(
      other,
      'networkInterfaces',
      eni('eni-c', 4, 'subnet-pub', '10.0.0.7', ['sg-bastion'], 'i-c'),
    );
    expect(stagesOf(ask({ ...world, networkAcls: [] }, 'twin', 'bastion'))).toBe(
      'source_check egress_security_group route ingress_security_group destination_check deliver ' +
        '<egress_security_group <ingress_security_group',
    );
  });

  test('to itself an instance needs no rule: the packets never leave it', () => {
    const shut = { ...BASTION_WORLD, securityGroupRules: [], networkAcls: [] };
    expect(stagesOf(ask(shut, 'bastion', '10.0.0.4'))).toBe('source_check deliver');
    expect(ask(shut, 'bastion', '198.18.0.5').isAllowed).toBe(false);
  });

  test('S67 metadata and DNS are exempt from every gate', () => {
    const shut = { ...BASTION_WORLD, securityGroupRules: [], networkAcls: [] };
    for (const address of ['169.254.169.254', '169.254.169.253', '10.0.0.2']) {
      expect([address, ask(shut, 'db', address, 53, 'udp').isAllowed]).toEqual([address, true]);
    }
  });

  test('S27 a route to the same block goes before a prefix list’s', () => {
    const routes = [
      route('10.0.0.0/16', 'local'),
      route(S3_LIST, 'vpce-1'),
      route('52.219.32.0/22', 'nat-1'),
    ];
    const world = change(ENDPOINT_WORLD, 'routeTables', 'rtb-priv', { routes });
    expect(stagesOf(ask(world, 'db', 's3'))).toContain('nat_gateway');
    expect(stagesOf(ask(ENDPOINT_WORLD, 'db', 's3'))).toContain('gateway_endpoint');
  });

  test('another VPC is not reached by private address', () => {
    const far = {
      ...BASTION_WORLD,
      vpcs: [...BASTION_WORLD.vpcs, vpc('vpc-2', '10.9.0.0/16', 'other')],
      subnets: [...BASTION_WORLD.subnets, subnet('subnet-far', 9, '10.9.0.0/24', 'far', 'vpc-2')],
      instances: [...BASTION_WORLD.instances, instance('i-f', 'subnet-far', 'far', 'vpc-2')],
    };
    const world = add(
      far,
      'networkInterfaces',
      eni('eni-f', 9, 'subnet-far', '10.9.0.4', ['sg-far'], 'i-f', 'vpc-2'),
    );
    expect(ask(world, 'bastion', 'far').result.obstacles.map(({ disposition }) => disposition)).toEqual([
      'other-vpc',
    ]);
  });

  test('an address that nobody has is reached by nobody', () => {
    const asks = [
      ask(NAT_WORLD, 'laptop', '198.18.0.77'),
      ask(NAT_WORLD, 'db', '10.0.1.99'),
      ask(NAT_WORLD, 'laptop', '10.0.1.99'),
    ];
    expect(asks.map(({ brief }) => brief[2])).toEqual([
      '1. No interface has the public address 198.18.0.77.',
      '1. 10.0.1.99 belongs to the VPC, but no interface has it.',
      '1. The Internet does not route 10.0.1.99: it is a private address.',
    ]);
  });

  test('an address of the Internet at which nobody answers is not reached', () => {
    const worlds = [worldOf(NAT_WORLD)];
    const asks = ['9.9.9.9', '8.8.8.8'].map((destination) => {
      const question = { source: 'db', destination, port: 53, protocol: 'udp' };
      return explainFlow(worlds, question, new Set(['8.8.8.8'])).brief[2];
    });
    expect(asks).toEqual([
      '1. Nobody has 9.9.9.9 on the simulated Internet: it has a few hosts only, such as 8.8.8.8 and',
      undefined,
    ]);
  });

  test('the result is plain data that names the objects', () => {
    const { result } = ask(BASTION_WORLD, 'bastion', 'db');
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    expect(result.hops.flatMap(({ objectIds }) => objectIds)).toEqual(
      expect.arrayContaining(['sg-private', 'sgr-p-in', 'acl-1', 'rtb-pub', 'eni-p']),
    );
  });
});

describe('what is asked', () => {
  const verdicts: readonly (readonly [string, string, number | undefined, string | undefined, string])[] = [
    ['laptop', 'bastion', undefined, undefined, 'laptop can reach bastion on TCP 22.'],
    ['i-b', 'i-p', undefined, undefined, 'bastion can reach db on TCP 22.'],
    ['eni-b', '10.0.1.4', 22, 'tcp', 'bastion can reach db on TCP 22.'],
    ['198.18.0.5', '8.8.8.8', 53, 'udp', 'bastion can reach 8.8.8.8 on UDP 53.'],
    ['db', 'internet', undefined, undefined, 'db can reach the Internet (8.8.8.8) on TCP 443.'],
    ['db', 'internet', undefined, 'icmp', 'db can reach the Internet (8.8.8.8) on ICMP (ping).'],
    ['internet', '198.18.0.5', 22, undefined, 'The Internet (203.0.113.7) can reach bastion on TCP 22.'],
    ['db', 's3', undefined, undefined, 'db can reach S3 (52.219.32.1) on TCP 443.'],
  ];
  for (const [source, destination, port, protocol, verdict] of verdicts) {
    test(`${source} → ${destination}: ${verdict}`, () => {
      expect(ask(NAT_WORLD, source, destination, port, protocol).brief).toEqual([verdict]);
    });
  }

  const refused: readonly (readonly [string, string, number | undefined, string | undefined, string])[] = [
    [
      'baston',
      'db',
      undefined,
      undefined,
      '"baston" is no instance, interface, Name tag or address here. Did you mean bastion?',
    ],
    ['lapttop', 'db', undefined, undefined, 'Did you mean laptop?'],
    [
      'laptop',
      'qqqqqq',
      undefined,
      undefined,
      'There are laptop, internet, s3, bastion, i-b, db, i-p, nat-1, and addresses.',
    ],
    [
      '10.0.0.99',
      'db',
      undefined,
      undefined,
      'No interface has the private address 10.0.0.99, so nothing comes from there.',
    ],
    ['nat', 'db', undefined, undefined, 'nat is a NAT gateway: it begins no connections.'],
    ['bastion', 'db', 70000, undefined, '70000 is not a port: ports go from 0 to 65535.'],
    [
      'bastion',
      'db',
      22,
      'tpc',
      '"tpc" is not a protocol: it is tcp, udp, icmp, icmpv6, or a number from 0 to 255.',
    ],
  ];
  for (const [source, destination, port, protocol, message] of refused) {
    test(`refused: ${message}`, () => {
      expect(() => ask(NAT_WORLD, source, destination, port, protocol)).toThrow(message);
    });
  }

  test('a name that two instances have is not guessed at', () => {
    const world = change(BASTION_WORLD, 'instances', 'i-p', { tags: [{ key: 'Name', value: 'bastion' }] });
    expect(() => ask(world, 'laptop', 'bastion')).toThrow(
      '"bastion" means 2 things: eni-b, eni-p. Say which by its id.',
    );
  });
});
