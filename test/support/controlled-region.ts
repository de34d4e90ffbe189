import { Control } from '../../src/control/control.ts';
import { imagesOf } from '../../src/ec2/catalogue/images.ts';
import { MemoryCompute, MemoryDriver } from '../../src/fabric/memory/driver.ts';
import type { Instance } from '../../src/model/records.ts';
import type { Machine } from '../../src/plan/machine.ts';
import { planAll } from '../../src/plan/plan.ts';
import { given, TestRegion } from './ec2.ts';

export const SERVERS = { internet: ['8.8.8.8'], services: ['52.219.32.1'] };

/** A region whose network and instances are kept by control, on a fabric in memory. */
export class ControlledRegion {
  readonly region: TestRegion;
  readonly driver: MemoryDriver;
  readonly compute: MemoryCompute;
  /** Work that failed: `name: message`. */
  readonly failures: string[] = [];
  readonly control: Control;
  /** What its control's clock says. */
  now = new Date('2026-01-02T03:04:05.000Z');

  constructor(region = new TestRegion(), driver = new MemoryDriver(), compute = new MemoryCompute()) {
    this.region = region;
    this.driver = driver;
    this.compute = compute;
    this.control = new Control({
      store: region.store,
      driver,
      compute,
      servers: SERVERS,
      clock: () => this.now,
      onFailure: (name, error) =>
        this.failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`),
    });
  }

  /** One whose control is started and has nothing left to do. */
  static async start(
    region?: TestRegion,
    driver?: MemoryDriver,
    compute?: MemoryCompute,
  ): Promise<ControlledRegion> {
    const controlled = new ControlledRegion(region, driver, compute);
    await controlled.control.startNetwork();
    await controlled.control.startInstances();
    await controlled.control.idle();
    return controlled;
  }

  /** Another daemon on the same state and the same fabric; this one begins nothing more. */
  async restart(): Promise<ControlledRegion> {
    this.control.close();
    return ControlledRegion.start(this.region, this.driver, this.compute);
  }

  /** A VPC of one subnet, which is all of it unless the VPC's block is given; returns their ids. */
  network(cidrBlock: string, vpcBlock = cidrBlock): { vpcId: string; subnetId: string } {
    const vpcId = given(this.region.call('CreateVpc', { CidrBlock: vpcBlock }).Vpc?.VpcId);
    const subnet = this.region.call('CreateSubnet', { VpcId: vpcId, CidrBlock: cidrBlock });
    return { vpcId, subnetId: given(subnet.Subnet?.SubnetId) };
  }

  launch(subnetId: string, shutdownBehavior: 'stop' | 'terminate' = 'stop'): string {
    const launched = this.region.call('RunInstances', {
      ImageId: this.imageId,
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      SubnetId: subnetId,
      InstanceInitiatedShutdownBehavior: shutdownBehavior,
    });
    return given(launched.Instances?.[0]?.InstanceId);
  }

  get imageId(): string {
    const images = imagesOf(this.region.scope.region);
    return given(images.find(({ architecture }) => architecture === 'x86_64')).imageId;
  }

  instance(instanceId: string): Instance {
    return given(this.region.world.instances.get(instanceId));
  }

  /** What the worlds say that the fabric must hold. */
  planned(): Machine[] {
    return byName(planAll(this.region.store.worlds(), SERVERS));
  }

  /** What the fabric holds. */
  held(): Machine[] {
    return byName(this.driver.machines.values());
  }
}

function byName(machines: Iterable<Machine>): Machine[] {
  return [...machines].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
