import type {
  DeregisterImageRequest,
  DeregisterImageResult,
  DescribeImagesRequest,
  DescribeImagesResult,
  Image,
  RegisterImageRequest,
  RegisterImageResult,
} from '@aws-sdk/client-ec2';
import type { World } from '../../model/world.ts';
import type { ActionContext } from '../action.ts';
import { IMAGE_VOLUME_SIZE } from '../block-devices.ts';
import { imageParametersOf } from '../catalogue/image-parameters.ts';
import type { CatalogueImage } from '../catalogue/images.ts';
import { pageOf } from '../describe.ts';
import * as errors from '../errors.ts';
import { type FilterTable, filterRecords } from '../filters.ts';
import { findImageIn, imagesIn } from '../images.ts';
import { readTagSpecifications, showTags } from '../tags.ts';

/** What no image here has: sources, kernels, product codes, scans. */
const NEVER_SHOWN: readonly string[] = [
  ...['creation-time', 'id', 'region'].map((name) => `image-watermark.source-image-${name}`),
  ...['watermark-creation-time', 'watermark-key'].map((name) => `image-watermark.${name}`),
  ...['supported', 'unsupported'].map((word) => `instance-type-specification.${word}-instance-type`),
  ...['kernel-id', 'ramdisk-id', 'product-code', 'product-code.type'],
  ...['critical', 'high', 'medium', 'low', 'informational'].map(
    (severity) => `scan-result.${severity}-fix-available-since`,
  ),
  ...['scan-result.finding-scan-date', 'scan-result.highest-finding-severity-label'],
  ...['source-image-id', 'source-image-region', 'source-instance-id'],
  ...['state-reason-code', 'state-reason-message'],
];

const filters: FilterTable<CatalogueImage> = {
  architecture: 'architecture',
  'creation-date': 'creationDate',
  description: 'description',
  'image-id': 'imageId',
  name: 'name',
  'owner-alias': 'ownerAlias',
  'owner-id': 'ownerId',
  'root-device-name': 'rootDeviceName',
  'root-device-type': () => 'ebs',
  'block-device-mapping.snapshot-id': snapshotIdOf,
  'block-device-mapping.volume-type': 'rootVolumeType',
  'block-device-mapping.device-name': 'rootDeviceName',
  'block-device-mapping.encrypted': () => false,
  'block-device-mapping.volume-size': () => 8,
  'ena-support': () => true,
  hypervisor: () => 'xen',
  'image-type': () => 'machine',
  'is-public': ({ imageId }, world) => world.images.get(imageId) === undefined,
  platform: () => undefined,
  'platform-details': 'platformDetails',
  state: () => 'available',
  'sriov-net-support': () => 'simple',
  'virtualization-type': () => 'hvm',
  'boot-mode': () => 'uefi-preferred',
  'block-device-mapping.delete-on-termination': () => true,
  'free-tier-eligible': () => true,
  'image-allowed': () => true,
  'manifest-location': ({ ownerAlias, ownerId, name }) => `${ownerAlias ?? ownerId}/${name}`,
  'public-ssm-parameter-name': ({ imageId }, { scope }) =>
    [...imageParametersOf(scope.region)].flatMap(([name, id]) => (id === imageId ? name : [])),
  ...Object.fromEntries(NEVER_SHOWN.map((name) => [name, () => undefined])),
};

