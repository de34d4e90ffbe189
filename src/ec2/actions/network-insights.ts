import type {
  AnalysisComponent,
  CreateNetworkInsightsPathRequest,
  CreateNetworkInsightsPathResult,
  DeleteNetworkInsightsAnalysisRequest,
  DeleteNetworkInsightsAnalysisResult,
  DeleteNetworkInsightsPathRequest,
  DeleteNetworkInsightsPathResult,
  DescribeNetworkInsightsAnalysesRequest,
  DescribeNetworkInsightsAnalysesResult,
  DescribeNetworkInsightsPathsRequest,
  DescribeNetworkInsightsPathsResult,
  StartNetworkInsightsAnalysisRequest,
  StartNetworkInsightsAnalysisResult,
  NetworkInsightsAnalysis as WireAnalysis,
  NetworkInsightsPath as WirePath,
} from '@aws-sdk/client-ec2';
import { type Explanation, explainFlow } from '../../analyze/explain.ts';
import type { NetworkInsightsAnalysis, NetworkInsightsPath } from '../../model/network-insights-records.ts';
import type { Disposition, Path } from '../../model/path-result.ts';
import { parseIpv4 } from '../../net/address.ts';
import type { ActionContext } from '../action.ts';
import { type Listing, listRecords } from '../describe.ts';
import * as errors from '../errors.ts';
import { findResource, kindOfId, kinds } from '../kinds.ts';
import { readTagSpecifications, showTags } from '../tags.ts';

const PAGES = { fewest: 1, most: 100 };

const pathListing: Listing<NetworkInsightsPath> = {
  ...kinds.networkInsightsPath,
  filters: {
    destination: 'destination',
    'filter-at-source.source-address': 'sourceIp',
    'filter-at-source.destination-address': 'destinationIp',
    'filter-at-source.destination-port-range.from-port': ({ destinationPort }) => destinationPort,
    'filter-at-source.destination-port-range.to-port': ({ destinationPort }) => destinationPort,
    protocol: 'protocol',
    source: 'source',
  },
  pages: PAGES,
};

const analysisListing: Listing<NetworkInsightsAnalysis> = {
  ...kinds.networkInsightsAnalysis,
  filters: {
    'path-found': ({ networkPathFound }) => networkPathFound,
    status: 'status',
  },
  pages: PAGES,
};

/** AWS's code for each reason why packets fail to arrive, where it has one of the same meaning. */
const CODES: Readonly<Partial<Record<Disposition, string>>> = {
  'no-route': 'NO_ROUTE_TO_DESTINATION',
  blackhole: 'BLACKHOLE_ROUTE_FOR_DESTINATION',
  'no-internet-gateway': 'NO_ROUTE_TO_DESTINATION',
  'no-public-address': 'IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS',
  'egress-security-group': 'ENI_SG_RULES_MISMATCH',
  'ingress-security-group': 'ENI_SG_RULES_MISMATCH',
  'network-acl': 'SUBNET_ACL_RESTRICTION',
  'network-acl-reply': 'SUBNET_ACL_RESTRICTION',
  'source-destination-check': 'ENI_SOURCE_DEST_CHECK_RESTRICTION',
};

/** What a reason is called that AWS has no code for. */
const OTHER_CODE = 'NO_PATH';

