import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  CreateVpcCommand,
  DeleteSecurityGroupCommand,
  DeleteVpcCommand,
  type EC2Client,
  type IpPermission,
  paginateDescribeSecurityGroups,
  paginateDescribeVpcs,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';

/** What one writer has made, by the names it gave: each VPC's mark, and its group's mark and open ports. */
export type Made = ReadonlyMap<string, MadeVpc>;

interface MadeVpc {
  readonly mark: string;
  readonly group: MadeGroup | undefined;
}

interface MadeGroup {
  readonly mark: string;
  readonly ports: readonly number[];
}

/** The ids of what has a name: of VPCs, and of the group in each. */
export interface Ids {
  readonly vpcs: Map<string, string>;
  readonly groups: Map<string, string>;
}

/** A write, and what it leaves when it is done. */
export interface Write {
  readonly after: Made;
  send(client: EC2Client, ids: Ids): Promise<void>;
}

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Writers keep below this, so that deletions come as often as creations. */
const MOST_VPCS = 6;
/** One rule each: a request opens or closes all of them, or none. */
const PORTS: readonly number[] = [22, 80, 443];

/** A write that fits what is there; `serial` is new for each and goes into the names and marks it gives. */
export function chooseWrite(made: Made, random: () => number, serial: string): Write {
  const names = [...made.keys()];
  const name = names[Math.floor(random() * names.length)];
  const vpc = name === undefined ? undefined : made.get(name);
  if (name === undefined || vpc === undefined || (names.length < MOST_VPCS && random() < 0.3)) {
    return createVpc(made, serial);
  }
  const { group } = vpc;
  if (random() < 0.25) return mark(made, name, vpc, serial);
  if (group === undefined) {
    return random() < 0.3 ? deleteVpc(made, name) : createGroup(made, name, vpc);
  }
  if (group.ports.length === 0 && random() < 0.4) return deleteGroup(made, name, vpc);
  return changePorts(made, name, vpc, group);
}

function createVpc(made: Made, name: string): Write {
  return {
    after: new Map([...made, [name, { mark: '', group: undefined }]]),
    send: async (client, ids) => {
      const Tags = [{ Key: 'Name', Value: name }];
      const { Vpc } = await client.send(
        new CreateVpcCommand({
          CidrBlock: '10.0.0.0/16',
          TagSpecifications: [{ ResourceType: 'vpc', Tags }],
        }),
      );
      ids.vpcs.set(name, Vpc?.VpcId ?? '');
    },
  };
}

function deleteVpc(made: Made, name: string): Write {
  return {
    after: new Map([...made].filter(([other]) => other !== name)),
    send: async (client, ids) => {
      await client.send(new DeleteVpcCommand({ VpcId: ids.vpcs.get(name) }));
    },
  };
}

/** Marks the VPC and its group by one request. */
function mark(made: Made, name: string, { group }: MadeVpc, value: string): Write {
  return {
    after: new Map([
      ...made,
      [name, { mark: value, group: group === undefined ? undefined : { ...group, mark: value } }],
    ]),
    send: async (client, ids) => {
      const Resources = [ids.vpcs.get(name) ?? '', ids.groups.get(name) ?? ''].filter((id) => id !== '');
      await client.send(new CreateTagsCommand({ Resources, Tags: [{ Key: 'Mark', Value: value }] }));
    },
  };
}

function createGroup(made: Made, name: string, vpc: MadeVpc): Write {
  return {
    after: new Map([...made, [name, { ...vpc, group: { mark: '', ports: [] } }]]),
    send: async (client, ids) => {
      const VpcId = ids.vpcs.get(name);
      const { GroupId } = await client.send(
        new CreateSecurityGroupCommand({ GroupName: name, Description: 'random', VpcId }),
      );
      ids.groups.set(name, GroupId ?? '');
    },
  };
}

function deleteGroup(made: Made, name: string, vpc: MadeVpc): Write {
  return {
    after: new Map([...made, [name, { ...vpc, group: undefined }]]),
    send: async (client, ids) => {
      await client.send(new DeleteSecurityGroupCommand({ GroupId: ids.groups.get(name) }));
      ids.groups.delete(name);
    },
  };
}

function changePorts(made: Made, name: string, vpc: MadeVpc, group: MadeGroup): Write {
  const isOpening = group.ports.length === 0;
  return {
    after: new Map([...made, [name, { ...vpc, group: { ...group, ports: isOpening ? PORTS : [] } }]]),
    send: async (client, ids) => {
      const rules = { GroupId: ids.groups.get(name), IpPermissions: PORTS.map(permissionOf) };
      if (isOpening) await client.send(new AuthorizeSecurityGroupIngressCommand(rules));
      else await client.send(new RevokeSecurityGroupIngressCommand(rules));
    },
  };
}

function permissionOf(port: number): IpPermission {
  return { IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
}

/** What is there of the VPCs that a writer named, and its ids, which a creation that was cut off never told. */
export async function readMade(client: EC2Client, writer: string): Promise<{ made: Made; ids: Ids }> {
  const ids: Ids = { vpcs: new Map(), groups: new Map() };
  const made = new Map<string, MadeVpc>();
  const groups = new Map<string, MadeGroup>();
  for await (const page of paginateDescribeSecurityGroups({ client }, {})) {
    for (const { GroupId = '', GroupName = '', Tags, IpPermissions = [] } of page.SecurityGroups ?? []) {
      if (!GroupName.startsWith(`${writer}-`)) continue;
      const ports = IpPermissions.map(({ FromPort }) => FromPort ?? 0).sort((a, b) => a - b);
      groups.set(GroupName, { mark: tagValue('Mark', Tags), ports });
      ids.groups.set(GroupName, GroupId);
    }
  }
  for await (const page of paginateDescribeVpcs({ client }, {})) {
    for (const { VpcId = '', Tags } of page.Vpcs ?? []) {
      const name = tagValue('Name', Tags);
      if (!name.startsWith(`${writer}-`)) continue;
      made.set(name, { mark: tagValue('Mark', Tags), group: groups.get(name) });
      ids.vpcs.set(name, VpcId);
    }
  }
  return { made, ids };
}

function tagValue(
  key: string,
  tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] = [],
): string {
  return tags.find(({ Key }) => Key === key)?.Value ?? '';
}
