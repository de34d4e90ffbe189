import type * as sdk from '@aws-sdk/client-ec2';
import type {
  NetworkInsightsAccessScope,
  NetworkInsightsAccessScopeAnalysis,
} from '../../model/network-insights-records.ts';
import type { ActionContext } from '../action.ts';
import { type Listing, listRecords, pageOf } from '../describe.ts';
import * as errors from '../errors.ts';
import { findResource, kinds } from '../kinds.ts';
import { Atlas } from '../network-insights/atlas.ts';
import { analyseScope, MOST_FINDINGS, type ScopeContent } from '../network-insights/scope-analysis.ts';
import { checkScopePath } from '../network-insights/scope-statements.ts';
import { readTagSpecifications, showTags } from '../tags.ts';

const PAGES = { fewest: 1, most: 100 };

const scopeListing: Listing<NetworkInsightsAccessScope> = {
  ...kinds.networkInsightsAccessScope,
  filters: {},
  pages: PAGES,
};

const analysisListing: Listing<NetworkInsightsAccessScopeAnalysis> = {
  ...kinds.networkInsightsAccessScopeAnalysis,
  filters: {},
  pages: PAGES,
};

/** Network Access Analyzer: which paths of a scope there are, by the model that the data plane follows. */
export const networkInsightsAccessScopeActions = {
  CreateNetworkInsightsAccessScope(
    context: ActionContext,
    input: sdk.CreateNetworkInsightsAccessScopeRequest,
  ): sdk.CreateNetworkInsightsAccessScopeResult {
    const { tx, now } = context;
    const content: ScopeContent = {
      MatchPaths: input.MatchPaths ?? [],
      ExcludePaths: input.ExcludePaths ?? [],
    };
    if (content.MatchPaths.length === 0) throw errors.missingParameter('MatchPaths');
    for (const path of [...content.MatchPaths, ...content.ExcludePaths]) checkScopePath(path);
    const scope: NetworkInsightsAccessScope = {
      networkInsightsAccessScopeId: context.newId('nis'),
      createdDate: now.toISOString(),
      content: JSON.stringify(content),
      tags: readTagSpecifications(input.TagSpecifications, 'network-insights-access-scope'),
    };
    tx.networkInsightsAccessScopes.put(scope);
    return {
      NetworkInsightsAccessScope: showScope(context, scope),
      NetworkInsightsAccessScopeContent: showContent(scope),
    };
  },

  DeleteNetworkInsightsAccessScope(
    { tx }: ActionContext,
    input: sdk.DeleteNetworkInsightsAccessScopeRequest,
  ): sdk.DeleteNetworkInsightsAccessScopeResult {
    const { networkInsightsAccessScopeId: id } = findScope({ tx }, input.NetworkInsightsAccessScopeId);
    if (tx.networkInsightsAccessScopeAnalyses.where('networkInsightsAccessScopeId', id).length > 0) {
      throw new errors.AwsError(
        'AnalysisExistsForNetworkInsightsAccessScope',
        `The network insights access scope ${id} has analyses: delete them first.`,
      );
    }
    tx.networkInsightsAccessScopes.delete(id);
    return { NetworkInsightsAccessScopeId: id };
  },

  DescribeNetworkInsightsAccessScopes(
    context: ActionContext,
    input: sdk.DescribeNetworkInsightsAccessScopesRequest,
  ): sdk.DescribeNetworkInsightsAccessScopesResult {
    const { tx } = context;
    const page = listRecords(tx.networkInsightsAccessScopes, tx, scopeListing, {
      ...input,
      ids: input.NetworkInsightsAccessScopeIds,
    });
    return {
      NetworkInsightsAccessScopes: page.records.map((scope) => showScope(context, scope)),
      NextToken: page.nextToken,
    };
  },

  GetNetworkInsightsAccessScopeContent(
    { tx }: ActionContext,
    input: sdk.GetNetworkInsightsAccessScopeContentRequest,
  ): sdk.GetNetworkInsightsAccessScopeContentResult {
    const scope = findScope({ tx }, input.NetworkInsightsAccessScopeId);
    return { NetworkInsightsAccessScopeContent: showContent(scope) };
  },

  StartNetworkInsightsAccessScopeAnalysis(
    context: ActionContext,
    input: sdk.StartNetworkInsightsAccessScopeAnalysisRequest,
  ): sdk.StartNetworkInsightsAccessScopeAnalysisResult {
    const { tx, now } = context;
    const scope = findScope(context, input.NetworkInsightsAccessScopeId);
    const content: ScopeContent = JSON.parse(scope.content);
    const { findings, isCut } = analyseScope(new Atlas(tx.allWorlds()), tx.scope, content);
    const analysis: NetworkInsightsAccessScopeAnalysis = {
      networkInsightsAccessScopeAnalysisId: context.newId('nisa'),
      networkInsightsAccessScopeId: scope.networkInsightsAccessScopeId,
      startDate: now.toISOString(),
      status: 'running',
      ...(isCut ? { warningMessage: `There are more findings: the first ${MOST_FINDINGS} are kept.` } : {}),
      analyzedEniCount: tx.networkInterfaces.size,
      findings: findings.map((components) => JSON.stringify(components)),
      tags: readTagSpecifications(input.TagSpecifications, 'network-insights-access-scope-analysis'),
    };
    tx.networkInsightsAccessScopeAnalyses.put(analysis);
    return { NetworkInsightsAccessScopeAnalysis: showAnalysis(context, analysis) };
  },

  DeleteNetworkInsightsAccessScopeAnalysis(
    { tx }: ActionContext,
    input: sdk.DeleteNetworkInsightsAccessScopeAnalysisRequest,
  ): sdk.DeleteNetworkInsightsAccessScopeAnalysisResult {
    const found = findAnalysis({ tx }, input.NetworkInsightsAccessScopeAnalysisId);
    tx.networkInsightsAccessScopeAnalyses.delete(found.networkInsightsAccessScopeAnalysisId);
    return { NetworkInsightsAccessScopeAnalysisId: found.networkInsightsAccessScopeAnalysisId };
  },

  DescribeNetworkInsightsAccessScopeAnalyses(
    context: ActionContext,
    input: sdk.DescribeNetworkInsightsAccessScopeAnalysesRequest,
  ): sdk.DescribeNetworkInsightsAccessScopeAnalysesResult {
    const { tx } = context;
    const { NetworkInsightsAccessScopeId: scopeId } = input;
    const { AnalysisStartTimeBegin: from, AnalysisStartTimeEnd: until } = input;
    if (scopeId !== undefined) findScope(context, scopeId);
    const isAsked = (each: NetworkInsightsAccessScopeAnalysis): boolean =>
      (scopeId === undefined || each.networkInsightsAccessScopeId === scopeId) &&
      (from === undefined || Date.parse(each.startDate) >= from.getTime()) &&
      (until === undefined || Date.parse(each.startDate) <= until.getTime());
    const page = listRecords(tx.networkInsightsAccessScopeAnalyses, tx, analysisListing, {
      ...input,
      ids: input.NetworkInsightsAccessScopeAnalysisIds,
    });
    return {
      NetworkInsightsAccessScopeAnalyses: page.records
        .filter(isAsked)
        .map((each) => showAnalysis(context, each)),
      NextToken: page.nextToken,
    };
  },

  GetNetworkInsightsAccessScopeAnalysisFindings(
    { tx }: ActionContext,
    input: sdk.GetNetworkInsightsAccessScopeAnalysisFindingsRequest,
  ): sdk.GetNetworkInsightsAccessScopeAnalysisFindingsResult {
    const analysis = findAnalysis({ tx }, input.NetworkInsightsAccessScopeAnalysisId);
    const { networkInsightsAccessScopeAnalysisId: analysisId, findings, status } = analysis;
    const told = status === 'running' ? [] : findings;
    const all = told.map((text, index) => ({ text, number: index + 1 }));
    const paging = {
      name: `findings-${analysisId}`,
      // Pages are in the order of ids, which is that of texts.
      idOf: ({ number }: { readonly number: number }) => String(number).padStart(6, '0'),
      pages: PAGES,
    };
    const page = pageOf(all, paging, input);
    return {
      NetworkInsightsAccessScopeAnalysisId: analysisId,
      AnalysisStatus: status,
      AnalysisFindings: page.records.map(({ text, number }) => ({
        NetworkInsightsAccessScopeAnalysisId: analysisId,
        NetworkInsightsAccessScopeId: analysis.networkInsightsAccessScopeId,
        FindingId: `AnalysisFinding-${number}`,
        FindingComponents: JSON.parse(text),
      })),
      NextToken: page.nextToken,
    };
  },
};

