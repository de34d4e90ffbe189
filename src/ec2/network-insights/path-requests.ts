import type {
  CreateNetworkInsightsPathRequest,
  PathRequestFilter,
  RequestFilterPortRange,
} from '@aws-sdk/client-ec2';
import type {
  NetworkInsightsFilter,
  NetworkInsightsPath,
  NetworkInsightsPorts,
} from '../../model/network-insights-records.ts';
import type { World } from '../../model/world.ts';
import { parseIpv4 } from '../../net/address.ts';
import * as errors from '../errors.ts';
import { findResource, kindOfId, kinds } from '../kinds.ts';

/** What a path asks, without its id and tags. */
export type AskedPath = Omit<NetworkInsightsPath, 'networkInsightsPathId' | 'createdDate' | 'tags'>;

/** Reads a request for a path; throws the AwsError that it is refused with. */
export function readPath(world: World, input: CreateNetworkInsightsPathRequest): AskedPath {
  const { SourceIp, DestinationIp, DestinationPort, FilterAtSource, FilterAtDestination } = input;
  refuseBoth('FilterAtSource', FilterAtSource, { SourceIp, DestinationPort });
  refuseBoth('FilterAtDestination', FilterAtDestination, { DestinationIp });
  const source = readEnd(world, input.Source, 'Source');
  const destination =
    input.Destination === undefined ? undefined : readEnd(world, input.Destination, 'Destination');
  const sourceIp = readAddress(SourceIp, 'SourceIp');
  const destinationIp = readAddress(DestinationIp, 'DestinationIp');
  const filterAtSource = readFilter(FilterAtSource, 'FilterAtSource');
  const filterAtDestination = readFilter(FilterAtDestination, 'FilterAtDestination');
  demandAddress(source, 'Source', sourceIp ?? filterAtSource?.sourceAddress, 'SourceIp');
  const address = destinationIp ?? filterAtSource?.destinationAddress;
  if (destination === undefined && address === undefined) throw errors.missingParameter('Destination');
  if (destination !== undefined) demandAddress(destination, 'Destination', address, 'DestinationIp');
  const { Protocol: protocol } = input;
  if (protocol !== 'tcp' && protocol !== 'udp') {
    throw errors.invalidValue(protocol, 'Protocol', 'The protocols are tcp and udp.');
  }
  const port = readPort(DestinationPort, 'DestinationPort');
  return {
    source,
    ...(sourceIp === undefined ? {} : { sourceIp }),
    ...(destination === undefined ? {} : { destination }),
    ...(destinationIp === undefined ? {} : { destinationIp }),
    protocol,
    ...(port === undefined ? {} : { destinationPort: port }),
    ...(filterAtSource === undefined ? {} : { filterAtSource }),
    ...(filterAtDestination === undefined ? {} : { filterAtDestination }),
  };
}

/** AWS: with a filter the parameters that say the same may not be given. */
function refuseBoth(
  name: string,
  filter: object | undefined,
  others: Readonly<Record<string, unknown>>,
): void {
  if (filter === undefined) return;
  for (const [other, value] of Object.entries(others)) {
    if (value === undefined) continue;
    throw errors.invalidParameterCombination(`The parameter ${other} cannot be used with ${name}.`);
  }
}

/** The id of an end, of which a request may give the ARN. */
function readEnd(world: World, text: string | undefined, parameter: 'Source' | 'Destination'): string {
  const id = idOfArn(text);
  if (id === undefined || id === '') throw errors.missingParameter(parameter);
  switch (kindOfId(id)?.prefix) {
    case 'i':
      return findResource(world, kinds.instance, id, parameter).instanceId;
    case 'eni':
      return findResource(world, kinds.networkInterface, id, parameter).networkInterfaceId;
    case 'igw':
      return findResource(world, kinds.internetGateway, id, parameter).internetGatewayId;
    case 'pcx':
      return findResource(world, kinds.vpcPeeringConnection, id, parameter).vpcPeeringConnectionId;
    case 'tgw-attach':
      return findResource(world, kinds.transitGatewayVpcAttachment, id, parameter).transitGatewayAttachmentId;
    case 'tgw':
      return findResource(world, kinds.transitGateway, id, parameter).transitGatewayId;
    case 'vpce':
      findResource(world, kinds.vpcEndpoint, id, parameter);
      break;
    case 'vpce-svc':
      findResource(world, kinds.vpcEndpointService, id, parameter);
      break;
    default:
      throw errors.invalidValue(
        id,
        parameter,
        'A path leads between instances, network interfaces, internet gateways, VPC peering connections, transit gateways and their attachments; and to VPC endpoints and VPC endpoint services.',
      );
  }
  if (parameter === 'Destination') return id;
  throw errors.invalidValue(
    id,
    parameter,
    'An endpoint begins no connections: it can be a destination only.',
  );
}

/** The id at the end of an ARN; other texts are ids. A load balancer is known by its ARN. */
export function idOfArn(text: string | undefined): string | undefined {
  const isOfEc2 = text?.startsWith('arn:') === true && !text.includes(':elasticloadbalancing:');
  return isOfEc2 ? text.split('/').at(-1) : text;
}

/** A gateway between VPCs is no end by itself: one flow is followed through it, of which both addresses must be known. */
function demandAddress(id: string, end: string, address: string | undefined, parameter: string): void {
  if (address !== undefined || !/^(?:pcx|tgw)-/.test(id)) return;
  throw errors.invalidParameterCombination(
    `With ${id} as ${end} Cloudcroft needs the address behind it: give ${parameter}, or the address in FilterAtSource.`,
  );
}

function readFilter(filter: PathRequestFilter | undefined, name: string): NetworkInsightsFilter | undefined {
  if (filter === undefined) return undefined;
  const sourceAddress = readAddress(filter.SourceAddress, `${name}.SourceAddress`);
  const destinationAddress = readAddress(filter.DestinationAddress, `${name}.DestinationAddress`);
  const sourcePorts = readPorts(filter.SourcePortRange, `${name}.SourcePortRange`);
  const destinationPorts = readPorts(filter.DestinationPortRange, `${name}.DestinationPortRange`);
  return {
    ...(sourceAddress === undefined ? {} : { sourceAddress }),
    ...(sourcePorts === undefined ? {} : { sourcePorts }),
    ...(destinationAddress === undefined ? {} : { destinationAddress }),
    ...(destinationPorts === undefined ? {} : { destinationPorts }),
  };
}

function readPorts(
  range: RequestFilterPortRange | undefined,
  name: string,
): NetworkInsightsPorts | undefined {
  if (range === undefined) return undefined;
  const from = readPort(range.FromPort, `${name}.FromPort`) ?? 0;
  const to = readPort(range.ToPort, `${name}.ToPort`) ?? 65_535;
  if (from > to)
    throw errors.invalidValue(`${from}-${to}`, name, 'FromPort must not be greater than ToPort.');
  return { from, to };
}

function readAddress(text: string | undefined, parameter: string): string | undefined {
  if (text === undefined || parseIpv4(text) !== undefined) return text;
  throw errors.invalidValue(text, parameter, 'This is not a valid IPv4 address.');
}

function readPort(port: number | undefined, parameter: string): number | undefined {
  if (port === undefined || (Number.isInteger(port) && port >= 0 && port <= 65_535)) return port;
  throw errors.invalidValue(port, parameter, 'Ports go from 0 to 65535.');
}
