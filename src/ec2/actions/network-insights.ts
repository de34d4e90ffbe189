import type {
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
  PathFilter,
  StartNetworkInsightsAnalysisRequest,
  StartNetworkInsightsAnalysisResult,
  NetworkInsightsAnalysis as WireAnalysis,
  NetworkInsightsPath as WirePath,
} from '@aws-sdk/client-ec2';
import type {
  NetworkInsightsAnalysis,
  NetworkInsightsFilter,
  NetworkInsightsOutcome,
  NetworkInsightsPath,
  NetworkInsightsPorts,
} from '../../model/network-insights-records.ts';
import type { ActionContext } from '../action.ts';
import { type Listing, listRecords } from '../describe.ts';
import * as errors from '../errors.ts';
import type { FilterValue } from '../filters.ts';
import { findResource, kinds } from '../kinds.ts';
import { analysePath, type ComponentFilters, TooManyFlows } from '../network-insights/analysis.ts';
import { Atlas } from '../network-insights/atlas.ts';
import { idOfArn, readPath } from '../network-insights/path-requests.ts';
import { readTagSpecifications, showTags } from '../tags.ts';

const PAGES = { fewest: 1, most: 100 };

const pathListing: Listing<NetworkInsightsPath> = {
  ...kinds.networkInsightsPath,
  filters: {
    destination: 'destination',
    'filter-at-source.source-address': (path) => path.filterAtSource?.sourceAddress ?? path.sourceIp,
    'filter-at-source.source-port-range': ({ filterAtSource }) => rangeOf(filterAtSource?.sourcePorts),
    'filter-at-source.destination-address': (path) =>
      path.filterAtSource?.destinationAddress ?? path.destinationIp,
    'filter-at-source.destination-port-range': ({ filterAtSource, destinationPort: port }) =>
      rangeOf(filterAtSource?.destinationPorts ?? (port === undefined ? port : { from: port, to: port })),
    'filter-at-destination.source-address': ({ filterAtDestination }) => filterAtDestination?.sourceAddress,
    'filter-at-destination.source-port-range': ({ filterAtDestination }) =>
      rangeOf(filterAtDestination?.sourcePorts),
    'filter-at-destination.destination-address': ({ filterAtDestination }) =>
      filterAtDestination?.destinationAddress,
    'filter-at-destination.destination-port-range': ({ filterAtDestination }) =>
      rangeOf(filterAtDestination?.destinationPorts),
    protocol: 'protocol',
    source: 'source',
  },
  pages: PAGES,
};

/** A range as a filter's value: `22-80`, and a single port by itself too. */
function rangeOf(ports: NetworkInsightsPorts | undefined): FilterValue {
  if (ports === undefined) return undefined;
  const { from, to } = ports;
  return from === to ? [`${from}-${to}`, from] : `${from}-${to}`;
}

const analysisListing: Listing<NetworkInsightsAnalysis> = {
  ...kinds.networkInsightsAnalysis,
  filters: {
    'path-found': ({ networkPathFound }) => networkPathFound,
    status: 'status',
  },
  pages: PAGES,
};

