import type { SecurityGroupRule } from '../../model/records.ts';
import type { World } from '../../model/world.ts';
import type { Cidr } from '../../net/cidr.ts';
import { blocksOfRule, spaceOfRule } from './gates.ts';
import type { SpaceId, Spaces } from './spaces.ts';

/** A rule and the services that it lets through. */
export interface IndexedRule {
  readonly rule: SecurityGroupRule;
  readonly space: SpaceId;
  /** The blocks that it names. */
  readonly blocks: readonly Cidr[];
}

/** A world's rules by the group that has them and by the group that they name. */
export class RuleIndex {
  readonly #spaces: Spaces;
  readonly #world: World;
  readonly #own = new Map<string, Map<string, IndexedRule>>();
  readonly #naming = new Map<string, Map<string, IndexedRule>>();

  constructor(spaces: Spaces, world: World) {
    this.#spaces = spaces;
    this.#world = world;
    for (const rule of world.securityGroupRules.values()) this.add(rule);
  }

  /** The rules of a group. */
  of(groupId: string): Iterable<IndexedRule> {
    return this.#own.get(groupId)?.values() ?? [];
  }

  /** The rules that name a group as their peer. */
  naming(groupId: string): Iterable<IndexedRule> {
    return this.#naming.get(groupId)?.values() ?? [];
  }

  add(rule: SecurityGroupRule): void {
    const blocks = blocksOfRule(this.#world, rule);
    const indexed = { rule, space: spaceOfRule(this.#spaces, rule), blocks };
    put(this.#own, rule.groupId, indexed);
    if (rule.peer.kind === 'group') put(this.#naming, rule.peer.groupId, indexed);
  }

  remove({ securityGroupRuleId, groupId, peer }: SecurityGroupRule): void {
    this.#own.get(groupId)?.delete(securityGroupRuleId);
    if (peer.kind === 'group') this.#naming.get(peer.groupId)?.delete(securityGroupRuleId);
  }
}

function put(index: Map<string, Map<string, IndexedRule>>, groupId: string, indexed: IndexedRule): void {
  const rules = index.get(groupId) ?? new Map<string, IndexedRule>();
  rules.set(indexed.rule.securityGroupRuleId, indexed);
  index.set(groupId, rules);
}
