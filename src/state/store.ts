import { type Records, type Scope, type TableName, tableNames, type World } from '../model/world.ts';
import { type Journal, type JournalEntry, JournalError } from './journal.ts';
import { Table, type TableWriter } from './table.ts';

/** One record written by a transaction. */
export interface Change {
  readonly scope: Scope;
  readonly table: TableName;
  readonly id: string;
  /** The record before and after: undefined where it was not there yet, or is no more. */
  readonly before: Records[TableName] | undefined;
  readonly after: Records[TableName] | undefined;
}

/** What an action may read and write: the world of its scope, and the few things shared by all scopes. */
export type Transaction = { readonly [T in TableName]: TableWriter<Records[T]> } & {
  readonly scope: Scope;
  /** A small integer that no record has or had. */
  takeOrdinal(): number;
  /** Every world of the installation, for what must be unique among all: public addresses. */
  allWorlds(): Iterable<World>;
  /** To write in another scope's world as part of this transaction; undefined when nobody ever used that world. */
  transactionOf(scope: Scope): Transaction | undefined;
};

/** What a transaction returned, and the promise that its writes are on disk. */
export interface Commit<R> {
  readonly value: R;
  readonly durable: Promise<void>;
}

interface Undo {
  readonly change: Change;
  readonly revert: () => void;
}

type Tables = { readonly [T in TableName]: Table<Records[T]> };

interface ScopedWorld {
  readonly view: World;
  readonly transaction: Transaction;
  readonly tables: Tables;
}

/**
 * All worlds, in memory and on disk. A transaction is a synchronous function: it writes straight into the tables, and
 * every write is undone if it throws, so nobody ever sees half of it. Reads never touch the disk.
 */
export class Store {
  readonly #journal: Journal;
  readonly #worlds = new Map<string, ScopedWorld>();
  readonly #watchers = new Set<(changes: readonly Change[]) => void>();
  #log: Undo[] | undefined;

  /** Loads every record of the journal. */
  constructor(journal: Journal) {
    this.#journal = journal;
    for (const entry of journal.load()) this.#restore(entry);
  }

  /** The world of a scope, if it was ever used. */
  world(scope: Scope): World | undefined {
    return this.#worlds.get(nameOf(scope))?.view;
  }

