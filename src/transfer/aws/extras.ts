import type { Dump } from './dump.ts';
import { type Item, optional } from './item.ts';
import { NO_TIME, type Target } from './target.ts';

/** What no packet notices: flow logs and launch templates. */
export function importExtras(dump: Dump, target: Target): void {
  dump.each('FlowLogs', (item) => importFlowLog(dump, target, item));
  dump.each('LaunchTemplateVersions', (item) => {
    const launchTemplateId = item.id('LaunchTemplateId');
    const versionNumber = item.must('VersionNumber', (version) => version.number('VersionNumber'));
    target.launchTemplateVersions.put({
      versionId: `${launchTemplateId}:${versionNumber}`,
      launchTemplateId,
      versionNumber,
      ...optional('versionDescription', item.text('VersionDescription')),
      createTime: item.time('CreateTime') ?? NO_TIME,
      createdBy: item.text('CreatedBy') ?? '',
      launchTemplateData: JSON.stringify(item.item('LaunchTemplateData')?.value ?? {}),
    });
  });
  dump.each('LaunchTemplates', (item) => importLaunchTemplate(dump, target, item));
}

function importLaunchTemplate(dump: Dump, target: Target, item: Item): void {
  const launchTemplateId = item.id('LaunchTemplateId');
  const defaultVersionNumber = item.number('DefaultVersionNumber') ?? 1;
  const launchTemplateName = item.need('LaunchTemplateName');
  if (target.launchTemplateVersions.get(`${launchTemplateId}:${defaultVersionNumber}`) === undefined) {
    const why = `${launchTemplateId} (${launchTemplateName}): its default version is in no file.`;
    dump.report.tell('left out', why);
    dump.setAside('LaunchTemplates', item, why);
    return;
  }
  target.launchTemplates.put({
    launchTemplateId,
    launchTemplateName,
    createTime: item.time('CreateTime') ?? NO_TIME,
    createdBy: item.text('CreatedBy') ?? '',
    defaultVersionNumber,
    latestVersionNumber: item.number('LatestVersionNumber') ?? defaultVersionNumber,
    tags: item.tags(),
  });
}

function importFlowLog(dump: Dump, target: Target, item: Item): void {
  const flowLogId = item.id('FlowLogId');
  const logDestinationType = item.text('LogDestinationType') ?? 'cloud-watch-logs';
  if (logDestinationType !== 'cloud-watch-logs' && logDestinationType !== 's3') {
    dump.report.tell('left out', `${flowLogId} goes to ${logDestinationType}, which Cloudcroft has not.`);
    dump.setAside('FlowLogs', item, `It goes to ${logDestinationType}.`);
    return;
  }
  const options = item.item('DestinationOptions');
  target.flowLogs.put({
    flowLogId,
    resourceId: item.id('ResourceId'),
    trafficType: item.word('TrafficType', ['ACCEPT', 'REJECT', 'ALL']) ?? 'ALL',
    logDestinationType,
    ...optional('logDestination', item.text('LogDestination')),
    ...optional('logGroupName', item.text('LogGroupName')),
    ...optional('deliverLogsPermissionArn', item.text('DeliverLogsPermissionArn')),
    ...optional('deliverCrossAccountRole', item.text('DeliverCrossAccountRole')),
    logFormat: item.text('LogFormat') ?? '',
    maxAggregationInterval: item.number('MaxAggregationInterval') ?? 600,
    ...(options === undefined
      ? {}
      : {
          destinationOptions: {
            fileFormat: options.word('FileFormat', ['plain-text', 'parquet']) ?? 'plain-text',
            hiveCompatiblePartitions: options.flag('HiveCompatiblePartitions'),
            perHourPartition: options.flag('PerHourPartition'),
          },
        }),
    creationTime: item.time('CreationTime') ?? NO_TIME,
    ...optional('deliverLogsErrorMessage', item.text('DeliverLogsErrorMessage')),
    tags: item.tags(),
  });
}
