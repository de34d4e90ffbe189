import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { ImageError } from '../../fabric/compute/image.ts';
import { importImage, removeImage } from '../../fabric/compute/image-import.ts';
import { modeOf } from '../../fabric/world/mapping.ts';
import { type Context, UserError, type Verb } from '../verb.ts';

const USAGE = 'croft image import NAME PATH, or image list, or image remove ID';

/** `croft image`: root file systems of the user's own, to run as instances. */
export const image: Verb = {
  name: 'image',
  summary: 'bring an image of your own, to run instances of',
  usage: 'import NAME PATH | list | remove ID',
  description:
    'PATH is an OCI layout (a folder, or a tar of one), what `docker save` wrote, a tar of a root file system, or a root\n' +
    'folder. It gets an AMI id that run-instances takes. An instance needs /bin/sh of it; with /usr/sbin/sshd it is\n' +
    'logged into by SSH, with curl its user data are run. ec2-user is made where it is missing.',
  examples: [
    ['docker save my-server -o server.tar; croft image import my-server server.tar', 'from Docker'],
    ['croft image import alpine ./alpine-oci', 'an OCI layout, as skopeo and buildah write it'],
    ['croft image remove ami-0a1b2c3d4e5f67890', 'delete it again; no instance may be of it'],
  ],
  options: {
    region: {
      type: 'string',
      value: 'REGION',
      help: 'the region to have it in (default: that of `croft env`)',
    },
  },
  async run(context) {
    const [word, ...words] = context.positionals;
    const [first, second, ...more] = words;
    if (more.length === 0 && word === 'import' && first !== undefined && second !== undefined)
      return bring(context, first, second);
    if (word === 'list' && first === undefined) return list(context);
    if (word === 'remove' && first !== undefined && second === undefined) return remove(context, first);
    throw new UserError('croft image needs to be told what to do.', USAGE, 2);
  },
};

async function call({ client, options }: Context, action: string, input: object): Promise<unknown> {
  const { region } = options;
  return client.post('/ec2', { action, input, ...(typeof region === 'string' ? { region } : {}) });
}

async function bring(context: Context, name: string, path: string): Promise<number> {
  const { state, terminal, isJson, program } = context;
  // Asked first: unpacking takes long, and is in vain where nobody registers it.
  await call(context, 'DescribeImages', { Owners: ['self'] });
  const imageId = `ami-0${randomBytes(8).toString('hex')}`;
  const mode = modeOf(process.getuid?.() ?? 0);
  const target = state.at('images', imageId);
  try {
    const { architecture, lacks } = await importImage(path, {
      mode,
      target,
      applicationDirectory: join(dirname(program.at(-1) ?? ''), '..'),
      onProgress: (line) => terminal.progress(line),
    });
    await call(context, 'RegisterImage', {
      Name: name,
      Architecture: architecture,
      ImageLocation: `cloudcroft:${imageId}`,
      Description: `Imported into Cloudcroft from ${path}`,
    });
    if (isJson) terminal.printJson({ imageId, name, architecture, lacks });
    else {
      terminal.print(`${imageId}  ${name}`);
      for (const missing of lacks) terminal.note(`it has no ${missing}: ${consequenceOf(missing)}`);
    }
    return 0;
  } catch (error) {
    await removeImage(mode, target);
    if (error instanceof ImageError) throw new UserError(error.message, 'Nothing was imported.');
    throw error;
  }
}

function consequenceOf(missing: string): string {
  if (missing.endsWith('sshd')) return 'its instances are reached by `croft exec` only';
  if (missing.endsWith('sudo')) return 'ec2-user is not root there';
  return missing.endsWith('curl') ? 'user data are not run' : 'user data of its instances are not run';
}

async function list(context: Context): Promise<number> {
  const images = imagesOf(await call(context, 'DescribeImages', { Owners: ['self'] }));
  if (context.isJson) context.terminal.printJson(images);
  else if (images.length === 0) context.terminal.print('No image was imported.');
  else for (const { imageId, name } of images) context.terminal.print(`${imageId}  ${name}`);
  return 0;
}

function imagesOf(reply: unknown): { readonly imageId: string; readonly name: string }[] {
  const found = typeof reply === 'object' && reply !== null && 'Images' in reply ? reply.Images : [];
  return (Array.isArray(found) ? found : []).map((each) => ({
    imageId: String(each.ImageId),
    name: String(each.Name),
  }));
}

async function remove(context: Context, imageId: string): Promise<number> {
  await call(context, 'DeregisterImage', { ImageId: imageId });
  await removeImage(modeOf(process.getuid?.() ?? 0), context.state.at('images', imageId));
  if (!context.isJson) context.terminal.print(`${imageId} is removed.`);
  return 0;
}
