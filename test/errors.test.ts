import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Quotas, STANDARD_QUOTAS } from '../src/ec2/quotas.ts';
import { Ec2Endpoint } from './clients/ec2-endpoint.ts';
import { fillIn, fillInText, type Memory, type Request, type Step } from './clients/scenario.ts';
import { Sdk } from './clients/sdk.ts';

/** Every code of semantics section 11, in its order. */
const CODES = [
  ...['InvalidVpcID.NotFound', 'InvalidSubnetID.NotFound', 'InvalidInternetGatewayID.NotFound'],
  ...['InvalidRouteTableID.NotFound', 'InvalidRoute.NotFound', 'InvalidNetworkAclID.NotFound'],
  ...['InvalidNetworkAclEntry.NotFound', 'InvalidGroup.NotFound', 'InvalidSecurityGroupRuleId.NotFound'],
  ...['InvalidAllocationID.NotFound', 'InvalidAssociationID.NotFound', 'InvalidAddress.NotFound'],
  ...['InvalidNetworkInterfaceID.NotFound', 'InvalidAttachmentID.NotFound', 'InvalidInstanceID.NotFound'],
  // Semantics has moto's spelling, …ConnectionId; AWS's own waiter and Terraform know this one.
  ...['InvalidKeyPair.NotFound', 'InvalidVpcEndpointId.NotFound', 'InvalidVpcPeeringConnectionID.NotFound'],
  ...['InvalidFlowLogId.NotFound', 'InvalidDhcpOptionID.NotFound', 'NatGatewayNotFound'],
  'InvalidPrefixListID.NotFound',
  ...['DependencyViolation', 'CannotDelete', 'Gateway.NotAttached', 'Resource.AlreadyAssociated'],
  ...['IncorrectState', 'IncorrectInstanceState', 'InvalidStateTransition', 'InvalidPermission.Duplicate'],
  ...['InvalidGroup.Duplicate', 'InvalidGroup.Reserved', 'InvalidKeyPair.Duplicate', 'RouteAlreadyExists'],
  ...['RouteNotSupported', 'NetworkAclEntryAlreadyExists', 'InvalidSubnet.Conflict'],
  ...['InvalidIPAddress.InUse', 'InvalidNetworkInterface.InUse', 'DefaultVpcAlreadyExists'],
  ...['FlowLogAlreadyExists', 'PrefixListVersionMismatch', 'OperationNotPermitted'],
  ...['InvalidVpc.Range', 'InvalidSubnet.Range', 'InvalidParameterValue', 'InvalidParameterCombination'],
  ...['InvalidParameter', 'MissingParameter', '*.Malformed', 'NotAvailableInZone', 'UnsupportedOperation'],
  ...['VpcLimitExceeded', 'SubnetLimitExceeded', 'AddressLimitExceeded', 'SecurityGroupLimitExceeded'],
  ...['RulesPerSecurityGroupLimitExceeded', 'CidrLimitExceeded', 'InsufficientFreeAddressesInSubnet'],
];

/** By issue 3 these are AWS's quotas of a region, for those who ask for them; this world does not. */

/** What no request to this world is refused with, and why. */
const NEVER: Readonly<Record<string, string>> = {
  NotAvailableInZone: 'AWS refuses NAT gateways in zones that are full; every zone here takes them.',
};

/** Ids that nothing has end in this. */
const NONE = '0123456789abcdef0';

