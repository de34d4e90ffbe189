import type { AnalysisComponent } from '@aws-sdk/client-ec2';
import { nameTagOf } from '../../model/display-names.ts';
import type { NetworkInterface, Taggable } from '../../model/records.ts';
import type { TableName, TableView, World } from '../../model/world.ts';
import { kindOfId } from '../kinds.ts';

/** Finds the things that an analysis names, in whatever world they are, and shows them as AWS shows components. */
export class Atlas {
  readonly worlds: readonly World[];

  constructor(worlds: Iterable<World>) {
    this.worlds = [...worlds];
  }

  /** Id, ARN and name; the id alone for what is of no known kind. A load balancer is named by its ARN. */
  component(id: string): AnalysisComponent {
    if (id.startsWith('arn:')) return this.#balancing(id);
    const kind = kindOfId(id);
    if (kind === undefined) return { Id: id };
    const found = this.#find(kind.table, id);
    if (found === undefined) return { Id: id };
    const { account, region } = found.world.scope;
    const Arn = `arn:aws:ec2:${region}:${account}:${kind.resourceType}/${id}`;
    const name = nameTagOf(found.record) ?? found.world.securityGroups.get(id)?.groupName;
    return { Id: id, Arn, ...(name === undefined ? {} : { Name: name }) };
  }

  /** As `component`, of what may be missing. */
  componentOf(id: string | undefined): AnalysisComponent | undefined {
    return id === undefined ? undefined : this.component(id);
  }

  /** The world that holds the record of an id. */
  worldOf(table: TableName, id: string): World | undefined {
    return this.worlds.find((world) => world[table].get(id) !== undefined);
  }

  /** A record of whichever world has it. */
  record<T>(tableOf: (world: World) => TableView<T>, id: string | undefined): T | undefined {
    if (id === undefined) return undefined;
    for (const world of this.worlds) {
      const record = tableOf(world).get(id);
      if (record !== undefined) return record;
    }
    return undefined;
  }

  eni(id: string | undefined): NetworkInterface | undefined {
    return this.record((world) => world.networkInterfaces, id);
  }

  vpcIdOfSubnet(subnetId: string | undefined): string | undefined {
    return this.record((world) => world.subnets, subnetId)?.vpcId;
  }

  #find(
    table: Exclude<TableName, 'clientTokens'>,
    id: string,
  ): { readonly world: World; readonly record: Taggable } | undefined {
    for (const world of this.worlds) {
      const record = world[table].get(id);
      if (record !== undefined && 'tags' in record) return { world, record };
    }
    return undefined;
  }

  #balancing(arn: string): AnalysisComponent {
    const [, id = arn] = /:(?:loadbalancer|targetgroup|listener)\/(.+)$/.exec(arn) ?? [];
    const name =
      this.record((world) => world.loadBalancers, arn)?.loadBalancerName ??
      this.record((world) => world.targetGroups, arn)?.targetGroupName;
    return { Id: id, Arn: arn, ...(name === undefined ? {} : { Name: name }) };
  }
}