  /** Every world ever used. */
  *worlds(): Iterable<World> {
    for (const { view } of this.#worlds.values()) yield view;
  }

  /** Runs `action` on the scope's world. If it throws, nothing was written and the error goes on. */
  transact<R>(scope: Scope, action: (transaction: Transaction) => R): Commit<R> {
    const { value, log } = this.#run(scope, action);
    if (log.length === 0) return { value, durable: this.#journal.settled() };
    const durable = this.#journal.append(log.map(({ change }) => entryOf(change)));
    // Whoever does not wait for it leaves a failure to `Journal.failed`.
    durable.catch(() => {});
    const changes = log.map(({ change }) => change);
    for (const watcher of this.#watchers) watcher(changes);
    return { value, durable };
  }

  /** Runs `action` and undoes all it wrote: for `DryRun`, which must meet the same errors. */
  rehearse<R>(scope: Scope, action: (transaction: Transaction) => R): R {
    const { value, log } = this.#run(scope, action);
    revert(log);
    return value;
  }

  /** Forgets every record of every world, as one transaction each; resolves when that is on disk. */
  async clear(): Promise<void> {
    for (const { view, tables } of this.#worlds.values()) {
      this.transact(view.scope, () => {
        for (const name of tableNames) tables[name].clear();
      });
    }
    await this.settled();
  }

  /**
   * Puts these records in the place of all that is there; resolves when that is on disk. Throws, with nothing changed,
   * for one of a kind that this version does not know. Instances that ran boot anew: their disks are not records.
   */
  async replace(entries: readonly JournalEntry[]): Promise<void> {
    const scopes = Map.groupBy(entries, ({ scope }) => scope);
    const strange = entries.find(({ scope, table }) => readScope(scope) === undefined || !isTableName(table));
    if (strange !== undefined) throw new JournalError(describeStrange(strange));
    await this.clear();
    for (const [name, group] of scopes) {
      const scope = readScope(name);
      if (scope === undefined) continue;
      const { tables } = this.#open(scope);
      this.transact(scope, () => {
        for (const { table, body } of group) {
          if (!isTableName(table) || body === undefined) continue;
          const record = JSON.parse(body);
          this.#journal.reserveOrdinals(record.ordinal ?? 0);
          const isRunning = table === 'instances' && record.state === 'running';
          tables[table].put(isRunning ? { ...record, bootsWanted: record.bootsWanted + 1 } : record);
        }
      });
    }
    await this.settled();
  }

  /**
   * Empties the world of a scope and lets `fill` write it anew, as one transaction: if it throws, all is as it was. Resolves
   * with what `fill` returned, when that is on disk.
   */
  async replaceWorld<R>(scope: Scope, fill: (transaction: Transaction) => R): Promise<R> {
    const { value, durable } = this.#refill(scope, fill);
    await durable;
    return value;
  }

  /** Calls `watcher` after each commit with what it wrote. Returns how to stop. */
  watch(watcher: (changes: readonly Change[]) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Resolves when everything committed so far is on disk. */
  settled(): Promise<void> {
    return this.#journal.settled();
  }

  #run<R>(scope: Scope, action: (transaction: Transaction) => R): { value: R; log: Undo[] } {
    if (this.#log !== undefined) throw new Error('a transaction was begun inside another');
    const log: Undo[] = [];
    this.#log = log;
    try {
      return { value: action(this.#open(scope).transaction), log };
    } catch (error) {
      revert(log);
      throw error;
    } finally {
      this.#log = undefined;
    }
  }

  #open(scope: Scope): ScopedWorld {
    const name = nameOf(scope);
    const known = this.#worlds.get(name);
    if (known !== undefined) return known;
    const tables = this.#makeTables(scope);
    const world: ScopedWorld = {
      tables,
      view: { ...tables, scope },
      transaction: {
        ...tables,
        scope,
        takeOrdinal: () => this.#journal.takeOrdinal(),
        allWorlds: () => this.worlds(),
        transactionOf: (other) => this.#worlds.get(nameOf(other))?.transaction,
      },
    };
    this.#worlds.set(name, world);
    return world;
  }

  #refill<R>(scope: Scope, fill: (transaction: Transaction) => R): Commit<R> {
    const isNew = this.world(scope) === undefined;
    try {
      return this.transact(scope, (transaction) => {
        const { tables } = this.#open(scope);
        for (const name of tableNames) tables[name].clear();
        return fill(transaction);
      });
    } catch (error) {
      if (isNew) this.#worlds.delete(nameOf(scope));
      throw error;
    }
  }

  #makeTables(scope: Scope): Tables {
    const make = <T extends TableName>(table: T, idOf: (record: Records[T]) => string): Table<Records[T]> => {
      return new Table(idOf, (id, before, after, revert) => {
        if (this.#log === undefined) throw new Error(`${table} was written outside a transaction`);
        this.#log.push({ change: { scope, table, id, before, after }, revert });
      });
    };
    return {
      vpcs: make('vpcs', (record) => record.vpcId),
      subnets: make('subnets', (record) => record.subnetId),
      internetGateways: make('internetGateways', (record) => record.internetGatewayId),
      routeTables: make('routeTables', (record) => record.routeTableId),
      securityGroups: make('securityGroups', (record) => record.groupId),
      securityGroupRules: make('securityGroupRules', (record) => record.securityGroupRuleId),
      networkAcls: make('networkAcls', (record) => record.networkAclId),
      networkInterfaces: make('networkInterfaces', (record) => record.networkInterfaceId),
      addresses: make('addresses', (record) => record.allocationId),
      natGateways: make('natGateways', (record) => record.natGatewayId),
      vpcEndpoints: make('vpcEndpoints', (record) => record.vpcEndpointId),
      keyPairs: make('keyPairs', (record) => record.keyPairId),
      instances: make('instances', (record) => record.instanceId),
      prefixLists: make('prefixLists', (record) => record.prefixListId),
      dhcpOptions: make('dhcpOptions', (record) => record.dhcpOptionsId),
      launchTemplates: make('launchTemplates', (record) => record.launchTemplateId),
      launchTemplateVersions: make('launchTemplateVersions', (record) => record.versionId),
      flowLogs: make('flowLogs', (record) => record.flowLogId),
      vpcPeeringConnections: make('vpcPeeringConnections', (record) => record.vpcPeeringConnectionId),
      egressOnlyInternetGateways: make(
        'egressOnlyInternetGateways',
        (record) => record.egressOnlyInternetGatewayId,
      ),
      customerGateways: make('customerGateways', (record) => record.customerGatewayId),
      vpnGateways: make('vpnGateways', (record) => record.vpnGatewayId),
      vpcEndpointServices: make('vpcEndpointServices', (record) => record.serviceId),
      transitGateways: make('transitGateways', (record) => record.transitGatewayId),
      transitGatewayRouteTables: make(
        'transitGatewayRouteTables',
        (record) => record.transitGatewayRouteTableId,
      ),
      transitGatewayVpcAttachments: make(
        'transitGatewayVpcAttachments',
        (record) => record.transitGatewayAttachmentId,
      ),
      loadBalancers: make('loadBalancers', (record) => record.loadBalancerArn),
      targetGroups: make('targetGroups', (record) => record.targetGroupArn),
      listeners: make('listeners', (record) => record.listenerArn),
      networkInsightsPaths: make('networkInsightsPaths', (record) => record.networkInsightsPathId),
      networkInsightsAnalyses: make('networkInsightsAnalyses', (record) => record.networkInsightsAnalysisId),
      networkInsightsAccessScopes: make(
        'networkInsightsAccessScopes',
        (record) => record.networkInsightsAccessScopeId,
      ),
      networkInsightsAccessScopeAnalyses: make(
        'networkInsightsAccessScopeAnalyses',
        (record) => record.networkInsightsAccessScopeAnalysisId,
      ),
      parameters: make('parameters', (record) => record.name),
      keptResources: make('keptResources', (record) => record.keptResourceId),
      images: make('images', (record) => record.imageId),
      stacks: make('stacks', (record) => record.stackId),
      stackTemplates: make('stackTemplates', (record) => record.templateId),
      stackResources: make('stackResources', (record) => record.resourceKey),
      stackEvents: make('stackEvents', (record) => record.eventId),
      changeSets: make('changeSets', (record) => record.changeSetId),
      clientTokens: make('clientTokens', (record) => record.tokenId),
    };
  }

  #restore(entry: JournalEntry): void {
    const world = this.#worlds.get(entry.scope) ?? this.#openNamed(entry.scope);
    if (world === undefined || !isTableName(entry.table) || entry.body === undefined) {
      throw new JournalError(describeStrange(entry));
    }
    world.tables[entry.table].set(entry.id, JSON.parse(entry.body));
  }

  #openNamed(name: string): ScopedWorld | undefined {
    const scope = readScope(name);
    return scope === undefined ? undefined : this.#open(scope);
  }
}

const KNOWN_TABLES: ReadonlySet<string> = new Set(tableNames);

function isTableName(name: string): name is TableName {
  return KNOWN_TABLES.has(name);
}

function describeStrange({ scope, table, id }: JournalEntry): string {
  return `the journal holds a record this version does not know: ${scope} ${table} ${id}`;
}

function readScope(name: string): Scope | undefined {
  const [account, region] = name.split('/');
  return account === undefined || region === undefined ? undefined : { account, region };
}

function nameOf(scope: Scope): string {
  return `${scope.account}/${scope.region}`;
}

function revert(log: readonly Undo[]): void {
  for (const undo of log.toReversed()) undo.revert();
}

function entryOf({ scope, table, id, after }: Change): JournalEntry {
  return { scope: nameOf(scope), table, id, body: after === undefined ? undefined : JSON.stringify(after) };
}