/** A world with one of each; `$name` below is what these steps kept. */
const world: readonly Step[] = [
  [
    'CreateVpc',
    { CidrBlock: '10.0.0.0/16' },
    { vpc: 'Vpc.VpcId', vpcBlock: 'Vpc.CidrBlockAssociationSet.0.AssociationId' },
  ],
  ['CreateVpc', { CidrBlock: '10.1.0.0/16' }, { peer: 'Vpc.VpcId' }],
  ['CreateSubnet', { VpcId: '$vpc', CidrBlock: '10.0.0.0/24' }, { subnet: 'Subnet.SubnetId' }],
  ['CreateSubnet', { VpcId: '$vpc', CidrBlock: '10.0.1.0/28' }, { small: 'Subnet.SubnetId' }],
  ['CreateInternetGateway', {}, { igw: 'InternetGateway.InternetGatewayId' }],
  ['CreateInternetGateway', {}, { loose: 'InternetGateway.InternetGatewayId' }],
  ['AttachInternetGateway', { InternetGatewayId: '$igw', VpcId: '$vpc' }],
  ['CreateRouteTable', { VpcId: '$vpc' }, { table: 'RouteTable.RouteTableId' }],
  ['CreateRoute', { RouteTableId: '$table', DestinationCidrBlock: '0.0.0.0/0', GatewayId: '$igw' }],
  ['CreateNetworkAcl', { VpcId: '$vpc' }, { acl: 'NetworkAcl.NetworkAclId' }],
  [
    'CreateNetworkAclEntry',
    {
      NetworkAclId: '$acl',
      RuleNumber: 100,
      Protocol: '-1',
      RuleAction: 'allow',
      Egress: false,
      CidrBlock: '0.0.0.0/0',
    },
  ],
  ['CreateSecurityGroup', { VpcId: '$vpc', GroupName: 'web', Description: 'web' }, { group: 'GroupId' }],
  [
    'AuthorizeSecurityGroupIngress',
    { GroupId: '$group', IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIp: '0.0.0.0/0' },
  ],
  [
    'DescribeSecurityGroups',
    {
      Filters: [
        { Name: 'vpc-id', Values: ['$vpc'] },
        { Name: 'group-name', Values: ['default'] },
      ],
    },
    { defaultGroup: 'SecurityGroups.0.GroupId' },
  ],
  ['CreateKeyPair', { KeyName: 'mine', KeyType: 'ed25519' }],
  [
    'DescribeImages',
    { Filters: [{ Name: 'name', Values: ['al2023-ami-2023.*-x86_64'] }] },
    { image: 'Images.0.ImageId' },
  ],
  [
    'RunInstances',
    {
      ImageId: '$image',
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      NetworkInterfaces: [{ DeviceIndex: 0, SubnetId: '$subnet', PrivateIpAddress: '10.0.0.10' }],
    },
    {
      instance: 'Instances.0.InstanceId',
      eni: 'Instances.0.NetworkInterfaces.0.NetworkInterfaceId',
      attachment: 'Instances.0.NetworkInterfaces.0.Attachment.AttachmentId',
    },
  ],
  ['AllocateAddress', {}, { address: 'AllocationId', publicIp: 'PublicIp' }],
  ['CreateNatGateway', { SubnetId: '$subnet', AllocationId: '$address' }, { nat: 'NatGateway.NatGatewayId' }],
  [
    'DescribeNatGateways',
    { NatGatewayIds: ['$nat'] },
    { natAssociation: 'NatGateways.0.NatGatewayAddresses.0.AssociationId' },
  ],
  [
    'CreateVpcEndpoint',
    { VpcId: '$vpc', ServiceName: 'com.amazonaws.us-east-1.s3', RouteTableIds: ['$table'] },
    { endpoint: 'VpcEndpoint.VpcEndpointId' },
  ],
  [
    'CreateVpcPeeringConnection',
    { VpcId: '$vpc', PeerVpcId: '$peer' },
    { pcx: 'VpcPeeringConnection.VpcPeeringConnectionId' },
  ],
  ['RejectVpcPeeringConnection', { VpcPeeringConnectionId: '$pcx' }],
  [
    'CreateFlowLogs',
    {
      ResourceType: 'VPC',
      ResourceIds: ['$vpc'],
      TrafficType: 'ALL',
      LogDestinationType: 's3',
      LogDestination: 'arn:aws:s3:::bucket',
    },
  ],
  [
    'CreateManagedPrefixList',
    { PrefixListName: 'offices', AddressFamily: 'IPv4', MaxEntries: 61 },
    { list: 'PrefixList.PrefixListId' },
  ],
  ['CreateTransitGateway', {}, { tgw: 'TransitGateway.TransitGatewayId' }],
  [
    'CreateTransitGatewayVpcAttachment',
    { TransitGatewayId: '$tgw', VpcId: '$vpc', SubnetIds: ['$subnet'] },
    { tgwAttachment: 'TransitGatewayVpcAttachment.TransitGatewayAttachmentId' },
  ],
  ['CreateVpc', { CidrBlock: '10.2.0.0/16' }, { full: 'Vpc.VpcId' }],
  ...[3, 4, 5, 6].map(
    (second): Step => ['AssociateVpcCidrBlock', { VpcId: '$full', CidrBlock: `10.${second}.0.0/16` }],
  ),
];

