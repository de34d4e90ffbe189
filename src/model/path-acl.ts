import { type Packets, type PortRange, PROTOCOL_NUMBERS } from '../net/flow.ts';
import { type AclVerdict, evaluateAcl } from './gates.ts';
import { findFreeRuleNumber, networkAclOf } from './lookup.ts';
import type { PathRecorder } from './path-result.ts';
import type { NetworkAcl } from './records.ts';
import type { World } from './world.ts';

/** Writes down what the network ACL of a subnet says of packets that leave it or come in. */
export function checkAcl(
  record: PathRecorder,
  world: World,
  subnetId: string,
  isEgress: boolean,
  packets: Packets,
  isReply: boolean,
): void {
  const stage = isEgress ? 'network ACL out' : 'network ACL in';
  const acl = networkAclOf(world, subnetId);
  if (acl === undefined) {
    record.stop(
      stage,
      'network-acl',
      `The subnet ${subnetId} has no network ACL, so nothing passes its edge.`,
      undefined,
    );
    return;
  }
  const verdict = evaluateAcl(acl, isEgress, packets);
  const way = isEgress ? 'out of' : 'into';
  const what = isReply ? 'The reply' : 'It';
  if (verdict.extent === 'all') {
    const [first] = verdict.deciding;
    record.pass(
      stage,
      `${what} may go ${way} subnet ${subnetId}: rule ${ruleName(first?.ruleNumber)} of network ACL ${acl.networkAclId}.`,
    );
    return;
  }
  record.stop(
    stage,
    'network-acl',
    sentenceOf(acl, verdict, subnetId, way, packets, isReply),
    mendOf(acl, verdict, isEgress, packets),
  );
}

function ruleName(ruleNumber: number | undefined): string {
  return ruleNumber === 32767 || ruleNumber === undefined ? '*' : String(ruleNumber);
}

function sentenceOf(
  acl: NetworkAcl,
  verdict: AclVerdict,
  subnetId: string,
  way: string,
  packets: Packets,
  isReply: boolean,
): string {
  const refusing = verdict.deciding.find(({ isAllowed }) => !isAllowed);
  const rule = `rule ${ruleName(refusing?.ruleNumber)} of network ACL ${acl.networkAclId}`;
  const what = isReply ? `the reply (to the client’s port, ${portsText(packets.ports)})` : 'it';
  const stateless = isReply ? ' Network ACLs are stateless: replies need a rule of their own.' : '';
  const extent = verdict.extent === 'some' ? `only part of ${portsText(packets.ports)} may pass: ` : '';
  return `${extent === '' ? '' : `Of ${what}, `}${extent}${capital(rule)} denies ${what} ${way} subnet ${subnetId}.${stateless}`;
}

function portsText({ first, last }: PortRange): string {
  return first === last ? `${first}` : `${first}–${last}`;
}

/** An entry before the one that refuses. */
function mendOf(acl: NetworkAcl, { deciding }: AclVerdict, isEgress: boolean, packets: Packets): string {
  const refusing = deciding.find(({ isAllowed }) => !isAllowed);
  const number = findFreeRuleNumber(acl, isEgress, refusing?.ruleNumber ?? 32767);
  const peer = isEgress ? packets.destination : packets.source;
  const isIcmp = packets.protocol === PROTOCOL_NUMBERS['icmp'];
  const ports = isIcmp
    ? '--icmp-type-code Type=-1,Code=-1'
    : `--port-range From=${packets.ports.first},To=${packets.ports.last}`;
  return `aws ec2 create-network-acl-entry --network-acl-id ${acl.networkAclId} ${isEgress ? '--egress' : '--ingress'} --rule-number ${number} --protocol ${packets.protocol} ${ports} --cidr-block ${peer}/32 --rule-action allow`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