/** Paths and their analyses: the verdict is the one of `croft explain`, which is the data plane's. */
export const networkInsightsActions = {
  CreateNetworkInsightsPath(
    context: ActionContext,
    input: CreateNetworkInsightsPathRequest,
  ): CreateNetworkInsightsPathResult {
    const { tx, now } = context;
    const { FilterAtSource: filter, FilterAtDestination: atDestination } = input;
    if (atDestination !== undefined || filter?.SourcePortRange !== undefined) {
      throw errors.unsupportedOperation(
        'Cloudcroft analyses by destination address and port: FilterAtDestination and source ports are not supported.',
      );
    }
    const { FromPort: first, ToPort: last } = filter?.DestinationPortRange ?? {};
    if (first !== last) {
      throw errors.unsupportedOperation('Cloudcroft analyses one destination port: FromPort must be ToPort.');
    }
    const source = readEnd(context, input.Source, 'Source');
    const destination =
      input.Destination === undefined ? undefined : readEnd(context, input.Destination, 'Destination');
    const sourceIp = readAddress(input.SourceIp ?? filter?.SourceAddress, 'SourceIp');
    const destinationIp = readAddress(input.DestinationIp ?? filter?.DestinationAddress, 'DestinationIp');
    if (destination === undefined && destinationIp === undefined)
      throw errors.missingParameter('Destination');
    const { Protocol: protocol } = input;
    if (protocol !== 'tcp' && protocol !== 'udp') {
      throw errors.invalidValue(protocol, 'Protocol', 'The protocols are tcp and udp.');
    }
    const port = readPort(input.DestinationPort ?? first);
    const path: NetworkInsightsPath = {
      networkInsightsPathId: context.newId('nip'),
      createdDate: now.toISOString(),
      source,
      ...(sourceIp === undefined ? {} : { sourceIp }),
      ...(destination === undefined ? {} : { destination }),
      ...(destinationIp === undefined ? {} : { destinationIp }),
      protocol,
      ...(port === undefined ? {} : { destinationPort: port }),
      tags: readTagSpecifications(input.TagSpecifications, 'network-insights-path'),
    };
    tx.networkInsightsPaths.put(path);
    return { NetworkInsightsPath: showPath(context, path) };
  },

  DeleteNetworkInsightsPath(
    { tx }: ActionContext,
    input: DeleteNetworkInsightsPathRequest,
  ): DeleteNetworkInsightsPathResult {
    const { networkInsightsPathId: id } = findPath({ tx }, input.NetworkInsightsPathId);
    if (tx.networkInsightsAnalyses.where('networkInsightsPathId', id).length > 0) {
      throw new errors.AwsError(
        'AnalysisExistsForNetworkInsightsPath',
        `The network insights path ${id} has analyses: delete them first.`,
      );
    }
    tx.networkInsightsPaths.delete(id);
    return { NetworkInsightsPathId: id };
  },

  DescribeNetworkInsightsPaths(
    context: ActionContext,
    input: DescribeNetworkInsightsPathsRequest,
  ): DescribeNetworkInsightsPathsResult {
    const { tx } = context;
    const page = listRecords(tx.networkInsightsPaths, tx, pathListing, {
      ...input,
      ids: input.NetworkInsightsPathIds,
    });
    return {
      NetworkInsightsPaths: page.records.map((path) => showPath(context, path)),
      NextToken: page.nextToken,
    };
  },

  StartNetworkInsightsAnalysis(
    context: ActionContext,
    input: StartNetworkInsightsAnalysisRequest,
  ): StartNetworkInsightsAnalysisResult {
    const { tx, now } = context;
    const path = findPath(context, input.NetworkInsightsPathId);
    for (const [name, value] of [
      ['AdditionalAccounts', input.AdditionalAccounts],
      ['FilterInArns', input.FilterInArns],
      ['FilterOutArns', input.FilterOutArns],
    ] as const) {
      if (value === undefined || value.length === 0) continue;
      throw errors.unsupportedOperation(`Cloudcroft does not support ${name} of an analysis.`);
    }
    const analysis: NetworkInsightsAnalysis = {
      networkInsightsAnalysisId: context.newId('nia'),
      networkInsightsPathId: path.networkInsightsPathId,
      startDate: now.toISOString(),
      ...analyse(context, path),
      tags: readTagSpecifications(input.TagSpecifications, 'network-insights-analysis'),
    };
    tx.networkInsightsAnalyses.put(analysis);
    return { NetworkInsightsAnalysis: showAnalysis(context, analysis) };
  },

  DeleteNetworkInsightsAnalysis(
    { tx }: ActionContext,
    input: DeleteNetworkInsightsAnalysisRequest,
  ): DeleteNetworkInsightsAnalysisResult {
    const { networkInsightsAnalysisId: id } = findResource(
      tx,
      kinds.networkInsightsAnalysis,
      input.NetworkInsightsAnalysisId,
      'NetworkInsightsAnalysisId',
    );
    tx.networkInsightsAnalyses.delete(id);
    return { NetworkInsightsAnalysisId: id };
  },

  DescribeNetworkInsightsAnalyses(
    context: ActionContext,
    input: DescribeNetworkInsightsAnalysesRequest,
  ): DescribeNetworkInsightsAnalysesResult {
    const { tx } = context;
    const { NetworkInsightsPathId: pathId, AnalysisStartTime: from, AnalysisEndTime: until } = input;
    if (pathId !== undefined) findPath(context, pathId);
    const isAsked = ({ networkInsightsPathId, startDate }: NetworkInsightsAnalysis): boolean =>
      (pathId === undefined || networkInsightsPathId === pathId) &&
      (from === undefined || Date.parse(startDate) >= from.getTime()) &&
      (until === undefined || Date.parse(startDate) <= until.getTime());
    const page = listRecords(tx.networkInsightsAnalyses, tx, analysisListing, {
      ...input,
      ids: input.NetworkInsightsAnalysisIds,
    });
    return {
      NetworkInsightsAnalyses: page.records.filter(isAsked).map((each) => showAnalysis(context, each)),
      NextToken: page.nextToken,
    };
  },
};

function findPath({ tx }: Pick<ActionContext, 'tx'>, id: string | undefined): NetworkInsightsPath {
  return findResource(tx, kinds.networkInsightsPath, id, 'NetworkInsightsPathId');
}

