import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../test/support/ec2.ts';
import { AWS_QUOTAS, QUOTAS, type QuotaName, readQuotas, STANDARD_QUOTAS } from './quotas.ts';

/** A region with a VPC and a subnet, for what stands in them. */
function newRegion() {
  const region = new TestRegion({ isSeeded: true });
  const vpcId = given(region.call('CreateVpc', { CidrBlock: '10.0.0.0/16' }).Vpc?.VpcId);
  const SubnetId = given(
    region.call('CreateSubnet', { VpcId: vpcId, CidrBlock: '10.0.0.0/24' }).Subnet?.SubnetId,
  );
  const group = region.call('CreateSecurityGroup', { GroupName: 'g', Description: 'g', VpcId: vpcId });
  const acl = region.call('CreateNetworkAcl', { VpcId: vpcId }).NetworkAcl?.NetworkAclId;
  const table = region.call('CreateRouteTable', { VpcId: vpcId }).RouteTable?.RouteTableId;
  const gateway = given(region.call('CreateInternetGateway', {}).InternetGateway?.InternetGatewayId);
  region.call('AttachInternetGateway', { VpcId: vpcId, InternetGatewayId: gateway });
  return { region, vpcId, SubnetId, groupId: given(group.GroupId), acl, table, gateway };
}

type Place = ReturnType<typeof newRegion>;

const s3 = 'com.amazonaws.us-east-1.s3';
const sts = 'com.amazonaws.us-east-1.sts';

/** How many of the thing the place has already, and how another one is made. */
const cases: Readonly<
  Record<QuotaName, readonly [present: number, make: (place: Place, number: number) => unknown]>
> = {
  vpcs: [2, ({ region }) => region.call('CreateVpc', { CidrBlock: '10.9.0.0/16' })],
  'subnets-per-vpc': [
    1,
    ({ region, vpcId }, n) => region.call('CreateSubnet', { VpcId: vpcId, CidrBlock: `10.0.${n + 1}.0/24` }),
  ],
  'cidr-blocks-per-vpc': [
    1,
    ({ region, vpcId }, n) =>
      region.call('AssociateVpcCidrBlock', { VpcId: vpcId, CidrBlock: `10.${n + 20}.0.0/16` }),
  ],
  'internet-gateways': [2, ({ region }) => region.call('CreateInternetGateway', {})],
  'elastic-ips': [0, ({ region }) => region.call('AllocateAddress', { Domain: 'vpc' })],
  'nat-gateways-per-zone': [
    0,
    ({ region, SubnetId }) => region.call('CreateNatGateway', { SubnetId, ConnectivityType: 'private' }),
  ],
  'route-tables-per-vpc': [2, ({ region, vpcId }) => region.call('CreateRouteTable', { VpcId: vpcId })],
  'routes-per-table': [
    0,
    ({ region, table, gateway }, n) =>
      region.call('CreateRoute', {
        RouteTableId: table,
        DestinationCidrBlock: `192.0.2.${n}/32`,
        GatewayId: gateway,
      }),
  ],
  'network-acls-per-vpc': [2, ({ region, vpcId }) => region.call('CreateNetworkAcl', { VpcId: vpcId })],
  'rules-per-network-acl': [
    0,
    ({ region, acl }, n) =>
      region.call('CreateNetworkAclEntry', {
        NetworkAclId: acl,
        RuleNumber: n + 1,
        Protocol: '-1',
        RuleAction: 'allow',
        Egress: true,
        CidrBlock: '0.0.0.0/0',
      }),
  ],
  'security-groups': [
    3,
    ({ region, vpcId }, n) =>
      region.call('CreateSecurityGroup', { GroupName: `g${n}`, Description: 'g', VpcId: vpcId }),
  ],
  'rules-per-security-group': [
    0,
    ({ region, groupId }, n) =>
      region.call('AuthorizeSecurityGroupIngress', {
        GroupId: groupId,
        IpPermissions: [{ IpProtocol: 'tcp', FromPort: n, ToPort: n, IpRanges: [{ CidrIp: '10.0.0.0/8' }] }],
      }),
  ],
  'security-groups-per-interface': [
    0,
    ({ region, vpcId, SubnetId }, n) => {
      const Groups = Array.from({ length: n + 1 }, (_, index) => {
        const made = {
          GroupName: `of ${region.world.securityGroups.size} ${index}`,
          Description: 'g',
          VpcId: vpcId,
        };
        return given(region.call('CreateSecurityGroup', made).GroupId);
      });
      region.call('CreateNetworkInterface', { SubnetId, Groups });
    },
  ],
  'peering-connections-per-vpc': [
    0,
    ({ region, vpcId }, n) => {
      const CidrBlock = `10.${n + 20}.0.0/16`;
      const peer = given(region.call('CreateVpc', { CidrBlock }).Vpc?.VpcId);
      const made = region.call('CreateVpcPeeringConnection', { VpcId: vpcId, PeerVpcId: peer });
      const { VpcPeeringConnectionId } = given(made.VpcPeeringConnection);
      region.call('AcceptVpcPeeringConnection', { VpcPeeringConnectionId });
    },
  ],
  'gateway-endpoints': [
    0,
    ({ region, vpcId }) => region.call('CreateVpcEndpoint', { VpcId: vpcId, ServiceName: s3 }),
  ],
  'interface-endpoints-per-vpc': [
    0,
    ({ region, vpcId, SubnetId }) =>
      region.call('CreateVpcEndpoint', {
        VpcId: vpcId,
        VpcEndpointType: 'Interface',
        ServiceName: sts,
        SubnetIds: [SubnetId],
        PrivateDnsEnabled: false,
      }),
  ],
};

test.each(Object.entries(cases))(
  'S18 %s: as many as the quota says, and not one more',
  (name, [present, make]) => {
    const place = newRegion();
    place.region.quotas = { ...STANDARD_QUOTAS, [name]: present + 2 };
    make(place, 0);
    make(place, 1);
    const { code = '' } = Object.entries(QUOTAS).find(([each]) => each === name)?.[1] ?? {};
    expect(refusalOf(() => make(place, 2)).startsWith(`${code}: `)).toBe(true);
    place.region.quotas = { ...STANDARD_QUOTAS, [name]: present + 3 };
    expect(() => make(place, 2)).not.toThrow();
  },
);

test('the counts of a region are not kept to unless asked for; what shapes a design always is', () => {
  expect(STANDARD_QUOTAS).toMatchObject({ vpcs: Number.POSITIVE_INFINITY, 'routes-per-table': 50 });
  expect(AWS_QUOTAS).toMatchObject({ vpcs: 5, 'elastic-ips': 5, 'routes-per-table': 50 });
});

test('a file changes those that it names', () => {
  expect(readQuotas('{"vpcs": 20, "routes-per-table": 1000}')).toEqual({
    ...AWS_QUOTAS,
    vpcs: 20,
    'routes-per-table': 1000,
  });
});

test.each([
  ['', /JSON object/],
  ['[5]', /JSON object/],
  ['{"vpc": 5}', /no quota "vpc".*There are vpcs, /],
  ['{"vpcs": "5"}', /whole number, not "5"/],
  ['{"vpcs": -1}', /whole number/],
  ['{"vpcs": 1.5}', /whole number/],
])('%s is refused', (text, reason) => {
  expect(() => readQuotas(text)).toThrow(reason);
});
