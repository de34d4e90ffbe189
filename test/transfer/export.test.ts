import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Instance } from '../../src/model/records.ts';
import type { World } from '../../src/model/world.ts';
import { exportCloudFormation } from '../../src/transfer/cloudformation/export.ts';
import { selectVpcs } from '../../src/transfer/selection.ts';
import { exportTerraform } from '../../src/transfer/terraform/export.ts';
import { quote } from '../../src/transfer/terraform/hcl.ts';
import { anyWorld, recordsOf } from '../differential/random-worlds.ts';
import { DUAL_WORLD } from '../ipv6-world.ts';
import { ENDPOINT_WORLD } from '../walkthrough-world.ts';
import { add, change, eni, type WorldRecords, worldOf } from '../worlds.ts';

const IMAGES = new Map([['ami-1', '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64']]);

function selectionOf(world: World, ...vpcs: readonly string[]) {
  return selectVpcs(world, vpcs, IMAGES);
}

/** What a template refers to: logical ids by Ref, GetAtt and DependsOn. */
function referencesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]): string[] => {
    if (key === 'Ref') return [String(each)];
    if (key === 'Fn::GetAtt' && Array.isArray(each)) return [String(each[0])];
    if (key === 'DependsOn' && Array.isArray(each)) return each.map(String);
    return referencesOf(each);
  });
}

/** The addresses that a configuration refers to, and those that it declares. */
function addressesIn(text: string): {
  readonly used: ReadonlySet<string>;
  readonly declared: ReadonlySet<string>;
} {
  const declared = [...text.matchAll(/^(resource|data) "(\w+)" "(\w+)"/gm)].map(([, kind, type, name]) =>
    kind === 'data' ? `data.${type}.${name}` : `${type}.${name}`,
  );
  const code = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  const used = [...code.matchAll(/\b((?:data\.)?aws_\w+\.\w+)/g)].map(([, address = '']) => address);
  return { used: new Set(used), declared: new Set(declared) };
}

test('the walk-through as Terraform', async () => {
  const { text, notes } = exportTerraform(selectionOf(worldOf(ENDPOINT_WORLD)));
  await expect(text).toMatchFileSnapshot(join(import.meta.dirname, 'walkthrough.golden.tf'));
  expect(notes).toEqual([]);
});

test('the walk-through as CloudFormation', async () => {
  const { text, notes } = exportCloudFormation(selectionOf(worldOf(ENDPOINT_WORLD)));
  await expect(text).toMatchFileSnapshot(join(import.meta.dirname, 'walkthrough.golden.template'));
  expect(notes).toEqual(['PrivateRouteTable is no main route table: its subnets are associated with it.']);
});

test('a NAT gateway’s other addresses, but none that is being taken away', () => {
  const secondaryAddresses = [
    { privateIp: '10.0.0.20', status: 'succeeded', allocationId: 'eipalloc-2' },
    { privateIp: '10.0.0.21', status: 'disassociating', allocationId: 'eipalloc-3' },
  ] as const;
  const address = { publicIp: '198.18.0.10', networkInterfaceId: 'eni-n', tags: [] };
  const wider = change(
    add(ENDPOINT_WORLD, 'addresses', { ...address, allocationId: 'eipalloc-2' }),
    'natGateways',
    'nat-1',
    { secondaryAddresses },
  );
  const own = change(wider, 'natGateways', 'nat-1', {
    connectivityType: 'private',
    secondaryAddresses: [{ privateIp: '10.0.0.20', status: 'succeeded' }],
  });
  const terraform = (world: WorldRecords) => exportTerraform(selectionOf(worldOf(world)));
  expect(terraform(wider).notes).toEqual([]);
  expect(terraform(wider).text).toContain('secondary_allocation_ids = [aws_eip.nat_2.id]');
  expect(terraform(own).text).toContain('secondary_private_ip_addresses = ["10.0.0.20"]');
  const template = (world: WorldRecords) => exportCloudFormation(selectionOf(worldOf(world))).text;
  expect(JSON.parse(template(wider)).Resources.NatNatGateway.Properties.SecondaryAllocationIds).toHaveLength(
    1,
  );
  expect(JSON.parse(template(own)).Resources.NatNatGateway.Properties).toMatchObject({
    SecondaryPrivateIpAddresses: ['10.0.0.20'],
  });
});

test('as many IPv6 addresses as there are, of a block that will be another', () => {
  const world = worldOf(DUAL_WORLD);
  const { text } = exportTerraform(selectionOf(world, 'vpc-1'));
  expect(text.match(/ipv6_address_count += 1/g)).toHaveLength(2);
  const template = JSON.parse(exportCloudFormation(selectionOf(world, 'vpc-1')).text);
  const asked = JSON.stringify(template).match(/"Ipv6AddressCount":1/g);
  expect(asked).toHaveLength(2);
  expect(exportTerraform(selectionOf(worldOf(ENDPOINT_WORLD))).text).not.toContain('ipv6_address_count');
});

test('what has no words is told: recovery, and names other than the subnet’s', () => {
  const privateDnsNameOptions = {
    hostnameType: 'ip-name',
    enableResourceNameDnsARecord: true,
    enableResourceNameDnsAaaaRecord: false,
  } as const;
  const notesOf = (fields: Partial<Instance>): string[] => {
    const world = worldOf(change(ENDPOINT_WORLD, 'instances', 'i-p', fields));
    return [exportTerraform, exportCloudFormation].flatMap((write) =>
      write(selectionOf(world)).notes.filter((note) => note.includes('left out')),
    );
  };
  expect(notesOf({ autoRecovery: 'disabled', privateDnsNameOptions })).toEqual([
    'db has no automatic recovery: it is left out.',
    'db has private DNS names of its own: it is left out.',
    'DbInstance has no automatic recovery: it is left out.',
    'DbInstance has private DNS names of its own: it is left out.',
  ]);
  const ofSubnet = { ...privateDnsNameOptions, enableResourceNameDnsARecord: false };
  expect(notesOf({ autoRecovery: 'default', privateDnsNameOptions: ofSubnet })).toEqual([]);
});