function findScope({ tx }: Pick<ActionContext, 'tx'>, id: string | undefined): NetworkInsightsAccessScope {
  return findResource(tx, kinds.networkInsightsAccessScope, id, 'NetworkInsightsAccessScopeId');
}

function findAnalysis(
  { tx }: Pick<ActionContext, 'tx'>,
  id: string | undefined,
): NetworkInsightsAccessScopeAnalysis {
  const parameter = 'NetworkInsightsAccessScopeAnalysisId';
  return findResource(tx, kinds.networkInsightsAccessScopeAnalysis, id, parameter);
}

function showScope(
  { region, account }: ActionContext,
  scope: NetworkInsightsAccessScope,
): sdk.NetworkInsightsAccessScope {
  const { networkInsightsAccessScopeId: id } = scope;
  return {
    NetworkInsightsAccessScopeId: id,
    NetworkInsightsAccessScopeArn: `arn:aws:ec2:${region}:${account}:network-insights-access-scope/${id}`,
    CreatedDate: new Date(scope.createdDate),
    UpdatedDate: new Date(scope.createdDate),
    Tags: showTags(scope),
  };
}

function showContent({
  networkInsightsAccessScopeId,
  content,
}: NetworkInsightsAccessScope): sdk.NetworkInsightsAccessScopeContent {
  return { NetworkInsightsAccessScopeId: networkInsightsAccessScopeId, ...JSON.parse(content) };
}

function showAnalysis(
  { region, account }: ActionContext,
  analysis: NetworkInsightsAccessScopeAnalysis,
): sdk.NetworkInsightsAccessScopeAnalysis {
  const { networkInsightsAccessScopeAnalysisId: id } = analysis;
  return {
    NetworkInsightsAccessScopeAnalysisId: id,
    NetworkInsightsAccessScopeAnalysisArn: `arn:aws:ec2:${region}:${account}:network-insights-access-scope-analysis/${id}`,
    NetworkInsightsAccessScopeId: analysis.networkInsightsAccessScopeId,
    Status: analysis.status,
    StatusMessage: analysis.statusMessage,
    StartDate: new Date(analysis.startDate),
    ...(analysis.endDate === undefined ? {} : { EndDate: new Date(analysis.endDate) }),
    ...showResult(analysis),
    Tags: showTags(analysis),
  };
}

/** What it found is unknown until it is done. */
function showResult({
  status,
  findings,
  analyzedEniCount,
  warningMessage,
}: NetworkInsightsAccessScopeAnalysis): Partial<sdk.NetworkInsightsAccessScopeAnalysis> {
  if (status === 'running') return { FindingsFound: 'unknown' };
  return {
    WarningMessage: warningMessage,
    FindingsFound: findings.length > 0 ? 'true' : 'false',
    AnalyzedEniCount: analyzedEniCount,
  };
}
