import {
  CLIENT_PORTS,
  ECHO_REPLY,
  NAT_PORTS,
  type Packets,
  type PortRange,
  PROTOCOL_NUMBERS,
} from '../net/flow.ts';
import { findGroupRule } from './gates.ts';
import { describeRoute, findRouteFor } from './lookup.ts';
import { type InterfaceParty, labelOf, type Party } from './parties.ts';
import { checkAcl } from './path-acl.ts';
import { PathRecorder, type PathResult } from './path-result.ts';
import { capital, describeTable, permissionOf, stopForNoRoute } from './path-text.ts';
import { publicAddressOf } from './public-addresses.ts';
import type { NatGateway, NetworkInterface } from './records.ts';
import { isRouteActive, routeTableOf } from './routes.ts';
import type { World } from './world.ts';

/** The flow asked about. */
export interface Flow {
  readonly source: Party;
  readonly destination: Party;
  /** IANA's number. */
  readonly protocol: number;
  /** Destination ports; for ICMP type and code. */
  readonly ports: PortRange;
}

/** A subnet's edge that the packets crossed: their replies cross it the other way, and need their own rules there (S63). */
interface Crossing {
  readonly world: World;
  readonly subnetId: string;
  readonly isOutward: boolean;
  readonly packets: Packets;
  readonly clientPorts: PortRange;
}

/**
 * Follows packets from source to destination, and their replies back, through every gate they meet. A gate that stops them
 * is an obstacle; the walk goes on behind it as if it were mended, so that all obstacles are told at once.
 */
export function tracePath(flow: Flow): PathResult {
  return new Walk(flow).run();
}

class Walk {
  readonly #flow: Flow;
  readonly #record: PathRecorder;
  readonly #crossings: Crossing[] = [];
  #clientPorts: PortRange = CLIENT_PORTS;

  constructor(flow: Flow) {
    this.#flow = flow;
    this.#record = new PathRecorder();
  }

  run(): PathResult {
    const { source, destination } = this.#flow;
    if (source.kind === 'interface') this.#fromInterface(source);
    else if (destination.kind === 'interface') this.#fromOutside(source.address, destination);
    else this.#record.pass('deliver', `${source.label} and ${destination.label} are both on the Internet.`);
    this.#record.turn();
    this.#replies();
    return this.#record.result();
  }

  #packets(source: string, destination: string): Packets {
    return { protocol: this.#flow.protocol, source, destination, ports: this.#flow.ports };
  }

