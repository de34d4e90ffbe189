import type { World } from '../model/world.ts';
import type { Change, Transaction } from '../state/store.ts';

/** The analysis that a change began and that control is to complete. */
export function unfinishedAnalysis({ after }: Change): string | undefined {
  if (after === undefined || !('status' in after) || after.status !== 'running') return undefined;
  if ('networkInsightsAnalysisId' in after) return after.networkInsightsAnalysisId;
  return 'networkInsightsAccessScopeAnalysisId' in after
    ? after.networkInsightsAccessScopeAnalysisId
    : undefined;
}

/** The analyses that nobody completed before the daemon ended. */
export function unfinishedAnalyses(world: World): readonly string[] {
  const ofPaths = [...world.networkInsightsAnalyses.values()].filter(isRunning);
  const ofScopes = [...world.networkInsightsAccessScopeAnalyses.values()].filter(isRunning);
  return [
    ...ofPaths.map(({ networkInsightsAnalysisId }) => networkInsightsAnalysisId),
    ...ofScopes.map(({ networkInsightsAccessScopeAnalysisId }) => networkInsightsAccessScopeAnalysisId),
  ];
}

function isRunning({ status }: { readonly status: string }): boolean {
  return status === 'running';
}

/** An analysis, of a path or of an access scope, tells what it came to. */
export function completeAnalysis(tx: Transaction, id: string, now: Date): void {
  const ofPath = tx.networkInsightsAnalyses.get(id);
  if (ofPath?.status === 'running' && ofPath.outcome !== undefined) {
    const { outcome, ...kept } = ofPath;
    tx.networkInsightsAnalyses.put({ ...kept, ...outcome });
  }
  const ofScope = tx.networkInsightsAccessScopeAnalyses.get(id);
  if (ofScope?.status === 'running') {
    tx.networkInsightsAccessScopeAnalyses.put({
      ...ofScope,
      status: 'succeeded',
      endDate: now.toISOString(),
    });
  }
}
