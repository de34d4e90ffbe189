import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, findSystemObstacle, Installation } from '../support/installation.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: endpoint services on packets: ${obstacle}`);

const BLOCK = '10.6.0.0/16';
const NODE = '10.6.1.100';

/** A VPC of one subnet with one instance in a group of its own. */
interface Place {
  readonly vpcId: string;
  readonly subnetId: string;
  readonly groupId: string;
  readonly instanceId: string;
  readonly address: string;
}

describe.skipIf(obstacle !== undefined)(
  'a service of one VPC, and its endpoint in another of the same CIDR',
  () => {
    let croft: Installation;
    let provider: Place;
    let consumer: Place;
    let balancerArn: string;
    let targetGroupArn: string;
    let serviceId: string;
    let endpointId: string;

    const makePlace = async (subnetBlock: string): Promise<Place> => {
      const vpcId = (await croft.ec2('CreateVpc', { CidrBlock: BLOCK })).text('Vpc.VpcId');
      await croft.ec2('ModifyVpcAttribute', { VpcId: vpcId, EnableDnsHostnames: { Value: true } });
      const subnetId = (await croft.ec2('CreateSubnet', { VpcId: vpcId, CidrBlock: subnetBlock })).text(
        'Subnet.SubnetId',
      );
      const group = { GroupName: 'g', Description: 'g', VpcId: vpcId };
      const groupId = (await croft.ec2('CreateSecurityGroup', group)).text('GroupId');
      const launched = await croft.ec2('RunInstances', {
        ImageId: (await croft.ec2('DescribeImages')).text('Images.0.ImageId'),
        InstanceType: 't3.micro',
        MinCount: 1,
        MaxCount: 1,
        SubnetId: subnetId,
        SecurityGroupIds: [groupId],
      });
      return {
        vpcId,
        subnetId,
        groupId,
        instanceId: launched.text('Instances.0.InstanceId'),
        address: launched.text('Instances.0.PrivateIpAddress'),
      };
    };

    const elb = (...words: readonly string[]) => croft.awsOf('elbv2', ...words);

    /** A target group of one target; resolves with its ARN. */
    const makeGroup = async (name: string, type: 'instance' | 'ip', target: string): Promise<string> => {
      const port = ['--protocol', 'TCP', '--port', '8080'];
      const where = ['--vpc-id', provider.vpcId, '--target-type', type];
      const made = await elb('create-target-group', '--name', name, ...port, ...where);
      const arn = made.text('TargetGroups.0.TargetGroupArn');
      await elb('register-targets', '--target-group-arn', arn, '--targets', `Id=${target}`);
      return arn;
    };

    /** A listener at port 80. */
    const listen = (balancer: string, group: string) => {
      const at = ['--load-balancer-arn', balancer, '--protocol', 'TCP', '--port', '80'];
      return elb('create-listener', ...at, '--default-actions', `Type=forward,TargetGroupArn=${group}`);
    };

    /** Lets a block in, or no more. */
    const letIn = async (GroupId: string, port: number, CidrIp: string, isLetIn = true): Promise<void> => {
      const action = isLetIn ? 'AuthorizeSecurityGroupIngress' : 'RevokeSecurityGroupIngress';
      const IpPermissions = [{ IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: [{ CidrIp }] }];
      await croft.ec2(action, { GroupId, IpPermissions });
      await croft.settle();
    };

    /** What the server answers: who it says called it, or nothing. */
    const ask = async (at: Place, host: string, port = 80): Promise<string> =>
      (await croft.inside(at.instanceId, `curl -s -m 2 http://${host}:${port}/`)).stdout.trim();

    const endpointState = async (): Promise<string> =>
      (await croft.ec2('DescribeVpcEndpoints', { VpcEndpointIds: [endpointId] })).text(
        'VpcEndpoints.0.State',
      );

    const addressOf = async (description: string): Promise<string> => {
      const filter = { Name: 'description', Values: [description] };
      const found = await croft.ec2('DescribeNetworkInterfaces', { Filters: [filter] });
      return found.text('NetworkInterfaces.0.PrivateIpAddress');
    };
    const endpointAddress = () => addressOf(`VPC Endpoint Interface ${endpointId}`);

    beforeAll(async () => {
      croft = await Installation.start();
      provider = await makePlace('10.6.1.0/24');
      consumer = await makePlace('10.6.1.0/24');
      await croft.settle();
      for (const { instanceId } of [provider, consumer]) {
        await eventually(
          'the instance runs',
          async () => (await croft.inside(instanceId, 'true')).code === 0,
        );
      }
      // Answers each caller with the address that it sees it come from.
      const server = [
        'import http.server as h',
        'class A(h.BaseHTTPRequestHandler):',
        ' def do_GET(s):',
        '  s.send_response(200); s.end_headers(); s.wfile.write(s.client_address[0].encode())',
        'h.HTTPServer(("", 8080), A).serve_forever()',
      ].join('\n');
      await croft.inside(
        provider.instanceId,
        `printf '%s' '${server}' > /tmp/server.py; setsid python3 /tmp/server.py >/dev/null 2>&1 </dev/null &`,
      );
      balancerArn = (
        await elb(
          'create-load-balancer',
          '--name',
          'front',
          '--type',
          'network',
          '--scheme',
          'internal',
          '--subnet-mappings',
          `SubnetId=${provider.subnetId},PrivateIPv4Address=${NODE}`,
        )
      ).text('LoadBalancers.0.LoadBalancerArn');
      await elb('wait', 'load-balancer-available', '--load-balancer-arns', balancerArn);
      targetGroupArn = await makeGroup('servers', 'instance', provider.instanceId);
      await listen(balancerArn, targetGroupArn);
      await croft.settle();
    });

    afterAll(async () => {
      await croft?.end();
    });

    test('a client of the VPC reaches the target through the load balancer, under whose address it comes', async () => {
      expect(await ask(provider, NODE)).toBe('');
      await letIn(provider.groupId, 8080, `${NODE}/32`);
      await eventually('the server answers', async () => (await ask(provider, NODE)) !== '');
      expect(await ask(provider, NODE)).toBe(NODE);
      expect(await ask(provider, NODE, 81)).toBe('');
    });

    test('the service is available, its endpoint waits for acceptance', async () => {
      const made = await croft.ec2('CreateVpcEndpointServiceConfiguration', {
        NetworkLoadBalancerArns: [balancerArn],
      });
      serviceId = made.text('ServiceConfiguration.ServiceId');
      expect(made.text('ServiceConfiguration.ServiceState')).toBe('Available');
      const endpoint = await croft.ec2('CreateVpcEndpoint', {
        VpcId: consumer.vpcId,
        VpcEndpointType: 'Interface',
        ServiceName: made.text('ServiceConfiguration.ServiceName'),
        SubnetIds: [consumer.subnetId],
        SecurityGroupIds: [consumer.groupId],
      });
      endpointId = endpoint.text('VpcEndpoint.VpcEndpointId');
      await letIn(consumer.groupId, 80, `${consumer.address}/32`);
      expect(await endpointState()).toBe('pendingAcceptance');
      expect(await ask(consumer, await endpointAddress())).toBe('');
    });

    test('accepted, it carries packets: the target sees the load balancer, whose VPC has the same block', async () => {
      await croft.ec2('AcceptVpcEndpointConnections', { ServiceId: serviceId, VpcEndpointIds: [endpointId] });
      await croft.settle();
      expect(await endpointState()).toBe('available');
      const address = await endpointAddress();
      // Its kernel has just given up looking for the address, and looks again after a while.
      await eventually('the service answers', async () => (await ask(consumer, address)) !== '');
      expect(await ask(consumer, address)).toBe(NODE);
      const explained = await croft.explain({
        source: consumer.instanceId,
        destination: endpointId,
        port: 80,
      });
      expect(explained.lines.join('\n')).toContain('load balancer');
      expect(explained.isAllowed).toBe(true);
    });

    test('by its own name, which every VPC resolves', async () => {
      const shown = await croft.ec2('DescribeVpcEndpoints', { VpcEndpointIds: [endpointId] });
      const name = shown.text('VpcEndpoints.0.DnsEntries.0.DnsName');
      expect(name).toBe(
        `${endpointId}-${endpointId.slice(-8)}.${serviceId}.ap-northeast-2.vpce.amazonaws.com`,
      );
      expect(await ask(consumer, name)).toBe(NODE);
    });

    test('by the load balancer’s name in its own VPC, and by the service’s private name in the consumer’s', async () => {
      const shown = await elb('describe-load-balancers', '--load-balancer-arns', balancerArn);
      expect(await ask(provider, shown.text('LoadBalancers.0.DNSName'))).toBe(NODE);
      const PrivateDnsName = 'api.provider.example';
      const enable = () =>
        croft.ec2('ModifyVpcEndpoint', { VpcEndpointId: endpointId, PrivateDnsEnabled: true });
      await croft.ec2('ModifyVpcEndpointServiceConfiguration', { ServiceId: serviceId, PrivateDnsName });
      await expect(enable()).rejects.toThrow('has not verified the private DNS name');
      await croft.ec2('StartVpcEndpointServicePrivateDnsVerification', { ServiceId: serviceId });
      await enable();
      await croft.settle();
      expect(await ask(consumer, PrivateDnsName)).toBe(NODE);
      expect(await ask(provider, PrivateDnsName)).toBe('');
    });

    test('the consumer’s group is enforced, and so is the target’s', async () => {
      const address = await endpointAddress();
      const isExplained = async () =>
        (await croft.explain({ source: consumer.instanceId, destination: endpointId, port: 80 })).isAllowed;
      await letIn(consumer.groupId, 80, `${consumer.address}/32`, false);
      expect([await ask(consumer, address), await isExplained()]).toEqual(['', false]);
      await letIn(consumer.groupId, 80, `${consumer.address}/32`);
      await letIn(provider.groupId, 8080, `${NODE}/32`, false);
      // The consumer's own address is of no use: the target never sees it.
      await letIn(provider.groupId, 8080, `${consumer.address}/32`);
      expect([await ask(consumer, address), await isExplained()]).toEqual(['', false]);
      await letIn(provider.groupId, 8080, `${NODE}/32`);
      expect([await ask(consumer, address), await isExplained()]).toEqual([NODE, true]);
    });

    test('the consumer reaches what the listener offers and nothing else of the provider', async () => {
      await letIn(consumer.groupId, 8080, '0.0.0.0/0');
      expect(await ask(consumer, await endpointAddress(), 8080)).toBe('');
      expect(await ask(consumer, NODE)).toBe('');
      expect(await ask(consumer, await endpointAddress())).toBe(NODE);
    });

    test('rejected it carries nothing; accepted again it does', async () => {
      const address = await endpointAddress();
      const one = { ServiceId: serviceId, VpcEndpointIds: [endpointId] };
      await croft.ec2('RejectVpcEndpointConnections', one);
      await croft.settle();
      expect([await endpointState(), await ask(consumer, address)]).toEqual(['rejected', '']);
      await croft.ec2('AcceptVpcEndpointConnections', one);
      await croft.settle();
      expect(await endpointState()).toBe('available');
      await eventually('the service answers', async () => (await ask(consumer, address)) === NODE);
    });

    test('a target that is deregistered gets nothing new', async () => {
      const address = await endpointAddress();
      const target = ['--target-group-arn', targetGroupArn, '--targets', `Id=${provider.instanceId}`];
      await elb('deregister-targets', ...target);
      await croft.settle();
      expect(await ask(consumer, address)).toBe('');
      await elb('register-targets', ...target);
      await croft.settle();
      expect(await ask(consumer, address)).toBe(NODE);
    });

    test('a load balancer that faces the Internet is reached by its name from the laptop', async () => {
      const gateway = await croft.ec2('CreateInternetGateway');
      const InternetGatewayId = gateway.text('InternetGateway.InternetGatewayId');
      await croft.ec2('AttachInternetGateway', { InternetGatewayId, VpcId: provider.vpcId });
      const tables = { Filters: [{ Name: 'vpc-id', Values: [provider.vpcId] }] };
      const RouteTableId = (await croft.ec2('DescribeRouteTables', tables)).text(
        'RouteTables.0.RouteTableId',
      );
      const words = ['--name', 'public', '--type', 'network', '--subnets', provider.subnetId];
      const made = await elb('create-load-balancer', ...words);
      const arn = made.text('LoadBalancers.0.LoadBalancerArn');
      const group = await makeGroup('public', 'ip', provider.address);
      await listen(arn, group);
      const node = await addressOf(`ELB ${arn.split(':loadbalancer/')[1]}`);
      await letIn(provider.groupId, 8080, `${node}/32`);
      const url = `http://${made.text('LoadBalancers.0.DNSName')}/`;
      const answer = async () => (await croft.laptop(['curl', '-s', '-m', '2', url])).stdout;
      expect(await answer()).toBe('');
      await croft.ec2('CreateRoute', {
        RouteTableId,
        DestinationCidrBlock: '0.0.0.0/0',
        GatewayId: InternetGatewayId,
      });
      await croft.settle();
      await eventually('the load balancer answers', async () => (await answer()) !== '');
      expect(await answer()).toBe(node);
      await elb('delete-load-balancer', '--load-balancer-arn', arn);
      await croft.settle();
      expect(await answer()).toBe('');
    });

    test('a load balancer with a service is not deleted; without it, all goes', async () => {
      const drop = () => elb('delete-load-balancer', '--load-balancer-arn', balancerArn);
      await expect(drop()).rejects.toThrow('ResourceInUse');
      await croft.ec2('DeleteVpcEndpoints', { VpcEndpointIds: [endpointId] });
      await croft.settle();
      await croft.ec2('DeleteVpcEndpointServiceConfigurations', { ServiceIds: [serviceId] });
      await drop();
      await croft.settle();
      const left = await croft.ec2('DescribeNetworkInterfaces', {
        Filters: [{ Name: 'interface-type', Values: ['network_load_balancer', 'vpc_endpoint'] }],
      });
      expect(left.list('NetworkInterfaces')).toEqual([]);
    });
  },
);
