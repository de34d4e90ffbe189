import type { FlowReading } from './flow-logs.ts';
import type { Machine } from './machine.ts';
import type { ProbeReport, ProbeSpec } from './probe.ts';

/**
 * The seam between what must be and what is: everything that can hold machines. All verbs may be repeated, and may be called
 * again after they failed half-way.
 */
export interface NetworkDriver {
  /** The names of all machines present, whoever made them. */
  list(): Promise<readonly string[]>;
  /** Makes the machine exactly as planned and touches only what differs; flows that are allowed go on. */
  update(machine: Machine): Promise<void>;
  /** Removes the machine and all its links. Removing one that is not there is not an error. */
  delete(name: string): Promise<void>;
  /**
   * Whether connections go on that the machine translates to come from an address of its own; true where that cannot be
   * told, false of a machine that is not there.
   */
  hasConnections(name: string, address: string): Promise<boolean>;
}

/** One guest computer to run. */
export interface InstanceSpec {
  readonly instanceId: string;
  /** The network namespace that the driver above has made: the instance's primary interface. */
  readonly namespace: string;
  readonly hostname: string;
  /** The domains its short names are completed with, by spaces. */
  readonly domain: string;
  /** The resolvers it asks, the first first. */
  readonly nameservers: readonly string[];
  /** The time servers that its DHCP options name. */
  readonly timeServers: readonly string[];
  readonly authorizedKeys: readonly string[];
  /** The image that a user brought; absent for the base image, which all others are. */
  readonly imageId?: string;
}

/** What runs guest computers. */
export interface Compute {
  /** Every instance whose disk exists here, whoever started it. */
  list(): Promise<readonly { readonly instanceId: string; readonly state: 'running' | 'stopped' }[]>;
  /** Resolves once the first process runs. Starting one that runs is not an error. */
  start(spec: InstanceSpec): Promise<void>;
  /** Stops it and keeps its disk. */
  stop(instanceId: string): Promise<void>;
  /** Stops it and removes its disk. */
  remove(instanceId: string): Promise<void>;
  consoleOutput(instanceId: string): Promise<string>;
}

/** What has counted packets for flow logs. */
export interface FlowSource {
  /** What a router has counted since it was asked last. */
  readFlows(machine: string): Promise<FlowReading>;
}

/** What sends a packet to see what becomes of it. */
export interface Prober {
  /** Sends one packet and follows it. Nothing of that stays behind, and no packet's way is changed by it. */
  probe(spec: ProbeSpec): Promise<ProbeReport>;
}