/** The id of an instance or interface, of which a request may give the ARN. */
function readEnd({ tx }: ActionContext, text: string | undefined, parameter: string): string {
  const id = text?.startsWith('arn:') === true ? text.split('/').at(-1) : text;
  if (id === undefined || id === '') throw errors.missingParameter(parameter);
  switch (kindOfId(id)?.prefix) {
    case 'i':
      return findResource(tx, kinds.instance, id, parameter).instanceId;
    case 'eni':
      return findResource(tx, kinds.networkInterface, id, parameter).networkInterfaceId;
    default:
      throw errors.invalidValue(id, parameter, 'Cloudcroft analyses paths between instances and interfaces.');
  }
}

function readAddress(text: string | undefined, parameter: string): string | undefined {
  if (text === undefined || parseIpv4(text) !== undefined) return text;
  throw errors.invalidValue(text, parameter, 'This is not a valid IPv4 address.');
}

function readPort(port: number | undefined): number | undefined {
  if (port === undefined || (Number.isInteger(port) && port >= 0 && port <= 65_535)) return port;
  throw errors.invalidValue(port, 'DestinationPort', 'Ports go from 0 to 65535.');
}

type Verdict = Omit<
  NetworkInsightsAnalysis,
  'networkInsightsAnalysisId' | 'networkInsightsPathId' | 'startDate' | 'tags'
>;

function analyse({ tx }: ActionContext, path: NetworkInsightsPath): Verdict {
  let explained: Explanation;
  try {
    explained = explainFlow([...tx.allWorlds()], {
      source: path.sourceIp ?? path.source,
      destination: path.destinationIp ?? path.destination ?? '',
      port: path.destinationPort,
      protocol: path.protocol,
    });
  } catch (error) {
    const statusMessage = error instanceof Error ? error.message : String(error);
    return {
      status: 'failed',
      statusMessage,
      forwardComponentIds: [],
      returnComponentIds: [],
      explanations: [],
    };
  }
  const { result, isAllowed } = explained;
  return {
    status: 'succeeded',
    networkPathFound: isAllowed,
    forwardComponentIds: isAllowed ? componentsOf(result, false) : [],
    returnComponentIds: isAllowed ? componentsOf(result, true) : [],
    explanations: result.obstacles.map(({ disposition, isReply, objectIds: [componentId] }) => ({
      explanationCode: CODES[disposition] ?? OTHER_CODE,
      direction: isReply || disposition === 'ingress-security-group' ? 'ingress' : 'egress',
      ...(componentId === undefined ? {} : { componentId }),
    })),
  };
}

/** The objects on the way, each once, in the order in which packets meet them. */
function componentsOf({ hops }: Path, isReply: boolean): readonly string[] {
  return [...new Set(hops.filter((hop) => hop.isReply === isReply).flatMap(({ objectIds }) => objectIds))];
}

function componentOf({ region, account }: ActionContext, id: string): AnalysisComponent {
  const type = kindOfId(id)?.resourceType;
  return { Id: id, ...(type === undefined ? {} : { Arn: arnOf(region, account, type, id) }) };
}

function arnOf(region: string, account: string, type: string, id: string): string {
  return `arn:aws:ec2:${region}:${account}:${type}/${id}`;
}

function showPath(context: ActionContext, path: NetworkInsightsPath): WirePath {
  const { region, account } = context;
  const { networkInsightsPathId: id, destination } = path;
  return {
    NetworkInsightsPathId: id,
    NetworkInsightsPathArn: arnOf(region, account, 'network-insights-path', id),
    CreatedDate: new Date(path.createdDate),
    Source: path.source,
    SourceArn: componentOf(context, path.source).Arn,
    ...(destination === undefined
      ? {}
      : { Destination: destination, DestinationArn: componentOf(context, destination).Arn }),
    SourceIp: path.sourceIp,
    DestinationIp: path.destinationIp,
    Protocol: path.protocol,
    DestinationPort: path.destinationPort,
    Tags: showTags(path),
  };
}

function showAnalysis(context: ActionContext, analysis: NetworkInsightsAnalysis): WireAnalysis {
  const { region, account } = context;
  const { networkInsightsAnalysisId: id } = analysis;
  const list = (ids: readonly string[]) =>
    ids.map((each, index) => ({ SequenceNumber: index + 1, Component: componentOf(context, each) }));
  return {
    NetworkInsightsAnalysisId: id,
    NetworkInsightsAnalysisArn: arnOf(region, account, 'network-insights-analysis', id),
    NetworkInsightsPathId: analysis.networkInsightsPathId,
    StartDate: new Date(analysis.startDate),
    Status: analysis.status,
    StatusMessage: analysis.statusMessage,
    NetworkPathFound: analysis.networkPathFound,
    ForwardPathComponents: list(analysis.forwardComponentIds),
    ReturnPathComponents: list(analysis.returnComponentIds),
    Explanations: analysis.explanations.map(({ explanationCode, direction, componentId }) => ({
      ExplanationCode: explanationCode,
      Direction: direction,
      ...(componentId === undefined ? {} : { Component: componentOf(context, componentId) }),
    })),
    Tags: showTags(analysis),
  };
}
