import { describeResource } from '../../model/display-names.ts';
import type { Instance } from '../../model/records.ts';
import { hasPublicAddress, ownVpcs, placedInstances } from './common.ts';
import type { FindingRule } from './finding.ts';

/** Mistakes of VPCs\u2019 names and of instances. */
export const INSTANCE_RULES: readonly FindingRule[] = [
  {
    id: 'dns-support-off',
    severity: 'warning',
    title: 'A VPC whose DNS is off',
    why: 'The resolver at the VPC\u2019s second address answers nothing: no name resolves, of the Internet\u2019s neither, unless instances have a resolver of their own.',
    find: (world) =>
      ownVpcs(world)
        .filter(({ enableDnsSupport }) => !enableDnsSupport)
        .map((vpc) => ({
          sentence: `VPC ${describeResource(vpc, vpc.vpcId)} has DNS support off.`,
          objectIds: [vpc.vpcId],
          mend: `aws ec2 modify-vpc-attribute --vpc-id ${vpc.vpcId} --enable-dns-support Value=true`,
        })),
  },
  {
    id: 'dns-hostnames-off',
    severity: 'advice',
    title: 'Public instances without public names',
    why: 'With DNS hostnames off, instances get no public name, and interface endpoints cannot have private DNS.',
    find: (world) =>
      ownVpcs(world)
        .filter(({ enableDnsHostnames }) => !enableDnsHostnames)
        .filter(({ vpcId }) =>
          placedInstances(world).some(({ eni }) => eni.vpcId === vpcId && hasPublicAddress(world, eni)),
        )
        .map((vpc) => ({
          sentence: `VPC ${describeResource(vpc, vpc.vpcId)} has instances with public addresses and DNS hostnames off.`,
          objectIds: [vpc.vpcId],
          mend: `aws ec2 modify-vpc-attribute --vpc-id ${vpc.vpcId} --enable-dns-hostnames Value=true`,
        })),
  },
  {
    id: 'metadata-without-token',
    severity: 'warning',
    title: 'Instance metadata is given without a token',
    why: 'IMDSv1 answers any request that can be made from the instance, a forged one too: whoever can make a server fetch a URL gets its role\u2019s credentials.',
    find: (world) =>
      placedInstances(world)
        .filter(({ instance }) => isOpenMetadata(instance) && instance.instanceProfile !== undefined)
        .map(({ instance }) => ({
          sentence: `Instance ${describeResource(instance, instance.instanceId)} has a role and answers IMDSv1.`,
          objectIds: [instance.instanceId],
          mend: `aws ec2 modify-instance-metadata-options --instance-id ${instance.instanceId} --http-tokens required`,
        })),
  },
  {
    id: 'load-balancer-without-listener',
    severity: 'error',
    title: 'A load balancer without a listener',
    why: 'It takes nothing: every connection to it is dropped.',
    find: (world) =>
      [...world.loadBalancers.values()]
        .filter(
          ({ loadBalancerArn }) => world.listeners.where('loadBalancerArn', loadBalancerArn).length === 0,
        )
        .map(({ loadBalancerName, loadBalancerArn }) => ({
          sentence: `Load balancer ${loadBalancerName} has no listener.`,
          objectIds: [loadBalancerArn],
        })),
  },
  {
    id: 'single-zone',
    severity: 'advice',
    title: 'A VPC whose subnets stand in one zone',
    why: 'When that zone fails, all of it does.',
    find: (world) =>
      ownVpcs(world).flatMap((vpc) => {
        const subnets = world.subnets.where('vpcId', vpc.vpcId);
        const [zone, ...others] = new Set(subnets.map(({ availabilityZone }) => availabilityZone));
        if (zone === undefined || others.length > 0 || subnets.length < 2) return [];
        const sentence = `All ${subnets.length} subnets of VPC ${describeResource(vpc, vpc.vpcId)} stand in ${zone}.`;
        return [{ sentence, objectIds: [vpc.vpcId] }];
      }),
  },
];

function isOpenMetadata({ metadataOptions }: Instance): boolean {
  return metadataOptions.httpEndpoint === 'enabled' && metadataOptions.httpTokens === 'optional';
}
