import { AwsError } from '../../ec2/errors.ts';
import type { Transaction } from '../../state/store.ts';
import type { ValueMap } from '../../template/value.ts';
import { PropertyReader } from '../properties.ts';
import type { Progress, RecordType, ResourceContext } from '../resource-type.ts';

/** The member of a reply that every success has. */
export function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('an action succeeded, and its reply lacks the id');
  return value;
}

/** The parts of a physical id that names two things: `rtb-…|10.0.0.0/8`. */
export function partsOf(physicalId: string): readonly [string, string, string] {
  const [first = '', second = '', third = ''] = physicalId.split('|');
  return [first, second, third];
}

/** Codes that say that what is to be ended is not there: NotFound in all its forms, and what is attached no more. */
const GONE = /NotFound|^Gateway\.NotAttached$|^InvalidGroupId\.Malformed$/;

/** Runs a deletion. That the thing is not there any more is no failure. */
export function unlessGone(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof AwsError) || !GONE.test(error.code)) throw error;
  }
}

/** Whether something in the VPC is about to be no more: what it still holds will be free then. */
function isSomethingGoing(tx: Transaction, vpcId: string): boolean {
  return (
    tx.instances.where('vpcId', vpcId).some(({ state }) => state === 'shutting-down') ||
    tx.natGateways.where('vpcId', vpcId).some(({ state }) => state === 'deleting') ||
    tx.vpcEndpoints.where('vpcId', vpcId).some(({ state }) => state === 'deleting') ||
    tx.transitGatewayVpcAttachments.where('vpcId', vpcId).some(({ state }) => state === 'deleting')
  );
}

/**
 * A deletion that is refused as long as others hold on to the thing, and waits while one of them is going. `vpcIdOf` is
 * where they are; `act` changes nothing when it refuses.
 */
export function deleteOnceFree(
  vpcIdOf: (context: ResourceContext, physicalId: string) => string | undefined,
  act: (context: ResourceContext, physicalId: string) => void,
): Required<Pick<RecordType, 'delete' | 'isGone'>> {
  const attempt = (context: ResourceContext, physicalId: string): 'busy' | 'done' => {
    const vpcId = vpcIdOf(context, physicalId);
    try {
      unlessGone(() => act(context, physicalId));
      return 'done';
    } catch (error) {
      const isHeld = error instanceof AwsError && error.code === 'DependencyViolation';
      if (isHeld && vpcId !== undefined && isSomethingGoing(context.action.tx, vpcId)) return 'busy';
      throw error;
    }
  };
  return {
    delete: (context, physicalId) => {
      attempt(context, physicalId);
    },
    isGone: (context, physicalId): Progress => {
      try {
        return attempt(context, physicalId);
      } catch (error) {
        if (error instanceof AwsError) return { failed: error.message };
        throw error;
      }
    },
  };
}

/** A flag's value where it differs from before; `standard` is what it is when nothing is said. */
export function changedFlag(
  name: string,
  standard: boolean,
  before: ValueMap,
  after: ValueMap,
): boolean | undefined {
  const value = new PropertyReader(after).flag(name) ?? standard;
  return value === (new PropertyReader(before).flag(name) ?? standard) ? undefined : value;
}

/** What a list of texts lost and gained. */
export function listChange(
  name: string,
  before: ValueMap,
  after: ValueMap,
): { readonly removed: string[]; readonly added: string[] } {
  const was = new PropertyReader(before).texts(name);
  const is = new PropertyReader(after).texts(name);
  return {
    removed: was.filter((each) => !is.includes(each)),
    added: is.filter((each) => !was.includes(each)),
  };
}
