import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';
import { imagesOf } from '../catalogue/images.ts';

function newRegion() {
  const region = new TestRegion();
  const VpcId = given(region.call('CreateVpc', { CidrBlock: '10.0.0.0/16' }).Vpc?.VpcId);
  const { Subnet } = region.call('CreateSubnet', { VpcId, CidrBlock: '10.0.0.0/24' });
  const SubnetId = given(Subnet?.SubnetId);
  const create = (rest: object = {}) =>
    given(region.call('CreateNetworkInterface', { SubnetId, ...rest }).NetworkInterface);
  const make = (rest: object = {}) => given(create(rest).NetworkInterfaceId);
  const shown = (id: string) =>
    region.call('DescribeNetworkInterfaces', { NetworkInterfaceIds: [id] }).NetworkInterfaces?.[0]
      ?.ConnectionTrackingConfiguration;
  const modify = (NetworkInterfaceId: string, ConnectionTrackingSpecification: object) =>
    region.call('ModifyNetworkInterfaceAttribute', { NetworkInterfaceId, ConnectionTrackingSpecification });
  const ImageId = given(imagesOf('us-east-1').find(({ architecture }) => architecture === 'x86_64')).imageId;
  const launch = (rest: object) => {
    const { Instances } = region.call('RunInstances', {
      ...{ ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 },
      ...rest,
    });
    const id = given(Instances?.[0]?.InstanceId);
    const { Reservations } = region.call('DescribeInstances', { InstanceIds: [id] });
    return given(Reservations?.[0]?.Instances?.[0]?.NetworkInterfaces?.[0]);
  };
  return { region, SubnetId, create, make, shown, modify, launch };
}

test('S85 the idle timeouts that are said of an interface are shown, and no others', () => {
  const { create, shown } = newRegion();
  const ConnectionTrackingSpecification = { TcpEstablishedTimeout: 86_400, UdpTimeout: 60 };
  const made = create({ ConnectionTrackingSpecification });
  expect(made.ConnectionTrackingConfiguration).toEqual(ConnectionTrackingSpecification);
  expect(shown(given(made.NetworkInterfaceId))).toEqual(ConnectionTrackingSpecification);
  for (const rest of [{}, { ConnectionTrackingSpecification: {} }]) {
    expect(create(rest)).not.toHaveProperty('ConnectionTrackingConfiguration');
  }
});

test('S85 what a change does not say of idle timeouts stays', () => {
  const { make, shown, modify } = newRegion();
  const id = make();
  modify(id, { UdpStreamTimeout: 90 });
  expect(shown(id)).toEqual({ UdpStreamTimeout: 90 });
  modify(id, { TcpEstablishedTimeout: 60, UdpStreamTimeout: 180 });
  expect(shown(id)).toEqual({ TcpEstablishedTimeout: 60, UdpStreamTimeout: 180 });
  modify(id, {});
  expect(shown(id)).toEqual({ TcpEstablishedTimeout: 60, UdpStreamTimeout: 180 });
});

test.each([
  [{ TcpEstablishedTimeout: 59 }, 'Value (59) for parameter tcpEstablishedTimeout', '60 and 432000'],
  [{ TcpEstablishedTimeout: 432_001 }, 'Value (432001) for parameter tcpEstablishedTimeout', '60 and 432000'],
  [{ UdpStreamTimeout: 59 }, 'Value (59) for parameter udpStreamTimeout', '60 and 180'],
  [{ UdpStreamTimeout: 181 }, 'Value (181) for parameter udpStreamTimeout', '60 and 180'],
  [{ UdpTimeout: 29 }, 'Value (29) for parameter udpTimeout', '30 and 60'],
  [{ TcpEstablishedTimeout: 60, UdpTimeout: 61 }, 'Value (61) for parameter udpTimeout', '30 and 60'],
])('S85 %j is out of range, wherever it is said', (ConnectionTrackingSpecification, value, range) => {
  const { make, launch, modify, shown, SubnetId } = newRegion();
  const refusal = `InvalidParameterValue: ${value} is invalid. It must be between ${range} seconds.`;
  const NetworkInterfaces = [{ DeviceIndex: 0, SubnetId, ConnectionTrackingSpecification }];
  expect(refusalOf(() => make({ ConnectionTrackingSpecification }))).toBe(refusal);
  expect(refusalOf(() => launch({ NetworkInterfaces }))).toBe(refusal);
  const id = make();
  expect(refusalOf(() => modify(id, ConnectionTrackingSpecification))).toBe(refusal);
  expect(shown(id)).toBeUndefined();
});

test.each([
  { TcpEstablishedTimeout: 60, UdpStreamTimeout: 60, UdpTimeout: 30 },
  { TcpEstablishedTimeout: 432_000, UdpStreamTimeout: 180, UdpTimeout: 60 },
])('S85 %j is in range', (ConnectionTrackingSpecification) => {
  const { make, shown } = newRegion();
  expect(shown(make({ ConnectionTrackingSpecification }))).toEqual(ConnectionTrackingSpecification);
});

test('S85 a launch says them of its interfaces, itself or by a launch template, but not of an interface there is', () => {
  const { region, SubnetId, make, shown, launch } = newRegion();
  const ConnectionTrackingSpecification = { TcpEstablishedTimeout: 350 };
  const NetworkInterfaces = [{ DeviceIndex: 0, SubnetId, ConnectionTrackingSpecification }];
  const eni = launch({ NetworkInterfaces });
  expect(eni.ConnectionTrackingConfiguration).toEqual(ConnectionTrackingSpecification);
  expect(shown(given(eni.NetworkInterfaceId))).toEqual(ConnectionTrackingSpecification);
  expect(launch({ SubnetId })).not.toHaveProperty('ConnectionTrackingConfiguration');
  const LaunchTemplateName = 'short';
  region.call('CreateLaunchTemplate', { LaunchTemplateName, LaunchTemplateData: { NetworkInterfaces } });
  const [version] = given(
    region.call('DescribeLaunchTemplateVersions', { LaunchTemplateName }).LaunchTemplateVersions,
  );
  const [described] = given(version?.LaunchTemplateData?.NetworkInterfaces);
  expect(described?.ConnectionTrackingSpecification).toEqual(ConnectionTrackingSpecification);
  const launched = launch({ LaunchTemplate: { LaunchTemplateName } });
  expect(launched.ConnectionTrackingConfiguration).toEqual(ConnectionTrackingSpecification);
  const existing = { DeviceIndex: 0, NetworkInterfaceId: make(), ConnectionTrackingSpecification };
  expect(refusalOf(() => launch({ NetworkInterfaces: [existing] }))).toBe(
    'InvalidParameterCombination: A network interface may not specify both a network interface ID and a connection tracking specification',
  );
});