/** A code, a request that AWS refuses with it, and its message. */
type Case = readonly [code: string, request: Request, message: string];

const cases: readonly Case[] = [
  [
    'InvalidVpcID.NotFound',
    ['DeleteVpc', { VpcId: `vpc-${NONE}` }],
    `The vpc ID 'vpc-${NONE}' does not exist`,
  ],
  [
    'InvalidSubnetID.NotFound',
    ['DeleteSubnet', { SubnetId: `subnet-${NONE}` }],
    `The subnet ID 'subnet-${NONE}' does not exist`,
  ],
  [
    'InvalidInternetGatewayID.NotFound',
    ['DeleteInternetGateway', { InternetGatewayId: `igw-${NONE}` }],
    `The internetGateway ID 'igw-${NONE}' does not exist`,
  ],
  [
    'InvalidRouteTableID.NotFound',
    ['DeleteRouteTable', { RouteTableId: `rtb-${NONE}` }],
    `The routeTable ID 'rtb-${NONE}' does not exist`,
  ],
  [
    'InvalidRoute.NotFound',
    ['DeleteRoute', { RouteTableId: '$table', DestinationCidrBlock: '192.0.2.0/24' }],
    'no route with destination-cidr-block 192.0.2.0/24 in route table $table',
  ],
  [
    'InvalidNetworkAclID.NotFound',
    ['DeleteNetworkAcl', { NetworkAclId: `acl-${NONE}` }],
    `The networkAcl ID 'acl-${NONE}' does not exist`,
  ],
  [
    'InvalidNetworkAclEntry.NotFound',
    ['DeleteNetworkAclEntry', { NetworkAclId: '$acl', RuleNumber: 7, Egress: true }],
    'The network acl entry identified by 7 does not exist.',
  ],
  [
    'InvalidGroup.NotFound',
    ['DeleteSecurityGroup', { GroupId: `sg-${NONE}` }],
    `The security group 'sg-${NONE}' does not exist`,
  ],
  [
    'InvalidSecurityGroupRuleId.NotFound',
    ['DescribeSecurityGroupRules', { SecurityGroupRuleIds: [`sgr-${NONE}`] }],
    `The security group rule ID 'sgr-${NONE}' does not exist`,
  ],
  [
    'InvalidAllocationID.NotFound',
    ['ReleaseAddress', { AllocationId: `eipalloc-${NONE}` }],
    `The allocation ID 'eipalloc-${NONE}' does not exist`,
  ],
  [
    'InvalidAssociationID.NotFound',
    ['DisassociateAddress', { AssociationId: `eipassoc-${NONE}` }],
    `The association ID 'eipassoc-${NONE}' does not exist`,
  ],
  [
    'InvalidAddress.NotFound',
    ['DescribeAddresses', { PublicIps: ['192.0.2.1'] }],
    "Address '192.0.2.1' not found.",
  ],
  [
    'InvalidNetworkInterfaceID.NotFound',
    ['DeleteNetworkInterface', { NetworkInterfaceId: `eni-${NONE}` }],
    `The networkInterface ID 'eni-${NONE}' does not exist`,
  ],
  [
    'InvalidAttachmentID.NotFound',
    ['DetachNetworkInterface', { AttachmentId: `eni-attach-${NONE}` }],
    `The attachment ID 'eni-attach-${NONE}' does not exist`,
  ],
  [
    'InvalidInstanceID.NotFound',
    ['StartInstances', { InstanceIds: [`i-${NONE}`] }],
    `The instance ID 'i-${NONE}' does not exist`,
  ],
  [
    'InvalidKeyPair.NotFound',
    ['DescribeKeyPairs', { KeyNames: ['none'] }],
    "The key pair 'none' does not exist",
  ],
  [
    'InvalidVpcEndpointId.NotFound',
    ['DescribeVpcEndpoints', { VpcEndpointIds: [`vpce-${NONE}`] }],
    `The Vpc Endpoint Id 'vpce-${NONE}' does not exist`,
  ],
  [
    'InvalidVpcPeeringConnectionID.NotFound',
    ['DeleteVpcPeeringConnection', { VpcPeeringConnectionId: `pcx-${NONE}` }],
    `The vpcPeeringConnection ID 'pcx-${NONE}' does not exist`,
  ],
  [
    'InvalidFlowLogId.NotFound',
    ['DescribeFlowLogs', { FlowLogIds: [`fl-${NONE}`] }],
    `These flow log ids in the input list are not found: [TotalCount: 1] fl-${NONE}`,
  ],
  [
    'InvalidDhcpOptionID.NotFound',
    ['AssociateDhcpOptions', { DhcpOptionsId: `dopt-${NONE}`, VpcId: '$vpc' }],
    `The dhcpOption ID 'dopt-${NONE}' does not exist`,
  ],
  [
    'NatGatewayNotFound',
    ['DeleteNatGateway', { NatGatewayId: `nat-${NONE}` }],
    `The Nat Gateway nat-${NONE} was not found`,
  ],
  [
    'InvalidPrefixListID.NotFound',
    ['DeleteManagedPrefixList', { PrefixListId: `pl-${NONE}` }],
    `The prefix list ID 'pl-${NONE}' does not exist`,
  ],

  [
    'DependencyViolation',
    ['DeleteVpc', { VpcId: '$vpc' }],
    "The vpc '$vpc' has dependencies and cannot be deleted.",
  ],
  [
    'DependencyViolation',
    ['DeleteSubnet', { SubnetId: '$subnet' }],
    "The subnet '$subnet' has dependencies and cannot be deleted.",
  ],
  [
    'CannotDelete',
    ['DeleteSecurityGroup', { GroupId: '$defaultGroup' }],
    'the specified group: "$defaultGroup" name: "default" cannot be deleted by a user',
  ],
  [
    'Gateway.NotAttached',
    ['DetachInternetGateway', { InternetGatewayId: '$loose', VpcId: '$vpc' }],
    'resource $loose is not attached to network $vpc',
  ],
  [
    'Resource.AlreadyAssociated',
    ['AttachInternetGateway', { InternetGatewayId: '$igw', VpcId: '$vpc' }],
    'resource $igw is already attached to network $vpc',
  ],
  [
    'Resource.AlreadyAssociated',
    ['AssociateAddress', { AllocationId: '$address', NetworkInterfaceId: '$eni', AllowReassociation: false }],
    'resource $address is already associated with associate-id $natAssociation',
  ],
  [
    'IncorrectState',
    ['DeleteTransitGateway', { TransitGatewayId: '$tgw' }],
    '$tgw has non-deleted VPC Attachments: $tgwAttachment.',
  ],
  [
    'IncorrectInstanceState',
    ['ModifyInstanceAttribute', { InstanceId: '$instance', InstanceType: { Value: 't3.small' } }],
    "The instance '$instance' is not in the 'stopped' state.",
  ],
  [
    'InvalidStateTransition',
    ['AcceptVpcPeeringConnection', { VpcPeeringConnectionId: '$pcx' }],
    'Invalid state transition for $pcx, attempted to transition from rejected to provisioning',
  ],
  [
    'InvalidPermission.Duplicate',
    [
      'AuthorizeSecurityGroupIngress',
      { GroupId: '$group', IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIp: '0.0.0.0/0' },
    ],
    'the specified rule "peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW" already exists',
  ],
  [
    'InvalidGroup.Duplicate',
    ['CreateSecurityGroup', { VpcId: '$vpc', GroupName: 'web', Description: 'again' }],
    "The security group 'web' already exists for VPC '$vpc'",
  ],
  [
    'InvalidGroup.Reserved',
    ['CreateSecurityGroup', { VpcId: '$vpc', GroupName: 'default', Description: 'mine' }],
    'Cannot use reserved security group name: default',
  ],
  ['InvalidKeyPair.Duplicate', ['CreateKeyPair', { KeyName: 'mine' }], "The keypair 'mine' already exists."],
  [
    'RouteAlreadyExists',
    ['CreateRoute', { RouteTableId: '$table', DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: '$nat' }],
    'The route identified by 0.0.0.0/0 already exists.',
  ],
  [
    'RouteNotSupported',
    [
      'CreateRoute',
      { RouteTableId: '$table', DestinationCidrBlock: '192.0.2.0/24', VpcEndpointId: '$endpoint' },
    ],
    'Route table contains unsupported route target: $endpoint. VPC Endpoints of this type cannot be used as route targets.',
  ],
  [
    'NetworkAclEntryAlreadyExists',
    [
      'CreateNetworkAclEntry',
      {
        NetworkAclId: '$acl',
        RuleNumber: 100,
        Protocol: '-1',
        RuleAction: 'deny',
        Egress: false,
        CidrBlock: '192.0.2.0/24',
      },
    ],
    'The network acl entry identified by 100 already exists.',
  ],
  [
    'InvalidSubnet.Conflict',
    ['CreateSubnet', { VpcId: '$vpc', CidrBlock: '10.0.0.128/25' }],
    "The CIDR '10.0.0.128/25' conflicts with another subnet",
  ],
  [
    'InvalidIPAddress.InUse',
    ['CreateNetworkInterface', { SubnetId: '$subnet', PrivateIpAddress: '10.0.0.10' }],
    'Address 10.0.0.10 is in use.',
  ],
  [
    'InvalidNetworkInterface.InUse',
    ['AttachNetworkInterface', { NetworkInterfaceId: '$eni', InstanceId: '$instance', DeviceIndex: 1 }],
    'Interface: [$eni] in use.',
  ],
  [
    'DefaultVpcAlreadyExists',
    ['CreateDefaultVpc', {}],
    'A Default VPC already exists for this account in this region.',
  ],
  [
    'FlowLogAlreadyExists',
    [
      'CreateFlowLogs',
      {
        ResourceType: 'VPC',
        ResourceIds: ['$vpc'],
        TrafficType: 'ALL',
        LogDestinationType: 's3',
        LogDestination: 'arn:aws:s3:::bucket',
      },
    ],
    'Error. There is an existing Flow Log with the same configuration and log destination.',
  ],
  [
    'PrefixListVersionMismatch',
    [
      'ModifyManagedPrefixList',
      { PrefixListId: '$list', CurrentVersion: 7, AddEntries: [{ Cidr: '192.0.2.0/24' }] },
    ],
    'The prefix list has the incorrect version number.',
  ],
  [
    'OperationNotPermitted',
    ['DetachNetworkInterface', { AttachmentId: '$attachment' }],
    'The network interface at device index 0 and networkCard index 0 cannot be detached.',
  ],
  [
    'OperationNotPermitted',
    ['DisassociateVpcCidrBlock', { AssociationId: '$vpcBlock' }],
    'The vpc CIDR block with association ID $vpcBlock may not be disassociated. It is the primary IPv4 CIDR block of the VPC',
  ],

  ['InvalidVpc.Range', ['CreateVpc', { CidrBlock: '10.0.0.0/8' }], "The CIDR '10.0.0.0/8' is invalid."],
  [
    'InvalidSubnet.Range',
    ['CreateSubnet', { VpcId: '$vpc', CidrBlock: '10.9.0.0/24' }],
    "The CIDR '10.9.0.0/24' is invalid.",
  ],
  [
    'InvalidParameterValue',
    ['CreateVpc', { CidrBlock: 'ten' }],
    'Value (ten) for parameter cidrBlock is invalid. This is not a valid CIDR block.',
  ],
  [
    'InvalidParameterValue',
    ['ReplaceRoute', { RouteTableId: '$table', DestinationCidrBlock: '192.0.2.0/24', GatewayId: '$igw' }],
    "There is no route defined for '192.0.2.0/24' in the route table. Use CreateRoute instead.",
  ],
  [
    'InvalidParameterCombination',
    ['DescribeVpcs', { VpcIds: ['$vpc'], MaxResults: 5 }],
    'The parameter VpcIds cannot be used with the parameter MaxResults',
  ],
  [
    'InvalidParameter',
    [
      'CreateFlowLogs',
      { ResourceType: 'VPC', ResourceIds: ['$vpc'], TrafficType: 'ALL', LogGroupName: 'logs' },
    ],
    "DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs.",
  ],
  [
    'MissingParameter',
    ['CreateSubnet', { VpcId: undefined, CidrBlock: '10.0.9.0/24' }],
    'The request must contain the parameter vpcId',
  ],
  [
    'UnsupportedOperation',
    ['CreateSnapshot', { VolumeId: 'vol-1' }],
    'The action CreateSnapshot is not supported by Cloudcroft.',
  ],

  ['InvalidVpcID.Malformed', ['DeleteVpc', { VpcId: 'vpc' }], 'Invalid id: "vpc" (expecting "vpc-...")'],
  [
    'RulesPerSecurityGroupLimitExceeded',
    [
      'AuthorizeSecurityGroupIngress',
      {
        GroupId: '$group',
        IpPermissions: [
          { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, PrefixListIds: [{ PrefixListId: '$list' }] },
        ],
      },
    ],
    'The maximum number of rules per security group has been reached.',
  ],
  [
    'CidrLimitExceeded',
    ['AssociateVpcCidrBlock', { VpcId: '$full', CidrBlock: '10.7.0.0/16' }],
    "This network '$full' has met its maximum number of allowed CIDRs: 5",
  ],
  [
    'InsufficientFreeAddressesInSubnet',
    ['CreateNetworkInterface', { SubnetId: '$small', SecondaryPrivateIpAddressCount: 11 }],
    'The specified subnet does not have enough free addresses to satisfy the request.',
  ],
];

