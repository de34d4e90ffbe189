import { LinuxCompute } from '../fabric/compute/compute.ts';
import { LinuxDriver } from '../fabric/linux/driver.ts';
import { FlowMeter } from '../fabric/linux/flow-meter.ts';
import { LinuxProber } from '../fabric/linux/probe.ts';
import type { InstanceSpec } from '../plan/driver.ts';
import type { Machine } from '../plan/machine.ts';
import type { ProbeSpec } from '../plan/probe.ts';
import { openTrust } from './authority-file.ts';
import { serveParent } from './ipc.ts';

/**
 * The hands of the daemon inside the world: a process of its own, because it moves between network namespaces and calls
 * into the kernel. It decides nothing and keeps nothing that it could not read back. It ends when the daemon does; what
 * it made goes on.
 */
export async function runAgent(): Promise<void> {
  // Made before anything that shows or trusts it is started.
  openTrust(() => new Date());
  const meter = new FlowMeter();
  const driver = new LinuxDriver((machine) => meter.keep(machine));
  const prober = new LinuxProber();
  const compute = await LinuxCompute.open();
  const tell = serveParent({
    'network.list': () => driver.list(),
    'network.update': (machine: Machine) => driver.update(machine),
    'network.delete': (name: string) => driver.delete(name),
    'network.hasConnections': ({ name, address }: { readonly name: string; readonly address: string }) =>
      driver.hasConnections(name, address),
    'network.flows': (name: string) => meter.read(name),
    'network.probe': (spec: ProbeSpec) => prober.probe(spec),
    'compute.list': () => compute.list(),
    'compute.start': (spec: InstanceSpec) => compute.start(spec),
    'compute.stop': (instanceId: string) => compute.stop(instanceId),
    'compute.remove': (instanceId: string) => compute.remove(instanceId),
    'compute.consoleOutput': (instanceId: string) => compute.consoleOutput(instanceId),
  });
  compute.onExit((instanceId) => tell('exit', instanceId));
  tell('ready', true);
  await new Promise(() => {});
}
