import type {
  NetworkInsightsAccessScopeAnalysis,
  NetworkInsightsAnalysis,
  StartNetworkInsightsAnalysisRequest,
} from '@aws-sdk/client-ec2';
import { completeAnalysis, unfinishedAnalyses } from '../../src/control/analyses.ts';
import { given, type TestRegion } from './ec2.ts';

/** An analysis of a path, started and completed, as it is described then. */
export function analysePath(
  region: TestRegion,
  request: StartNetworkInsightsAnalysisRequest,
): NetworkInsightsAnalysis {
  const started = region.call('StartNetworkInsightsAnalysis', request).NetworkInsightsAnalysis;
  complete(region);
  const ids = [given(started?.NetworkInsightsAnalysisId)];
  const { NetworkInsightsAnalyses } = region.call('DescribeNetworkInsightsAnalyses', {
    NetworkInsightsAnalysisIds: ids,
  });
  return given(NetworkInsightsAnalyses?.[0]);
}

/** The same of an access scope. */
export function analyseScope(region: TestRegion, scopeId: string): NetworkInsightsAccessScopeAnalysis {
  const started = region.call('StartNetworkInsightsAccessScopeAnalysis', {
    NetworkInsightsAccessScopeId: scopeId,
  }).NetworkInsightsAccessScopeAnalysis;
  complete(region);
  const ids = [given(started?.NetworkInsightsAccessScopeAnalysisId)];
  const { NetworkInsightsAccessScopeAnalyses } = region.call('DescribeNetworkInsightsAccessScopeAnalyses', {
    NetworkInsightsAccessScopeAnalysisIds: ids,
  });
  return given(NetworkInsightsAccessScopeAnalyses?.[0]);
}

/** What control does with every analysis that runs. */
function complete(region: TestRegion): void {
  region.write(({ tx, now }) => {
    for (const id of unfinishedAnalyses(tx)) completeAnalysis(tx, id, now);
  });
}