const memory: Memory = new Map();
let endpoint: Ec2Endpoint;
let client: Sdk;
beforeAll(async () => {
  endpoint = await Ec2Endpoint.start();
  client = new Sdk(endpoint);
  await client.replay(world, memory);
});
afterAll(async () => {
  client.close();
  await endpoint.stop();
});

/** What the request is refused with, as `Code: message`. */
async function refusalOf([action, input]: Request): Promise<string> {
  try {
    return `answered: ${JSON.stringify(await client.send(action, fillIn(input, memory)))}`;
  } catch (error) {
    return String(error);
  }
}

test.each(cases)('%s: %j', async (code, request, message) => {
  expect(await refusalOf(request)).toBe(`${code}: ${fillInText(message, memory)}`);
});

/** How many a region has is counted where it is asked for (`croft up --quotas`). */
const NO_MORE: Quotas = {
  ...STANDARD_QUOTAS,
  ...{ vpcs: 0, 'subnets-per-vpc': 0, 'elastic-ips': 0, 'security-groups': 0 },
};

const counted: readonly (readonly [code: string, request: Request, message: string])[] = [
  [
    'VpcLimitExceeded',
    ['CreateVpc', { CidrBlock: '10.77.0.0/16' }],
    'The maximum number of VPCs has been reached.',
  ],
  [
    'SubnetLimitExceeded',
    ['CreateSubnet', { VpcId: '$vpc', CidrBlock: '10.0.77.0/24' }],
    'The maximum number of subnets has been reached.',
  ],
  [
    'AddressLimitExceeded',
    ['AllocateAddress', { Domain: 'vpc' }],
    'The maximum number of addresses has been reached.',
  ],
  [
    'SecurityGroupLimitExceeded',
    ['CreateSecurityGroup', { GroupName: 'more', Description: 'more', VpcId: '$vpc' }],
    'The maximum number of security groups has been reached.',
  ],
];

test.each(counted)('%s, where it is counted: %j', async (code, request, message) => {
  endpoint.limit(NO_MORE);
  expect(await refusalOf(request)).toBe(`${code}: ${message}`);
  endpoint.limit(STANDARD_QUOTAS);
  expect(await refusalOf(request)).toMatch(/^answered/);
});

test('every code of semantics section 11 is here, or cannot happen', () => {
  const tested = new Set(
    [...cases, ...counted].map(([code]) => code.replace(/^.*\.Malformed$/, '*.Malformed')),
  );
  expect(CODES.filter((code) => !tested.has(code))).toEqual(Object.keys(NEVER));
});
