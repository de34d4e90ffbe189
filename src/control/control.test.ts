import { afterEach, describe, expect, test } from 'vitest';
import { ControlledRegion } from '../../test/support/controlled-region.ts';
import { given, TestRegion } from '../../test/support/ec2.ts';
import { MemoryCompute, MemoryDriver } from '../fabric/memory/driver.ts';
import type { InstanceSpec } from '../plan/driver.ts';
import type { Machine } from '../plan/machine.ts';

const opened: ControlledRegion[] = [];

async function start(...parts: Parameters<typeof ControlledRegion.start>): Promise<ControlledRegion> {
  const controlled = await ControlledRegion.start(...parts);
  opened.push(controlled);
  return controlled;
}

async function restart(controlled: ControlledRegion): Promise<ControlledRegion> {
  const next = await controlled.restart();
  opened.push(next);
  return next;
}

afterEach(() => {
  for (const { control } of opened.splice(0)) control.close();
});

/** Lets everything run that is ready to: what is not true afterwards waits for something else. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** A gate that work waits at while it is shut. */
class Gate {
  #opening = Promise.withResolvers<void>();

  constructor() {
    this.open();
  }

  shut(): void {
    this.#opening = Promise.withResolvers<void>();
  }

  open(): void {
    this.#opening.resolve();
  }

  passed(): Promise<void> {
    return this.#opening.promise;
  }
}

/** An analysis of the way from an instance to one of its subnet's addresses; returns its id. */
function startAnalysis(region: TestRegion, Source: string): string {
  const path = region.call('CreateNetworkInsightsPath', {
    Source,
    DestinationIp: '10.0.0.9',
    Protocol: 'tcp',
    DestinationPort: 22,
  });
  const NetworkInsightsPathId = given(path.NetworkInsightsPath?.NetworkInsightsPathId);
  const started = region.call('StartNetworkInsightsAnalysis', { NetworkInsightsPathId });
  return given(started.NetworkInsightsAnalysis?.NetworkInsightsAnalysisId);
}

class GatedDriver extends MemoryDriver {
  readonly gate = new Gate();
  readonly #isGated: (machine: Machine) => boolean;

  constructor(isGated: (machine: Machine) => boolean = () => true) {
    super();
    this.#isGated = isGated;
  }

  override async update(machine: Machine): Promise<void> {
    if (this.#isGated(machine)) await this.gate.passed();
    await super.update(machine);
  }
}

class GatedCompute extends MemoryCompute {
  readonly gate = new Gate();

  override async start(spec: InstanceSpec): Promise<void> {
    await this.gate.passed();
    await super.start(spec);
  }

  override async stop(instanceId: string): Promise<void> {
    await this.gate.passed();
    await super.stop(instanceId);
  }

