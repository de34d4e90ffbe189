import { parseIpv4 } from '../net/address.ts';
import { type Cidr, cidrOf, hasAddress, overlaps } from '../net/cidr.ts';
import {
  DNS_RCODES,
  type DnsClient,
  type DnsQuestion,
  type DnsRecord,
  type DnsService,
  nameOfType,
  reverseNameOf,
  type ServeDns,
} from '../net/dns.ts';
import {
  addressRecords,
  parsePrivateName,
  parsePublicName,
  parseResourceName,
  parseReverseBlock,
  parseReverseName,
  privateDomainOf,
  privateNameOf,
} from '../net/dns-hosts.ts';
import {
  DNS_TTL,
  type DnsAnswer,
  type DnsZone,
  isAbove,
  joinZones,
  lookUp,
  refuseDns,
  respondToDns,
} from '../net/dns-zone.ts';
import { PacketLimit } from './packet-limit.ts';
import {
  findCaller,
  type GuestContext,
  type GuestInterface,
  type GuestName,
  type GuestView,
} from './view.ts';

/** What the VPCs' resolver is made of. */
export interface VpcResolverOptions extends GuestContext {
  /** The address each VPC's +2 is led to, and 169.254.169.253; port 53, or 0 for a free one. */
  readonly bindings: readonly { readonly address: string; readonly port: number }[];
  /** Opens the sockets. */
  readonly serve: ServeDns;
  /** What is known outside of VPCs: the regions' services, public names, the simulated Internet. */
  readonly internet: DnsZone;
}

/**
 * Starts the resolver of all VPCs (semantics S92-S94): who asks decides what is answered. A caller nobody knows is refused;
 * one whose VPC has no DNS support, or who sent too many packets, hears nothing.
 */
export function startVpcResolver(options: VpcResolverOptions): Promise<DnsService> {
  const limit = new PacketLimit();
  return options.serve(options.bindings, (bytes, client) => {
    const now = options.clock();
    const view = options.view();
    const caller = findCaller(view, client.address);
    if (caller !== undefined && !limit.admits(caller.eniId, now)) return undefined;
    return respondToDns(bytes, client.transport, (question) => {
      const answer = resolve(view, caller, options.internet, question);
      options.log(sightingOf(client, caller, question, answer, now));
      return answer;
    });
  });
}

function resolve(
  view: GuestView,
  caller: GuestInterface | undefined,
  internet: DnsZone,
  question: DnsQuestion,
): DnsAnswer | undefined {
  if (caller === undefined) return refuseDns(DNS_RCODES.REFUSED);
  if (!caller.isDnsSupportEnabled) return undefined;
  return lookUp(joinZones(vpcZone(view, caller), internet), question);
}

function sightingOf(
  client: DnsClient,
  caller: GuestInterface | undefined,
  { name, type }: DnsQuestion,
  answer: DnsAnswer | undefined,
  now: Date,
): Parameters<GuestContext['log']>[0] {
  const rcode = Object.entries(DNS_RCODES).find(([, number]) => number === answer?.rcode)?.[0];
  return {
    time: now.toISOString(),
    service: 'dns',
    sourceAddress: client.address,
    request: `${nameOfType(type)} ${name}`,
    outcome: answer === undefined ? 'dropped' : (rcode ?? String(answer.rcode)),
    ...(caller === undefined ? {} : { eniId: caller.eniId }),
    ...(caller?.instance === undefined ? {} : { instanceId: caller.instance.instanceId }),
  };
}

/** The names of the caller's own VPC: of its endpoints, and of every address in its blocks, in use or not, as AWS has it. */
export function vpcZone(view: GuestView, caller: GuestInterface): DnsZone {
  const endpoints = (view.endpoints ?? []).filter(({ vpcId }) => vpcId === caller.vpcId);
  const names = endpoints.flatMap((endpoint) => endpoint.private);
  return joinZones({ find: (name) => findName(names, name) }, hostZone(view, caller));
}

