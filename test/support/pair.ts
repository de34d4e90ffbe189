import { given, TestRegion } from './ec2.ts';

/** Two instances that run, in one public subnet of a default VPC; by their group only they let each other in. */
export function newPair() {
  const region = new TestRegion({ isSeeded: true });
  const images = region.call('DescribeImages', {
    Filters: [{ Name: 'name', Values: ['al2023-ami-2023.*-x86_64'] }],
  });
  const launched = region.call('RunInstances', {
    ImageId: given(images.Images?.[0]?.ImageId),
    InstanceType: 't3.micro',
    MinCount: 2,
    MaxCount: 2,
  });
  for (const { InstanceId } of launched.Instances ?? []) {
    region.write(({ tx }) => {
      tx.instances.put({ ...given(tx.instances.get(given(InstanceId))), state: 'running' });
    });
  }
  const [Source = '', Destination = ''] = (launched.Instances ?? []).map(({ InstanceId }) =>
    given(InstanceId),
  );
  const GroupId = given(launched.Instances?.[0]?.SecurityGroups?.[0]?.GroupId);
  return { region, Source, Destination, GroupId };
}
