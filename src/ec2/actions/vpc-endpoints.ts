import type {
  CreateVpcEndpointRequest,
  CreateVpcEndpointResult,
  DeleteVpcEndpointsRequest,
  DeleteVpcEndpointsResult,
  DescribeVpcEndpointsRequest,
  DescribeVpcEndpointsResult,
  ModifyVpcEndpointRequest,
  ModifyVpcEndpointResult,
  State,
  UnsuccessfulItem,
  VpcEndpoint as WireVpcEndpoint,
} from '@aws-sdk/client-ec2';
import { gatewaysOf } from '../../model/gateway-route-tables.ts';
import { PolicyError, parsePolicy } from '../../model/policy/document.ts';
import type { PrefixList, VpcEndpoint } from '../../model/records.ts';
import { findRoute } from '../../model/routes.ts';
import type { ActionContext } from '../action.ts';
import { interfaceServicesOf } from '../catalogue/interface-services.ts';
import { type Listing, listRecords } from '../describe.ts';
import { refuseUnsupportedOptions } from '../endpoint-options.ts';
import { noSuchService } from '../endpoint-services.ts';
import * as errors from '../errors.ts';
import { changeInterfaceEndpoint, dnsEntriesOf, makeInterfaceEndpoint } from '../interface-endpoints.ts';
import { findResource, kinds } from '../kinds.ts';
import { demandQuota } from '../quotas.ts';
import { readTagSpecifications, showTags } from '../tags.ts';

/** What an endpoint allows when it is given no policy: everything, as AWS writes it. */
const FULL_ACCESS = JSON.stringify({
  Version: '2008-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }],
});

const listing: Listing<VpcEndpoint> = {
  ...kinds.vpcEndpoint,
  filters: {
    'service-name': 'serviceName',
    'vpc-id': 'vpcId',
    'vpc-endpoint-id': 'vpcEndpointId',
    'vpc-endpoint-type': 'vpcEndpointType',
    'vpc-endpoint-state': 'state',
    'ip-address-type': () => 'ipv4',
    'service-region': (_endpoint, { scope }) => scope.region,
  },
  pages: { fewest: 1, most: 1000 },
};

/**
 * Gateway endpoints: routes to a service's prefix list in the chosen tables (semantics S98–S107). Interface endpoints are
 * made in `interface-endpoints.ts`.
 */
