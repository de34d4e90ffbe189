import { ReachMatrix } from '../analyze/reach/matrix.ts';
import type { SecurityGroupRule } from '../model/records.ts';
import type { TableName } from '../model/world.ts';
import type { Change, Store } from '../state/store.ts';

/** Tables that no packet depends on. */
const UNRELATED: ReadonlySet<TableName> = new Set([
  'keyPairs',
  'dhcpOptions',
  'launchTemplates',
  'launchTemplateVersions',
  'flowLogs',
  'networkInsightsPaths',
  'networkInsightsAnalyses',
  'networkInsightsAccessScopes',
  'networkInsightsAccessScopeAnalyses',
  'parameters',
  'images',
  'clientTokens',
]);

/** Who reaches whom in the store's worlds: made when it is first asked for, then kept up to date with each commit. */
export class ReachKeeper {
  readonly #store: Store;
  readonly #publicHosts: ReadonlySet<string>;
  #matrix: ReachMatrix | undefined;

  constructor(store: Store, publicHosts: ReadonlySet<string>) {
    this.#store = store;
    this.#publicHosts = publicHosts;
    store.watch((changes) => this.#note(changes));
  }

  /** As the worlds are now. */
  matrix(): ReachMatrix {
    this.#matrix ??= new ReachMatrix([...this.#store.worlds()], this.#publicHosts);
    return this.#matrix;
  }

  #note(changes: readonly Change[]): void {
    for (const change of changes) {
      if (this.#matrix === undefined) return;
      if (!UNRELATED.has(change.table) && !this.#takeIn(this.#matrix, change)) this.#matrix = undefined;
    }
  }

  /** A rule is taken in; whatever else changes makes a new matrix necessary. */
  #takeIn(matrix: ReachMatrix, { scope, before, after }: Change): boolean {
    const world = this.#store.world(scope);
    const isOfRule = isRule(before) || isRule(after);
    if (world === undefined || !isOfRule) return false;
    return matrix.update(world, {
      before: isRule(before) ? before : undefined,
      after: isRule(after) ? after : undefined,
    });
  }
}

function isRule(record: Change['before']): record is SecurityGroupRule {
  return record !== undefined && 'securityGroupRuleId' in record;
}
