import type { Records, World } from '../src/model/world.ts';
import { Table } from '../src/state/table.ts';
import {
  acl,
  eni,
  entry,
  group,
  instance,
  OPEN_ENTRIES,
  route,
  routeTable,
  rule,
  subnet,
  vpc,
  type WorldRecords,
  worldOf,
} from '../test/worlds.ts';

/** How large a world is. */
export interface Size {
  readonly interfaces: number;
  readonly groups: number;
  readonly subnets: number;
}

/** A world, and its rules to write. */
export interface LargeWorld {
  readonly world: World;
  readonly rules: Table<Records['securityGroupRules']>;
}

/** Each application stands in two subnets, as for two zones. */
const ZONES = 2;
const ACLS = 8;

/**
 * One VPC as a large company has it: an application is a security group and the interfaces that have it, in two subnets; it
 * lets in the application before it, its own members and administrators of a subnet, and everything out.
 */
export function makeLargeWorld(size: Size): LargeWorld {
  const { groups, subnets } = size;
  const interfaces = interfacesOf(size);
  const records: Partial<WorldRecords> = {
    vpcs: [vpc('vpc-1', '10.0.0.0/16', 'large')],
    internetGateways: [{ internetGatewayId: 'igw-1', vpcId: 'vpc-1', tags: [] }],
  };
  const routes = [route('10.0.0.0/16', 'local'), route('0.0.0.0/0', 'igw-1')];
  const rules = tableOf(
    'securityGroupRuleId',
    upTo(groups).flatMap((index) => rulesOf(index, groups)),
  );
  const world: World = {
    ...worldOf(records),
    subnets: tableOf(
      'subnetId',
      upTo(subnets).map((index) =>
        subnet(`subnet-${index}`, 1 + index, `10.0.${index}.0/24`, `subnet ${index}`),
      ),
    ),
    routeTables: tableOf('routeTableId', [routeTable('rtb-1', routes, undefined, 'main')]),
    securityGroups: tableOf(
      'groupId',
      upTo(groups).map((index) => group(`sg-${index}`, `application ${index}`)),
    ),
    securityGroupRules: rules,
    networkAcls: tableOf(
      'networkAclId',
      upTo(ACLS).map((index) => aclOf(index, subnets)),
    ),
    networkInterfaces: tableOf('networkInterfaceId', interfaces),
    instances: tableOf(
      'instanceId',
      interfaces.map(({ subnetId, attachment }) => {
        const id = attachment?.instanceId ?? '';
        return instance(id, subnetId, id);
      }),
    ),
    addresses: tableOf<'allocationId', Records['addresses']>('allocationId', []),
  };
  return { world, rules };
}

/** The tables of the running Cloudcroft, whose indexes are part of what is measured. */
function tableOf<K extends string, T extends { readonly [key in K]: string }>(
  field: K,
  records: readonly T[],
): Table<T> {
  const table = new Table<T>(
    (record) => record[field],
    () => {},
  );
  for (const record of records) table.put(record);
  return table;
}

function rulesOf(index: number, groups: number): Records['securityGroupRules'][] {
  const groupId = `sg-${index}`;
  const before = `sg-${(index + groups - 1) % groups}`;
  return [
    rule(`sgr-${index}-out`, groupId, true, -1, '0.0.0.0/0'),
    rule(`sgr-${index}-before`, groupId, false, 8000 + (index % 20), before),
    rule(`sgr-${index}-own`, groupId, false, 7946, groupId),
    rule(`sgr-${index}-admin`, groupId, false, 22, `10.0.${index % 4}.0/24`),
  ];
}

function aclOf(index: number, subnets: number): Records['networkAcls'] {
  const own = upTo(subnets).filter((each) => each % ACLS === index);
  return acl(
    `acl-${index}`,
    own.map((each) => `subnet-${each}`),
    [entry(50, false, 'deny', { from: 23, to: 23 + index }), ...OPEN_ENTRIES],
  );
}

function interfacesOf({ interfaces, groups, subnets }: Size): Records['networkInterfaces'][] {
  const hosts = new Map<number, number>();
  return upTo(interfaces).map((number) => {
    const groupIndex = number % groups;
    const zone = Math.floor(number / groups) % ZONES;
    const place = (groupIndex + zone * Math.floor(subnets / ZONES)) % subnets;
    // The first four addresses of a subnet are AWS's.
    const host = (hosts.get(place) ?? 3) + 1;
    hosts.set(place, host);
    const address = `10.0.${place}.${host}`;
    return eni(
      `eni-${number}`,
      1000 + number,
      `subnet-${place}`,
      address,
      [`sg-${groupIndex}`],
      `i-${number}`,
    );
  });
}

function upTo(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}
