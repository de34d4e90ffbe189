/** An error as AWS answers it: a code, a message, an HTTP status. */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = 'AwsError';
    this.code = code;
    this.status = status;
  }
}

/** The value is not allowed; `message` is the whole sentence. */
export const invalidParameterValue = (message: string) => new AwsError('InvalidParameterValue', message);

/** The value of a named parameter is not allowed; `because` is a sentence. */
export const invalidValue = (value: unknown, parameter: string, because: string) =>
  invalidParameterValue(`Value (${String(value)}) for parameter ${parameter} is invalid. ${because}`);

/** Two parameters contradict each other; `message` is the whole sentence. */
export const invalidParameterCombination = (message: string) =>
  new AwsError('InvalidParameterCombination', message);

/** A parameter that this request needs was not sent. */
export const missingParameter = (parameter: string) =>
  new AwsError('MissingParameter', `The request must contain the parameter ${parameter}`);

/** The state or kind of the resource does not allow it; `message` is the whole sentence. */
export const operationNotPermitted = (message: string) => new AwsError('OperationNotPermitted', message);

/** The resource does not support it; `message` is the whole sentence. */
export const unsupportedOperation = (message: string) => new AwsError('UnsupportedOperation', message);

/** An instance is in a state that does not allow it; `message` is the whole sentence. */
export const incorrectInstanceState = (message: string) => new AwsError('IncorrectInstanceState', message);

/** What is there or used twice; `message` is the whole sentence. */
export const alreadyAssociated = (message: string) => new AwsError('Resource.AlreadyAssociated', message);

/** Something still depends on the resource; `message` is the whole sentence. */
export const dependencyViolation = (message: string) => new AwsError('DependencyViolation', message);

/** Something in the resource still depends on it; `kind` is AWS's word: vpc, subnet, routeTable. */
export const hasDependencies = (kind: string, id: string) =>
  dependencyViolation(`The ${kind} '${id}' has dependencies and cannot be deleted.`);

/** The id is not of the form of its kind. */
export const malformedId = (code: string, id: string, prefix: string) =>
  new AwsError(code, `Invalid id: "${id}" (expecting "${prefix}-...")`);

const notFound = (code: string, kind: string, id: string) =>
  new AwsError(code, `The ${kind} '${id}' does not exist`);

/** There is no such pool of public addresses. */
export const noSuchAddressPool = (id: string) => notFound('InvalidPublicIpv4PoolID.NotFound', 'pool ID', id);

/** There is no such VPC. */
export const noSuchVpc = (id: string) => notFound('InvalidVpcID.NotFound', 'vpc ID', id);

/** There is no such subnet. */
export const noSuchSubnet = (id: string) => notFound('InvalidSubnetID.NotFound', 'subnet ID', id);

/** There is no such internet gateway. */
export const noSuchInternetGateway = (id: string) =>
  notFound('InvalidInternetGatewayID.NotFound', 'internetGateway ID', id);

/** A route names a gateway that is not there; AWS has another code for it than for the gateway's own actions. */
export const noSuchGateway = (id: string) => notFound('InvalidGatewayID.NotFound', 'gateway ID', id);

/** There is no such route table. */
export const noSuchRouteTable = (id: string) => notFound('InvalidRouteTableID.NotFound', 'routeTable ID', id);

/** The table has no route to this destination (semantics S29). */
export const noSuchRoute = (destination: string, routeTableId: string) =>
  new AwsError(
    'InvalidRoute.NotFound',
    `no route with destination-cidr-block ${destination} in route table ${routeTableId}`,
  );

/** There is no such network ACL. */
export const noSuchNetworkAcl = (id: string) => notFound('InvalidNetworkAclID.NotFound', 'networkAcl ID', id);

/** The network ACL has no such entry. */
export const noSuchNetworkAclEntry = (ruleNumber: number) =>
  new AwsError(
    'InvalidNetworkAclEntry.NotFound',
    `The network acl entry identified by ${ruleNumber} does not exist.`,
  );

/** There is no such security group. */
export const noSuchSecurityGroup = (id: string) => notFound('InvalidGroup.NotFound', 'security group', id);

/** There is no such security group rule. */
export const noSuchSecurityGroupRule = (id: string) =>
  notFound('InvalidSecurityGroupRuleId.NotFound', 'security group rule ID', id);

/** The security group has no such rule (semantics S88). */
export const noSuchPermission = () =>
  new AwsError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');

/** There is no such Elastic IP. */
export const noSuchAllocation = (id: string) => notFound('InvalidAllocationID.NotFound', 'allocation ID', id);

/** There is no such association. */
export const noSuchAssociation = (id: string) =>
  notFound('InvalidAssociationID.NotFound', 'association ID', id);

/** There is no such public address. */
export const noSuchAddress = (publicIp: string) =>
  new AwsError('InvalidAddress.NotFound', `Address '${publicIp}' not found.`);

