import { imagesOf } from './images.ts';

/** AWS's own names below `/aws/service/` for the newest images, and the images' names that they stand for. */
const NAMES: readonly (readonly [parameter: string, image: RegExp])[] = (
  ['x86_64', 'arm64'] as const
).flatMap((architecture) => {
  const short = architecture === 'x86_64' ? 'amd64' : 'arm64';
  const amazon = '/aws/service/ami-amazon-linux-latest';
  const ubuntu = '/aws/service/canonical/ubuntu/server';
  const debian = '/aws/service/debian/release';
  const al2023 = new RegExp(`^al2023-ami-2023.*-${architecture}$`);
  const minimal = new RegExp(`^al2023-ami-minimal-.*-${architecture}$`);
  const amzn2 = new RegExp(`^amzn2-ami-hvm-.*-${architecture}-gp2$`);
  const jammy = new RegExp(`jammy-22.04-${short}-server`);
  const noble = new RegExp(`noble-24.04-${short}-server`);
  return [
    ...['default', '6.1'].map(
      (kernel) => [`${amazon}/al2023-ami-kernel-${kernel}-${architecture}`, al2023] as const,
    ),
    ...['default', '6.1'].map(
      (kernel) => [`${amazon}/al2023-ami-minimal-kernel-${kernel}-${architecture}`, minimal] as const,
    ),
    [`${amazon}/amzn2-ami-hvm-${architecture}-gp2`, amzn2] as const,
    [`${amazon}/amzn2-ami-hvm-${architecture}-ebs`, amzn2] as const,
    [`${amazon}/amzn2-ami-kernel-5.10-hvm-${architecture}-gp2`, amzn2] as const,
    ...['22.04', 'jammy'].map(
      (release) => [`${ubuntu}/${release}/stable/current/${short}/hvm/ebs-gp2/ami-id`, jammy] as const,
    ),
    ...['24.04', 'noble'].map(
      (release) => [`${ubuntu}/${release}/stable/current/${short}/hvm/ebs-gp3/ami-id`, noble] as const,
    ),
    ...['12', 'bookworm'].map(
      (release) => [`${debian}/${release}/latest/${short}`, new RegExp(`^debian-12-${short}-`)] as const,
    ),
  ];
});

/** The public parameters of a region: the names that templates look images up by, and the images' ids. */
export function imageParametersOf(region: string): ReadonlyMap<string, string> {
  const images = imagesOf(region);
  return new Map(
    NAMES.flatMap(([parameter, pattern]) => {
      const image = images.find(({ name }) => pattern.test(name));
      return image === undefined ? [] : [[parameter, image.imageId] as const];
    }),
  );
}
