import { createHash } from 'node:crypto';

/** An image of the catalogue. All are the same base image underneath, and say so. */
export interface CatalogueImage {
  readonly imageId: string;
  readonly name: string;
  readonly description: string;
  readonly ownerId: string;
  readonly ownerAlias?: string;
  readonly architecture: 'x86_64' | 'arm64';
  readonly creationDate: string;
  readonly rootDeviceName: string;
  readonly rootVolumeType: 'gp2' | 'gp3';
  readonly platformDetails: string;
}

interface Template {
  readonly name: string;
  readonly standsFor: string;
  readonly ownerId: string;
  readonly ownerAlias?: string;
  readonly architecture: 'x86_64' | 'arm64';
  readonly creationDate: string;
  readonly rootDeviceName: string;
  readonly rootVolumeType: 'gp2' | 'gp3';
}

/** Amazon's and Canonical's and Debian's accounts: what people's look-ups name as the owner. */
const AMAZON = '137112412989';
const CANONICAL = '099720109477';
const DEBIAN = '136693071363';

function template(
  name: string,
  standsFor: string,
  ownerId: string,
  architecture: 'x86_64' | 'arm64',
): Template {
  return {
    name,
    standsFor,
    ownerId,
    ...(ownerId === AMAZON ? { ownerAlias: 'amazon' } : {}),
    architecture,
    creationDate: '2026-01-15T00:00:00.000Z',
    rootDeviceName: ownerId === CANONICAL ? '/dev/sda1' : '/dev/xvda',
    // Amazon and Canonical say it in their names.
    rootVolumeType: /-gp2$|\/hvm-ssd\//.test(name) ? 'gp2' : 'gp3',
  };
}

const TEMPLATES: readonly Template[] = (['x86_64', 'arm64'] as const).flatMap((architecture) => {
  const short = architecture === 'x86_64' ? 'amd64' : 'arm64';
  return [
    template(
      `al2023-ami-2023.10.20260115.0-kernel-6.1-${architecture}`,
      'Amazon Linux 2023',
      AMAZON,
      architecture,
    ),
    template(
      `al2023-ami-minimal-2023.10.20260115.0-kernel-6.1-${architecture}`,
      'Amazon Linux 2023 minimal',
      AMAZON,
      architecture,
    ),
    template(`amzn2-ami-hvm-2.0.20260115.0-${architecture}-gp2`, 'Amazon Linux 2', AMAZON, architecture),
    template(
      `ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-${short}-server-20260115`,
      'Ubuntu 22.04',
      CANONICAL,
      architecture,
    ),
    template(
      `ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-${short}-server-20260115`,
      'Ubuntu 24.04',
      CANONICAL,
      architecture,
    ),
    template(`debian-12-${short}-20260115-2000`, 'Debian 12', DEBIAN, architecture),
  ];
});

/** The images of a region. Their ids follow from region and name, so they are the same in every installation. */
export function imagesOf(region: string): readonly CatalogueImage[] {
  return TEMPLATES.map(({ standsFor, ...template }) => ({
    ...template,
    imageId: `ami-0${createHash('sha256').update(`${region} ${template.name}`).digest('hex').slice(0, 16)}`,
    description: `Cloudcroft base image (Debian userland, user ec2-user) standing in for ${standsFor}`,
    platformDetails: 'Linux/UNIX',
  }));
}