export const vpcEndpointActions = {
  CreateVpcEndpoint(context: ActionContext, input: CreateVpcEndpointRequest): CreateVpcEndpointResult {
    const { tx, now } = context;
    const vpc = findResource(tx, kinds.vpc, input.VpcId, 'vpcId');
    refuseUnsupportedOptions(input, context.region);
    const { ServiceName: serviceName } = input;
    if (serviceName === undefined || serviceName === '') throw errors.missingParameter('serviceName');
    const type = input.VpcEndpointType ?? 'Gateway';
    if (type === 'Interface') {
      const made = makeInterfaceEndpoint(
        context,
        vpc,
        serviceName,
        input,
        readPolicy(input.PolicyDocument),
        readTagSpecifications(input.TagSpecifications, 'vpc-endpoint'),
      );
      tx.vpcEndpoints.put(made);
      return answerCreation(context, made, input.ClientToken);
    }
    if (type !== 'Gateway') {
      throw errors.unsupportedOperation(`Cloudcroft has no VPC endpoints of type ${type}.`);
    }
    for (const [name, value] of [
      ['SubnetIds', input.SubnetIds],
      ['SecurityGroupIds', input.SecurityGroupIds],
      ['SubnetConfigurations', input.SubnetConfigurations],
    ] as const) {
      if (value !== undefined && value.length > 0) {
        throw errors.invalidParameterCombination(`${name} cannot be given for an endpoint of type Gateway.`);
      }
    }
    const list = findServiceList(context, serviceName);
    const gateways = [...tx.vpcEndpoints.values()].filter(
      ({ vpcEndpointType, state }) => vpcEndpointType === 'Gateway' && state !== 'deleted',
    );
    demandQuota(context, 'gateway-endpoints', gateways.length + 1);
    const endpoint: VpcEndpoint = {
      vpcEndpointId: context.newId('vpce'),
      vpcEndpointType: 'Gateway',
      vpcId: vpc.vpcId,
      serviceName,
      state: 'pending',
      policyDocument: readPolicy(input.PolicyDocument),
      routeTableIds: [],
      subnetIds: [],
      groupIds: [],
      networkInterfaceIds: [],
      privateDnsEnabled: false,
      creationTimestamp: now.toISOString(),
      tags: readTagSpecifications(input.TagSpecifications, 'vpc-endpoint'),
    };
    const made = {
      ...endpoint,
      routeTableIds: addRoutes(context, endpoint, list, input.RouteTableIds ?? []),
    };
    tx.vpcEndpoints.put(made);
    return answerCreation(context, made, input.ClientToken);
  },

  ModifyVpcEndpoint(context: ActionContext, input: ModifyVpcEndpointRequest): ModifyVpcEndpointResult {
    const { tx } = context;
    const endpoint = findResource(tx, kinds.vpcEndpoint, input.VpcEndpointId, 'vpcEndpointId');
    if (endpoint.state === 'deleted' || endpoint.state === 'deleting') {
      throw errors.noSuchVpcEndpoint(endpoint.vpcEndpointId);
    }
    refuseUnsupportedOptions(input, context.region);
    const policyDocument =
      input.ResetPolicy === true
        ? FULL_ACCESS
        : input.PolicyDocument === undefined
          ? endpoint.policyDocument
          : readPolicy(input.PolicyDocument);
    if (endpoint.vpcEndpointType === 'Interface') {
      tx.vpcEndpoints.put({ ...changeInterfaceEndpoint(context, endpoint, input), policyDocument });
      return { Return: true };
    }
    const list = findServiceList(context, endpoint.serviceName);
    const removed = input.RemoveRouteTableIds ?? [];
    removeRoutes(context, endpoint, removed);
    const added = addRoutes(
      context,
      endpoint,
      list,
      (input.AddRouteTableIds ?? []).filter((id) => !endpoint.routeTableIds.includes(id)),
    );
    tx.vpcEndpoints.put({
      ...endpoint,
      routeTableIds: [...endpoint.routeTableIds.filter((id) => !removed.includes(id)), ...added],
      policyDocument,
    });
    return { Return: true };
  },

  DeleteVpcEndpoints(context: ActionContext, input: DeleteVpcEndpointsRequest): DeleteVpcEndpointsResult {
    const { tx } = context;
    const failed: UnsuccessfulItem[] = [];
    for (const id of input.VpcEndpointIds ?? []) {
      const endpoint = tx.vpcEndpoints.get(id);
      if (endpoint === undefined || endpoint.state === 'deleted') {
        const { code, message } = errors.noSuchVpcEndpoint(id);
        failed.push({ ResourceId: id, Error: { Code: code, Message: message } });
        continue;
      }
      removeRoutes(context, endpoint, endpoint.routeTableIds);
      tx.vpcEndpoints.put({ ...endpoint, state: 'deleting', routeTableIds: [] });
    }
    return { Unsuccessful: failed };
  },

  DescribeVpcEndpoints(
    context: ActionContext,
    input: DescribeVpcEndpointsRequest,
  ): DescribeVpcEndpointsResult {
    const page = listRecords(context.tx.vpcEndpoints, context.tx, listing, {
      ...input,
      ids: input.VpcEndpointIds,
    });
    return {
      VpcEndpoints: page.records.map((record) => showEndpoint(context, record)),
      NextToken: page.nextToken,
    };
  },
};

/** The managed prefix list that stands for a service. */
function findServiceList({ tx, region }: ActionContext, serviceName: string): PrefixList {
  const list = tx.prefixLists.where('prefixListName', serviceName).find(({ ownerId }) => ownerId === 'AWS');
  if (list !== undefined) return list;
  if (!interfaceServicesOf(region).includes(serviceName)) throw noSuchService(serviceName);
  throw new errors.AwsError(
    'InvalidParameter',
    'Endpoint type (Gateway) does not match available service types ([Interface]).',
  );
}

