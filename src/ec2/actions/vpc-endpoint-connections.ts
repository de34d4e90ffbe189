import type {
  AcceptVpcEndpointConnectionsRequest,
  AcceptVpcEndpointConnectionsResult,
  DescribeVpcEndpointConnectionsRequest,
  DescribeVpcEndpointConnectionsResult,
  DescribeVpcEndpointServicePermissionsRequest,
  DescribeVpcEndpointServicePermissionsResult,
  ModifyVpcEndpointServicePermissionsRequest,
  ModifyVpcEndpointServicePermissionsResult,
  PrincipalType,
  RejectVpcEndpointConnectionsRequest,
  RejectVpcEndpointConnectionsResult,
  State,
  UnsuccessfulItem,
  AllowedPrincipal as WirePrincipal,
} from '@aws-sdk/client-ec2';
import type { AllowedPrincipal, VpcEndpointService } from '../../model/endpoint-service-records.ts';
import type { VpcEndpoint } from '../../model/records.ts';
import type { ActionContext } from '../action.ts';
import { pageOf } from '../describe.ts';
import { connectionsOf } from '../endpoint-services.ts';
import * as errors from '../errors.ts';
import { type FilterTable, filterRecords } from '../filters.ts';
import { findResource, kinds } from '../kinds.ts';

const PAGES = { fewest: 5, most: 1000 };

interface Connection {
  readonly service: VpcEndpointService;
  readonly endpoint: VpcEndpoint;
  readonly owner: string;
}

const connectionFilters: FilterTable<Connection> = {
  'ip-address-type': () => 'ipv4',
  'service-id': ({ service }) => service.serviceId,
  'vpc-endpoint-owner': 'owner',
  'vpc-endpoint-region': (_, { scope }) => scope.region,
  // AWS documents these with a capital and answers in small letters: both are understood.
  'vpc-endpoint-state': ({ endpoint }) => [endpoint.state, capitalize(endpoint.state)],
  'vpc-endpoint-id': ({ endpoint }) => endpoint.vpcEndpointId,
};

const principalFilters: FilterTable<AllowedPrincipal> = {
  principal: 'principal',
  'principal-type': ({ principal }) => typeOf(principal),
};