/** Paths and their analyses: the verdict is the one of `croft explain`, which is the data plane's. */
export const networkInsightsActions = {
  CreateNetworkInsightsPath(
    context: ActionContext,
    input: CreateNetworkInsightsPathRequest,
  ): CreateNetworkInsightsPathResult {
    const { tx, now } = context;
    const path: NetworkInsightsPath = {
      networkInsightsPathId: context.newId('nip'),
      createdDate: now.toISOString(),
      ...readPath(tx, input),
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
    const { AdditionalAccounts, FilterInArns, FilterOutArns } = input;
    for (const account of AdditionalAccounts ?? []) {
      if (/^\d{12}$/.test(account)) continue;
      throw errors.invalidValue(account, 'AdditionalAccounts', 'An account has twelve digits.');
    }
    const analysis: NetworkInsightsAnalysis = {
      networkInsightsAnalysisId: context.newId('nia'),
      networkInsightsPathId: path.networkInsightsPathId,
      startDate: now.toISOString(),
      ...(AdditionalAccounts === undefined ? {} : { additionalAccounts: AdditionalAccounts }),
      ...(FilterInArns === undefined ? {} : { filterInArns: FilterInArns }),
      ...(FilterOutArns === undefined ? {} : { filterOutArns: FilterOutArns }),
      status: 'running',
      outcome: analyse(context, path, {
        through: readArns(FilterInArns, 'FilterInArns'),
        around: readArns(FilterOutArns, 'FilterOutArns'),
      }),
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

/** The ids of resources that a request gives the ARNs of. */
function readArns(arns: readonly string[] | undefined, parameter: string): string[] {
  return (arns ?? []).map((arn) => {
    const id = arn.startsWith('arn:') ? idOfArn(arn) : undefined;
    if (id === undefined) throw errors.invalidValue(arn, parameter, 'This is not a valid ARN.');
    return id;
  });
}

/** The lists of an analysis as it is shown, and as it is kept. */
type Findings = Pick<WireAnalysis, 'ForwardPathComponents' | 'ReturnPathComponents' | 'Explanations'>;

function analyse(
  { tx }: ActionContext,
  path: NetworkInsightsPath,
  filters: ComponentFilters,
): NetworkInsightsOutcome {
  try {
    const { isFound, forward, back, explanations } = analysePath(new Atlas(tx.allWorlds()), path, filters);
    const findings: Findings = {
      ForwardPathComponents: [...forward],
      ReturnPathComponents: [...back],
      Explanations: [...explanations],
    };
    return { status: 'succeeded', networkPathFound: isFound, findings: JSON.stringify(findings) };
  } catch (error) {
    if (!(error instanceof TooManyFlows)) throw error;
    return { status: 'failed', statusMessage: error.message };
  }
}

function arnOf({ region, account }: ActionContext, type: string, id: string): string {
  return `arn:aws:ec2:${region}:${account}:${type}/${id}`;
}

function showPath(context: ActionContext, path: NetworkInsightsPath): WirePath {
  const atlas = new Atlas([context.tx]);
  const { networkInsightsPathId: id, destination, filterAtSource, filterAtDestination } = path;
  return {
    NetworkInsightsPathId: id,
    NetworkInsightsPathArn: arnOf(context, 'network-insights-path', id),
    CreatedDate: new Date(path.createdDate),
    Source: path.source,
    SourceArn: atlas.component(path.source).Arn,
    ...(destination === undefined
      ? {}
      : { Destination: destination, DestinationArn: atlas.component(destination).Arn }),
    SourceIp: path.sourceIp,
    DestinationIp: path.destinationIp,
    Protocol: path.protocol,
    DestinationPort: path.destinationPort,
    ...(filterAtSource === undefined ? {} : { FilterAtSource: showFilter(filterAtSource) }),
    ...(filterAtDestination === undefined ? {} : { FilterAtDestination: showFilter(filterAtDestination) }),
    Tags: showTags(path),
  };
}

function showFilter(filter: NetworkInsightsFilter): PathFilter {
  const show = (ports: NetworkInsightsPorts | undefined) =>
    ports === undefined ? undefined : { FromPort: ports.from, ToPort: ports.to };
  return {
    SourceAddress: filter.sourceAddress,
    SourcePortRange: show(filter.sourcePorts),
    DestinationAddress: filter.destinationAddress,
    DestinationPortRange: show(filter.destinationPorts),
  };
}

function showAnalysis(context: ActionContext, analysis: NetworkInsightsAnalysis): WireAnalysis {
  const { networkInsightsAnalysisId: id, additionalAccounts, filterInArns, filterOutArns } = analysis;
  const findings: Findings = JSON.parse(analysis.findings ?? '{}');
  return {
    NetworkInsightsAnalysisId: id,
    NetworkInsightsAnalysisArn: arnOf(context, 'network-insights-analysis', id),
    NetworkInsightsPathId: analysis.networkInsightsPathId,
    ...(additionalAccounts === undefined ? {} : { AdditionalAccounts: [...additionalAccounts] }),
    ...(filterInArns === undefined ? {} : { FilterInArns: [...filterInArns] }),
    ...(filterOutArns === undefined ? {} : { FilterOutArns: [...filterOutArns] }),
    StartDate: new Date(analysis.startDate),
    Status: analysis.status,
    StatusMessage: analysis.statusMessage,
    NetworkPathFound: analysis.networkPathFound,
    ...findings,
    Tags: showTags(analysis),
  };
}
