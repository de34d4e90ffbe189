import { type Credentials, credentialsOf } from '../../state/directory.ts';
import { readStatus } from '../status.ts';
import { type Context, UserError, type Verb } from '../verb.ts';

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
    ['croft env --account 111122223333', 'as another account, to peer its VPC with yours'],
  ],
  options: {
    region: { type: 'string', value: 'REGION', help: 'default ap-northeast-2' },
    account: { type: 'string', value: 'ACCOUNT', help: 'another account of 12 digits: a world of its own' },
  },
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
  const { accessKeyId, secretAccessKey } = credentialsFor(context);
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

function credentialsFor({ state, options }: Context): Credentials {
  const own = state.credentials();
  const { account } = options;
  if (typeof account !== 'string') return own;
  const found = credentialsOf(own, account);
  if (found === undefined) {
    throw new UserError(`"${account}" is not an account.`, 'An account is a number of 12 digits.', 2);
  }
  return found;
}

/** A word that every POSIX shell reads back as it is. */
function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