/** There is no such network interface. */
export const noSuchNetworkInterface = (id: string) =>
  notFound('InvalidNetworkInterfaceID.NotFound', 'networkInterface ID', id);

/** There is no such attachment. */
export const noSuchAttachment = (id: string) => notFound('InvalidAttachmentID.NotFound', 'attachment ID', id);

/** There is no such instance. */
export const noSuchInstance = (id: string) => notFound('InvalidInstanceID.NotFound', 'instance ID', id);

/** There is no such key pair. */
export const noSuchKeyPair = (name: string) => notFound('InvalidKeyPair.NotFound', 'key pair', name);

/** There is no such volume. */
export const noSuchVolume = (id: string) =>
  new AwsError('InvalidVolume.NotFound', `The volume '${id}' does not exist.`);

/** There is no such VPC endpoint. */
export const noSuchVpcEndpoint = (id: string) =>
  notFound('InvalidVpcEndpointId.NotFound', 'Vpc Endpoint Id', id);

/** There is no such endpoint service. */
export const noSuchVpcEndpointService = (id: string) =>
  notFound('InvalidVpcEndpointServiceId.NotFound', 'VpcEndpointService Id', id);

/** There is no such NAT gateway. */
export const noSuchNatGateway = (id: string) =>
  new AwsError('NatGatewayNotFound', `The Nat Gateway ${id} was not found`);

/** There are no such DHCP options. */
export const noSuchDhcpOptions = (id: string) =>
  notFound('InvalidDhcpOptionID.NotFound', 'dhcpOption ID', id);

/** There is no such prefix list. */
export const noSuchPrefixList = (id: string) =>
  notFound('InvalidPrefixListID.NotFound', 'prefix list ID', id);

/** There is no launch template of this id. */
export const noSuchLaunchTemplate = (id: string) =>
  new AwsError(
    'InvalidLaunchTemplateId.NotFound',
    `The specified launch template, with template ID ${id}, does not exist.`,
  );

/** There is no launch template of this name. */
export const noSuchLaunchTemplateName = (name: string) =>
  new AwsError(
    'InvalidLaunchTemplateName.NotFoundException',
    `The specified launch template, with template name ${name}, does not exist.`,
  );

/** There are no such flow logs. */
export const noSuchFlowLogs = (ids: readonly string[]) =>
  new AwsError(
    'InvalidFlowLogId.NotFound',
    `These flow log ids in the input list are not found: [TotalCount: ${ids.length}] ${ids.join(', ')}`,
  );

/** There is no such peering connection. */
export const noSuchVpcPeeringConnection = (id: string) =>
  notFound('InvalidVpcPeeringConnectionID.NotFound', 'vpcPeeringConnection ID', id);

/** There is no such egress-only internet gateway; AWS has the code of all gateways here. */
export const noSuchEgressOnlyInternetGateway = (id: string) =>
  notFound('InvalidGatewayID.NotFound', 'eigw ID', id);

/** There is no such customer gateway. */
export const noSuchCustomerGateway = (id: string) =>
  notFound('InvalidCustomerGatewayID.NotFound', 'customerGateway ID', id);

/** There is no such virtual private gateway. */
export const noSuchVpnGateway = (id: string) => notFound('InvalidVpnGatewayID.NotFound', 'vpnGateway ID', id);

/** There is no such transit gateway, or it was deleted. */
export const noSuchTransitGateway = (id: string) =>
  new AwsError('InvalidTransitGatewayID.NotFound', `Transit Gateway ${id} was deleted or does not exist.`);

/** There is no such attachment to a transit gateway, or it was deleted. */
export const noSuchTransitGatewayAttachment = (id: string) =>
  new AwsError(
    'InvalidTransitGatewayAttachmentID.NotFound',
    `Transit Gateway Attachment ${id} was deleted or does not exist.`,
  );

/** There is no such route table of a transit gateway, or it was deleted. */
export const noSuchTransitGatewayRouteTable = (id: string) =>
  new AwsError(
    'InvalidRouteTableID.NotFound',
    `Transit Gateway Route Table ${id} was deleted or does not exist.`,
  );

/** The state of the resource does not allow it; `message` is the whole sentence. */
export const incorrectState = (message: string) => new AwsError('IncorrectState', message);

/** There is no such path to analyse. */
export const noSuchNetworkInsightsPath = (id: string) =>
  notFound('InvalidNetworkInsightsPathId.NotFound', 'network insights path ID', id);

/** There is no such analysis of a path. */
export const noSuchNetworkInsightsAnalysis = (id: string) =>
  notFound('InvalidNetworkInsightsAnalysisId.NotFound', 'network insights analysis ID', id);

/** There is no such access scope. */
export const noSuchNetworkInsightsAccessScope = (id: string) =>
  notFound('InvalidNetworkInsightsAccessScopeId.NotFound', 'network insights access scope ID', id);

