import type { Step } from './scenario.ts';

/** An ed25519 key as OpenSSH writes the public half of one; made for this test. */
const PUBLIC_KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f someone@example.test';

/** Instances, what they are launched from, and their interfaces. */
export const instanceSteps: readonly Step[] = [
  ['DescribeInstanceTypes', { InstanceTypes: ['t3.micro', 'm5.large'] }],
  [
    'DescribeInstanceTypeOfferings',
    { LocationType: 'availability-zone', Filters: [{ Name: 'instance-type', Values: ['t3.*'] }] },
  ],
  [
    'DescribeImages',
    { Owners: ['amazon'], Filters: [{ Name: 'name', Values: ['al2023-ami-2023.*-x86_64'] }] },
    { image: 'Images.0.ImageId' },
  ],
  [
    'RegisterImage',
    { Name: 'brought', ImageLocation: 'cloudcroft:ami-00000000000000001' },
    { brought: 'ImageId' },
  ],
  ['DeregisterImage', { ImageId: '$brought' }],
  ['CreateKeyPair', { KeyName: 'made' }],
  ['ImportKeyPair', { KeyName: 'mine', PublicKeyMaterial: new TextEncoder().encode(PUBLIC_KEY) }],
  ['DescribeKeyPairs', { KeyNames: ['mine'], IncludePublicKey: true }],
  ['DeleteKeyPair', { KeyName: 'made' }],

  [
    'CreateLaunchTemplate',
    {
      LaunchTemplateName: 'web',
      VersionDescription: 'the first',
      LaunchTemplateData: {
        ImageId: '$image',
        InstanceType: 't3.micro',
        KeyName: 'mine',
        MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2 },
        TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'from', Value: 'template' }] }],
      },
    },
    { template: 'LaunchTemplate.LaunchTemplateId' },
  ],
  [
    'CreateLaunchTemplateVersion',
    { LaunchTemplateId: '$template', SourceVersion: '1', LaunchTemplateData: { InstanceType: 't3.small' } },
  ],
  ['ModifyLaunchTemplate', { LaunchTemplateId: '$template', DefaultVersion: '2' }],
  ['DescribeLaunchTemplates', { LaunchTemplateNames: ['web'] }],
  ['DescribeLaunchTemplateVersions', { LaunchTemplateId: '$template', Versions: ['$Latest', '1'] }],

  ['CreateVpc', { CidrBlock: '10.0.0.0/16', AmazonProvidedIpv6CidrBlock: true }, { vpc: 'Vpc.VpcId' }],
  ['DescribeVpcs', { VpcIds: ['$vpc'] }, { block: 'Vpcs.0.Ipv6CidrBlockAssociationSet.0.Ipv6CidrBlock' }],
  ['CreateSubnet', { VpcId: '$vpc', CidrBlock: '10.0.0.0/24' }, { subnet: 'Subnet.SubnetId' }],
  [
    'RunInstances',
    {
      LaunchTemplate: { LaunchTemplateId: '$template' },
      MinCount: 1,
      MaxCount: 2,
      SubnetId: '$subnet',
      UserData: 'IyEvYmluL3NoCmVjaG8gaGVsbG8K',
      CreditSpecification: { CpuCredits: 'standard' },
      BlockDeviceMappings: [
        { DeviceName: '/dev/xvda', Ebs: { VolumeSize: 20, Encrypted: true } },
        { DeviceName: '/dev/sdf', Ebs: { VolumeSize: 100, VolumeType: 'io2', Iops: 1000 } },
      ],
      TagSpecifications: [
        { ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'web' }] },
        { ResourceType: 'volume', Tags: [{ Key: 'Name', Value: 'disk' }] },
      ],
    },
    { instance: 'Instances.0.InstanceId', other: 'Instances.1.InstanceId' },
  ],
  ['DescribeInstances', { Filters: [{ Name: 'tag:Name', Values: ['w*'] }] }],
  ['DescribeInstanceStatus', { InstanceIds: ['$instance'] }],
  ['GetConsoleOutput', { InstanceId: '$instance' }],
  ['DescribeVolumes', { Filters: [{ Name: 'attachment.instance-id', Values: ['$instance'] }] }],
  ['MonitorInstances', { InstanceIds: ['$instance'] }],
  ['UnmonitorInstances', { InstanceIds: ['$instance'] }],
  ['DescribeInstanceCreditSpecifications', { InstanceIds: ['$instance'] }],
  ['DescribeInstanceAttribute', { InstanceId: '$instance', Attribute: 'userData' }],
  ['ModifyInstanceAttribute', { InstanceId: '$instance', DisableApiTermination: { Value: false } }],
  ['ModifyInstanceMetadataOptions', { InstanceId: '$instance', HttpTokens: 'optional' }],
  ['ModifyInstanceMaintenanceOptions', { InstanceId: '$instance', AutoRecovery: 'disabled' }],
  ['ModifyPrivateDnsNameOptions', { InstanceId: '$instance', EnableResourceNameDnsARecord: true }],
  [
    'ModifyInstanceCreditSpecification',
    { InstanceCreditSpecifications: [{ InstanceId: '$instance', CpuCredits: 'standard' }] },
  ],
  [
    'AssociateIamInstanceProfile',
    { InstanceId: '$instance', IamInstanceProfile: { Name: 'web' } },
    { profile: 'IamInstanceProfileAssociation.AssociationId' },
  ],
  ['DescribeIamInstanceProfileAssociations', { AssociationIds: ['$profile'] }],
  [
    'ReplaceIamInstanceProfileAssociation',
    { AssociationId: '$profile', IamInstanceProfile: { Name: 'other' } },
    { profile: 'IamInstanceProfileAssociation.AssociationId' },
  ],
  ['DisassociateIamInstanceProfile', { AssociationId: '$profile' }],
  ['RebootInstances', { InstanceIds: ['$instance'] }],

  [
    'CreateNetworkInterface',
    { SubnetId: '$subnet', Description: 'second', PrivateIpAddress: '10.0.0.50' },
    { eni: 'NetworkInterface.NetworkInterfaceId' },
  ],
  [
    'AttachNetworkInterface',
    { NetworkInterfaceId: '$eni', InstanceId: '$instance', DeviceIndex: 1 },
    { attachment: 'AttachmentId' },
  ],
  ['ModifyNetworkInterfaceAttribute', { NetworkInterfaceId: '$eni', SourceDestCheck: { Value: false } }],
  ['DescribeNetworkInterfaceAttribute', { NetworkInterfaceId: '$eni', Attribute: 'sourceDestCheck' }],
  [
    'ModifyNetworkInterfaceAttribute',
    {
      NetworkInterfaceId: '$eni',
      ConnectionTrackingSpecification: { TcpEstablishedTimeout: 350, UdpTimeout: 60 },
    },
  ],
  ['DescribeNetworkInterfaces', { Filters: [{ Name: 'attachment.instance-id', Values: ['$instance'] }] }],
  ['AssignPrivateIpAddresses', { NetworkInterfaceId: '$eni', PrivateIpAddresses: ['10.0.0.51'] }],
  ['UnassignPrivateIpAddresses', { NetworkInterfaceId: '$eni', PrivateIpAddresses: ['10.0.0.51'] }],
  ['AssociateSubnetCidrBlock', { SubnetId: '$subnet', Ipv6CidrBlock: '$block' }],
  [
    'AssignIpv6Addresses',
    { NetworkInterfaceId: '$eni', Ipv6AddressCount: 1 },
    { ipv6: 'AssignedIpv6Addresses.0' },
  ],
  ['UnassignIpv6Addresses', { NetworkInterfaceId: '$eni', Ipv6Addresses: ['$ipv6'] }],

  ['CreateInternetGateway', {}, { igw: 'InternetGateway.InternetGatewayId' }],
  ['AttachInternetGateway', { InternetGatewayId: '$igw', VpcId: '$vpc' }],
  ['AllocateAddress', {}, { address: 'AllocationId' }],
  [
    'AssociateAddress',
    { AllocationId: '$address', NetworkInterfaceId: '$eni' },
    { association: 'AssociationId' },
  ],
  ['DisassociateAddress', { AssociationId: '$association' }],

  [
    'CreateNetworkInsightsPath',
    { Source: '$instance', Destination: '$other', Protocol: 'tcp', DestinationPort: 22 },
    { path: 'NetworkInsightsPath.NetworkInsightsPathId' },
  ],
  ['DescribeNetworkInsightsPaths', { NetworkInsightsPathIds: ['$path'] }],
  [
    'StartNetworkInsightsAnalysis',
    { NetworkInsightsPathId: '$path' },
    { analysis: 'NetworkInsightsAnalysis.NetworkInsightsAnalysisId' },
  ],
  ['DescribeNetworkInsightsAnalyses', { NetworkInsightsAnalysisIds: ['$analysis'] }],
  ['DeleteNetworkInsightsAnalysis', { NetworkInsightsAnalysisId: '$analysis' }],
  ['DeleteNetworkInsightsPath', { NetworkInsightsPathId: '$path' }],
  [
    'CreateNetworkInsightsAccessScope',
    {
      MatchPaths: [
        {
          Source: { ResourceStatement: { ResourceTypes: ['AWS::EC2::NetworkInterface'] } },
          Destination: {
            ResourceStatement: { Resources: ['$other'] },
            PacketHeaderStatement: { Protocols: ['tcp'], DestinationPorts: ['22'] },
          },
        },
      ],
    },
    { scope: 'NetworkInsightsAccessScope.NetworkInsightsAccessScopeId' },
  ],
  ['DescribeNetworkInsightsAccessScopes', { NetworkInsightsAccessScopeIds: ['$scope'] }],
  ['GetNetworkInsightsAccessScopeContent', { NetworkInsightsAccessScopeId: '$scope' }],
  [
    'StartNetworkInsightsAccessScopeAnalysis',
    { NetworkInsightsAccessScopeId: '$scope' },
    { scoped: 'NetworkInsightsAccessScopeAnalysis.NetworkInsightsAccessScopeAnalysisId' },
  ],
  ['DescribeNetworkInsightsAccessScopeAnalyses', { NetworkInsightsAccessScopeAnalysisIds: ['$scoped'] }],
  ['GetNetworkInsightsAccessScopeAnalysisFindings', { NetworkInsightsAccessScopeAnalysisId: '$scoped' }],
  ['DeleteNetworkInsightsAccessScopeAnalysis', { NetworkInsightsAccessScopeAnalysisId: '$scoped' }],
  ['DeleteNetworkInsightsAccessScope', { NetworkInsightsAccessScopeId: '$scope' }],

  ['DetachNetworkInterface', { AttachmentId: '$attachment' }],
  ['DeleteNetworkInterface', { NetworkInterfaceId: '$eni' }],
  ['StopInstances', { InstanceIds: ['$instance', '$other'] }],
  ['GetInstanceUefiData', { InstanceId: '$instance' }],
  ['StartInstances', { InstanceIds: ['$instance'] }],
  ['TerminateInstances', { InstanceIds: ['$instance', '$other'] }],
  ['DescribeInstances', { InstanceIds: ['$instance'] }],
  ['DeleteLaunchTemplate', { LaunchTemplateId: '$template' }],
];
