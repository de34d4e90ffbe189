import type {
  AssociateIamInstanceProfileRequest,
  AssociateIamInstanceProfileResult,
  DescribeIamInstanceProfileAssociationsRequest,
  DescribeIamInstanceProfileAssociationsResult,
  DisassociateIamInstanceProfileRequest,
  DisassociateIamInstanceProfileResult,
  IamInstanceProfileAssociation,
  IamInstanceProfileAssociationState,
  ReplaceIamInstanceProfileAssociationRequest,
  ReplaceIamInstanceProfileAssociationResult,
} from '@aws-sdk/client-ec2';
import type { Instance, InstanceProfile } from '../../model/records.ts';
import type { ActionContext } from '../action.ts';
import { pageOf } from '../describe.ts';
import * as errors from '../errors.ts';
import { type FilterTable, filterRecords } from '../filters.ts';
import { readInstanceProfile } from '../instance-profiles.ts';
import { findResource, kinds } from '../kinds.ts';

/** An instance with its profile. */
interface Association {
  readonly instance: Instance;
  readonly profile: InstanceProfile;
}

const filters: FilterTable<Association> = {
  'instance-id': ({ instance }) => instance.instanceId,
  state: () => 'associated',
};

/** The instance profiles of instances: which role's credentials their metadata show. There is no IAM behind them. */
export const iamInstanceProfileActions = {
  AssociateIamInstanceProfile(
    context: ActionContext,
    input: AssociateIamInstanceProfileRequest,
  ): AssociateIamInstanceProfileResult {
    const { tx } = context;
    const instance = findResource(tx, kinds.instance, input.InstanceId, 'instanceId');
    if (instance.instanceProfile !== undefined) {
      throw errors.incorrectState(`There is an existing association for instance ${instance.instanceId}`);
    }
    const profile = demandProfile(context, input.IamInstanceProfile);
    tx.instances.put({ ...instance, instanceProfile: profile });
    return { IamInstanceProfileAssociation: show({ instance, profile }, 'associating') };
  },

  DisassociateIamInstanceProfile(
    { tx }: ActionContext,
    input: DisassociateIamInstanceProfileRequest,
  ): DisassociateIamInstanceProfileResult {
    const found = findAssociation(tx.instances.values(), input.AssociationId);
    const { instanceProfile: _gone, ...bare } = found.instance;
    tx.instances.put(bare);
    return { IamInstanceProfileAssociation: show(found, 'disassociating') };
  },

  ReplaceIamInstanceProfileAssociation(
    context: ActionContext,
    input: ReplaceIamInstanceProfileAssociationRequest,
  ): ReplaceIamInstanceProfileAssociationResult {
    const { tx } = context;
    const { instance } = findAssociation(tx.instances.values(), input.AssociationId);
    const profile = demandProfile(context, input.IamInstanceProfile);
    tx.instances.put({ ...instance, instanceProfile: profile });
    return { IamInstanceProfileAssociation: show({ instance, profile }, 'associating') };
  },

  DescribeIamInstanceProfileAssociations(
    { tx }: ActionContext,
    input: DescribeIamInstanceProfileAssociationsRequest,
  ): DescribeIamInstanceProfileAssociationsResult {
    const all = associationsOf(tx.instances.values());
    const named =
      input.AssociationIds === undefined || input.AssociationIds.length === 0
        ? all
        : input.AssociationIds.map((id) => findAssociation(tx.instances.values(), id));
    const page = pageOf(
      filterRecords(named, input.Filters, filters, tx),
      { name: 'iip-assoc', idOf: ({ profile }) => profile.associationId, pages: { fewest: 5, most: 1000 } },
      input,
    );
    return {
      IamInstanceProfileAssociations: page.records.map((found) => show(found, 'associated')),
      NextToken: page.nextToken,
    };
  },
};

function demandProfile(
  context: ActionContext,
  specification: Parameters<typeof readInstanceProfile>[1],
): InstanceProfile {
  const profile = readInstanceProfile(context, specification);
  if (profile === undefined) throw errors.missingParameter('iamInstanceProfile');
  return profile;
}

function associationsOf(instances: Iterable<Instance>): Association[] {
  return [...instances].flatMap((instance) =>
    instance.instanceProfile === undefined ? [] : [{ instance, profile: instance.instanceProfile }],
  );
}

function findAssociation(instances: Iterable<Instance>, id: string | undefined): Association {
  if (id === undefined) throw errors.missingParameter('associationId');
  const found = associationsOf(instances).find(({ profile }) => profile.associationId === id);
  if (found === undefined) {
    throw new errors.AwsError('NoSuchAssociation', `An invalid association-id of '${id}' was given`);
  }
  return found;
}

function show(
  { instance, profile }: Association,
  state: IamInstanceProfileAssociationState,
): IamInstanceProfileAssociation {
  return {
    AssociationId: profile.associationId,
    InstanceId: instance.instanceId,
    IamInstanceProfile: { Arn: profile.arn, Id: profile.profileId },
    State: state,
    Timestamp: new Date(profile.associatedAt),
  };
}