test('S85 idle timeouts: of an interface to CloudFormation, which an instance’s own and Terraform are not given', () => {
  const idleTimeouts = { tcpEstablishedTimeout: 350, udpTimeout: 60 };
  const spare = { ...eni('eni-s', 9, 'subnet-priv', '10.0.1.9', ['sg-private'], 'none'), idleTimeouts };
  const { attachment: _, ...unattached } = spare;
  const records = add(ENDPOINT_WORLD, 'networkInterfaces', unattached);
  const both = change(records, 'networkInterfaces', 'eni-b', { idleTimeouts });
  const template = (world: WorldRecords) => exportCloudFormation(selectionOf(worldOf(world)));
  const interfaces = Object.values<{ Type: string; Properties: object }>(
    JSON.parse(template(records).text).Resources,
  ).filter(({ Type }) => Type === 'AWS::EC2::NetworkInterface');
  expect(interfaces.map(({ Properties }) => Properties)).toMatchObject([
    { ConnectionTrackingSpecification: { TcpEstablishedTimeout: 350, UdpTimeout: 60 } },
  ]);
  const sentence = 'has idle timeouts of its own';
  expect(template(records).notes.join()).not.toContain(sentence);
  expect(template(both).notes.filter((note) => note.includes(sentence))).toHaveLength(1);
  const { notes } = exportTerraform(selectionOf(worldOf(both)));
  expect(notes.filter((note) => note.includes(sentence))).toHaveLength(2);
  expect(exportTerraform(selectionOf(worldOf(ENDPOINT_WORLD))).notes.join()).not.toContain(sentence);
});

test('of any world, what code refers to is in the code, and what it leaves out is told', () => {
  fc.assert(
    fc.property(anyWorld, (choices) => {
      const world = worldOf(recordsOf(choices));
      const { used, declared } = addressesIn(exportTerraform(selectionOf(world)).text);
      expect([...used].filter((address) => !declared.has(address))).toEqual([]);
      const template = JSON.parse(exportCloudFormation(selectionOf(world)).text);
      const known = new Set([...Object.keys(template.Resources), ...Object.keys(template.Parameters ?? {})]);
      expect(referencesOf(template).filter((name) => !known.has(name))).toEqual([]);
      for (const name of known) expect(name).toMatch(/^[A-Za-z0-9]+$/);
    }),
    { numRuns: 100 },
  );
});

test('a blackhole is told, and not written', () => {
  const gone = change(ENDPOINT_WORLD, 'natGateways', 'nat-1', { state: 'deleted' });
  for (const exported of [
    exportTerraform(selectionOf(worldOf(gone))),
    exportCloudFormation(selectionOf(worldOf(gone))),
  ]) {
    expect(exported.notes.join()).toContain(
      'has a route from 0.0.0.0/0 to nat-1, which is a blackhole: it is left out.',
    );
    expect(exported.text).toContain('which is a blackhole');
  }
});

test.each([
  ['by its Name tag', ['main'], 'vpc-1'],
  ['by its id', ['vpc-1'], 'vpc-1'],
])('a VPC is asked for %s', (_, words, vpcId) => {
  expect([...selectionOf(worldOf(ENDPOINT_WORLD), ...words).vpcIds]).toEqual([vpcId]);
});

test.each([
  ['one that is not there', ENDPOINT_WORLD, ['other'], 'There is no VPC "other" in ap-northeast-2.'],
  [
    'none but the default one',
    change(ENDPOINT_WORLD, 'vpcs', 'vpc-1', { isDefault: true }),
    [],
    'There is no VPC in ap-northeast-2 but the default one; ask for that by --vpc ID.',
  ],
])('refused: %s', (_, records, words, sentence) => {
  expect(() => selectionOf(worldOf(records), ...words)).toThrow(sentence);
});

test.each([
  ['a template', 'a ${b} %{c}', '"a $${b} %%{c}"'],
  ['quotes and lines', 'a "b"\n\\', '"a \\"b\\"\\n\\\\"'],
])('what a text holds is not run: %s', (_, text, written) => {
  expect(quote(text)).toBe(written);
});

test('a Name tag that is no name gives one all the same, once', () => {
  const tags = [{ key: 'Name', value: '1 "x" ${y}' }];
  const odd = change(change(ENDPOINT_WORLD, 'subnets', 'subnet-pub', { tags }), 'subnets', 'subnet-priv', {
    tags,
  });
  const { text } = exportTerraform(selectionOf(worldOf(odd)));
  expect(text).toContain('resource "aws_subnet" "r_1_x_y" {');
  expect(text).toContain('resource "aws_subnet" "r_1_x_y_2" {');
});

test('a tag is data, whatever its key', () => {
  const tags = [{ key: 'expression', value: 'file("/etc/passwd")' }];
  const { text } = exportTerraform(selectionOf(worldOf(change(ENDPOINT_WORLD, 'vpcs', 'vpc-1', { tags }))));
  expect(text).toContain('tags       = { expression = "file(\\"/etc/passwd\\")" }');
});
