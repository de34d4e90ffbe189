import type {
  CreateKeyPairRequest,
  DeleteKeyPairRequest,
  DeleteKeyPairResult,
  DescribeKeyPairsRequest,
  DescribeKeyPairsResult,
  ImportKeyPairRequest,
  ImportKeyPairResult,
  KeyPair as WireKeyPair,
} from '@aws-sdk/client-ec2';
import type { KeyPair } from '../../model/records.ts';
import type { ActionContext } from '../action.ts';
import { findRecord } from '../describe.ts';
import * as errors from '../errors.ts';
import { type FilterTable, selectRecords } from '../filters.ts';
import { type KeyMaterial, makeKeyMaterial, readPublicKey } from '../keys/key-material.ts';
import { kinds } from '../kinds.ts';
import { readTagSpecifications, showTags } from '../tags.ts';

const MOST_NAME_CHARACTERS = 255;

const filters: FilterTable<KeyPair> = {
  'key-pair-id': 'keyPairId',
  'key-name': 'keyName',
  fingerprint: 'keyFingerprint',
};

/** Key pairs: RSA-2048 or ED25519, the private key given out once (semantics S118). */
export const keyPairActions = {
  CreateKeyPair: {
    prepare({ KeyType, KeyFormat }: CreateKeyPairRequest): Promise<KeyMaterial> {
      if (KeyFormat === 'ppk') {
        throw errors.unsupportedOperation(
          'Cloudcroft gives private keys as pem. Convert it with: puttygen KEY.pem -o KEY.ppk',
        );
      }
      return makeKeyMaterial(KeyType === 'ed25519' ? 'ed25519' : 'rsa');
    },
    act(context: ActionContext, input: CreateKeyPairRequest, made: KeyMaterial): WireKeyPair {
      const record = addKeyPair(context, input, {
        keyType: input.KeyType === 'ed25519' ? 'ed25519' : 'rsa',
        publicKey: made.publicKey,
        fingerprint: made.fingerprint,
      });
      return {
        KeyPairId: record.keyPairId,
        KeyName: record.keyName,
        KeyFingerprint: record.keyFingerprint,
        KeyMaterial: made.privateKey,
        Tags: showTags(record),
      };
    },
  },

  ImportKeyPair(context: ActionContext, input: ImportKeyPairRequest): ImportKeyPairResult {
    const imported = readPublicKey(new TextDecoder().decode(input.PublicKeyMaterial ?? new Uint8Array()));
    if (imported === undefined) {
      throw new errors.AwsError('InvalidKey.Format', 'Key is not in valid OpenSSH public key format');
    }
    const record = addKeyPair(context, input, imported);
    return {
      KeyPairId: record.keyPairId,
      KeyName: record.keyName,
      KeyFingerprint: record.keyFingerprint,
      Tags: showTags(record),
    };
  },

  DescribeKeyPairs({ tx }: ActionContext, input: DescribeKeyPairsRequest): DescribeKeyPairsResult {
    for (const name of input.KeyNames ?? []) {
      if (tx.keyPairs.where('keyName', name).length === 0) throw errors.noSuchKeyPair(name);
    }
    for (const id of input.KeyPairIds ?? []) findRecord(tx.keyPairs, kinds.keyPair, id);
    const names = new Set(input.KeyNames ?? []);
    const ids = new Set(input.KeyPairIds ?? []);
    const isNamed = names.size + ids.size > 0;
    return {
      KeyPairs: selectRecords(tx.keyPairs, input.Filters, filters, tx)
        .filter((pair) => !isNamed || names.has(pair.keyName) || ids.has(pair.keyPairId))
        .map((pair) => ({
          KeyPairId: pair.keyPairId,
          KeyName: pair.keyName,
          KeyType: pair.keyType,
          KeyFingerprint: pair.keyFingerprint,
          ...(input.IncludePublicKey === true ? { PublicKey: `${pair.publicKey} ${pair.keyName}\n` } : {}),
          CreateTime: new Date(pair.createTime),
          Tags: showTags(pair),
        })),
    };
  },

  /** Deleting one that is not there succeeds, as at AWS. */
  DeleteKeyPair({ tx }: ActionContext, input: DeleteKeyPairRequest): DeleteKeyPairResult {
    const { KeyName, KeyPairId } = input;
    if (KeyName === undefined && KeyPairId === undefined) throw errors.missingParameter('KeyName');
    const byId = KeyPairId === undefined ? undefined : findRecord(tx.keyPairs, kinds.keyPair, KeyPairId);
    const [byName] = KeyName === undefined ? [] : tx.keyPairs.where('keyName', KeyName);
    const found = byId ?? byName;
    if (found === undefined) return { Return: true };
    tx.keyPairs.delete(found.keyPairId);
    return { Return: true, KeyPairId: found.keyPairId };
  },
};

function addKeyPair(
  context: ActionContext,
  { KeyName, TagSpecifications }: Pick<CreateKeyPairRequest, 'KeyName' | 'TagSpecifications'>,
  key: { readonly keyType: 'rsa' | 'ed25519'; readonly publicKey: string; readonly fingerprint: string },
): KeyPair {
  if (KeyName === undefined || KeyName === '') throw errors.missingParameter('KeyName');
  if (KeyName.length > MOST_NAME_CHARACTERS) {
    throw errors.invalidValue(
      KeyName,
      'keyName',
      `Key names have at most ${MOST_NAME_CHARACTERS} characters.`,
    );
  }
  if (context.tx.keyPairs.where('keyName', KeyName).length > 0) throw errors.duplicateKeyPair(KeyName);
  const record: KeyPair = {
    keyPairId: context.newId('key'),
    keyName: KeyName,
    keyType: key.keyType,
    keyFingerprint: key.fingerprint,
    publicKey: key.publicKey,
    createTime: context.now.toISOString(),
    tags: readTagSpecifications(TagSpecifications, 'key-pair'),
  };
  context.tx.keyPairs.put(record);
  return record;
}
