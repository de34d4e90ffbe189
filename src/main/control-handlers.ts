import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { assertExpectations } from '../analyze/expectations/assert.ts';
import { answerQuestion, explainFlow } from '../analyze/explain.ts';
import { SEVERITIES } from '../analyze/findings/finding.ts';
import { lintWorlds } from '../analyze/findings/lint.ts';
import type { Question } from '../analyze/question.ts';
import { reportReach } from '../analyze/reach/reach.ts';
import { compareTrace } from '../analyze/trace.ts';
import type { InstanceLine, Status } from '../cli/status.ts';
import type { Caller } from '../ec2/action.ts';
import type { ActionTable } from '../ec2/dispatch.ts';
import { publicAddressOf } from '../model/public-addresses.ts';
import type { World } from '../model/world.ts';
import { followPassage } from '../plan/passage.ts';
import { LAPTOP_ADDRESS, LAPTOP_IPV6 } from '../plan/places.ts';
import { planProbe } from '../plan/probe.ts';
import type { StateDirectory } from '../state/directory.ts';
import { parseDump, renderDump } from '../state/dump.ts';
import type { Store } from '../state/store.ts';
import { type ActionRunner, runActionByName } from './api.ts';
import { ControlError, type ControlHandlers } from './control-server.ts';
import { DEFAULT_REGION } from './defaults.ts';
import { exportWorld } from './export-world.ts';
import { importAws, readImportWish } from './import-aws.ts';
import { ReachKeeper } from './reach-keeper.ts';
import { publicServers } from './servers.ts';
import type { WorldSupervisor } from './supervisor.ts';
import { VERSION } from './version.ts';

/** What the croft command's questions are answered from. */
export interface ControlParts {
  readonly state: StateDirectory;
  readonly store: Store;
  readonly runner: ActionRunner;
  readonly supervisor: WorldSupervisor;
  readonly actions: ActionTable;
  readonly caller: Caller;
  readonly apiUrl: string;
  readonly isOpen: boolean;
  readonly stop: () => void;
}

/** The questions that the croft command asks the daemon. */
export function controlHandlers(parts: ControlParts): ControlHandlers {
  const startedAt = new Date().toISOString();
  const servers = publicServers();
  const publicHosts = new Set([...servers.internet, ...servers.services, LAPTOP_ADDRESS, LAPTOP_IPV6]);
  const reach = new ReachKeeper(parts.store, publicHosts);
  return {
    'GET /status': () => statusOf(parts, startedAt),
    'GET /server-log': () => parts.supervisor.serverLog(),
    'POST /flow-logs': async () => {
      await parts.supervisor.idle();
      await parts.supervisor.deliverFlowLogs();
      return {};
    },
    'POST /idle': async () => {
      await parts.supervisor.idle();
      return {};
    },
    'POST /stop': () => {
      setImmediate(parts.stop);
      return {};
    },
    'POST /ec2': (body) => {
      const { action, input, region } = fieldsOf(body);
      const request = {
        caller: parts.caller,
        region: typeof region === 'string' ? region : DEFAULT_REGION,
        requestId: 'croft',
      };
      return runActionByName(parts.runner, parts.actions, request, String(action), input ?? {});
    },
    'POST /state/export': (body) => {
      const path = pathOf(body);
      const text = renderDump(parts.store);
      writeFileSync(path, text, { mode: 0o600 });
      return { path, records: text.split('\n').length - 2 };
    },
    'POST /state/import': async (body) => {
      const path = pathOf(body);
      const entries = parseDump(readFileSync(path, 'utf8'));
      if (fieldsOf(body)['isReplacing'] !== true) refuseToReplace(parts.store);
      await parts.store.replace(entries);
      return { path, records: entries.length, missingImages: missingImages(parts) };
    },
    'POST /import/aws': (body) => importAws(parts.store, parts.state, readImportWish(fieldsOf(body))),
    'POST /export': (body) => exportWorld([...parts.store.worlds()], fieldsOf(body)),
    'POST /explain': (body) => explainFlow([...parts.store.worlds()], questionOf(body), publicHosts),
    'POST /trace': async (body) => {
      const { milliseconds } = fieldsOf(body);
      const asked = answerQuestion([...parts.store.worlds()], questionOf(body), publicHosts);
      const wait = typeof milliseconds === 'number' ? milliseconds : DEFAULT_WAIT_MILLISECONDS;
      const planned = planProbe(asked.flow, asked.path, servers, wait);
      const report = await parts.supervisor.probe(planned.spec);
      return compareTrace(asked, followPassage(report, planned));
    },
    'POST /reach': (body) => {
      const { from, to, port, protocol } = fieldsOf(body);
      return reportReach([...parts.store.worlds()], reach.matrix(), {
        from: Array.isArray(from) ? from.map(String) : [],
        to: Array.isArray(to) ? to.map(String) : [],
        port: typeof port === 'number' ? port : undefined,
        protocol: typeof protocol === 'string' ? protocol : undefined,
      });
    },
    'POST /lint': (body) => {
      const { rules, severity } = fieldsOf(body);
      return lintWorlds([...parts.store.worlds()], {
        rules: Array.isArray(rules) ? rules.map(String) : [],
        severity: SEVERITIES.find((each) => each === severity) ?? 'advice',
      });
    },
    'POST /assert': (body) => {
      const { file, text } = fieldsOf(body);
      if (typeof text !== 'string') throw new ControlError('A file of expectations is needed.');
      return assertExpectations([...parts.store.worlds()], String(file), text, publicHosts);
    },
  };
}

