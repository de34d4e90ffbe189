import { parseIpv4 } from '../net/address.ts';
import { hasPorts, type Packets, type PortRange, PROTOCOL_NUMBERS } from '../net/flow.ts';
import { chooseByHash, wordOfAddress, wordOfPort } from '../net/kernel-hash.ts';
import type { NatGatewaySecondaryAddress, NetworkInterface } from './records.ts';
import type { World } from './world.ts';

/** What the hash begins with by which a NAT gateway chooses: any number, the same in rules and model. */
export const NAT_HASH_SEED = 0x5eed;

/** Whether connections may still begin by an address: one that is being taken away carries on those that stand. */
export function isNatAddressOpen({ status }: NatGatewaySecondaryAddress): boolean {
  return status !== 'disassociating' && status !== 'unassigning';
}

/**
 * The private addresses by which a NAT gateway's new connections leave, the primary one first (semantics S50). Each
 * connection takes one: `chooseNatAddress` says which.
 */
export function natAddressesOf(world: World, eni: NetworkInterface): readonly string[] {
  const [gateway] = world.natGateways.where('networkInterfaceId', eni.networkInterfaceId);
  const shut = new Set(
    (gateway?.secondaryAddresses ?? [])
      .filter((address) => !isNatAddressOpen(address))
      .map(({ privateIp }) => privateIp),
  );
  return eni.privateIpAddresses.filter((address) => !shut.has(address));
}

/**
 * Which of so many addresses a connection takes, from 0: by a hash of the client's address and port; of ICMP, which has no
 * port, of the address alone. Undefined where the port is not known: then it may be any.
 */
export function chooseNatAddress(
  { protocol, source }: Pick<Packets, 'protocol' | 'source'>,
  clientPorts: PortRange,
  count: number,
): number | undefined {
  const address = parseIpv4(source);
  if (count === 1 || address === undefined) return 0;
  if (protocol === PROTOCOL_NUMBERS['icmp'])
    return chooseByHash([wordOfAddress(address)], count, NAT_HASH_SEED);
  if (!hasPorts(protocol) || clientPorts.first !== clientPorts.last) return undefined;
  return chooseByHash([wordOfAddress(address), wordOfPort(clientPorts.first)], count, NAT_HASH_SEED);
}
