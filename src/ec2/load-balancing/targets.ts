import type { BalancedTarget, TargetGroup } from '../../model/load-balancer-records.ts';
import { targetInService } from '../../model/load-balancing.ts';
import { isInVpc } from '../../model/vpc-blocks.ts';
import type { World } from '../../model/world.ts';
import type { ActionContext } from '../action.ts';
import type { Output } from '../query-service/envelope.ts';
import { invalid } from '../query-service/errors.ts';
import type { Input } from '../query-service/input.ts';
import { invalidTarget } from './errors.ts';
import { balancersOf, findTargetGroup } from './target-groups.ts';

/** The targets of target groups. */
export const targetOperations = {
  RegisterTargets({ tx }: ActionContext, input: Input) {
    const group = findTargetGroup(tx, input.demand('TargetGroupArn'));
    const added = readTargets(group, input);
    if (added.length === 0) throw invalid('At least one target must be specified');
    for (const { id } of added) checkTarget(tx, group, id);
    const kept = group.targets.filter((each) => !added.some((other) => isSame(each, other)));
    tx.targetGroups.put({ ...group, targets: [...kept, ...added] });
    return {};
  },

  /** A target without a port is meant at every port. Connections that it has go on. */
  DeregisterTargets({ tx }: ActionContext, input: Input) {
    const group = findTargetGroup(tx, input.demand('TargetGroupArn'));
    const gone = input.list('Targets').map((each) => readOne(each));
    const targets = group.targets.filter((each) => !gone.some((other) => isMeant(each, other)));
    tx.targetGroups.put({ ...group, targets });
    return {};
  },

  DescribeTargetHealth({ tx }: ActionContext, input: Input) {
    const group = findTargetGroup(tx, input.demand('TargetGroupArn'));
    const asked = input.list('Targets').map((each) => readOne(each));
    const strangers = asked.filter((other) => !group.targets.some((each) => isMeant(each, other)));
    const found = group.targets.filter(
      (each) => asked.length === 0 || asked.some((other) => isMeant(each, other)),
    );
    return {
      TargetHealthDescriptions: [
        ...found.map((target) => ({
          Target: { Id: target.id, Port: target.port },
          HealthCheckPort: healthPortOf(group, target),
          TargetHealth: healthOf(tx, group, target),
        })),
        ...strangers.map(({ id, port = group.port }) => ({
          Target: { Id: id, Port: port },
          HealthCheckPort: healthPortOf(group, { id, port }),
          TargetHealth: {
            State: 'unused',
            Reason: 'Target.NotRegistered',
            Description: 'Target is not registered to the target group',
          },
        })),
      ],
    };
  },
};

function readOne(input: Input) {
  input.text('AvailabilityZone');
  return { id: input.demand('Id'), port: input.count('Port', 1, 65_535) };
}

function readTargets(group: TargetGroup, input: Input): readonly BalancedTarget[] {
  return input.list('Targets').map((each) => {
    const { id, port = group.port } = readOne(each);
    return { id, port };
  });
}

function isSame(one: BalancedTarget, other: BalancedTarget): boolean {
  return one.id === other.id && one.port === other.port;
}

function isMeant(
  one: BalancedTarget,
  { id, port }: { readonly id: string; readonly port: number | undefined },
) {
  return one.id === id && (port === undefined || one.port === port);
}

function checkTarget(world: World, { targetType, vpcId }: TargetGroup, id: string): void {
  if (targetType === 'ip') {
    if (isInVpc(world, vpcId, id)) return;
    throw invalidTarget(
      `The IP address '${id}' is not in the VPC '${vpcId}': Cloudcroft reaches targets there only`,
    );
  }
  const instance = world.instances.get(id);
  if (instance === undefined) throw invalidTarget(`The following targets do not exist: '${id}'`);
  if (instance.vpcId !== vpcId) {
    throw invalidTarget(`The following targets are not in the target group VPC '${vpcId}': '${id}'`);
  }
}

function healthPortOf({ healthCheck }: TargetGroup, { port }: BalancedTarget): string {
  return healthCheck.port === 'traffic-port' ? String(port) : healthCheck.port;
}

/** Whether packets are sent to a target. Nobody asks whether it answers: there are no health checks. */
function healthOf(world: World, group: TargetGroup, target: BalancedTarget): Output {
  if (balancersOf(world, group).length === 0) {
    return {
      State: 'unused',
      Reason: 'Target.NotInUse',
      Description: 'Target group is not configured to receive traffic from the load balancer',
    };
  }
  if (targetInService(world, group, target) === undefined) {
    const state = world.instances.get(target.id)?.state;
    const Description =
      state === undefined ? 'No running instance has the address' : `Target is in the ${state} state`;
    return { State: 'unused', Reason: 'Target.InvalidState', Description };
  }
  return {
    State: 'unavailable',
    Reason: 'Target.HealthCheckDisabled',
    Description: 'Cloudcroft makes no health checks: packets are sent to every target that runs',
  };
}