/** Who may make endpoints to an account's services, and which of them are let in. */
export const vpcEndpointConnectionActions = {
  DescribeVpcEndpointConnections(
    context: ActionContext,
    input: DescribeVpcEndpointConnectionsRequest,
  ): DescribeVpcEndpointConnectionsResult {
    const { tx } = context;
    const all = [...tx.vpcEndpointServices.values()].flatMap((service) =>
      connectionsOf(tx, [service.serviceName]).map(
        ({ endpoint, scope }): Connection => ({ service, endpoint, owner: scope.account }),
      ),
    );
    const page = pageOf(
      filterRecords(all, input.Filters, connectionFilters, tx),
      { name: 'vpce-con', idOf: ({ endpoint }) => endpoint.vpcEndpointId, pages: PAGES },
      input,
    );
    return {
      VpcEndpointConnections: page.records.map(({ service, endpoint, owner }) => ({
        ServiceId: service.serviceId,
        VpcEndpointId: endpoint.vpcEndpointId,
        VpcEndpointOwner: owner,
        // The SDK's list spells states with a capital; what AWS sends is in small letters.
        VpcEndpointState: endpoint.state as string as State,
        CreationTimestamp: new Date(endpoint.creationTimestamp),
        NetworkLoadBalancerArns: [...service.networkLoadBalancerArns],
        GatewayLoadBalancerArns: [...service.gatewayLoadBalancerArns],
        IpAddressType: 'ipv4',
        VpcEndpointConnectionId: `vpce-con-${endpoint.vpcEndpointId.slice('vpce-'.length)}`,
        VpcEndpointRegion: tx.scope.region,
        Tags: [],
      })),
      NextToken: page.nextToken,
    };
  },

  AcceptVpcEndpointConnections(
    context: ActionContext,
    input: AcceptVpcEndpointConnectionsRequest,
  ): AcceptVpcEndpointConnectionsResult {
    return { Unsuccessful: answerEach(context, input, ['pendingAcceptance', 'rejected'], 'pending') };
  },

  RejectVpcEndpointConnections(
    context: ActionContext,
    input: RejectVpcEndpointConnectionsRequest,
  ): RejectVpcEndpointConnectionsResult {
    return {
      Unsuccessful: answerEach(context, input, ['pendingAcceptance', 'pending', 'available'], 'rejected'),
    };
  },

  DescribeVpcEndpointServicePermissions(
    { tx }: ActionContext,
    input: DescribeVpcEndpointServicePermissionsRequest,
  ): DescribeVpcEndpointServicePermissionsResult {
    const service = findResource(tx, kinds.vpcEndpointService, input.ServiceId, 'ServiceId');
    const page = pageOf(
      filterRecords(service.allowedPrincipals, input.Filters, principalFilters, tx),
      {
        name: 'vpce-svc-perm',
        idOf: ({ servicePermissionId }) => servicePermissionId,
        pages: PAGES,
      },
      input,
    );
    return {
      AllowedPrincipals: page.records.map((each) => ({ ...showPrincipal(service, each), Tags: [] })),
      NextToken: page.nextToken,
    };
  },

  ModifyVpcEndpointServicePermissions(
    { tx, newId }: ActionContext,
    input: ModifyVpcEndpointServicePermissionsRequest,
  ): ModifyVpcEndpointServicePermissionsResult {
    const service = findResource(tx, kinds.vpcEndpointService, input.ServiceId, 'ServiceId');
    const { AddAllowedPrincipals: added = [], RemoveAllowedPrincipals: removed = [] } = input;
    for (const principal of [...added, ...removed]) checkPrincipal(principal);
    const present = service.allowedPrincipals.filter(({ principal }) => !removed.includes(principal));
    const made = [...new Set(added)]
      .filter((principal) => !present.some((each) => each.principal === principal))
      .map((principal) => ({ servicePermissionId: newId('vpce-svc-perm'), principal }));
    tx.vpcEndpointServices.put({ ...service, allowedPrincipals: [...present, ...made] });
    return { AddedPrincipals: made.map((each) => showPrincipal(service, each)), ReturnValue: true };
  },
};

/** Moves each endpoint to the state, and tells of those that are not there or in another state than `from`. */
function answerEach(
  { tx }: ActionContext,
  input: Pick<AcceptVpcEndpointConnectionsRequest, 'ServiceId' | 'VpcEndpointIds'>,
  from: readonly VpcEndpoint['state'][],
  state: VpcEndpoint['state'],
): UnsuccessfulItem[] {
  const service = findResource(tx, kinds.vpcEndpointService, input.ServiceId, 'ServiceId');
  const connections = connectionsOf(tx, [service.serviceName]);
  const failed: UnsuccessfulItem[] = [];
  for (const id of input.VpcEndpointIds ?? []) {
    const found = connections.find(({ endpoint }) => endpoint.vpcEndpointId === id);
    if (found !== undefined && from.includes(found.endpoint.state)) {
      tx.transactionOf(found.scope)?.vpcEndpoints.put({ ...found.endpoint, state });
      continue;
    }
    const { code, message } =
      found === undefined
        ? errors.noSuchVpcEndpoint(id)
        : new errors.AwsError('InvalidState', `The endpoint ${id} is in state ${found.endpoint.state}.`);
    failed.push({ ResourceId: id, Error: { Code: code, Message: message } });
  }
  return failed;
}

function checkPrincipal(principal: string): void {
  if (principal === '*' || /^arn:aws[a-z-]*:(iam::[0-9]{12}:|organizations::)/.test(principal)) return;
  throw errors.invalidValue(principal, 'AllowedPrincipals', 'A principal is an ARN, or *.');
}

function typeOf(principal: string): PrincipalType {
  if (principal === '*') return 'All';
  if (principal.includes(':organizations:')) return 'OrganizationUnit';
  if (principal.includes(':user/')) return 'User';
  return principal.includes(':role/') ? 'Role' : 'Account';
}

function showPrincipal({ serviceId }: VpcEndpointService, each: AllowedPrincipal): WirePrincipal {
  return {
    PrincipalType: typeOf(each.principal),
    Principal: each.principal,
    ServicePermissionId: each.servicePermissionId,
    ServiceId: serviceId,
  };
}

function capitalize(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
