import { AwsError } from '../errors.ts';

/** The resource does not do what is asked of it; `message` is the whole sentence. */
export const invalidConfiguration = (message: string) => new AwsError('InvalidConfigurationRequest', message);

/** Something still uses the resource; `message` is the whole sentence. */
export const inUse = (message: string) => new AwsError('ResourceInUse', message);

/** A target that cannot be one; `message` is the whole sentence. */
export const invalidTarget = (message: string) => new AwsError('InvalidTarget', message);

/** There is none of that name or ARN. */
export const noSuchLoadBalancer = () =>
  new AwsError('LoadBalancerNotFound', 'One or more load balancers not found');
export const noSuchTargetGroup = () =>
  new AwsError('TargetGroupNotFound', 'One or more target groups not found');
export const noSuchListener = () => new AwsError('ListenerNotFound', 'One or more listeners not found');
