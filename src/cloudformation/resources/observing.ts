import { AwsError } from '../../ec2/errors.ts';
import { inputOf, pick } from '../action-input.ts';
import { declareProperties } from '../properties.ts';
import type { RecordType } from '../resource-type.ts';
import { given, unlessGone } from './steps.ts';
import { retagResource, tagResource } from './tags.ts';

const FLOW_LOG = [
  'DeliverCrossAccountRole',
  'DeliverLogsPermissionArn',
  'DestinationOptions',
  'LogDestination',
  'LogDestinationType',
  'LogFormat',
  'LogGroupName',
  'MaxAggregationInterval',
  'ResourceType',
  'TrafficType',
];

const flowLog: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::FlowLog',
  properties: declareProperties({
    ResourceId: 'String! replace',
    ResourceType: 'String! replace',
    TrafficType: 'String replace',
    DeliverCrossAccountRole: 'String replace',
    DeliverLogsPermissionArn: 'String replace',
    DestinationOptions: 'Map replace',
    LogDestination: 'String replace',
    LogDestinationType: 'String replace',
    LogFormat: 'String replace',
    LogGroupName: 'String replace',
    MaxAggregationInterval: 'Integer replace',
    Tags: 'List',
  }),
  attributes: ['Id'],
  create(context, properties) {
    const input = inputOf('CreateFlowLogs', {
      ...pick(properties, ...FLOW_LOG),
      ResourceIds: [properties['ResourceId'] ?? ''],
    });
    const made = context.call('CreateFlowLogs', input);
    const refused = made.Unsuccessful?.[0]?.Error;
    if (refused !== undefined) throw new AwsError(refused.Code ?? '', refused.Message ?? '');
    const id = given(made.FlowLogIds?.[0]);
    tagResource(context, id, properties);
    return id;
  },
  update: retagResource,
  delete(context, id) {
    unlessGone(() => context.call('DeleteFlowLogs', { FlowLogIds: [id] }));
  },
  attributesOf: (_, id) => ({ Id: id }),
};

const PATH = [
  'Source',
  'Destination',
  'SourceIp',
  'DestinationIp',
  'DestinationPort',
  'Protocol',
  'FilterAtSource',
  'FilterAtDestination',
];

const networkInsightsPath: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::NetworkInsightsPath',
  properties: declareProperties({
    Source: 'String! replace',
    Protocol: 'String! replace',
    Destination: 'String replace',
    DestinationIp: 'String replace',
    DestinationPort: 'Integer replace',
    FilterAtDestination: 'Map replace',
    FilterAtSource: 'Map replace',
    SourceIp: 'String replace',
    Tags: 'List',
  }),
  attributes: [
    'CreatedDate',
    'DestinationArn',
    'NetworkInsightsPathArn',
    'NetworkInsightsPathId',
    'SourceArn',
  ],
  create(context, properties) {
    const input = inputOf('CreateNetworkInsightsPath', pick(properties, ...PATH));
    const made = context.call('CreateNetworkInsightsPath', input).NetworkInsightsPath;
    const id = given(made?.NetworkInsightsPathId);
    tagResource(context, id, properties);
    return id;
  },
  update: retagResource,
  delete(context, NetworkInsightsPathId) {
    unlessGone(() => context.call('DeleteNetworkInsightsPath', { NetworkInsightsPathId }));
  },
  attributesOf(context, id) {
    const found = context.call('DescribeNetworkInsightsPaths', { NetworkInsightsPathIds: [id] });
    const path = found.NetworkInsightsPaths?.[0];
    return {
      NetworkInsightsPathId: id,
      NetworkInsightsPathArn: path?.NetworkInsightsPathArn ?? '',
      CreatedDate: path?.CreatedDate?.toISOString() ?? '',
      SourceArn: path?.SourceArn ?? '',
      ...(path?.DestinationArn === undefined ? {} : { DestinationArn: path.DestinationArn }),
    };
  },
};

/** An analysis says how it was when it was made: only another one says how it is. */
const networkInsightsAnalysis: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::NetworkInsightsAnalysis',
  properties: declareProperties({
    NetworkInsightsPathId: 'String! replace',
    AdditionalAccounts: 'List replace',
    FilterInArns: 'List replace',
    FilterOutArns: 'List replace',
    Tags: 'List',
  }),
  attributes: [
    'NetworkInsightsAnalysisArn',
    'NetworkInsightsAnalysisId',
    'NetworkPathFound',
    'StartDate',
    'Status',
    'StatusMessage',
  ],
  create(context, properties) {
    const { Tags: _later, ...wish } = properties;
    const input = inputOf('StartNetworkInsightsAnalysis', wish);
    const made = context.call('StartNetworkInsightsAnalysis', input).NetworkInsightsAnalysis;
    const id = given(made?.NetworkInsightsAnalysisId);
    tagResource(context, id, properties);
    return id;
  },
  update: retagResource,
  delete(context, NetworkInsightsAnalysisId) {
    unlessGone(() => context.call('DeleteNetworkInsightsAnalysis', { NetworkInsightsAnalysisId }));
  },
  attributesOf(context, id) {
    const input = { NetworkInsightsAnalysisIds: [id] };
    const analysis = context.call('DescribeNetworkInsightsAnalyses', input).NetworkInsightsAnalyses?.[0];
    return {
      NetworkInsightsAnalysisId: id,
      NetworkInsightsAnalysisArn: analysis?.NetworkInsightsAnalysisArn ?? '',
      NetworkPathFound: analysis?.NetworkPathFound ?? false,
      StartDate: analysis?.StartDate?.toISOString() ?? '',
      Status: analysis?.Status ?? '',
      StatusMessage: analysis?.StatusMessage ?? '',
    };
  },
};

/** What watches a network: flow logs, paths and analyses. */
export const observingTypes: readonly RecordType[] = [flowLog, networkInsightsPath, networkInsightsAnalysis];