  override async remove(instanceId: string): Promise<void> {
    await this.gate.passed();
    await super.remove(instanceId);
  }
}

describe('what a commit changes comes true', () => {
  test('a launched instance runs in its network, and the fabric holds what the world says', async () => {
    const it = await start();
    const { vpcId, subnetId } = it.network('10.0.0.0/24');
    const instanceId = it.launch(subnetId);
    expect(it.instance(instanceId).state).toBe('pending');
    await it.control.idle();
    expect(it.instance(instanceId).state).toBe('running');
    const [eni] = it.region.world.networkInterfaces.where('vpcId', vpcId);
    expect(it.compute.instances.get(instanceId)).toEqual({
      state: 'running',
      boots: 1,
      spec: {
        instanceId,
        namespace: eni?.networkInterfaceId,
        hostname: 'ip-10-0-0-4',
        domain: 'ec2.internal',
        // No DHCP options, no resolver: this region was not seeded with the default set.
        nameservers: [],
        timeServers: [],
        authorizedKeys: [],
      },
    });
    expect(it.held()).toEqual(it.planned());
    expect(it.driver.machines.has(vpcId)).toBe(true);
  });

  test.each([
    [['domain-name-servers', 'AmazonProvidedDNS'], { domain: 'ec2.internal', nameservers: ['10.0.0.2'] }],
    [['domain-name-servers', '10.0.0.10', '8.8.8.8'], { nameservers: ['10.0.0.10', '8.8.8.8'] }],
    [
      ['domain-name', 'corp.example office.example'],
      { domain: 'corp.example office.example', nameservers: [] },
    ],
    [['ntp-servers', '10.0.0.123', '169.254.169.123'], { timeServers: ['10.0.0.123', '169.254.169.123'] }],
  ])(
    'S95 an instance is told what the DHCP option set of its VPC says: %s',
    async ([key, ...values], told) => {
      const it = await start();
      const { vpcId, subnetId } = it.network('10.0.0.0/24');
      const made = it.region.call('CreateDhcpOptions', {
        DhcpConfigurations: [{ Key: key, Values: values }],
      });
      it.region.call('AssociateDhcpOptions', {
        VpcId: vpcId,
        DhcpOptionsId: made.DhcpOptions?.DhcpOptionsId,
      });
      const instanceId = it.launch(subnetId);
      await it.control.idle();
      expect(it.compute.instances.get(instanceId)?.spec).toMatchObject(told);
    },
  );

  test('stopped it keeps its disk and has no network; started it has both; terminated neither', async () => {
    const it = await start();
    const { vpcId, subnetId } = it.network('10.0.0.0/24');
    const instanceId = it.launch(subnetId);
    await it.control.idle();
    it.region.call('StopInstances', { InstanceIds: [instanceId] });
    await it.control.idle();
    expect([it.instance(instanceId).state, it.compute.instances.get(instanceId)?.state]).toEqual([
      'stopped',
      'stopped',
    ]);
    expect(it.driver.machines.has(vpcId)).toBe(false);
    it.region.call('StartInstances', { InstanceIds: [instanceId] });
    await it.control.idle();
    expect([it.instance(instanceId).state, it.compute.instances.get(instanceId)?.boots]).toEqual([
      'running',
      2,
    ]);
    expect(it.held()).toEqual(it.planned());
    it.region.call('TerminateInstances', { InstanceIds: [instanceId] });
    await it.control.idle();
    expect(it.instance(instanceId).state).toBe('terminated');
    expect(it.compute.instances.size).toBe(0);
    expect(it.held()).toEqual(it.planned());
  });

  test('a reboot boots once more and stays running', async () => {
    const it = await start();
    const instanceId = it.launch(it.network('10.0.0.0/24').subnetId);
    await it.control.idle();
    it.region.call('RebootInstances', { InstanceIds: [instanceId] });
    await it.control.idle();
    expect([it.instance(instanceId).state, it.compute.instances.get(instanceId)?.boots]).toEqual([
      'running',
      2,
    ]);
  });

  test('a router that went and came while the edge was busy is linked to it again', async () => {
    const driver = new GatedDriver(({ name }) => name === 'internet');
    const it = await start(new TestRegion(), driver);
    const instanceId = it.launch(it.network('10.0.0.0/24').subnetId);
    const { vpcId, subnetId } = it.network('10.1.0.0/24');
    const other = it.launch(subnetId);
    const gatewayId = it.region.call('CreateInternetGateway', {}).InternetGateway?.InternetGatewayId;
    it.region.call('AttachInternetGateway', { InternetGatewayId: gatewayId, VpcId: vpcId });
    const { AllocationId } = it.region.call('AllocateAddress', {});
    await it.control.idle();
    driver.gate.shut();
    it.region.call('AssociateAddress', { AllocationId, InstanceId: other });
    await turns();
    it.region.call('StopInstances', { InstanceIds: [instanceId] });
    await turns();
    it.region.call('StartInstances', { InstanceIds: [instanceId] });
    await turns();
    driver.gate.open();
    await it.control.idle();
    expect(it.held()).toEqual(it.planned());
  });

  test('a peer that gets a router is linked to, and one that is peered no more is still followed', async () => {
    const it = await start();
    const [one, other] = [it.network('10.0.0.0/24'), it.network('10.1.0.0/24')];
    it.launch(one.subnetId);
    const asked = it.region.call('CreateVpcPeeringConnection', { VpcId: one.vpcId, PeerVpcId: other.vpcId });
    const input = { VpcPeeringConnectionId: asked.VpcPeeringConnection?.VpcPeeringConnectionId };
    it.region.call('AcceptVpcPeeringConnection', input);
    await it.control.idle();
    const instanceId = it.launch(other.subnetId);
    await it.control.idle();
    expect(it.held()).toEqual(it.planned());
    const [group, peerGroup] = [one, other].map(
      ({ vpcId }) => it.region.world.securityGroups.where('vpcId', vpcId)[0]?.groupId,
    );
    const all = { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: peerGroup }] };
    it.region.call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions: [all] });
    it.region.call('DeleteVpcPeeringConnection', input);
    await it.control.idle();
    it.region.call('TerminateInstances', { InstanceIds: [instanceId] });
    await it.control.idle();
    expect(it.held()).toEqual(it.planned());
  });

  test('an interface that moves to another instance within one turn is linked there', async () => {
    const it = await start();
    const { subnetId } = it.network('10.0.0.0/24');
    const [one, other] = [it.launch(subnetId), it.launch(subnetId)];
    const made = it.region.call('CreateNetworkInterface', { SubnetId: subnetId });
    const NetworkInterfaceId = given(made.NetworkInterface?.NetworkInterfaceId);
    await it.control.idle();
    const attach = (InstanceId: string) =>
      it.region.call('AttachNetworkInterface', { InstanceId, NetworkInterfaceId, DeviceIndex: 1 });
    const { AttachmentId } = attach(one);
    await it.control.idle();
    expect(it.held()).toEqual(it.planned());
    it.region.call('DetachNetworkInterface', { AttachmentId });
    attach(other);
    await it.control.idle();
    expect(it.held()).toEqual(it.planned());
  });
});

