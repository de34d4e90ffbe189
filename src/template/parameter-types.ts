/** Types of `AWS::EC2::…` and others whose values are names of things (user guide, "AWS-specific parameter types"). */
const NAMES: ReadonlySet<string> = new Set([
  'AWS::EC2::AvailabilityZone::Name',
  'AWS::EC2::Image::Id',
  'AWS::EC2::Instance::Id',
  'AWS::EC2::KeyPair::KeyName',
  'AWS::EC2::SecurityGroup::GroupName',
  'AWS::EC2::SecurityGroup::Id',
  'AWS::EC2::Subnet::Id',
  'AWS::EC2::Volume::Id',
  'AWS::EC2::VPC::Id',
  'AWS::Route53::HostedZone::Id',
]);

/** Whether CloudFormation has parameters of the type. */
export function isParameterType(type: string): boolean {
  const inner = /^AWS::SSM::Parameter::Value<(.*)>$/.exec(type)?.[1];
  if (inner !== undefined) return isPlainType(inner) || inner === 'List<String>';
  return type === 'AWS::SSM::Parameter::Name' || isPlainType(type);
}

function isPlainType(type: string): boolean {
  if (['String', 'Number', 'CommaDelimitedList', 'List<Number>'].includes(type)) return true;
  const member = /^List<(.*)>$/.exec(type)?.[1];
  if (member === 'AWS::EC2::KeyPair::KeyName') return false;
  return NAMES.has(member ?? type);
}

/** Whether a value of the type is the name of a Systems Manager parameter, whose value is meant. */
export function isLookedUp(type: string): boolean {
  return type.startsWith('AWS::SSM::Parameter::Value<');
}

/** Whether the values of the type are lists. */
export function isListType(type: string): boolean {
  return /^(?:AWS::SSM::Parameter::Value<)?(?:List<|CommaDelimitedList)/.test(type);
}

/** Whether the values of the type, or the members of its lists, are numbers. */
export function isNumberType(type: string): boolean {
  return type === 'Number' || type === 'List<Number>';
}
