import { expect, test } from 'vitest';
import { ENDPOINT_WORLD } from '../../test/walkthrough-world.ts';
import { change, type WorldRecords, worldOf } from '../../test/worlds.ts';
import { guestViewOf } from './guest-view.ts';

const OWN = { account: '123456789012', accessKeyId: 'AKIAOWN', secretAccessKey: 'secret' };
const [FIRST] = ENDPOINT_WORLD.networkInterfaces;
const SUBNET = FIRST?.subnetId ?? '';
const INSTANCE = FIRST?.attachment?.instanceId ?? '';

function guestOf(...steps: readonly ((records: WorldRecords) => WorldRecords)[]) {
  const world = worldOf(steps.reduce((records, step) => step(records), ENDPOINT_WORLD));
  const told = guestViewOf([world], OWN).find(({ guest }) => guest.eniId === FIRST?.networkInterfaceId);
  if (told === undefined) throw new Error('the first interface is not told of');
  const { ipv6Addresses, subnetIpv6CidrBlocks, vpcIpv6CidrBlocks, resourceNameRecords } = told.guest;
  return { ipv6Addresses, subnetIpv6CidrBlocks, vpcIpv6CidrBlocks, resourceNameRecords };
}

const block = (ipv6CidrBlock: string, state: 'associated' | 'disassociated' = 'associated') => ({
  associationId: `assoc-${ipv6CidrBlock}`,
  ipv6CidrBlock,
  state,
});

test('servers are told of no IPv6 where there is none', () => {
  expect(guestOf()).toEqual({});
});

test('servers are told of addresses and of the blocks that are there now', () => {
  const told = guestOf(
    (records) =>
      change(records, 'vpcs', 'vpc-1', {
        ipv6CidrBlockAssociations: [
          block('2001:db8:c000::/56'),
          block('2001:db8:c000:100::/56', 'disassociated'),
        ],
      }),
    (records) =>
      change(records, 'subnets', SUBNET, { ipv6CidrBlockAssociations: [block('2001:db8:c000::/64')] }),
    (records) =>
      change(records, 'networkInterfaces', FIRST?.networkInterfaceId ?? '', {
        ipv6Addresses: ['2001:db8:c000:0:1::5'],
      }),
  );
  expect(told).toEqual({
    ipv6Addresses: ['2001:db8:c000:0:1::5'],
    subnetIpv6CidrBlocks: ['2001:db8:c000::/64'],
    vpcIpv6CidrBlocks: ['2001:db8:c000::/56'],
  });
});

test.each([
  [true, true, ['A', 'AAAA']],
  [true, false, ['A']],
  [false, true, ['AAAA']],
])('an instance has names by its id: A %s, AAAA %s', (isA, isAaaa, resourceNameRecords) => {
  const privateDnsNameOptions = {
    hostnameType: 'ip-name' as const,
    enableResourceNameDnsARecord: isA,
    enableResourceNameDnsAaaaRecord: isAaaa,
  };
  expect(guestOf((records) => change(records, 'instances', INSTANCE, { privateDnsNameOptions }))).toEqual({
    resourceNameRecords,
  });
});
