import { expect, test } from 'vitest';
import { given, refusalOf, TestRegion } from '../../../test/support/ec2.ts';

const BUCKET = 'arn:aws:s3:::logs/vpc/';
const LOG_GROUP = 'arn:aws:logs:us-east-1:123456789012:log-group:flows:*';
const ROLE = 'arn:aws:iam::123456789012:role/flows';

function newRegion() {
  const region = new TestRegion();
  const VpcId = given(region.call('CreateVpc', { CidrBlock: '10.0.0.0/16' }).Vpc?.VpcId);
  const create = (rest: object = {}) =>
    region.call('CreateFlowLogs', {
      ResourceIds: [VpcId],
      ResourceType: 'VPC',
      TrafficType: 'ALL',
      LogDestinationType: 's3',
      LogDestination: BUCKET,
      ...rest,
    });
  const show = (rest: object = {}) => region.call('DescribeFlowLogs', rest).FlowLogs ?? [];
  return { region, VpcId, create, show };
}

test('a flow log has the default format', () => {
  const { VpcId, create, show } = newRegion();
  const { FlowLogIds, Unsuccessful } = create({
    TagSpecifications: [{ ResourceType: 'vpc-flow-log', Tags: [{ Key: 'a', Value: 'b' }] }],
  });
  expect(Unsuccessful).toEqual([]);
  expect(show()).toMatchObject([
    {
      FlowLogId: FlowLogIds?.[0],
      FlowLogStatus: 'ACTIVE',
      ResourceId: VpcId,
      TrafficType: 'ALL',
      LogDestinationType: 's3',
      LogDestination: BUCKET,
      LogFormat:
        '${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}',
      MaxAggregationInterval: 600,
      DeliverLogsStatus: 'SUCCESS',
      DeliverLogsErrorMessage: undefined,
      Tags: [{ Key: 'a', Value: 'b' }],
    },
  ]);
});

test('a log group is named by itself or by its ARN', () => {
  const { create, show } = newRegion();
  const logs = { LogDestinationType: 'cloud-watch-logs', DeliverLogsPermissionArn: ROLE };
  create({ ...logs, LogDestination: LOG_GROUP, TrafficType: 'REJECT', MaxAggregationInterval: 60 });
  create({
    LogDestinationType: undefined,
    LogDestination: undefined,
    LogGroupName: 'other',
    DeliverLogsPermissionArn: ROLE,
  });
  expect(show().map((log) => [log.LogGroupName, log.LogDestination, log.MaxAggregationInterval])).toEqual([
    ['flows', LOG_GROUP, 60],
    ['other', undefined, 600],
  ]);
});

const undelivered: readonly (readonly [rest: object, message: string])[] = [
  [
    { LogDestinationType: 'cloud-watch-logs', LogDestination: LOG_GROUP, DeliverLogsPermissionArn: ROLE },
    'Cloudcroft has no CloudWatch Logs: make the flow log with LogDestinationType s3 and the ARN of a bucket.',
  ],
  [
    { DestinationOptions: { FileFormat: 'parquet' } },
    'Cloudcroft writes flow logs as plain text only: make the flow log with the FileFormat plain-text.',
  ],
];

test.each(undelivered)(
  'a flow log with %j says from the start that nothing is delivered',
  (rest, message) => {
    const { create, show } = newRegion();
    create(rest);
    expect(show()).toMatchObject([{ DeliverLogsStatus: 'FAILED', DeliverLogsErrorMessage: message }]);
  },
);

test('flow logs are found by every filter, by id and by page', () => {
  const { VpcId, create, show, region } = newRegion();
  create({ DestinationOptions: { FileFormat: 'parquet' } });
  const [id] = given(create({ TrafficType: 'REJECT', LogDestination: 'arn:aws:s3:::two' }).FlowLogIds);
  const count = (Name: string, value: string) => show({ Filter: [{ Name, Values: [value] }] }).length;
  expect(count('deliver-log-status', 'FAILED')).toBe(1);
  expect(count('deliver-log-status', 'SUCCESS')).toBe(1);
  expect(count('log-destination-type', 's3')).toBe(2);
  expect(count('flow-log-id', given(id))).toBe(1);
  expect(count('log-group-name', '*')).toBe(0);
  expect(count('resource-id', VpcId)).toBe(2);
  expect(count('traffic-type', 'REJECT')).toBe(1);
  expect(show({ FlowLogIds: [id] })).toHaveLength(1);
  const { NextToken } = region.call('DescribeFlowLogs', { MaxResults: 1 });
  expect(show({ NextToken })).toHaveLength(1);
});

