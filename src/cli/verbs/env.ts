import { readStatus } from '../status.ts';
import type { Context, Verb } from '../verb.ts';

/** `croft env`: what the aws CLI, the SDKs and Terraform need to find this world. */
export const env: Verb = {
  name: 'env',
  summary: 'print what the aws CLI, the SDKs and Terraform need: eval "$(croft env)"',
  usage: '',
  description:
    'Prints the exports that point AWS clients in this shell at Cloudcroft: the endpoint, an access key and a region.',
  examples: [
    ['eval "$(croft env)"', 'now `aws ec2 describe-vpcs`, Terraform and boto3 speak to Cloudcroft'],
    ['croft env --region us-east-1', 'the same for another region'],
  ],
  options: { region: { type: 'string', value: 'REGION', help: 'default ap-northeast-2' } },
  async run(context) {
    const { terminal, isJson } = context;
    const variables = await environmentOf(context);
    if (isJson) terminal.printJson(variables);
    else
      for (const [name, value] of Object.entries(variables)) terminal.print(`export ${name}=${quote(value)}`);
    return 0;
  },
};

/** The variables that `croft env` prints. */
export async function environmentOf(context: Context): Promise<Record<string, string>> {
  const { apiUrl } = await readStatus(context);
  const { accessKeyId, secretAccessKey } = context.state.credentials();
  const region = typeof context.options['region'] === 'string' ? context.options['region'] : 'ap-northeast-2';
  return {
    AWS_ENDPOINT_URL: apiUrl,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_DEFAULT_REGION: region,
    AWS_REGION: region,
    AWS_PAGER: '',
  };
}

/** A word that every POSIX shell reads back as it is. */
function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
