import { actions } from '../ec2/actions/index.ts';
import { makeConsoleActions } from '../ec2/actions/instance-console.ts';
import type { ActionTable } from '../ec2/dispatch.ts';

/** Every action there is; those that must ask the world are given how. */
export function makeActions(consoleOutput: (instanceId: string) => Promise<string>): ActionTable {
  return { ...actions, ...makeConsoleActions(consoleOutput) };
}
