import type {
  AttachInternetGatewayRequest,
  CreateInternetGatewayRequest,
  CreateInternetGatewayResult,
  DeleteInternetGatewayRequest,
  DescribeInternetGatewaysRequest,
  DescribeInternetGatewaysResult,
  DetachInternetGatewayRequest,
  InternetGateway as WireInternetGateway,
} from '@aws-sdk/client-ec2';
import type { InternetGateway } from '../../model/records.ts';
import type { Transaction } from '../../state/store.ts';
import type { ActionContext } from '../action.ts';
import { type Listing, listRecords } from '../describe.ts';
import * as errors from '../errors.ts';
import { forgetGateway } from '../gateway-route-tables.ts';
import { findResource, kinds } from '../kinds.ts';
import { demandQuota } from '../quotas.ts';
import { readTagSpecifications, showTags } from '../tags.ts';

const listing: Listing<InternetGateway> = {
  ...kinds.internetGateway,
  filters: {
    'attachment.state': ({ vpcId }) => (vpcId === undefined ? undefined : 'available'),
    'attachment.vpc-id': 'vpcId',
    'internet-gateway-id': 'internetGatewayId',
    'owner-id': (_, { scope }) => scope.account,
  },
};

/** Internet gateways: one a VPC, one VPC each (semantics S34, S35). */
export const internetGatewayActions = {
  CreateInternetGateway(
    context: ActionContext,
    input: CreateInternetGatewayRequest,
  ): CreateInternetGatewayResult {
    demandQuota(context, 'internet-gateways', context.tx.internetGateways.size + 1);
    const gateway: InternetGateway = {
      internetGatewayId: context.newId('igw'),
      tags: readTagSpecifications(input.TagSpecifications, 'internet-gateway'),
    };
    context.tx.internetGateways.put(gateway);
    return { InternetGateway: showInternetGateway(context, gateway) };
  },

  DeleteInternetGateway({ tx }: ActionContext, input: DeleteInternetGatewayRequest): undefined {
    const gateway = findGateway(tx, input.InternetGatewayId);
    if (gateway.vpcId !== undefined) {
      throw errors.hasDependencies('internetGateway', gateway.internetGatewayId);
    }
    forgetGateway(tx, gateway.internetGatewayId);
    tx.internetGateways.delete(gateway.internetGatewayId);
  },

  DescribeInternetGateways(
    context: ActionContext,
    input: DescribeInternetGatewaysRequest,
  ): DescribeInternetGatewaysResult {
    const { tx } = context;
    const page = listRecords(tx.internetGateways, tx, listing, { ...input, ids: input.InternetGatewayIds });
    return {
      InternetGateways: page.records.map((gateway) => showInternetGateway(context, gateway)),
      NextToken: page.nextToken,
    };
  },

  AttachInternetGateway({ tx }: ActionContext, input: AttachInternetGatewayRequest): undefined {
    const gateway = findGateway(tx, input.InternetGatewayId);
    const { vpcId } = findResource(tx, kinds.vpc, input.VpcId, 'vpcId');
    if (gateway.vpcId !== undefined) {
      throw errors.alreadyAssociated(
        `resource ${gateway.internetGatewayId} is already attached to network ${gateway.vpcId}`,
      );
    }
    if (tx.internetGateways.where('vpcId', vpcId).length > 0) {
      throw errors.invalidParameterValue(`Network ${vpcId} already has an internet gateway attached`);
    }
    tx.internetGateways.put({ ...gateway, vpcId });
  },

  DetachInternetGateway({ tx }: ActionContext, input: DetachInternetGatewayRequest): undefined {
    const gateway = findGateway(tx, input.InternetGatewayId);
    const { vpcId } = findResource(tx, kinds.vpc, input.VpcId, 'vpcId');
    if (gateway.vpcId !== vpcId) throw errors.gatewayNotAttached(gateway.internetGatewayId, vpcId);
    if (hasPublicAddress(tx, vpcId)) {
      throw errors.dependencyViolation(
        `Network ${vpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
      );
    }
    const { vpcId: _, ...detached } = gateway;
    tx.internetGateways.put(detached);
  },
};

function findGateway(tx: Transaction, id: string | undefined): InternetGateway {
  return findResource(tx, kinds.internetGateway, id, 'internetGatewayId');
}

/** Whether anything in the VPC has a public address now. */
function hasPublicAddress(tx: Transaction, vpcId: string): boolean {
  return tx.networkInterfaces
    .where('vpcId', vpcId)
    .some(
      ({ autoAssignedPublicIp, networkInterfaceId }) =>
        autoAssignedPublicIp !== undefined ||
        tx.addresses.where('networkInterfaceId', networkInterfaceId).length > 0,
    );
}

function showInternetGateway({ account }: ActionContext, gateway: InternetGateway): WireInternetGateway {
  return {
    InternetGatewayId: gateway.internetGatewayId,
    Attachments:
      gateway.vpcId === undefined
        ? []
        : // AWS says `available` here, a word that its own enumeration of the attachment's states has not.
          [{ VpcId: gateway.vpcId, State: 'available' as 'attached' }],
    OwnerId: account,
    Tags: showTags(gateway),
  };
}
