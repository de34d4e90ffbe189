import { AwsError } from '../../ec2/errors.ts';
import { inputOf, pick } from '../action-input.ts';
import { declareProperties, invalidProperty, PropertyReader } from '../properties.ts';
import type { RecordType } from '../resource-type.ts';
import { changedFlag, given, listChange, unlessGone } from './steps.ts';
import { retagResource, tagResource } from './tags.ts';

const CREATED_WITH = [
  'AcceptanceRequired',
  'GatewayLoadBalancerArns',
  'NetworkLoadBalancerArns',
  'SupportedIpAddressTypes',
];

const endpointService: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::VPCEndpointService',
  properties: declareProperties({
    AcceptanceRequired: 'Boolean',
    ContributorInsightsEnabled: 'Boolean',
    GatewayLoadBalancerArns: 'List',
    NetworkLoadBalancerArns: 'List',
    SupportedIpAddressTypes: 'List',
    Tags: 'List',
  }),
  attributes: ['ServiceId'],
  create(context, properties) {
    const input = inputOf('CreateVpcEndpointServiceConfiguration', pick(properties, ...CREATED_WITH));
    const made = context.call('CreateVpcEndpointServiceConfiguration', input).ServiceConfiguration;
    const id = given(made?.ServiceId);
    tagResource(context, id, properties);
    return id;
  },
  update(context, ServiceId, before, after) {
    const network = listChange('NetworkLoadBalancerArns', before, after);
    const gateway = listChange('GatewayLoadBalancerArns', before, after);
    const types = listChange('SupportedIpAddressTypes', before, after);
    const required = changedFlag('AcceptanceRequired', true, before, after);
    context.call('ModifyVpcEndpointServiceConfiguration', {
      ServiceId,
      AddNetworkLoadBalancerArns: network.added,
      RemoveNetworkLoadBalancerArns: network.removed,
      AddGatewayLoadBalancerArns: gateway.added,
      RemoveGatewayLoadBalancerArns: gateway.removed,
      AddSupportedIpAddressTypes: types.added,
      RemoveSupportedIpAddressTypes: types.removed,
      ...(required === undefined ? {} : { AcceptanceRequired: required }),
    });
    retagResource(context, ServiceId, before, after);
  },
  delete(context, id) {
    const reply = context.call('DeleteVpcEndpointServiceConfigurations', { ServiceIds: [id] });
    const { Code = '', Message = '' } = reply.Unsuccessful?.[0]?.Error ?? {};
    if (Code !== '' && !Code.endsWith('.NotFound')) throw new AwsError(Code, Message);
  },
  attributesOf: (_, id) => ({ ServiceId: id }),
};

/** Whom a service lets connect; a service has these permissions once. */
const servicePermissions: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::VPCEndpointServicePermissions',
  properties: declareProperties({ ServiceId: 'String! replace', AllowedPrincipals: 'List' }),
  attributes: [],
  create(context, properties) {
    const read = new PropertyReader(properties);
    const ServiceId = read.demand('ServiceId');
    if ((context.action.tx.vpcEndpointServices.get(ServiceId)?.allowedPrincipals.length ?? 0) > 0) {
      throw invalidProperty(`Permissions of ${ServiceId} already exist.`);
    }
    const AddAllowedPrincipals = [...read.texts('AllowedPrincipals')];
    context.call('ModifyVpcEndpointServicePermissions', { ServiceId, AddAllowedPrincipals });
    return ServiceId;
  },
  update(context, ServiceId, before, after) {
    const { added, removed } = listChange('AllowedPrincipals', before, after);
    const change = { AddAllowedPrincipals: added, RemoveAllowedPrincipals: removed };
    context.call('ModifyVpcEndpointServicePermissions', { ServiceId, ...change });
  },
  delete(context, ServiceId, properties) {
    const RemoveAllowedPrincipals = [...new PropertyReader(properties).texts('AllowedPrincipals')];
    const input = { ServiceId, RemoveAllowedPrincipals };
    unlessGone(() => context.call('ModifyVpcEndpointServicePermissions', input));
  },
};

/** Services that accounts offer by PrivateLink. */
export const endpointServiceTypes: readonly RecordType[] = [endpointService, servicePermissions];