/** There is no such analysis of an access scope. */
export const noSuchNetworkInsightsAccessScopeAnalysis = (id: string) =>
  notFound(
    'InvalidNetworkInsightsAccessScopeAnalysisId.NotFound',
    'network insights access scope analysis ID',
    id,
  );

/** There is no such block of the subnet. */
export const noSuchSubnetCidrBlockAssociation = (id: string) =>
  notFound('InvalidSubnetCidrBlockAssociationID.NotFound', 'subnet CIDR block association ID', id);

/** There is no such block of the VPC. */
export const noSuchCidrBlockAssociation = (id: string) =>
  notFound('InvalidVpcCidrBlockAssociationID.NotFound', 'vpc CIDR block association ID', id);

/** The text is no CIDR block at all. */
export const invalidCidr = (cidrBlock: string, parameter = 'cidrBlock') =>
  invalidValue(cidrBlock, parameter, 'This is not a valid CIDR block.');

/** The block cannot be a VPC's: wrong size (semantics S1). */
export const invalidVpcRange = (cidrBlock: string) =>
  new AwsError('InvalidVpc.Range', `The CIDR '${cidrBlock}' is invalid.`);

/** The block cannot be a VPC's for another reason; `message` is the whole sentence. */
export const refusedVpcRange = (message: string) => new AwsError('InvalidVpc.Range', message);

/** The block cannot be a subnet's: wrong size, or outside of the VPC (semantics S3). */
export const invalidSubnetRange = (cidrBlock: string) =>
  new AwsError('InvalidSubnet.Range', `The CIDR '${cidrBlock}' is invalid.`);

/** The block overlaps another subnet's (semantics S3). */
export const subnetConflict = (cidrBlock: string) =>
  new AwsError('InvalidSubnet.Conflict', `The CIDR '${cidrBlock}' conflicts with another subnet`);

/** The subnet has no private address left. */
export const insufficientFreeAddresses = () =>
  new AwsError(
    'InsufficientFreeAddressesInSubnet',
    'The specified subnet does not have enough free addresses to satisfy the request.',
  );

/** The user may never delete the group named `default` (semantics S76). */
export const cannotDeleteDefaultGroup = (groupId: string) =>
  new AwsError(
    'CannotDelete',
    `the specified group: "${groupId}" name: "default" cannot be deleted by a user`,
  );

/** The gateway is not attached to this VPC. */
export const gatewayNotAttached = (gatewayId: string, vpcId: string) =>
  new AwsError('Gateway.NotAttached', `resource ${gatewayId} is not attached to network ${vpcId}`);

/** The table has a route to this destination already (semantics S29). */
export const routeAlreadyExists = (destination: string) =>
  new AwsError('RouteAlreadyExists', `The route identified by ${destination} already exists.`);

/** Only endpoints to Gateway Load Balancers, of which there are none here, may be the target of a route. */
export const routeNotSupported = (endpointId: string) =>
  new AwsError(
    'RouteNotSupported',
    `Route table contains unsupported route target: ${endpointId}. VPC Endpoints of this type cannot be used as route targets.`,
  );

/** The ACL has an entry of this number and direction already (semantics S69). */
export const networkAclEntryAlreadyExists = (ruleNumber: number) =>
  new AwsError(
    'NetworkAclEntryAlreadyExists',
    `The network acl entry identified by ${ruleNumber} already exists.`,
  );

/** The group has the rule already; `rule` is as AWS writes a rule (semantics S88). */
export const duplicatePermission = (rule: string) =>
  new AwsError('InvalidPermission.Duplicate', `the specified rule "${rule}" already exists`);

/** The VPC has a group of this name already. */
export const duplicateGroup = (name: string, vpcId: string) =>
  new AwsError('InvalidGroup.Duplicate', `The security group '${name}' already exists for VPC '${vpcId}'`);

/** The name is reserved for the group that comes with a VPC. */
export const reservedGroupName = (name: string) =>
  new AwsError('InvalidGroup.Reserved', `Cannot use reserved security group name: ${name}`);

/** The key pair's name is taken. */
export const duplicateKeyPair = (name: string) =>
  new AwsError('InvalidKeyPair.Duplicate', `The keypair '${name}' already exists.`);

/** The address belongs to something; `message` is the whole sentence. */
export const addressInUse = (message: string) => new AwsError('InvalidIPAddress.InUse', message);

/** The interface is in use; `message` is the whole sentence. */
export const networkInterfaceInUse = (message: string) =>
  new AwsError('InvalidNetworkInterface.InUse', message);

/** A region has at most one default VPC. */
export const defaultVpcAlreadyExists = () =>
  new AwsError('DefaultVpcAlreadyExists', 'A Default VPC already exists for this account in this region.');

/** The request needs the region's default VPC, and it was deleted. */
export const noDefaultVpc = () => new AwsError('VPCIdNotSpecified', 'No default VPC for this user');

/** More than `what` may have or be; `code` is the limit's own. */
export const limitExceeded = (code: string, message: string) => new AwsError(code, message);
