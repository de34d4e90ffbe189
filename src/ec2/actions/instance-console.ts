import type { GetConsoleOutputRequest, GetConsoleOutputResult } from '@aws-sdk/client-ec2';
import type { ActionContext, PreparedAction } from '../action.ts';
import { findResource, kinds } from '../kinds.ts';

/** The actions that must ask the fabric: given how to read an instance's console, empty where there is none yet. */
export function makeConsoleActions(consoleOutput: (instanceId: string) => Promise<string>): {
  GetConsoleOutput: PreparedAction<GetConsoleOutputRequest, GetConsoleOutputResult, string>;
} {
  return {
    GetConsoleOutput: {
      prepare: ({ InstanceId }) =>
        InstanceId === undefined ? Promise.resolve('') : consoleOutput(InstanceId),
      act({ tx, now }: ActionContext, input, output) {
        const { instanceId } = findResource(tx, kinds.instance, input.InstanceId, 'instanceId');
        return {
          InstanceId: instanceId,
          Timestamp: now,
          ...(output === '' ? {} : { Output: Buffer.from(output).toString('base64') }),
        };
      },
    },
  };
}