/** The images people look up by name, each of them honest about what it is here. */
export const imageActions = {
  DescribeImages({ tx, account }: ActionContext, input: DescribeImagesRequest): DescribeImagesResult {
    const images = imagesIn(tx);
    for (const id of input.ImageIds ?? []) {
      if (images.some(({ imageId }) => imageId === id)) continue;
      if (!/^ami-[0-9a-f]{8,17}$/.test(id)) {
        throw errors.malformedId('InvalidAMIID.Malformed', id, 'ami');
      }
      throw noSuchImage(id);
    }
    const named = images.filter(
      (image) => (input.ImageIds?.includes(image.imageId) ?? true) && isOwnedBy(image, input.Owners, account),
    );
    const chosen = filterRecords(named, input.Filters, filters, tx);
    const page = pageOf(
      chosen,
      { name: 'images', idOf: ({ imageId }) => imageId, pages: { fewest: 1, most: 1000 } },
      input,
    );
    return { Images: page.records.map((image) => showImage(tx, image)), NextToken: page.nextToken };
  },

  /** An image's files are brought by `croft image import`, which calls this when they are there. */
  RegisterImage(context: ActionContext, input: RegisterImageRequest): RegisterImageResult {
    const { tx, now } = context;
    const { Name: name, Architecture: architecture = 'x86_64' } = input;
    if (name === undefined || name === '') throw errors.missingParameter('name');
    const imageId = /^cloudcroft:(ami-[0-9a-f]{17})$/.exec(input.ImageLocation ?? '')?.[1];
    if (imageId === undefined) {
      throw errors.invalidParameterValue(
        'Cloudcroft makes images of root file systems: use `croft image import NAME PATH`.',
      );
    }
    if (architecture !== 'x86_64' && architecture !== 'arm64') {
      throw errors.invalidValue(architecture, 'architecture', 'Use x86_64 or arm64.');
    }
    if ([...tx.images.values()].some((each) => each.name === name || each.imageId === imageId)) {
      throw new errors.AwsError('InvalidAMIName.Duplicate', `AMI name ${name} is already in use.`);
    }
    tx.images.put({
      ...{ imageId, name, architecture },
      description: input.Description ?? '',
      creationDate: now.toISOString(),
      rootDeviceName: input.RootDeviceName ?? '/dev/xvda',
      tags: readTagSpecifications(input.TagSpecifications, 'image'),
    });
    return { ImageId: imageId };
  },

  /** Instances that are of the image keep it from going: their disks lie over it. */
  DeregisterImage({ tx }: ActionContext, input: DeregisterImageRequest): DeregisterImageResult {
    const { ImageId: imageId = '' } = input;
    if (tx.images.get(imageId) === undefined) {
      if (findImageIn(tx, imageId) === undefined) throw noSuchImage(imageId);
      throw new errors.AwsError('AuthFailure', `Not authorized for image:${imageId}`);
    }
    const using = [...tx.instances.values()].find(
      (instance) => instance.imageId === imageId && instance.state !== 'terminated',
    );
    if (using !== undefined) {
      throw new errors.AwsError(
        'InvalidAMIID.Unavailable',
        `The image ${imageId} is in use by ${using.instanceId}: terminate its instances first.`,
      );
    }
    tx.images.delete(imageId);
    return { Return: true };
  },
};

/** The image does not exist in the region. */
export function noSuchImage(id: string): errors.AwsError {
  return new errors.AwsError('InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`);
}

/** Every image has a snapshot behind it, whose id follows from the image's: there is nothing else of it. */
function snapshotIdOf({ imageId }: CatalogueImage): string {
  return `snap-${imageId.slice('ami-'.length)}`;
}

function isOwnedBy(image: CatalogueImage, owners: readonly string[] | undefined, account: string): boolean {
  if (owners === undefined || owners.length === 0) return true;
  return owners.some((owner) =>
    [image.ownerId, image.ownerAlias].includes(owner === 'self' ? account : owner),
  );
}

function showImage(world: World, image: CatalogueImage): Image {
  const own = world.images.get(image.imageId);
  return {
    ImageId: image.imageId,
    Name: image.name,
    Description: image.description,
    OwnerId: image.ownerId,
    ...(image.ownerAlias === undefined ? {} : { ImageOwnerAlias: 'amazon' }),
    ImageLocation: `${image.ownerAlias ?? image.ownerId}/${image.name}`,
    Architecture: image.architecture,
    CreationDate: image.creationDate,
    Public: own === undefined,
    ...(own === undefined ? {} : { Tags: showTags(own) }),
    State: 'available',
    ImageType: 'machine',
    PlatformDetails: image.platformDetails,
    UsageOperation: 'RunInstances',
    VirtualizationType: 'hvm',
    Hypervisor: 'xen',
    EnaSupport: true,
    SriovNetSupport: 'simple',
    BootMode: 'uefi-preferred',
    RootDeviceType: 'ebs',
    RootDeviceName: image.rootDeviceName,
    BlockDeviceMappings: [
      {
        DeviceName: image.rootDeviceName,
        Ebs: {
          DeleteOnTermination: true,
          SnapshotId: snapshotIdOf(image),
          VolumeSize: IMAGE_VOLUME_SIZE,
          VolumeType: image.rootVolumeType,
          ...(image.rootVolumeType === 'gp3' ? { Iops: 3000, Throughput: 125 } : {}),
          Encrypted: false,
        },
      },
    ],
  };
}