describe('an answer never claims what the fabric has not done (invariant 10)', () => {
  test('no instance is started, and none says running, before its network stands', async () => {
    const driver = new GatedDriver();
    const it = await start(new TestRegion(), driver);
    driver.gate.shut();
    const instanceId = it.launch(it.network('10.0.0.0/24').subnetId);
    await turns();
    expect([it.instance(instanceId).state, it.compute.instances.size]).toEqual(['pending', 0]);
    driver.gate.open();
    await it.control.idle();
    expect(it.instance(instanceId).state).toBe('running');
  });

  test('none says running, stopped or terminated before its processes do', async () => {
    const compute = new GatedCompute();
    const it = await start(new TestRegion(), new MemoryDriver(), compute);
    const steps: readonly (readonly [act: (InstanceIds: string[]) => void, during: string, after: string])[] =
      [
        [() => {}, 'pending', 'running'],
        [(InstanceIds) => it.region.call('StopInstances', { InstanceIds }), 'stopping', 'stopped'],
        [(InstanceIds) => it.region.call('StartInstances', { InstanceIds }), 'pending', 'running'],
        [
          (InstanceIds) => it.region.call('TerminateInstances', { InstanceIds }),
          'shutting-down',
          'terminated',
        ],
      ];
    compute.gate.shut();
    const instanceId = it.launch(it.network('10.0.0.0/24').subnetId);
    for (const [act, during, after] of steps) {
      compute.gate.shut();
      act([instanceId]);
      await turns();
      expect(it.instance(instanceId).state).toBe(during);
      compute.gate.open();
      await it.control.idle();
      expect(it.instance(instanceId).state).toBe(after);
    }
  });

  test('a NAT gateway is available, and deleted, only when its machine is there, and gone', async () => {
    const driver = new GatedDriver();
    const it = await start(new TestRegion(), driver);
    const { subnetId } = it.network('10.0.0.0/24');
    driver.gate.shut();
    const made = it.region.call('CreateNatGateway', { SubnetId: subnetId, ConnectivityType: 'private' });
    const id = given(made.NatGateway?.NatGatewayId);
    const state = () => it.region.world.natGateways.get(id)?.state;
    await turns();
    expect(state()).toBe('pending');
    driver.gate.open();
    await it.control.idle();
    expect(state()).toBe('available');
    expect(it.held()).toEqual(it.planned());
    driver.gate.shut();
    it.region.call('DeleteNatGateway', { NatGatewayId: id });
    await turns();
    expect(state()).toBe('deleting');
    driver.gate.open();
    await it.control.idle();
    expect(state()).toBe('deleted');
    expect(it.held()).toEqual(it.planned());
  });
});

