import { expect, test } from 'vitest';
import { explainFlow } from '../../src/analyze/explain.ts';
import { planAll } from '../../src/plan/plan.ts';
import { SimulatedNetwork } from '../../src/plan/simulate/network.ts';
import { worldOf } from '../worlds.ts';
import {
  type FlowChoices,
  PUBLIC_HOSTS,
  packetOf,
  questionOf,
  SERVERS,
  senderOf,
  withAppliances,
} from './random-flows.ts';
import { recordsOf, type WorldChoices } from './random-worlds.ts';

/** An appliance whose groups let nobody in (0), in subnet 1; and two instances that are open to all, in subnets 2 and 0. */
const WORLD: WorldChoices = {
  hasInternetGateway: true,
  natGateway: undefined,
  endpoint: undefined,
  interfaceEndpoint: undefined,
  instances: [
    { subnet: 1, address: 'automatic', groups: [2], isRunning: true, sourceDestCheck: false },
    { subnet: 2, address: 'automatic', groups: [0], isRunning: true, sourceDestCheck: true },
    { subnet: 0, address: 'automatic', groups: [0], isRunning: true, sourceDestCheck: true },
  ],
  peer: undefined,
  tables: [[], [], []],
  gatewayTable: undefined,
  tableOf: [undefined, 1, 1],
  rules: [],
  acls: [[]],
  aclOf: [undefined, undefined, undefined],
  isLogged: false,
};

/** Whether a connection to port 22 is answered, by the model and by the rules. */
function isAnswered(choices: WorldChoices, flow: Omit<FlowChoices, 'protocol' | 'port'>) {
  const world = worldOf(recordsOf(choices));
  const whole: FlowChoices = { ...flow, protocol: 'tcp', port: 22 };
  const [question, sender] = [questionOf(choices, whole), senderOf(choices, whole)];
  if (question === undefined || sender === undefined) throw new Error('the flow has not both its ends');
  const network = new SimulatedNetwork(withAppliances(choices, planAll([world], SERVERS)));
  const packet = packetOf(whole, sender.address, question.destination, 40_000);
  return {
    model: explainFlow([world], question, PUBLIC_HOSTS).isAllowed,
    rules: network.exchange(sender.machine, packet).isAnswered,
  };
}

const BACK_BY_APPLIANCE = { ...WORLD, tables: [[{ destination: '10.0.2.0/24', target: 'eni-0' }], [], []] };
const BACK_BY_GATEWAY = { ...WORLD, gatewayTable: [{ destination: '10.0.2.0/24', target: 'eni-0' }] };
const TO_NEIGHBOUR = { source: 1, destination: { instance: 2, isPublic: false } };
const TO_INTERNET = { source: 1, destination: { address: '8.8.8.8' } };

test.each<readonly [string, WorldChoices, typeof TO_NEIGHBOUR | typeof TO_INTERNET, boolean]>([
  ['within the VPC', BACK_BY_APPLIANCE, TO_NEIGHBOUR, true],
  ['S30 from the Internet', BACK_BY_GATEWAY, TO_INTERNET, true],
])(
  'S84 answers that come back by an appliance are asked for no rule of its groups: %s',
  (_, choices, flow, expected) => {
    expect(isAnswered(choices, flow)).toEqual({ model: expected, rules: expected });
  },
);

test('S84 what begins by an appliance is asked for its rules', () => {
  const there = { ...WORLD, tables: [[], [{ destination: '10.0.0.0/24', target: 'eni-0' }], []] };
  expect(isAnswered(there, TO_NEIGHBOUR)).toEqual({ model: false, rules: false });
});
