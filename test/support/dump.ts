import { type Records, type Scope, type TableName, tableNames } from '../../src/model/world.ts';
import type { Dump, DumpFile } from '../../src/transfer/aws/dump.ts';
import { importDump } from '../../src/transfer/aws/import.ts';
import type { WorldRecords } from '../worlds.ts';
import { type ActionName, given, TestRegion } from './ec2.ts';

/** The Describe actions whose replies an import reads, none of which needs to be told an id. */
export const LISTS = [
  'DescribeVpcs',
  'DescribeSubnets',
  'DescribeDhcpOptions',
  'DescribeInternetGateways',
  'DescribeEgressOnlyInternetGateways',
  'DescribeRouteTables',
  'DescribeManagedPrefixLists',
  'DescribePrefixLists',
  'DescribeSecurityGroups',
  'DescribeSecurityGroupRules',
  'DescribeNetworkAcls',
  'DescribeAddresses',
  'DescribeNetworkInterfaces',
  'DescribeNatGateways',
  'DescribeInstances',
  'DescribeVolumes',
  'DescribeVpcEndpoints',
  'DescribeVpcPeeringConnections',
  'DescribeVpnGateways',
  'DescribeCustomerGateways',
  'DescribeTransitGateways',
  'DescribeTransitGatewayRouteTables',
  'DescribeTransitGatewayVpcAttachments',
  'DescribeTransitGatewayAttachments',
  'DescribeFlowLogs',
  'DescribeLaunchTemplates',
] as const satisfies readonly ActionName[];

/** What the aws CLI would write of a region, as docs/import-export.md says: times as text, a file a reply. */
export function dumpRegion(region: TestRegion): DumpFile[] {
  const files: DumpFile[] = LISTS.map((action) => fileOf(action, region.call(action, {})));
  files.push(fileOf('DescribeKeyPairs', region.call('DescribeKeyPairs', { IncludePublicKey: true })));
  if (region.world.launchTemplates.size > 0) {
    for (const { launchTemplateId } of region.world.launchTemplates.values()) {
      const reply = region.call('DescribeLaunchTemplateVersions', { LaunchTemplateId: launchTemplateId });
      files.push(fileOf(`versions-${launchTemplateId}`, reply));
    }
  }
  for (const { vpcId } of region.world.vpcs.values()) {
    for (const Attribute of [
      'enableDnsSupport',
      'enableDnsHostnames',
      'enableNetworkAddressUsageMetrics',
    ] as const) {
      const reply = region.call('DescribeVpcAttribute', { VpcId: vpcId, Attribute });
      files.push(fileOf(`${vpcId}-${Attribute}`, reply));
    }
  }
  for (const { prefixListId } of region.world.prefixLists.values()) {
    const reply = region.call('GetManagedPrefixListEntries', { PrefixListId: prefixListId });
    files.push(fileOf(`entries-${prefixListId}`, reply));
  }
  for (const { transitGatewayRouteTableId: id, state } of region.world.transitGatewayRouteTables.values()) {
    if (state === 'deleted') continue;
    const TransitGatewayRouteTableId = id;
    const propagations = region.call('GetTransitGatewayRouteTablePropagations', {
      TransitGatewayRouteTableId,
    });
    const routes = region.call('SearchTransitGatewayRoutes', {
      TransitGatewayRouteTableId,
      Filters: [{ Name: 'type', Values: ['static'] }],
    });
    files.push(fileOf(`propagations-${id}`, propagations), fileOf(`routes-${id}`, routes));
  }
  return files;
}

function fileOf(name: string, reply: unknown): DumpFile {
  return { name: `${name}.json`, text: JSON.stringify(reply, undefined, 2) };
}

/** A dump imported into a region of its own, in a store of its own. */
export function importRegion(dump: Dump, told: { account?: string; region?: string } = {}): TestRegion {
  const region = new TestRegion({}, dump.scope(told));
  region.write(({ tx }) => importDump(dump, tx));
  return region;
}

/** The text of one file of a dump. */
export function textOf(files: readonly DumpFile[], name: string): string {
  return given(files.find((file) => file.name === name)).text;
}

/** A region that holds the records of a world which a test built by hand. */
export function regionOf(records: WorldRecords, scope: Scope): TestRegion {
  const region = new TestRegion({}, scope);
  region.write(({ tx }) => {
    for (const table of tableNames) putAll(tx, table, records[table]);
  });
  return region;
}

type Tables = { readonly [T in TableName]: { put(record: Records[T]): void } };

function putAll<T extends TableName>(tables: Tables, table: T, rows: readonly Records[T][]): void {
  for (const row of rows) tables[table].put(row);
}
