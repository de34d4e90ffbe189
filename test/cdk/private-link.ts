import { type App, Stack, Tags } from 'aws-cdk-lib';
import {
  InterfaceVpcEndpoint,
  InterfaceVpcEndpointService,
  IpAddresses,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
  VpcEndpointService,
} from 'aws-cdk-lib/aws-ec2';
import { NetworkLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { InstanceIdTarget } from 'aws-cdk-lib/aws-elasticloadbalancingv2-targets';
import { addInstance } from './machine.ts';

/** A service of one VPC, by an endpoint in another whose addresses are the same. */
export class PrivateLinkStack extends Stack {
  constructor(app: App, name: string) {
    super(app, name);
    const inner = { subnetType: SubnetType.PRIVATE_ISOLATED };
    const makeVpc = (id: string): Vpc =>
      new Vpc(this, id, {
        ipAddresses: IpAddresses.cidr('10.9.0.0/16'),
        maxAzs: 1,
        subnetConfiguration: [{ name: 'inner', ...inner }],
      });
    const [shop, office] = [makeVpc('Shop'), makeVpc('Office')];
    const shopGroup = new SecurityGroup(this, 'ShopGroup', { vpc: shop });
    shopGroup.addIngressRule(Peer.ipv4(shop.vpcCidrBlock), Port.HTTP);
    const server = addInstance(this, 'shop', shop, inner, shopGroup);
    const balancer = new NetworkLoadBalancer(this, 'Balancer', { vpc: shop, vpcSubnets: inner });
    balancer
      .addListener('Http', { port: 80 })
      .addTargets('Servers', { port: 80, targets: [new InstanceIdTarget(server.instanceId)] });
    const service = new VpcEndpointService(this, 'Service', {
      vpcEndpointServiceLoadBalancers: [balancer],
      acceptanceRequired: false,
    });
    const officeGroup = new SecurityGroup(this, 'OfficeGroup', { vpc: office });
    addInstance(this, 'office', office, inner, officeGroup);
    const endpoint = new InterfaceVpcEndpoint(this, 'Endpoint', {
      vpc: office,
      subnets: inner,
      service: new InterfaceVpcEndpointService(service.vpcEndpointServiceName, 80),
    });
    Tags.of(endpoint).add('Name', 'shop-endpoint');
  }
}
