import type {
  CreateEgressOnlyInternetGatewayRequest,
  CreateEgressOnlyInternetGatewayResult,
  DeleteEgressOnlyInternetGatewayRequest,
  DeleteEgressOnlyInternetGatewayResult,
  DescribeEgressOnlyInternetGatewaysRequest,
  DescribeEgressOnlyInternetGatewaysResult,
  EgressOnlyInternetGateway as WireGateway,
} from '@aws-sdk/client-ec2';
import type { EgressOnlyInternetGateway } from '../../model/gateway-records.ts';
import type { ActionContext } from '../action.ts';
import { type Listing, listRecords } from '../describe.ts';
import * as errors from '../errors.ts';
import { findResource, kinds } from '../kinds.ts';
import { readTagSpecifications, showTags } from '../tags.ts';

const listing: Listing<EgressOnlyInternetGateway> = {
  ...kinds.egressOnlyInternetGateway,
  // AWS has only the filters on tags here.
  filters: {},
  pages: { fewest: 5, most: 255 },
};

/** Egress-only internet gateways: the way out for IPv6, one a VPC (semantics S45). */
export const egressOnlyInternetGatewayActions = {
  CreateEgressOnlyInternetGateway(
    { tx, newId }: ActionContext,
    input: CreateEgressOnlyInternetGatewayRequest,
  ): CreateEgressOnlyInternetGatewayResult {
    const { vpcId } = findResource(tx, kinds.vpc, input.VpcId, 'vpcId');
    const tags = readTagSpecifications(input.TagSpecifications, 'egress-only-internet-gateway');
    if (tx.egressOnlyInternetGateways.where('vpcId', vpcId).length > 0) {
      throw errors.invalidParameterValue(
        `Network ${vpcId} already has an egress-only internet gateway attached`,
      );
    }
    const gateway: EgressOnlyInternetGateway = { egressOnlyInternetGatewayId: newId('eigw'), vpcId, tags };
    tx.egressOnlyInternetGateways.put(gateway);
    return {
      EgressOnlyInternetGateway: showGateway(gateway),
      ...(input.ClientToken === undefined ? {} : { ClientToken: input.ClientToken }),
    };
  },

  DeleteEgressOnlyInternetGateway(
    { tx }: ActionContext,
    input: DeleteEgressOnlyInternetGatewayRequest,
  ): DeleteEgressOnlyInternetGatewayResult {
    const gateway = findResource(
      tx,
      kinds.egressOnlyInternetGateway,
      input.EgressOnlyInternetGatewayId,
      'egressOnlyInternetGatewayId',
    );
    tx.egressOnlyInternetGateways.delete(gateway.egressOnlyInternetGatewayId);
    return { ReturnCode: true };
  },

  DescribeEgressOnlyInternetGateways(
    { tx }: ActionContext,
    input: DescribeEgressOnlyInternetGatewaysRequest,
  ): DescribeEgressOnlyInternetGatewaysResult {
    const page = listRecords(tx.egressOnlyInternetGateways, tx, listing, {
      ...input,
      ids: input.EgressOnlyInternetGatewayIds,
    });
    return { EgressOnlyInternetGateways: page.records.map(showGateway), NextToken: page.nextToken };
  },
};

function showGateway(gateway: EgressOnlyInternetGateway): WireGateway {
  return {
    EgressOnlyInternetGatewayId: gateway.egressOnlyInternetGatewayId,
    Attachments: [{ VpcId: gateway.vpcId, State: 'attached' }],
    Tags: showTags(gateway),
  };
}
