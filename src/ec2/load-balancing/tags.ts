import type { Tag } from '../../model/records.ts';
import type { Transaction } from '../../state/store.ts';
import type { ActionContext } from '../action.ts';
import type { AwsError } from '../errors.ts';
import type { Input } from '../query-service/input.ts';
import { mergeTags, readTags } from '../tags.ts';
import { noSuchListener, noSuchLoadBalancer, noSuchTargetGroup } from './errors.ts';

/** A resource's tags, and how to give it others. */
interface Tagged {
  readonly tags: readonly Tag[];
  readonly put: (tags: readonly Tag[]) => void;
}

/** The tags of load balancers, target groups and listeners, by their ARNs. */
export const tagOperations = {
  AddTags({ tx }: ActionContext, input: Input) {
    const added = readRequestTags(input);
    for (const arn of input.texts('ResourceArns')) {
      const { tags, put } = findTagged(tx, arn);
      put(mergeTags(tags, added));
    }
    return {};
  },

  RemoveTags({ tx }: ActionContext, input: Input) {
    const keys = new Set(input.texts('TagKeys'));
    for (const arn of input.texts('ResourceArns')) {
      const { tags, put } = findTagged(tx, arn);
      put(tags.filter(({ key }) => !keys.has(key)));
    }
    return {};
  },

  DescribeTags({ tx }: ActionContext, input: Input) {
    return {
      TagDescriptions: input.texts('ResourceArns').map((arn) => ({
        ResourceArn: arn,
        Tags: findTagged(tx, arn).tags.map(({ key, value }) => ({ Key: key, Value: value })),
      })),
    };
  },
};

/** The tags that a request gives. */
export function readRequestTags(input: Input): readonly Tag[] {
  return readTags(input.list('Tags').map((each) => ({ Key: each.demand('Key'), Value: each.text('Value') })));
}

function findTagged(tx: Transaction, arn: string): Tagged {
  const kind = arn.split(':')[5]?.split('/')[0];
  if (kind === 'loadbalancer') {
    const record = demand(tx.loadBalancers.get(arn), noSuchLoadBalancer);
    return { tags: record.tags, put: (tags) => tx.loadBalancers.put({ ...record, tags }) };
  }
  if (kind === 'targetgroup') {
    const record = demand(tx.targetGroups.get(arn), noSuchTargetGroup);
    return { tags: record.tags, put: (tags) => tx.targetGroups.put({ ...record, tags }) };
  }
  const record = demand(tx.listeners.get(arn), noSuchListener);
  return { tags: record.tags, put: (tags) => tx.listeners.put({ ...record, tags }) };
}

function demand<T>(record: T | undefined, error: () => AwsError): T {
  if (record === undefined) throw error();
  return record;
}
