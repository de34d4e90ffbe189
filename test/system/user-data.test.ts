import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, findSystemObstacle, Installation } from '../support/installation.ts';

const obstacle = await findSystemObstacle();
if (obstacle !== undefined) console.log(`skipped: user data at the first boot: ${obstacle}`);

const cloudConfig = `#cloud-config
runcmd:
  - echo by $(whoami) in $(cat /etc/made-first) > /tmp/made
  - [sh, -c, "echo as a list > /tmp/made-as-list"]
  - exit 3
write_files:
  - path: /etc/made-first
    content: "a file"
    permissions: '0640'
    owner: root:ec2-user
packages: [nginx]
timezone: Asia/Seoul
`;

const archive = `Content-Type: multipart/mixed; boundary="==part=="
MIME-Version: 1.0

--==part==
Content-Type: text/cloud-config; charset="us-ascii"

#cloud-config
write_files: [{path: /tmp/made, content: from an archive}]
--==part==
Content-Type: text/x-shellscript; charset="us-ascii"

#!/bin/sh
cat /tmp/made > /tmp/copied
--==part==--
`;

/** What is given, a file that shows what came of it with its text, and what the console says. */
const cases: readonly (readonly [
  what: string,
  given: string | Buffer,
  file: string,
  text: string,
  said: RegExp,
])[] = [
  [
    'a script',
    '#!/bin/sh\necho by $(whoami) > /tmp/made\n',
    '/tmp/made',
    'by root\n',
    /user data ended with exit code 0/,
  ],
  [
    'a script that fails',
    '#!/bin/sh\necho x > /tmp/made\nexit 7\n',
    '/tmp/made',
    'x\n',
    /user data ended with exit code 7/,
  ],
  ['a cloud-config', cloudConfig, '/tmp/made', 'by root in a file\n', /runcmd exit 3 ended with exit code 3/],
  [
    'a cloud-config of lists',
    cloudConfig,
    '/tmp/made-as-list',
    'as a list\n',
    /packages nginx: not installed/,
  ],
  [
    'a setting that is not known',
    cloudConfig,
    '/etc/made-first',
    'a file',
    /timezone of the user data is not supported here/,
  ],
  ['a MIME archive', archive, '/tmp/copied', 'from an archive', /user data ended with exit code 0/],
  ['a compressed script', gzipSync('#!/bin/sh\necho x > /tmp/made\n'), '/tmp/made', 'x\n', /exit code 0/],
  ['a cloud-config that is no YAML', '#cloud-config\na: [\n', '/etc/shells', '/bin/sh\n', /is not YAML/],
  ['something else', 'name=value\n', '/etc/shells', '/bin/sh\n', /neither a script \(#!\) nor #cloud-config/],
];

describe.skipIf(obstacle !== undefined)('user data at the first boot', () => {
  let croft: Installation;
  let subnetId: string;
  let imageId: string;

  beforeAll(async () => {
    croft = await Installation.start();
    subnetId = (await croft.ec2('DescribeSubnets')).text('Subnets.0.SubnetId');
    imageId = (await croft.ec2('DescribeImages')).text('Images.0.ImageId');
  });

  afterAll(async () => {
    await croft?.end();
  });

  test.each(cases)('%s', async (_what, given, file, text, said) => {
    const launched = await croft.ec2('RunInstances', {
      ImageId: imageId,
      InstanceType: 't3.micro',
      SubnetId: subnetId,
      MinCount: 1,
      MaxCount: 1,
      UserData: Buffer.from(given).toString('base64'),
    });
    const instanceId = launched.text('Instances.0.InstanceId');
    const readConsole = async (): Promise<string> => {
      const reply = await croft.ec2('GetConsoleOutput', { InstanceId: instanceId });
      return Buffer.from(reply.maybe('Output') ?? '', 'base64').toString();
    };
    await eventually(`the console says ${said}`, async () => said.test(await readConsole()));
    const shown = await croft.inside(instanceId, `cat ${file}`);
    expect(shown.stdout.slice(0, text.length)).toBe(text);
  });
});
