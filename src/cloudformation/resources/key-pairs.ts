import { keyPairActions } from '../../ec2/actions/key-pairs.ts';
import type { KeyMaterial } from '../../ec2/keys/key-material.ts';
import type { ValueMap } from '../../template/value.ts';
import { inputOf, pick } from '../action-input.ts';
import { declareProperties, PropertyReader } from '../properties.ts';
import type { RecordType, ResourceContext } from '../resource-type.ts';
import { deleteParameter, putParameter } from './parameters.ts';
import { given, unlessGone } from './steps.ts';
import { retagResource, tagResource } from './tags.ts';

const keyPair: RecordType = {
  kind: 'record',
  name: 'AWS::EC2::KeyPair',
  properties: declareProperties({
    KeyName: 'String! replace',
    KeyFormat: 'String replace',
    KeyType: 'String replace',
    PublicKeyMaterial: 'String replace',
    Tags: 'List',
  }),
  attributes: ['KeyFingerprint', 'KeyPairId'],
  /** Makes the key, as CreateKeyPair does, where none is imported. */
  async prepare(properties) {
    if (properties['PublicKeyMaterial'] !== undefined) return undefined;
    return keyPairActions.CreateKeyPair.prepare(inputOf('CreateKeyPair', creationOf(properties)));
  },
  create(context, properties, prepared) {
    const name = new PropertyReader(properties).demand('KeyName');
    const id = isKeyMaterial(prepared)
      ? createPair(context, properties, prepared)
      : importPair(context, properties);
    tagResource(context, id, properties);
    return name;
  },
  update(context, name, before, after) {
    const id = idOf(context, name);
    if (id !== undefined) retagResource(context, id, before, after);
  },
  delete(context, KeyName) {
    const id = idOf(context, KeyName);
    if (id === undefined) return;
    deleteParameter(context, parameterOf(id));
    unlessGone(() => context.call('DeleteKeyPair', { KeyName }));
  },
  attributesOf({ action: { tx } }, name) {
    const [found] = tx.keyPairs.where('keyName', name);
    return found === undefined ? {} : { KeyFingerprint: found.keyFingerprint, KeyPairId: found.keyPairId };
  },
};

function creationOf(properties: ValueMap): ValueMap {
  return pick(properties, 'KeyName', 'KeyFormat', 'KeyType');
}

/** A stack shows nobody the private key: as at AWS, it is kept as a parameter of Systems Manager. */
function createPair(context: ResourceContext, properties: ValueMap, made: KeyMaterial): string {
  const input = inputOf('CreateKeyPair', creationOf(properties));
  const reply = keyPairActions.CreateKeyPair.act(context.action, input, made);
  const id = given(reply.KeyPairId);
  putParameter(context, parameterOf(id), { Type: 'SecureString', Value: given(reply.KeyMaterial) }, false);
  return id;
}

function importPair(context: ResourceContext, properties: ValueMap): string {
  const input = inputOf('ImportKeyPair', pick(properties, 'KeyName', 'PublicKeyMaterial'));
  return given(context.call('ImportKeyPair', input).KeyPairId);
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-keypair.html */
function parameterOf(keyPairId: string): string {
  return `/ec2/keypair/${keyPairId}`;
}

function idOf({ action: { tx } }: ResourceContext, name: string): string | undefined {
  return tx.keyPairs.where('keyName', name)[0]?.keyPairId;
}

function isKeyMaterial(prepared: unknown): prepared is KeyMaterial {
  return typeof prepared === 'object' && prepared !== null && 'privateKey' in prepared;
}

/** Key pairs. */
export const keyPairTypes: readonly RecordType[] = [keyPair];
