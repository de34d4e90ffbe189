import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, findSystemObstacle, Installation } from '../support/installation.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: VPC endpoints on packets: ${obstacle}`);

const REGION = 'ap-northeast-2';
const STS = `sts.${REGION}.amazonaws.com`;

/** A VPC without any way to the Internet: an instance with a role in one subnet, another subnet beside it. */
interface Place {
  readonly vpcId: string;
  readonly subnetId: string;
  readonly otherSubnetId: string;
  readonly routeTableId: string;
  readonly groupId: string;
  readonly instanceId: string;
  readonly address: string;
}

describe.skipIf(obstacle !== undefined)('endpoints of two VPCs with one CIDR', () => {
  let croft: Installation;
  let place: Place;
  let twin: Place;

  const build = async (): Promise<Place> => {
    const vpcId = (await croft.ec2('CreateVpc', { CidrBlock: '10.5.0.0/16' })).text('Vpc.VpcId');
    await croft.ec2('ModifyVpcAttribute', { VpcId: vpcId, EnableDnsHostnames: { Value: true } });
    const subnet = async (block: string): Promise<string> =>
      (await croft.ec2('CreateSubnet', { VpcId: vpcId, CidrBlock: block })).text('Subnet.SubnetId');
    const subnetId = await subnet('10.5.1.0/24');
    const otherSubnetId = await subnet('10.5.2.0/24');
    const ofVpc = { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] };
    const group = { GroupName: 'endpoints', Description: 'of endpoints', VpcId: vpcId };
    const launched = await croft.ec2('RunInstances', {
      ImageId: (await croft.ec2('DescribeImages')).text('Images.0.ImageId'),
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      SubnetId: subnetId,
      IamInstanceProfile: { Name: 'app' },
    });
    return {
      vpcId,
      subnetId,
      otherSubnetId,
      routeTableId: (await croft.ec2('DescribeRouteTables', ofVpc)).text('RouteTables.0.RouteTableId'),
      groupId: (await croft.ec2('CreateSecurityGroup', group)).text('GroupId'),
      instanceId: launched.text('Instances.0.InstanceId'),
      address: launched.text('Instances.0.PrivateIpAddress'),
    };
  };

  const openGroup = ({ groupId }: Place) =>
    croft.ec2('AuthorizeSecurityGroupIngress', {
      GroupId: groupId,
      IpPermissions: [
        { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '10.5.0.0/16' }] },
      ],
    });

  const makeInterfaceEndpoint = async (at: Place, service: string, more = {}): Promise<string> => {
    const made = await croft.ec2('CreateVpcEndpoint', {
      VpcId: at.vpcId,
      VpcEndpointType: 'Interface',
      ServiceName: `com.amazonaws.${REGION}.${service}`,
      SubnetIds: [at.otherSubnetId],
      SecurityGroupIds: [at.groupId],
      ...more,
    });
    const id = made.text('VpcEndpoint.VpcEndpointId');
    await croft.settle();
    expect(await stateOf(id)).toBe('available');
    return id;
  };

  const stateOf = async (id: string): Promise<string> =>
    (await croft.ec2('DescribeVpcEndpoints', { VpcEndpointIds: [id] })).text('VpcEndpoints.0.State');

  const addressOf = async (endpointId: string): Promise<string> => {
    const filter = { Name: 'description', Values: [`VPC Endpoint Interface ${endpointId}`] };
    const found = await croft.ec2('DescribeNetworkInterfaces', { Filters: [filter] });
    return found.text('NetworkInterfaces.0.PrivateIpAddress');
  };

  const dropEndpoint = async (id: string): Promise<void> => {
    await croft.ec2('DeleteVpcEndpoints', { VpcEndpointIds: [id] });
    await croft.settle();
  };

  /** By the instance's own aws command, with its role's credentials. */
  const aws = (at: Place, words: string) =>
    croft.inside(
      at.instanceId,
      `AWS_MAX_ATTEMPTS=1 timeout 20 aws --region ${REGION} --cli-connect-timeout 2 ${words} 2>&1`,
    );

  const resolve = async (at: Place, name: string): Promise<string> =>
    (await croft.inside(at.instanceId, `getent ahostsv4 ${name} | cut -d' ' -f1 | sort -u`)).stdout.trim();

  const logOf = async (text: string): Promise<readonly object[]> => {
    const log = await croft.serverLog();
    return (Array.isArray(log) ? log : []).filter((entry) => JSON.stringify(entry).includes(text));
  };

  beforeAll(async () => {
    croft = await Installation.start();
    place = await build();
    twin = await build();
    await croft.settle();
    for (const { instanceId } of [place, twin]) {
      await eventually(
        'the instance answers',
        async () => (await croft.inside(instanceId, 'true')).code === 0,
      );
    }
  });

  afterAll(async () => {
    await croft?.end();
  });

  test('without an endpoint a private instance is cut off', async () => {
    const outcome = await aws(place, 'sts get-caller-identity');
    expect(outcome.stdout).toContain('Connect timeout');
    expect(outcome.code).not.toBe(0);
  });

  test('S104 S105 an interface endpoint: its group is enforced, its name is private, its caller is known', async () => {
    const id = await makeInterfaceEndpoint(place, 'sts');
    expect(await resolve(place, STS)).toBe(await addressOf(id));
    const blocked = await aws(place, 'sts get-caller-identity');
    expect(blocked.stdout).toContain('Connect timeout');
    const { brief } = await croft.explain({ source: place.instanceId, destination: id, port: 443 });
    expect(brief.join(' ').replace(/\s+/g, ' ')).toContain(
      `security group endpoints (${place.groupId}) allows TCP 443`,
    );
    await openGroup(place);
    await croft.settle();
    const answered = await aws(place, 'sts get-caller-identity --query Arn --output text');
    expect(answered.stdout.trim()).toBe(`arn:aws:sts::123456789012:assumed-role/app/${place.instanceId}`);
    expect(await logOf('sts')).toContainEqual(
      expect.objectContaining({
        service: 'sts',
        sourceAddress: place.address,
        vpcEndpointId: id,
        outcome: '200',
      }),
    );
    // The other VPC has the same addresses, and no endpoint.
    expect(await resolve(twin, STS)).toMatch(/^52\.95\./);
    expect((await aws(twin, 'sts get-caller-identity')).stdout).toContain('Connect timeout');
    await openGroup(twin);
    const other = await makeInterfaceEndpoint(twin, 'sts');
    expect((await aws(twin, 'sts get-caller-identity')).code).toBe(0);
    expect(await logOf(other)).toContainEqual(
      expect.objectContaining({ service: 'sts', sourceAddress: twin.address, vpcId: twin.vpcId }),
    );
    await dropEndpoint(id);
    expect((await aws(place, 'sts get-caller-identity')).stdout).toContain('Connect timeout');
    expect((await aws(twin, 'sts get-caller-identity')).code).toBe(0);
  });

  test('without private DNS only the endpoint’s own names lead to it', async () => {
    const id = await makeInterfaceEndpoint(place, 'ec2', { PrivateDnsEnabled: false });
    const name = `${id}-${id.slice(-8)}.ec2.${REGION}.vpce.amazonaws.com`;
    expect(await resolve(place, `ec2.${REGION}.amazonaws.com`)).toMatch(/^52\.95\./);
    expect(await resolve(place, name)).toBe(await addressOf(id));
    const found = await aws(place, `ec2 describe-vpcs --endpoint-url https://${name} --query 'length(Vpcs)'`);
    expect(found.stdout.trim()).toBe('3');
    await dropEndpoint(id);
  });

  test('what Cloudcroft has no service for says so, by an endpoint that works', async () => {
    const id = await makeInterfaceEndpoint(place, 'kms');
    const refused = await aws(place, 'kms list-keys');
    expect(refused.stdout).toContain('Cloudcroft has no service kms: the network to it works');
    await dropEndpoint(id);
  });

  test('S98 S99 S103 buckets by a gateway endpoint, and by an interface endpoint', async () => {
    expect((await aws(place, 's3 ls')).stdout).toContain('Connect timeout');
    const made = await croft.ec2('CreateVpcEndpoint', {
      VpcId: place.vpcId,
      ServiceName: `com.amazonaws.${REGION}.s3`,
      RouteTableIds: [place.routeTableId],
    });
    const gateway = made.text('VpcEndpoint.VpcEndpointId');
    await croft.settle();
    const copied =
      'echo hello > x; aws s3 mb s3://course && aws s3 cp x s3://course/ && aws s3 cp s3://course/x -';
    const outcome = await croft.inside(place.instanceId, `cd /tmp; export AWS_REGION=${REGION}; ${copied}`);
    expect(outcome).toMatchObject({ code: 0, stdout: expect.stringMatching(/hello\n$/) });
    expect(await logOf('PutObject')).toContainEqual(
      expect.objectContaining({ sourceAddress: place.address, vpcEndpointId: gateway }),
    );
    await dropEndpoint(gateway);
    expect((await aws(place, 's3 ls')).stdout).toContain('Connect timeout');
    const id = await makeInterfaceEndpoint(place, 's3');
    expect(await resolve(place, `course.s3.${REGION}.amazonaws.com`)).toBe(await addressOf(id));
    expect((await aws(place, 's3 cp s3://course/x -')).stdout).toBe('hello\n');
    expect(await logOf(id)).toContainEqual(
      expect.objectContaining({ sourceAddress: place.address, operation: 'GetObject' }),
    );
    await dropEndpoint(id);
  });

  test('S98 DynamoDB by a gateway endpoint, whose policy is asked', async () => {
    const table = `arn:aws:dynamodb:${REGION}:123456789012:table/people`;
    const create =
      'dynamodb create-table --table-name people --billing-mode PAY_PER_REQUEST --attribute-definitions ' +
      'AttributeName=id,AttributeType=S --key-schema AttributeName=id,KeyType=HASH --query TableDescription.TableArn';
    const put = `dynamodb put-item --table-name people --item '{"id":{"S":"ada"}}'`;
    const scan = 'dynamodb scan --table-name people --query Items[].id.S --output text';
    expect((await aws(place, create)).stdout).toContain('Connect timeout');
    const reading = { Effect: 'Allow', Principal: '*', Action: 'dynamodb:Scan', Resource: table };
    const everything = { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' };
    const policy = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    const made = await croft.ec2('CreateVpcEndpoint', {
      VpcId: place.vpcId,
      ServiceName: `com.amazonaws.${REGION}.dynamodb`,
      RouteTableIds: [place.routeTableId],
    });
    const gateway = made.text('VpcEndpoint.VpcEndpointId');
    await croft.settle();
    expect((await aws(place, create)).stdout.trim()).toBe(`"${table}"`);
    expect(await aws(place, 'dynamodb wait table-exists --table-name people')).toMatchObject({ code: 0 });
    expect(await aws(place, put)).toMatchObject({ code: 0 });
    expect(await logOf('PutItem')).toContainEqual(
      expect.objectContaining({
        service: 'dynamodb',
        sourceAddress: place.address,
        vpcEndpointId: gateway,
        outcome: '200',
      }),
    );
    // The other VPC has the same addresses, and no endpoint.
    expect((await aws(twin, scan)).stdout).toContain('Connect timeout');
    await croft.ec2('ModifyVpcEndpoint', { VpcEndpointId: gateway, PolicyDocument: policy(reading) });
    await croft.settle();
    expect((await aws(place, scan)).stdout).toBe('ada\n');
    expect((await aws(place, put)).stdout).toContain(
      `User: arn:aws:sts::123456789012:assumed-role/app/${place.instanceId} is not authorized to perform: dynamodb:PutItem on resource: "${table}" because no VPC endpoint policy allows`,
    );
    await croft.ec2('ModifyVpcEndpoint', { VpcEndpointId: gateway, PolicyDocument: policy(everything) });
    await croft.settle();
    expect(await aws(place, put)).toMatchObject({ code: 0 });
    await dropEndpoint(gateway);
    expect((await aws(place, scan)).stdout).toContain('Connect timeout');
  });

  test('S103 the policy of an endpoint, and that of a bucket, are asked; the log names the statement', async () => {
    const statement = (Sid: string, Effect: string, Action: string, bucket: string) => ({
      ...{ Sid, Effect, Principal: '*', Action },
      Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
    });
    const policy = (...statements: readonly object[]) =>
      JSON.stringify({ Version: '2012-10-17', Statement: statements });
    const made = await croft.ec2('CreateVpcEndpoint', {
      VpcId: place.vpcId,
      ServiceName: `com.amazonaws.${REGION}.s3`,
      RouteTableIds: [place.routeTableId],
      PolicyDocument: policy(statement('OnlyCourse', 'Allow', 's3:*', 'course')),
    });
    const id = made.text('VpcEndpoint.VpcEndpointId');
    await croft.settle();
    expect((await aws(place, 's3 cp s3://course/x -')).stdout).toBe('hello\n');
    const forbidden = await aws(place, 's3 mb s3://forbidden');
    expect(forbidden.stdout).toContain(
      `is not authorized to perform: s3:CreateBucket on resource: "arn:aws:s3:::forbidden" because no VPC endpoint policy allows the s3:CreateBucket action`,
    );
    expect(await logOf('"service":"policy"')).toContainEqual(
      expect.objectContaining({
        denial: `the policy of ${id}: no statement of it allows s3:CreateBucket on arn:aws:s3:::forbidden`,
        sourceAddress: place.address,
      }),
    );
    const explained = await croft.explain({
      source: place.instanceId,
      destination: 's3',
      action: 's3:CreateBucket',
      resource: 'arn:aws:s3:::forbidden',
    });
    expect(explained.isAllowed).toBe(false);
    expect(explained.brief.join(' ')).toContain('no statement of it allows s3:CreateBucket');
    // The bucket's own policy lets nobody in but by another endpoint.
    const elsewhere = {
      ...statement('OtherWays', 'Deny', 's3:GetObject', 'course'),
      Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-other' } },
    };
    const put = `s3api put-bucket-policy --bucket course --policy '${policy(elsewhere)}'`;
    expect(await aws(place, put)).toMatchObject({ code: 0 });
    expect((await aws(place, 's3api get-object --bucket course --key x /tmp/y')).stdout).toContain(
      'with an explicit deny in a resource-based policy',
    );
    expect((await aws(place, 's3api delete-bucket-policy --bucket course')).code).toBe(0);
    expect((await aws(place, 's3 cp s3://course/x -')).stdout).toBe('hello\n');
    await dropEndpoint(id);
    await croft.ec2('AuthorizeSecurityGroupIngress', {
      GroupId: place.groupId,
      IpPermissions: [
        { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '10.5.1.0/24' }] },
      ],
    });
    const denying = {
      ...{ Sid: 'NoRegions', Effect: 'Deny', Principal: '*', Action: 'ec2:DescribeRegions', Resource: '*' },
    };
    const everything = { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' };
    const ec2 = await makeInterfaceEndpoint(place, 'ec2', { PolicyDocument: policy(everything, denying) });
    expect((await aws(place, 'ec2 describe-vpcs')).code).toBe(0);
    expect((await aws(place, 'ec2 describe-regions')).stdout).toMatch(
      /UnauthorizedOperation.*with an explicit deny in a VPC endpoint policy/,
    );
    await dropEndpoint(ec2);
  });
});
