import type { LoadBalancer } from '../../model/load-balancer-records.ts';
import type { NetworkInterface, Subnet } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import type { ActionContext } from '../action.ts';
import { AwsError } from '../errors.ts';
import { makeInterface, takePublicAddress } from '../interfaces.ts';
import type { Output } from '../query-service/envelope.ts';
import { invalid } from '../query-service/errors.ts';
import type { Input } from '../query-service/input.ts';
import {
  changeAttributes,
  LOAD_BALANCER_ATTRIBUTES,
  showAttributes,
  standardAttributes,
} from './attributes.ts';
import { inUse, invalidConfiguration, noSuchLoadBalancer } from './errors.ts';
import { checkName, pageOf } from './pages.ts';
import { readRequestTags } from './tags.ts';

/** The hosted zone that AWS names with the load balancers' names. */
const HOSTED_ZONE = 'Z26RNL4JYFTOTI';

/** A node to make. */
interface NodeWish {
  readonly subnet: Subnet;
  readonly allocationId: string | undefined;
  readonly privateIpAddress: string | undefined;
}

/** Network Load Balancers: a node, which is an interface, in each of their subnets. */
export const loadBalancerOperations = {
  CreateLoadBalancer(context: ActionContext, input: Input) {
    const { tx, region, account, now } = context;
    const name = checkName(input.demand('Name'));
    demandNetwork(input);
    const scheme = input.choice('Scheme', 'internet-facing', 'internal');
    input.choice('IpAddressType', 'ipv4');
    const tags = readRequestTags(input);
    const wishes = readNodes(context, input, scheme);
    const [first] = wishes;
    if (first === undefined) throw invalid('At least one subnet must be specified');
    const [present] = tx.loadBalancers.where('loadBalancerName', name);
    if (present !== undefined) return answerAgain(tx, present, scheme, wishes);
    const digits = context.newId('x').slice(-16);
    const path = `net/${name}/${digits}`;
    const balancer: LoadBalancer = {
      loadBalancerArn: `arn:aws:elasticloadbalancing:${region}:${account}:loadbalancer/${path}`,
      loadBalancerName: name,
      dnsName: `${name}-${digits}.elb.${region}.amazonaws.com`,
      scheme,
      vpcId: first.subnet.vpcId,
      state: 'provisioning',
      createdTime: now.toISOString(),
      networkInterfaceIds: wishes.map((wish) => makeNode(context, path, scheme, wish)),
      attributes: standardAttributes(LOAD_BALANCER_ATTRIBUTES),
      tags,
    };
    tx.loadBalancers.put(balancer);
    return { LoadBalancers: [show(tx, balancer)] };
  },

  DescribeLoadBalancers({ tx }: ActionContext, input: Input) {
    const arns = input.texts('LoadBalancerArns');
    const names = input.texts('Names');
    for (const arn of arns) findLoadBalancer(tx, arn);
    for (const name of names) {
      if (tx.loadBalancers.where('loadBalancerName', name).length === 0) throw noSuchLoadBalancer();
    }
    const found = [...tx.loadBalancers.values()].filter(
      ({ loadBalancerArn, loadBalancerName }) =>
        (arns.length === 0 || arns.includes(loadBalancerArn)) &&
        (names.length === 0 || names.includes(loadBalancerName)),
    );
    const { records, ...rest } = pageOf(found, input);
    return { LoadBalancers: records.map((each) => show(tx, each)), ...rest };
  },

  /** One that is not there is deleted already. */
  DeleteLoadBalancer({ tx }: ActionContext, input: Input) {
    const arn = input.demand('LoadBalancerArn');
    const balancer = tx.loadBalancers.get(arn);
    if (balancer === undefined) return {};
    if (balancer.attributes['deletion_protection.enabled'] === 'true') {
      const why = 'because deletion protection is enabled';
      throw new AwsError('OperationNotPermitted', `Load balancer '${arn}' cannot be deleted ${why}`);
    }
    if (tx.vpcEndpointServices.where('networkLoadBalancerArns', arn).length > 0) {
      throw inUse(
        `Load balancer '${arn}' cannot be deleted because it is currently associated with another service`,
      );
    }
    for (const { listenerArn } of tx.listeners.where('loadBalancerArn', arn))
      tx.listeners.delete(listenerArn);
    for (const id of balancer.networkInterfaceIds) {
      for (const address of tx.addresses.where('networkInterfaceId', id)) {
        const { associationId: _a, networkInterfaceId: _n, privateIpAddress: _p, ...free } = address;
        tx.addresses.put(free);
      }
      tx.networkInterfaces.delete(id);
    }
    tx.loadBalancers.delete(arn);
    return {};
  },

  DescribeLoadBalancerAttributes({ tx }: ActionContext, input: Input) {
    return showAttributes(findLoadBalancer(tx, input.demand('LoadBalancerArn')).attributes);
  },

  ModifyLoadBalancerAttributes({ tx }: ActionContext, input: Input) {
    const balancer = findLoadBalancer(tx, input.demand('LoadBalancerArn'));
    const attributes = changeAttributes(LOAD_BALANCER_ATTRIBUTES, balancer.attributes, input);
    tx.loadBalancers.put({ ...balancer, attributes });
    return showAttributes(attributes);
  },
};

/** Throws LoadBalancerNotFound. */
export function findLoadBalancer(world: World, arn: string): LoadBalancer {
  const found = world.loadBalancers.get(arn);
  if (found === undefined) throw noSuchLoadBalancer();
  return found;
}

function demandNetwork(input: Input): void {
  const type = input.text('Type') ?? 'application';
  if (type === 'network') return;
  throw invalidConfiguration(
    `Cloudcroft has no load balancers of type ${type}: it has Network Load Balancers, of type network.`,
  );
}