describe('what fails is tried again', () => {
  test('a fabric that refuses is asked until it does', async () => {
    const it = await start();
    it.driver.failNext('no memory');
    it.driver.failNext('no memory yet');
    const instanceId = it.launch(it.network('10.0.0.0/24').subnetId);
    await turns();
    expect(it.instance(instanceId).state).toBe('pending');
    await it.control.idle();
    expect(it.instance(instanceId).state).toBe('running');
    expect(it.failures.map((text) => text.slice(text.indexOf(': ') + 2)).toSorted()).toEqual([
      'no memory',
      'no memory yet',
    ]);
    expect(it.held()).toEqual(it.planned());
  });

  test('an instance that does not start twice starts the third time', async () => {
    const it = await start();
    it.compute.failNextStart('no disk');
    it.compute.failNextStart('no disk');
    const instanceId = it.launch(it.network('10.0.0.0/24').subnetId);
    await it.control.idle();
    expect([it.instance(instanceId).state, it.failures.length]).toEqual(['running', 2]);
  });

  test('an instance that does not start three times is terminated, and says why', async () => {
    const it = await start();
    for (let i = 0; i < 3; i++) it.compute.failNextStart('no disk');
    const instanceId = it.launch(it.network('10.0.0.0/24').subnetId);
    await it.control.idle();
    const { state, stateReason } = it.instance(instanceId);
    expect([state, stateReason?.code, stateReason?.message]).toEqual([
      'terminated',
      'Server.InternalError',
      'Server.InternalError: no disk',
    ]);
    expect(it.held()).toEqual(it.planned());
  });
});

describe('only what differs is done', () => {
  test('converging again does nothing (invariant 3)', async () => {
    const it = await start();
    it.launch(it.network('10.0.0.0/24').subnetId);
    await it.control.idle();
    it.driver.log.length = 0;
    it.region.call('CreateTags', { Resources: ['vpc-00000000000000001'], Tags: [{ Key: 'a', Value: 'b' }] });
    await it.control.idle();
    expect(it.driver.log).toEqual([]);
  });

  test('a rule of a security group changes the router, once, and nothing else', async () => {
    const it = await start();
    const { vpcId, subnetId } = it.network('10.0.0.0/24');
    it.launch(subnetId);
    await it.control.idle();
    it.driver.log.length = 0;
    const [group] = it.region.world.securityGroups.where('vpcId', vpcId);
    it.region.call('AuthorizeSecurityGroupIngress', {
      GroupId: group?.groupId,
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    });
    await it.control.idle();
    expect(it.driver.log).toEqual([`update ${vpcId}`]);
    expect(it.held()).toEqual(it.planned());
  });
});

describe('an instance that ends by itself', () => {
  test.for([
    ['stop', 'stopped'],
    ['terminate', 'terminated'],
  ] as const)('with the shutdown behaviour %s is %s', async ([behaviour, state]) => {
    const it = await start();
    const instanceId = it.launch(it.network('10.0.0.0/24').subnetId, behaviour);
    await it.control.idle();
    it.control.noticeExit(instanceId);
    await it.control.idle();
    expect(it.instance(instanceId).state).toBe(state);
    expect(it.instance(instanceId).stateReason?.code).toBe('Client.InstanceInitiatedShutdown');
    expect(it.held()).toEqual(it.planned());
  });

  test('one that control itself ends, or does not know, is not told of', async () => {
    const it = await start();
    const instanceId = it.launch(it.network('10.0.0.0/24').subnetId);
    await it.control.idle();
    it.region.call('StopInstances', { InstanceIds: [instanceId] });
    it.control.noticeExit(instanceId);
    it.control.noticeExit('i-nobody');
    await it.control.idle();
    expect([it.instance(instanceId).state, it.instance(instanceId).stateReason?.code]).toEqual([
      'stopped',
      'Client.UserInitiatedShutdown',
    ]);
  });
});