  #fromInterface(source: InterfaceParty): void {
    const { world, eni } = source;
    const { destination } = this.#flow;
    this.#demandRunning(source);
    const from = eni.privateIpAddresses[0] ?? '';
    if (
      destination.kind === 'interface' &&
      destination.world === world &&
      destination.eni.vpcId === eni.vpcId &&
      !destination.isPublic
    ) {
      const packets = this.#packets(from, destination.address);
      this.#egress(source, packets);
      this.#within(source, destination, packets);
      return;
    }
    const packets = this.#packets(from, destination.address);
    this.#egress(source, packets);
    this.#crossOut(world, eni.subnetId, packets);
    this.#route(source, packets);
  }

  /** From one interface of the VPC to another, by the `local` route. */
  #within(source: InterfaceParty, destination: InterfaceParty, packets: Packets): void {
    const { world, eni } = source;
    if (eni.subnetId === destination.eni.subnetId) {
      this.#record.pass('route', 'Both are in the same subnet: no route table and no network ACL is asked.');
    } else {
      this.#crossOut(world, eni.subnetId, packets);
      this.#record.pass('route', 'The local route leads to the other subnet.');
      this.#crossIn(world, destination.eni.subnetId, packets);
    }
    this.#ingress(destination, packets);
  }

  #route(source: InterfaceParty, packets: Packets): void {
    const { world, eni } = source;
    const table = routeTableOf(world, eni.subnetId);
    const route = table === undefined ? undefined : findRouteFor(world, table, packets.destination);
    if (table === undefined || route === undefined || route.target.kind === 'local') {
      stopForNoRoute(this.#record, world, eni, table, packets);
      return;
    }
    if (!isRouteActive(world, table, route)) {
      const remedy =
        route.target.kind === 'nat-gateway' ? '--nat-gateway-id NAT_GATEWAY_ID' : '--gateway-id GATEWAY_ID';
      this.#record.stop(
        'route',
        'blackhole',
        `The route ${describeRoute(route)} of ${describeTable(table, eni.subnetId)} is a blackhole: its target is gone.`,
        `aws ec2 replace-route --route-table-id ${table.routeTableId} --destination-cidr-block ${route.destination.kind === 'cidr' ? route.destination.cidrBlock : '0.0.0.0/0'} ${remedy}`,
      );
      return;
    }
    this.#record.pass(
      'route',
      `The route ${describeRoute(route)} of ${describeTable(table, eni.subnetId)} leads on.`,
    );
    switch (route.target.kind) {
      case 'internet-gateway':
        this.#throughInternetGateway(source, packets);
        return;
      case 'nat-gateway': {
        const gateway = world.natGateways.get(route.target.id);
        if (gateway !== undefined) this.#throughNatGateway(world, eni, gateway, packets);
        return;
      }
      case 'vpc-endpoint':
        this.#record.pass(
          'gateway endpoint',
          `The endpoint ${route.target.id} carries it to the service, with the private address ${packets.source} as its source.`,
        );
        return;
      case 'network-interface':
        this.#record.pass(
          'route',
          `The interface ${route.target.id} gets it as a middlebox; what that does with it is its own affair.`,
        );
        return;
    }
  }

  /** Out by an interface's own public address (semantics S36–S38). */
  #throughInternetGateway(source: InterfaceParty, packets: Packets): void {
    const { world, eni } = source;
    const publicAddress = publicAddressOf(world, eni);
    if (publicAddress === undefined) {
      this.#record.stop(
        'internet gateway',
        'no-public-address',
        `${labelOf(source)} has no public address: the internet gateway drops its packets, it does not masquerade them.`,
        `aws ec2 associate-address --allocation-id EIPALLOC_ID --network-interface-id ${eni.networkInterfaceId}`,
      );
    } else {
      this.#record.pass(
        'internet gateway',
        `The internet gateway translates ${packets.source} to ${publicAddress}.`,
      );
    }
    this.#arrive({ ...packets, source: publicAddress ?? packets.source });
  }

  /** Into the NAT gateway's subnet and out of it again under the gateway's address (semantics S49, S53). */
  #throughNatGateway(world: World, from: NetworkInterface, gateway: NatGateway, packets: Packets): void {
    const eni =
      gateway.networkInterfaceId === undefined
        ? undefined
        : world.networkInterfaces.get(gateway.networkInterfaceId);
    if (eni === undefined) {
      this.#record.stop(
        'NAT gateway',
        'nat-gateway-unusable',
        `The NAT gateway ${gateway.natGatewayId} has no interface.`,
        undefined,
      );
      return;
    }
    if (eni.subnetId !== from.subnetId) this.#crossIn(world, eni.subnetId, packets);
    const own = eni.privateIpAddresses[0] ?? '';
    const translated: Packets = { ...packets, source: own };
    this.#clientPorts = NAT_PORTS;
    this.#record.pass(
      'NAT gateway',
      `The NAT gateway ${gateway.natGatewayId} sends it on as its own, from ${own}.`,
    );
    this.#crossOut(world, eni.subnetId, translated);
    const table = routeTableOf(world, eni.subnetId);
    const route = table === undefined ? undefined : findRouteFor(world, table, packets.destination);
    const isToInternet =
      table !== undefined && route?.target.kind === 'internet-gateway' && isRouteActive(world, table, route);
    if (!isToInternet) {
      const [internetGateway] = world.internetGateways.where('vpcId', eni.vpcId);
      this.#record.stop(
        'NAT gateway',
        'nat-gateway-in-private-subnet',
        `The NAT gateway ${gateway.natGatewayId} stands in the private subnet ${eni.subnetId}: ${table === undefined ? 'it has no route table' : describeTable(table, eni.subnetId)} has no route to an internet gateway.`,
        `aws ec2 create-route --route-table-id ${table?.routeTableId ?? 'RTB_ID'} --destination-cidr-block 0.0.0.0/0 --gateway-id ${internetGateway?.internetGatewayId ?? 'IGW_ID'}`,
      );
      return;
    }
    if (gateway.publicIp === undefined) {
      this.#record.stop(
        'internet gateway',
        'no-public-address',
        `The NAT gateway ${gateway.natGatewayId} is private: the internet gateway drops what it sends (no Elastic IP).`,
        undefined,
      );
      return;
    }
    this.#record.pass(
      'internet gateway',
      `The internet gateway translates ${own} to the Elastic IP ${gateway.publicIp}.`,
    );
    this.#arrive({ ...translated, source: gateway.publicIp });
  }

  /** On the Internet: at a public server, or at an interface's public address. */
  #arrive(packets: Packets): void {
    const { destination } = this.#flow;
    if (destination.kind === 'interface') {
      this.#fromOutside(packets.source, destination);
      return;
    }
    this.#record.pass('deliver', `${destination.address} is on the Internet.`);
  }

  /** In by an internet gateway, to an interface's public address. */
  #fromOutside(source: string, destination: InterfaceParty): void {
    const { world, eni } = destination;
    const publicAddress = publicAddressOf(world, eni);
    const to = eni.privateIpAddresses[0] ?? '';
    if (eni.interfaceType === 'nat_gateway') {
      this.#record.stop(
        'NAT gateway',
        'unsolicited',
        `${labelOf(destination)} lets in only what answers a connection from inside.`,
        undefined,
      );
      return;
    }
    if (publicAddress === undefined) {
      this.#record.stop(
        'internet gateway',
        'no-public-address',
        `${labelOf(destination)} has no public address, and its private address ${to} is not routed on the Internet.`,
        `ssh -J ec2-user@BASTION_PUBLIC_IP ec2-user@${to}`,
      );
    } else if (!destination.isPublic) {
      this.#record.stop(
        'internet gateway',
        'private-address',
        `The private address ${to} is not routed on the Internet; its public address is ${publicAddress}.`,
        undefined,
      );
    }
    const [gateway] = world.internetGateways.where('vpcId', eni.vpcId);
    if (gateway === undefined) {
      this.#record.stop(
        'internet gateway',
        'no-internet-gateway',
        `The VPC ${eni.vpcId} has no internet gateway.`,
        `aws ec2 attach-internet-gateway --vpc-id ${eni.vpcId} --internet-gateway-id IGW_ID`,
      );
    } else if (publicAddress !== undefined) {
      this.#record.pass(
        'internet gateway',
        `The internet gateway ${gateway.internetGatewayId} translates ${publicAddress} to ${to}.`,
      );
    }
    const packets = this.#packets(source, to);
    this.#crossIn(world, eni.subnetId, packets);
    this.#ingress(destination, packets);
    if (publicAddress !== undefined) this.#demandRouteBack(destination, source);
  }

  /** A subnet without a route to the gateway cannot answer: it is not public (semantics S32). */
  #demandRouteBack({ world, eni }: InterfaceParty, source: string): void {
    const table = routeTableOf(world, eni.subnetId);
    const route = table === undefined ? undefined : findRouteFor(world, table, source);
    const isBack =
      table !== undefined && route?.target.kind === 'internet-gateway' && isRouteActive(world, table, route);
    if (isBack) return;
    const [gateway] = world.internetGateways.where('vpcId', eni.vpcId);
    this.#record.stop(
      'route',
      'no-route',
      `${table === undefined ? 'The subnet has no route table' : capital(describeTable(table, eni.subnetId))} has no route to an internet gateway, so the reply to ${source} cannot leave.`,
      `aws ec2 create-route --route-table-id ${table?.routeTableId ?? 'RTB_ID'} --destination-cidr-block 0.0.0.0/0 --gateway-id ${gateway?.internetGatewayId ?? 'IGW_ID'}`,
    );
  }

  #egress(source: InterfaceParty, packets: Packets): void {
    if (source.eni.interfaceType === 'nat_gateway') return;
    this.#group(source, packets, true);
  }

  #ingress(destination: InterfaceParty, packets: Packets): void {
    this.#demandRunning(destination);
    if (destination.eni.interfaceType === 'nat_gateway') {
      this.#record.stop(
        'NAT gateway',
        'unsolicited',
        `${labelOf(destination)} answers nothing that is addressed to itself.`,
        undefined,
      );
      return;
    }
    this.#group(destination, packets, false);
    this.#record.pass('deliver', `${labelOf(destination)} gets it.`);
  }

  #group(party: InterfaceParty, packets: Packets, isEgress: boolean): void {
    const { world, eni } = party;
    const rule = findGroupRule(world, eni, isEgress, packets);
    const stage = isEgress ? 'egress security group' : 'ingress security group';
    const names = eni.groupIds
      .map((id) => `${world.securityGroups.get(id)?.groupName ?? '?'} (${id})`)
      .join(', ');
    if (rule !== undefined) {
      const name = world.securityGroups.get(rule.groupId)?.groupName ?? '?';
      this.#record.pass(
        stage,
        `Security group ${name} lets it ${isEgress ? 'out' : 'in'} by rule ${rule.securityGroupRuleId}.`,
      );
      return;
    }
    const peer = isEgress ? packets.destination : packets.source;
    this.#record.stop(
      stage,
      isEgress ? 'egress-security-group' : 'ingress-security-group',
      `No ${isEgress ? 'outbound' : 'inbound'} rule of ${labelOf(party)}’s security group ${names} allows it ${isEgress ? 'to' : 'from'} ${peer}.`,
      `aws ec2 authorize-security-group-${isEgress ? 'egress' : 'ingress'} --group-id ${eni.groupIds[0] ?? 'SG_ID'} --ip-permissions ${permissionOf(packets, peer)}`,
    );
  }

  #crossOut(world: World, subnetId: string, packets: Packets): void {
    checkAcl(this.#record, world, subnetId, true, packets, false);
    this.#crossings.push({ world, subnetId, isOutward: true, packets, clientPorts: this.#clientPorts });
  }

  #crossIn(world: World, subnetId: string, packets: Packets): void {
    checkAcl(this.#record, world, subnetId, false, packets, false);
    this.#crossings.push({ world, subnetId, isOutward: false, packets, clientPorts: this.#clientPorts });
  }

  /** Security groups remember the connection; network ACLs do not (semantics S63, S80). */
  #replies(): void {
    for (const { world, subnetId, isOutward, packets, clientPorts } of this.#crossings.toReversed()) {
      const isIcmp = packets.protocol === PROTOCOL_NUMBERS['icmp'];
      const reply: Packets = {
        protocol: packets.protocol,
        source: packets.destination,
        destination: packets.source,
        ports: isIcmp ? ECHO_REPLY : clientPorts,
      };
      checkAcl(this.#record, world, subnetId, !isOutward, reply, true);
    }
  }

  #demandRunning({ world, eni }: InterfaceParty): void {
    const id = eni.attachment?.instanceId;
    const instance = id === undefined ? undefined : world.instances.get(id);
    if (eni.interfaceType !== 'interface' || instance?.state === 'running') return;
    this.#record.stop(
      'deliver',
      'not-running',
      instance === undefined
        ? `The interface ${eni.networkInterfaceId} is attached to nothing.`
        : `The instance ${instance.instanceId} is ${instance.state}.`,
      instance?.state === 'stopped'
        ? `aws ec2 start-instances --instance-ids ${instance.instanceId}`
        : undefined,
    );
  }
}