/** The subnets, one a zone and all of one VPC. */
function readNodes({ tx }: ActionContext, input: Input, scheme: LoadBalancer['scheme']): readonly NodeWish[] {
  const plain = input.texts('Subnets').map((id) => ({ id, allocationId: undefined, address: undefined }));
  const mapped = input.list('SubnetMappings').map((each) => ({
    id: each.demand('SubnetId'),
    allocationId: each.text('AllocationId'),
    address: each.text('PrivateIPv4Address'),
  }));
  if (plain.length > 0 && mapped.length > 0) {
    throw invalid('You cannot specify both Subnets and SubnetMappings');
  }
  const zones = new Set<string>();
  const vpcs = new Set<string>();
  const wishes = [...plain, ...mapped].map(({ id, allocationId, address }) => {
    const subnet = tx.subnets.get(id);
    if (subnet === undefined) throw new AwsError('SubnetNotFound', `The subnet ID '${id}' does not exist`);
    if (zones.has(subnet.availabilityZone)) {
      throw invalidConfiguration(
        'A load balancer cannot be attached to multiple subnets in the same Availability Zone',
      );
    }
    zones.add(subnet.availabilityZone);
    vpcs.add(subnet.vpcId);
    if (allocationId !== undefined && scheme === 'internal') {
      throw invalidConfiguration('An internal load balancer cannot have an Elastic IP address');
    }
    return { subnet, allocationId, privateIpAddress: address };
  });
  if (vpcs.size > 1) throw invalidConfiguration('All subnets must belong to one VPC');
  for (const vpcId of scheme === 'internet-facing' ? vpcs : []) {
    if (tx.internetGateways.where('vpcId', vpcId).length > 0) continue;
    throw new AwsError('InvalidSubnet', `VPC ${vpcId} has no internet gateway`);
  }
  return wishes;
}

/** A repeated creation answers the load balancer that is there; one with other settings is refused. */
function answerAgain(
  world: World,
  present: LoadBalancer,
  scheme: LoadBalancer['scheme'],
  wishes: readonly NodeWish[],
) {
  const subnets = nodesOf(world, present).map(({ subnetId }) => subnetId);
  const isSame =
    present.scheme === scheme &&
    wishes.length === subnets.length &&
    wishes.every(({ subnet }) => subnets.includes(subnet.subnetId));
  if (isSame) return { LoadBalancers: [show(world, present)] };
  throw new AwsError(
    'DuplicateLoadBalancerName',
    `A load balancer with the same name '${present.loadBalancerName}' exists, but with different settings`,
  );
}

function makeNode(
  context: ActionContext,
  path: string,
  scheme: LoadBalancer['scheme'],
  { subnet, allocationId, privateIpAddress }: NodeWish,
): string {
  const { tx, now } = context;
  const made = makeInterface(context, {
    subnet,
    description: `ELB ${path}`,
    interfaceType: 'network_load_balancer',
    groupIds: [],
    privateIpAddress,
    requesterId: 'amazon-elb',
    attachment: {
      attachmentId: context.newId('ela-attach'),
      instanceOwnerId: 'amazon-aws',
      deviceIndex: 1,
      attachTime: now.toISOString(),
      deleteOnTermination: false,
    },
  });
  if (allocationId !== undefined) associate(context, made, allocationId);
  else if (scheme === 'internet-facing') {
    tx.networkInterfaces.put({ ...made, autoAssignedPublicIp: takePublicAddress(context) });
  }
  return made.networkInterfaceId;
}

function associate(context: ActionContext, made: NetworkInterface, allocationId: string): void {
  const address = context.tx.addresses.get(allocationId);
  if (address === undefined) {
    throw new AwsError('AllocationIdNotFound', `The allocation ID '${allocationId}' does not exist`);
  }
  if (address.associationId !== undefined) {
    throw inUse(`The allocation ID '${allocationId}' is already associated`);
  }
  context.tx.addresses.put({
    ...address,
    associationId: context.newId('eipassoc'),
    networkInterfaceId: made.networkInterfaceId,
    privateIpAddress: made.privateIpAddresses[0] ?? '',
  });
}

function nodesOf(world: World, { networkInterfaceIds }: LoadBalancer): readonly NetworkInterface[] {
  return networkInterfaceIds.flatMap((id) => world.networkInterfaces.get(id) ?? []);
}

function show(world: World, balancer: LoadBalancer): Output {
  return {
    LoadBalancerArn: balancer.loadBalancerArn,
    DNSName: balancer.dnsName,
    CanonicalHostedZoneId: HOSTED_ZONE,
    CreatedTime: balancer.createdTime,
    LoadBalancerName: balancer.loadBalancerName,
    Scheme: balancer.scheme,
    VpcId: balancer.vpcId,
    State: { Code: balancer.state },
    Type: 'network',
    AvailabilityZones: nodesOf(world, balancer).map((node) => showZone(world, balancer, node)),
    IpAddressType: 'ipv4',
  };
}

/** A node's addresses are shown where the user chose them. */
function showZone(world: World, { scheme }: LoadBalancer, node: NetworkInterface): Output {
  const [address] = world.addresses.where('networkInterfaceId', node.networkInterfaceId);
  const addresses =
    address === undefined ? [] : [{ IpAddress: address.publicIp, AllocationId: address.allocationId }];
  const own = scheme === 'internal' ? [{ PrivateIPv4Address: node.privateIpAddresses[0] }] : [];
  return {
    ZoneName: node.availabilityZone,
    SubnetId: node.subnetId,
    LoadBalancerAddresses: [...addresses, ...own],
  };
}