/** How long `croft trace` waits for an answer when it is not told. */
const DEFAULT_WAIT_MILLISECONDS = 2_000;

function questionOf(body: unknown): Question {
  const { source, destination, port, protocol, isIpv6, action, resource } = fieldsOf(body);
  if (typeof source !== 'string' || typeof destination !== 'string') {
    throw new ControlError('A source and a destination are needed.');
  }
  return {
    source,
    destination,
    port: typeof port === 'number' ? port : undefined,
    protocol: typeof protocol === 'string' ? protocol : undefined,
    isIpv6: isIpv6 === true,
    ...(typeof action === 'string'
      ? { request: { action, resource: typeof resource === 'string' ? resource : '*' } }
      : {}),
  };
}

function pathOf(body: unknown): string {
  const { path } = fieldsOf(body);
  if (typeof path !== 'string' || !isAbsolute(path)) throw new ControlError('The path of a file is needed.');
  return path;
}

/** The images whose files are not in the state directory: records alone boot nothing. */
function missingImages({ store, state }: ControlParts): readonly string[] {
  return [...store.worlds()]
    .flatMap(({ images }) => [...images.values()].map(({ imageId }) => imageId))
    .filter((imageId) => !existsSync(state.at('images', imageId)));
}

/** What a person made is not replaced unless they say so; default VPCs are nobody's work. */
function refuseToReplace(store: Store): void {
  const own = [...store.worlds()].flatMap((world) => [
    ...[...world.vpcs.values()].filter(({ isDefault }) => !isDefault).map(({ vpcId }) => vpcId),
    ...[...world.instances.values()].map(({ instanceId }) => instanceId),
  ]);
  if (own.length === 0) return;
  throw new ControlError(
    `There is something here that would be forgotten: ${own.slice(0, 3).join(', ')}${own.length > 3 ? ' and more' : ''}.`,
    'Import with --replace to put the file in its place, or into another world with --state DIR.',
  );
}

function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body !== 'object' || body === null) throw new ControlError('The question is empty.');
  return Object.fromEntries(Object.entries(body));
}

function statusOf({ state, store, supervisor, apiUrl, isOpen }: ControlParts, startedAt: string): Status {
  return {
    version: VERSION,
    pid: process.pid,
    startedAt,
    apiUrl,
    isOpen,
    state: state.path,
    world: supervisor.status,
    resources: [...store.worlds()].map((world) => ({
      account: world.scope.account,
      region: world.scope.region,
      vpcs: world.vpcs.size,
      subnets: world.subnets.size,
      instances: [...world.instances.values()].map((instance) => instanceLine(world, instance.instanceId)),
    })),
  };
}

function instanceLine(world: World, instanceId: string): InstanceLine {
  const instance = world.instances.get(instanceId);
  const eni =
    instance === undefined
      ? undefined
      : world.networkInterfaces
          .where('subnetId', instance.subnetId)
          .find(({ attachment }) => attachment?.instanceId === instanceId && attachment.deviceIndex === 0);
  const isOnlyAnalysed =
    instance?.state === 'running' && world.vpcs.get(instance.vpcId)?.isAnalysedOnly === true;
  return {
    instanceId,
    name: instance?.tags.find(({ key }) => key === 'Name')?.value,
    state: isOnlyAnalysed ? 'only analysed' : (instance?.state ?? 'unknown'),
    privateIp: eni?.privateIpAddresses[0],
    publicIp: eni === undefined ? undefined : publicAddressOf(world, eni),
  };
}