/** The names of the addresses in the blocks of the caller's VPC. */
function hostZone(view: GuestView, caller: GuestInterface): DnsZone {
  return {
    find: (name) => {
      const privateAddress = parsePrivateName(name, caller.region);
      if (privateAddress !== undefined) {
        return isInVpc(caller, privateAddress) ? addressRecords(name, [privateAddress]) : undefined;
      }
      const instanceId = parseResourceName(name, caller.region);
      if (instanceId !== undefined) return resourceRecords(view, caller, name, instanceId);
      const reversed = parseReverseName(name);
      if (reversed !== undefined && isInVpc(caller, reversed)) {
        const target = privateNameOf(reversed, caller.region);
        return [{ name: reverseNameOf(reversed), ttl: DNS_TTL, data: { type: 'PTR', name: target } }];
      }
      const publicName = parsePublicName(name);
      if (publicName === undefined) return isAboveNamesOf(caller, name) ? [] : undefined;
      // Within the VPC its own public names lead to the private addresses (semantics S94), and so they do in peered
      // VPCs to which DNS resolution is allowed (S114).
      for (const eni of view.interfaces.values()) {
        const isNear = eni.vpcId === caller.vpcId || eni.peersWithPrivateDns?.includes(caller.vpcId) === true;
        const isIt = eni.publicIpAddress === publicName.address;
        if (isIt && isNear && eni.region === publicName.region && eni.isDnsHostnamesEnabled) {
          return addressRecords(name, [eni.privateIpAddress]);
        }
      }
      return undefined;
    },
  };
}

/** The address of an instance of the caller's VPC by its id, when the instance has that name. */
function resourceRecords(
  view: GuestView,
  caller: GuestInterface,
  name: string,
  instanceId: string,
): DnsRecord[] | undefined {
  const found = [...view.interfaces.values()].find(
    ({ vpcId, hasResourceName, instance }) =>
      vpcId === caller.vpcId && hasResourceName === true && instance?.instanceId === instanceId,
  );
  return found === undefined ? undefined : addressRecords(name, [found.privateIpAddress]);
}

/** Whether the private names of a VPC's addresses, or their reverse names, lie below a name. */
function isAboveNamesOf(caller: GuestInterface, name: string): boolean {
  const domain = privateDomainOf(caller.region);
  if (name === domain || isAbove(name, domain)) return true;
  const reversed = parseReverseBlock(name);
  return reversed !== undefined && blocksOf(caller).some((block) => overlaps(block, reversed));
}

/** Everybody resolves an interface endpoint's own names and a load balancer's, even where the addresses are private. */
export function endpointNameZone(view: () => GuestView): DnsZone {
  return {
    find: (name) => {
      const { endpoints = [], balancerNames = [] } = view();
      return findName([...endpoints.flatMap(({ own }) => own), ...balancerNames], name);
    },
  };
}

function findName(names: readonly GuestName[], name: string): DnsRecord[] | undefined {
  const known = names.filter(({ addresses }) => addresses.length > 0);
  const found = known.find((each) =>
    each.name.startsWith('*.') ? name.endsWith(each.name.slice(1)) : each.name === name,
  );
  if (found !== undefined) return addressRecords(name, found.addresses);
  return known.some((each) => isAbove(name, each.name)) ? [] : undefined;
}

/**
 * Public names of all worlds, as anybody sees them: `ec2-…` to the public address, and back. Only VPCs that give host names
 * have any.
 */
export function publicNameZone(view: () => GuestView): DnsZone {
  return {
    find: (name) => {
      const address = parsePublicName(name)?.address ?? parseReverseName(name);
      if (address === undefined) return isAbovePublicNames(view(), name) ? [] : undefined;
      for (const { publicIpAddress, publicHostname, region } of view().interfaces.values()) {
        if (publicIpAddress !== address || publicHostname === undefined) continue;
        if (name.endsWith('.in-addr.arpa')) {
          return [{ name, ttl: DNS_TTL, data: { type: 'PTR', name: publicHostname } }];
        }
        if (parsePublicName(name)?.region === region) return addressRecords(name, [address]);
      }
      return undefined;
    },
  };
}

/** Whether public names, or the reverse names of those that have one, lie below a name. */
function isAbovePublicNames({ interfaces }: GuestView, name: string): boolean {
  const reversed = parseReverseBlock(name);
  for (const { publicIpAddress, publicHostname } of interfaces.values()) {
    const address = publicHostname === undefined ? undefined : parseIpv4(publicIpAddress ?? '');
    if (address === undefined || publicHostname === undefined) continue;
    if (isAbove(name, publicHostname) || (reversed !== undefined && hasAddress(reversed, address)))
      return true;
  }
  return false;
}

function isInVpc(caller: GuestInterface, text: string): boolean {
  const address = parseIpv4(text);
  return address !== undefined && blocksOf(caller).some((block) => hasAddress(block, address));
}

function blocksOf({ vpcCidrBlocks }: GuestInterface): Cidr[] {
  return vpcCidrBlocks.map(cidrOf);
}
