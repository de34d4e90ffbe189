import { vpcPeeringConnectionActions } from '../../ec2/actions/vpc-peering-connections.ts';
import type { VpcPeeringConnection } from '../../model/peering-records.ts';
import type { ValueMap } from '../../template/value.ts';
import { inputOf, pick } from '../action-input.ts';
import { declareProperties, PropertyReader } from '../properties.ts';
import type { RecordType, ResourceContext } from '../resource-type.ts';
import { given } from './steps.ts';
import { retagResource, tagResource } from './tags.ts';

const peering: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::VPCPeeringConnection',
  properties: declareProperties({
    VpcId: 'String! replace',
    PeerVpcId: 'String! replace',
    PeerOwnerId: 'String replace',
    PeerRegion: 'String replace',
    PeerRoleArn: 'String replace',
    AssumeRoleRegion: 'String replace',
    Tags: 'List',
  }),
  attributes: ['Id'],
  create(context, properties) {
    const names = ['VpcId', 'PeerVpcId', 'PeerOwnerId', 'PeerRegion'];
    const input = inputOf('CreateVpcPeeringConnection', pick(properties, ...names));
    const made = context.call('CreateVpcPeeringConnection', input);
    const id = given(made.VpcPeeringConnection?.VpcPeeringConnectionId);
    accept(context, id, properties);
    tagResource(context, id, properties);
    return id;
  },
  /** One that waits for another account is made: that may take days. */
  progress(context, id) {
    const status = find(context, id)?.status;
    if (status?.code === 'active' || status?.code === 'pending-acceptance') return 'done';
    if (status?.code === 'provisioning') return 'busy';
    return { failed: status?.message ?? `VpcPeeringConnection ${id} does not exist` };
  },
  update: retagResource,
  delete(context, VpcPeeringConnectionId) {
    const code = find(context, VpcPeeringConnectionId)?.status.code;
    if (code === 'active' || code === 'provisioning' || code === 'pending-acceptance') {
      context.call('DeleteVpcPeeringConnection', { VpcPeeringConnectionId });
    }
  },
  isGone: (context, id) => (find(context, id)?.status.code === 'deleting' ? 'busy' : 'done'),
  attributesOf: (_, id) => ({ Id: id }),
};

function find({ action: { tx } }: ResourceContext, id: string): VpcPeeringConnection | undefined {
  return tx.vpcPeeringConnections.get(id);
}

/**
 * Accepts for the other side, as CloudFormation does where that is the same account, or where a role of the other is given.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/peer-with-vpc-in-another-account.html
 */
function accept(context: ResourceContext, id: string, properties: ValueMap): void {
  const present = find(context, id);
  if (present?.status.code !== 'pending-acceptance') return;
  const { account, region } = present.accepter;
  const role = /^arn:aws:iam::(\d{12}):role\//.exec(new PropertyReader(properties).text('PeerRoleArn') ?? '');
  const { action } = context;
  if (account !== action.account && role?.[1] !== account) return;
  const tx = action.tx.transactionOf({ account, region });
  if (tx === undefined) return;
  const there = { ...action, tx, account, region, caller: { ...action.caller, account } };
  vpcPeeringConnectionActions.AcceptVpcPeeringConnection(there, { VpcPeeringConnectionId: id });
}

/** Peering connections. */
export const peeringTypes: readonly RecordType[] = [peering];