/** An endpoint's policy as given, or full access. Throws for what is no policy (semantics S103). */
function readPolicy(document: string | undefined): string {
  if (document === undefined || document === '') return FULL_ACCESS;
  try {
    parsePolicy(document);
    return document;
  } catch (error) {
    if (error instanceof PolicyError) throw new errors.AwsError('InvalidPolicyDocument', error.message);
    throw error;
  }
}

/** Adds the endpoint's route to the tables; a table has one endpoint of a service at most (semantics S107). */
function addRoutes(
  { tx }: ActionContext,
  endpoint: VpcEndpoint,
  list: PrefixList,
  routeTableIds: readonly string[],
): readonly string[] {
  const chosen = [...new Set(routeTableIds)];
  for (const id of chosen) {
    const table = findResource(tx, kinds.routeTable, id, 'routeTableId');
    if (gatewaysOf(table).length > 0) {
      throw errors.invalidParameterValue(
        `Route table ${id} is associated with a gateway: it cannot have the route of an endpoint.`,
      );
    }
    if (table.vpcId !== endpoint.vpcId) {
      throw errors.invalidParameterValue(
        `Route table ${id} and network ${endpoint.vpcId} belong to different networks`,
      );
    }
    if (findRoute(table, list.prefixListId) !== undefined) {
      throw new errors.AwsError(
        'RouteAlreadyExists',
        `route table ${id} already has a route with destination-prefix-list-id ${list.prefixListId}`,
      );
    }
    tx.routeTables.put({
      ...table,
      routes: [
        ...table.routes,
        {
          destination: { kind: 'prefix-list', prefixListId: list.prefixListId },
          target: { kind: 'vpc-endpoint', id: endpoint.vpcEndpointId },
          origin: 'CreateRoute',
        },
      ],
    });
  }
  return chosen;
}

function removeRoutes({ tx }: ActionContext, endpoint: VpcEndpoint, routeTableIds: readonly string[]): void {
  for (const id of routeTableIds) {
    const table = tx.routeTables.get(id);
    if (table === undefined) continue;
    const routes = table.routes.filter(
      ({ target }) => target.kind !== 'vpc-endpoint' || target.id !== endpoint.vpcEndpointId,
    );
    tx.routeTables.put({ ...table, routes });
  }
}

function answerCreation(
  context: ActionContext,
  made: VpcEndpoint,
  clientToken: string | undefined,
): CreateVpcEndpointResult {
  return {
    VpcEndpoint: showEndpoint(context, made),
    ...(clientToken === undefined ? {} : { ClientToken: clientToken }),
  };
}

function showEndpoint(context: ActionContext, endpoint: VpcEndpoint): WireVpcEndpoint {
  const { tx, account } = context;
  return {
    VpcEndpointId: endpoint.vpcEndpointId,
    VpcEndpointType: endpoint.vpcEndpointType,
    VpcId: endpoint.vpcId,
    ServiceName: endpoint.serviceName,
    // The SDK's list spells states with a capital; what AWS sends is in small letters.
    State: endpoint.state as string as State,
    PolicyDocument: endpoint.policyDocument,
    RouteTableIds: [...endpoint.routeTableIds],
    SubnetIds: [...endpoint.subnetIds],
    Groups: endpoint.groupIds.map((id) => ({
      GroupId: id,
      GroupName: tx.securityGroups.get(id)?.groupName,
    })),
    IpAddressType: 'ipv4',
    ...(endpoint.vpcEndpointType === 'Interface' ? { DnsOptions: { DnsRecordIpType: 'ipv4' } } : {}),
    PrivateDnsEnabled: endpoint.privateDnsEnabled,
    RequesterManaged: false,
    NetworkInterfaceIds: [...endpoint.networkInterfaceIds],
    DnsEntries: dnsEntriesOf(context, endpoint),
    CreationTimestamp: new Date(endpoint.creationTimestamp),
    OwnerId: account,
    Tags: showTags(endpoint),
  };
}