describe('a daemon that starts again', () => {
  test('takes the network up as it was, and removes nothing that is known', async () => {
    const before = await start();
    const { subnetId } = before.network('10.0.0.0/24');
    const instanceId = before.launch(subnetId);
    await before.control.idle();
    const held = before.held();
    before.driver.log.length = 0;
    const it = await restart(before);
    expect(it.held()).toEqual(held);
    expect(it.driver.log.filter((line) => line.startsWith('delete'))).toEqual([]);
    expect([it.instance(instanceId).state, it.compute.instances.get(instanceId)?.boots]).toEqual([
      'running',
      1,
    ]);
  });

  test('sweeps what no world knows, but only once everything known stands (invariant 7)', async () => {
    const before = await start();
    before.launch(before.network('10.0.0.0/24').subnetId);
    await before.control.idle();
    const [stale] = before.held().filter(({ name }) => name.startsWith('eni-'));
    await before.driver.update({ ...given(stale), name: 'eni-stale', links: [], routes: [] });
    before.driver.log.length = 0;
    before.driver.failNext('not yet');
    const it = await restart(before);
    expect(it.driver.log.at(-1)).toBe('delete eni-stale');
    expect(it.driver.log.filter((line) => line.startsWith('delete'))).toEqual(['delete eni-stale']);
    expect(it.held()).toEqual(it.planned());
  });

  test('analyses run until the commit is taken up, and have their verdict then', async () => {
    const it = await start();
    const analysisId = startAnalysis(it.region, it.launch(it.network('10.0.0.0/24').subnetId));
    expect(it.region.world.networkInsightsAnalyses.get(analysisId)?.status).toBe('running');
    const scope = it.region.call('CreateNetworkInsightsAccessScope', {
      MatchPaths: [{ Source: { ResourceStatement: { ResourceTypes: ['AWS::EC2::Instance'] } } }],
    });
    const started = it.region.call('StartNetworkInsightsAccessScopeAnalysis', {
      NetworkInsightsAccessScopeId: given(scope.NetworkInsightsAccessScope?.NetworkInsightsAccessScopeId),
    }).NetworkInsightsAccessScopeAnalysis;
    await it.control.idle();
    expect(it.region.world.networkInsightsAnalyses.get(analysisId)).toMatchObject({
      status: 'succeeded',
      networkPathFound: false,
    });
    const ofScope = given(started?.NetworkInsightsAccessScopeAnalysisId);
    expect(it.region.world.networkInsightsAccessScopeAnalyses.get(ofScope)).toMatchObject({
      status: 'succeeded',
      endDate: '2026-01-02T03:04:05.000Z',
    });
  });

  test('sweeps nothing while something known cannot be made', async () => {
    const driver = new GatedDriver();
    const before = await start(new TestRegion(), driver);
    before.launch(before.network('10.0.0.0/24').subnetId);
    await before.control.idle();
    before.control.close();
    driver.log.length = 0;
    driver.gate.shut();
    const it = new ControlledRegion(before.region, driver, before.compute);
    opened.push(it);
    const started = it.control.startNetwork();
    await turns();
    expect(driver.log).toEqual([]);
    driver.gate.open();
    await started;
    expect(it.held()).toEqual(it.planned());
  });

  test('boots what ran and was ended with its world, and removes disks of nobody', async () => {
    const before = await start();
    const instanceId = before.launch(before.network('10.0.0.0/24').subnetId);
    await before.control.idle();
    const spec = given(before.compute.instances.get(instanceId)).spec;
    await before.compute.stop(instanceId);
    await before.compute.start({ ...spec, instanceId: 'i-stale' });
    const it = await restart(before);
    expect([it.instance(instanceId).state, it.compute.instances.get(instanceId)?.boots]).toEqual([
      'running',
      2,
    ]);
    expect([...it.compute.instances.keys()]).toEqual([instanceId]);
  });

  test('goes on with what was on its way', async () => {
    const region = new TestRegion();
    const asleep = new ControlledRegion(region);
    asleep.control.close();
    const { subnetId } = asleep.network('10.0.0.0/24');
    const [starting, stopping] = [asleep.launch(subnetId), asleep.launch(subnetId)];
    const gateway = region.call('CreateNatGateway', {
      SubnetId: subnetId,
      ConnectivityType: 'private',
    }).NatGateway;
    region.write(({ tx }) => tx.instances.put({ ...given(tx.instances.get(stopping)), state: 'stopping' }));
    const analysisId = startAnalysis(asleep.region, starting);
    const it = await start(region);
    expect([it.instance(starting).state, it.instance(stopping).state]).toEqual(['running', 'stopped']);
    expect(region.world.natGateways.get(given(gateway?.NatGatewayId))?.state).toBe('available');
    expect(region.world.networkInsightsAnalyses.get(analysisId)?.status).toBe('succeeded');
    expect(it.held()).toEqual(it.planned());
  });
});
