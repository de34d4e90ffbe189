import type { DescribeImagesRequest, DescribeImagesResult, Image } from '@aws-sdk/client-ec2';
import type { ActionContext } from '../action.ts';
import { type CatalogueImage, imagesOf } from '../catalogue/images.ts';
import { pageOf } from '../describe.ts';
import * as errors from '../errors.ts';
import { type FilterTable, filterRecords } from '../filters.ts';

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
  'block-device-mapping.volume-type': () => 'gp3',
  'block-device-mapping.device-name': 'rootDeviceName',
  'block-device-mapping.encrypted': () => false,
  'block-device-mapping.volume-size': () => 8,
  'ena-support': () => true,
  hypervisor: () => 'xen',
  'image-type': () => 'machine',
  'is-public': () => true,
  platform: () => undefined,
  'platform-details': 'platformDetails',
  state: () => 'available',
  'sriov-net-support': () => 'simple',
  'virtualization-type': () => 'hvm',
  'boot-mode': () => 'uefi-preferred',
};

/** The images people look up by name, each of them honest about what it is here. */
export const imageActions = {
  DescribeImages({ tx, region }: ActionContext, input: DescribeImagesRequest): DescribeImagesResult {
    const images = imagesOf(region);
    for (const id of input.ImageIds ?? []) {
      if (images.some(({ imageId }) => imageId === id)) continue;
      if (!/^ami-[0-9a-f]{8,17}$/.test(id)) {
        throw errors.malformedId('InvalidAMIID.Malformed', id, 'ami');
      }
      throw noSuchImage(id);
    }
    const named = images.filter(
      (image) => (input.ImageIds?.includes(image.imageId) ?? true) && isOwnedBy(image, input.Owners),
    );
    const chosen = filterRecords(named, input.Filters, filters, tx);
    const page = pageOf(
      chosen,
      { name: 'images', idOf: ({ imageId }) => imageId, pages: { fewest: 1, most: 1000 } },
      input,
    );
    return { Images: page.records.map(showImage), NextToken: page.nextToken };
  },
};

/** The image does not exist in the region. */
export function noSuchImage(id: string): errors.AwsError {
  return new errors.AwsError('InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`);
}

function isOwnedBy(image: CatalogueImage, owners: readonly string[] | undefined): boolean {
  if (owners === undefined || owners.length === 0) return true;
  return owners.some((owner) => owner === image.ownerId || owner === image.ownerAlias);
}

function showImage(image: CatalogueImage): Image {
  return {
    ImageId: image.imageId,
    Name: image.name,
    Description: image.description,
    OwnerId: image.ownerId,
    ...(image.ownerAlias === undefined ? {} : { ImageOwnerAlias: 'amazon' }),
    ImageLocation: `${image.ownerAlias ?? image.ownerId}/${image.name}`,
    Architecture: image.architecture,
    CreationDate: image.creationDate,
    Public: true,
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
          VolumeSize: 8,
          VolumeType: 'gp3',
          Iops: 3000,
          Throughput: 125,
          Encrypted: false,
        },
      },
    ],
  };
}
