import type { Compute, FlowSource, InstanceSpec, NetworkDriver, Prober } from '../plan/driver.ts';
import type { FlowReading } from '../plan/flow-logs.ts';
import type { Machine } from '../plan/machine.ts';
import type { ProbeReport } from '../plan/probe.ts';
import type { Channel } from './ipc.ts';

/** The agent in the world as the network driver that control asks for. */
export function remoteDriver(agent: Channel): NetworkDriver {
  return {
    list: async () => textsOf(await agent.ask('network.list')),
    update: async (machine: Machine) => void (await agent.ask('network.update', machine)),
    delete: async (name: string) => void (await agent.ask('network.delete', name)),
    hasConnections: async (name, address) =>
      (await agent.ask('network.hasConnections', { name, address })) === true,
  };
}

/** The agent in the world as what sends probes. */
export function remoteProber(agent: Channel): Prober {
  return {
    probe: async (spec) => {
      const report = await agent.ask('network.probe', spec);
      if (isReport(report)) return report;
      throw new Error('the agent is of another version');
    },
  };
}

/** The agent in the world as what has counted packets. */
export function remoteFlows(agent: Channel): FlowSource {
  return {
    readFlows: async (machine) => {
      const reading = await agent.ask('network.flows', machine);
      if (isReading(reading)) return reading;
      throw new Error('the agent is of another version');
    },
  };
}

/** The agent in the world as what runs instances. */
export function remoteCompute(agent: Channel): Compute {
  return {
    list: async () => instancesOf(await agent.ask('compute.list')),
    start: async (spec: InstanceSpec) => void (await agent.ask('compute.start', spec)),
    stop: async (instanceId: string) => void (await agent.ask('compute.stop', instanceId)),
    remove: async (instanceId: string) => void (await agent.ask('compute.remove', instanceId)),
    consoleOutput: async (instanceId: string) => String(await agent.ask('compute.consoleOutput', instanceId)),
  };
}

function isReading(value: unknown): value is FlowReading {
  return typeof value === 'object' && value !== null && 'counts' in value && 'isFull' in value;
}

function isReport(value: unknown): value is ProbeReport {
  return typeof value === 'object' && value !== null && 'events' in value && 'rules' in value;
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function instancesOf(value: unknown): { instanceId: string; state: 'running' | 'stopped' }[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => {
    if (typeof item !== 'object' || item === null || !('instanceId' in item) || !('state' in item)) return [];
    return [{ instanceId: String(item.instanceId), state: item.state === 'running' ? 'running' : 'stopped' }];
  });
}