const refusals: readonly (readonly [rest: object, refusal: string])[] = [
  [{ ResourceIds: [] }, 'MissingParameter: The request must contain the parameter ResourceId'],
  [{ TrafficType: undefined }, "InvalidParameter: TrafficType can't be empty."],
  [{ MaxAggregationInterval: 30 }, 'InvalidParameter: Invalid Flow Log Max Aggregation Interval'],
  [
    { LogDestination: undefined },
    "InvalidParameter: LogDestination can't be empty if LogGroupName is not provided.",
  ],
  [
    { LogGroupName: 'x' },
    'InvalidParameter: Please only provide LogGroupName or only provide LogDestination.',
  ],
  [
    { LogDestination: undefined, LogGroupName: 'x' },
    'InvalidParameter: LogDestination type must be cloud-watch-logs if LogGroupName is provided.',
  ],
  [
    { LogDestinationType: 'cloud-watch-logs', LogDestination: LOG_GROUP },
    "InvalidParameter: DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.",
  ],
  [
    { DeliverLogsPermissionArn: ROLE },
    'InvalidParameter: DeliverLogsPermissionArn is not applicable for s3 delivery',
  ],
  [
    { LogDestination: LOG_GROUP },
    `InvalidParameter: LogDestination: ${LOG_GROUP} is not a valid ARN of its destination type.`,
  ],
  [
    { LogDestination: 'arn:aws:s3:::b/AWSLogs/' },
    'InvalidParameter: LogDestination: arn:aws:s3:::b/AWSLogs/ is not a valid ARN of its destination type.',
  ],
  [
    { LogDestination: 'arn:aws:s3:::logs/AWSLogs/' },
    'InvalidParameter: LogDestination can not contain the reserved folder name AWSLogs.',
  ],
  [{ LogFormat: '${version} ${nope}' }, 'InvalidParameter: Unknown fields provided: [${nope}]'],
];

test.each(refusals)('a flow log with %j is refused', (rest, refusal) => {
  const { create } = newRegion();
  expect(refusalOf(() => create(rest))).toBe(refusal);
});

test('S124 the same flow log is not made twice; a resource has two at most', () => {
  const { create } = newRegion();
  create();
  expect(refusalOf(() => create())).toBe(
    'FlowLogAlreadyExists: Error. There is an existing Flow Log with the same configuration and log destination.',
  );
  create({ TrafficType: 'ACCEPT' });
  expect(refusalOf(() => create({ TrafficType: 'REJECT' }))).toMatch(/^FlowLogsLimitExceeded/);
});

test('what of several resources is not there is told apart; what is deleted is gone', () => {
  const { region, VpcId, create, show } = newRegion();
  const { FlowLogIds, Unsuccessful } = create({ ResourceIds: ['vpc-0', VpcId] });
  expect(Unsuccessful).toEqual([
    {
      ResourceId: 'vpc-0',
      Error: { Code: 'InvalidVpcID.NotFound', Message: "The vpc ID 'vpc-0' does not exist" },
    },
  ]);
  region.call('DeleteFlowLogs', { FlowLogIds: given(FlowLogIds) });
  expect(show()).toEqual([]);
  const remove = (id: string) => refusalOf(() => region.call('DeleteFlowLogs', { FlowLogIds: [id] }));
  expect(remove('fl-1')).toBe(
    'InvalidFlowLogId.NotFound: These flow log ids in the input list are not found: [TotalCount: 1] fl-1',
  );
  expect(remove('x')).toMatch(/^InvalidFlowLogId.Malformed/);
});
