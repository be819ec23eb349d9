import { uidOf } from '../../api/object-name.ts';
import type { Rollout } from '../../api/rollout.ts';
import type { KubeClient } from '../../kube/client.ts';
import { createNotifiers, type NotifierOptions } from '../../notifiers/registry.ts';
import type { Clock } from '../../runtime/clock.ts';
import { ControllerLoop } from '../../runtime/controller-loop.ts';
import type { Random } from '../../runtime/random.ts';
import { Workqueue } from '../../runtime/workqueue.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { MetricsRegistry } from '../../telemetry/metrics.ts';
import { BY_CONTROLLER, type RolloutCaches } from '../rollout/caches.ts';
import { type TransitionListener } from '../rollout/controller.ts';
import { keyOf } from '../rollout/triggers.ts';
import { NotificationConfiguration } from './configuration.ts';
import { NOTIFICATION_PASS_TIMEOUT_MS, NotificationController } from './controller.ts';
import { Dispatcher } from './dispatcher.ts';
import { Sender } from './sender.ts';

/** What differs between production, the sandbox and a test. */
export interface NotificationOptions extends NotifierOptions {
  /** The controller's own namespace, where the notification ConfigMap and Secret are. */
  readonly namespace: string;
}

export interface NotificationParts {
  readonly options: NotificationOptions;
  readonly caches: Pick<RolloutCaches, 'rollouts' | 'analysisRuns'>;
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly isOurs: (rollout: Rollout) => boolean;
}

/** Rollouts whose messages are sent at once: each waits for a service most of the time. */
const WORKERS = 4;

/** The notification controller with a queue and a loop of its own, and the listener that feeds it. */
export function assembleNotifications({
  options,
  caches,
  client,
  clock,
  random,
  logger,
  metrics,
  isOurs,
}: NotificationParts): {
  readonly loop: Pick<ControllerLoop, 'name' | 'run'>;
  readonly onTransition: TransitionListener;
} {
  const configuration = new NotificationConfiguration({ client, namespace: options.namespace, clock, logger });
  const sender = new Sender({ notifiers: createNotifiers(options), clock, secret: () => configuration.secret() });
  const runsOf = (rollout: Rollout) => caches.analysisRuns.store.index(BY_CONTROLLER, uidOf(rollout));
  const controller = new NotificationController({
    rollouts: caches.rollouts.store,
    runsOf,
    client,
    configuration,
    sender,
    dispatcher: new Dispatcher({ sender, runsOf, clock, random, metrics }),
    clock,
    isOurs,
  });
  const queue = new Workqueue({ name: 'Notifications', clock, metrics });
  const look = (rollout: Rollout) => queue.add(keyOf(rollout));
  caches.rollouts.onChange({ added: look, updated: look, deleted: look });
  const loop = new ControllerLoop({
    queue,
    reconcile: (key, context) => controller.reconcile(key, context),
    workers: WORKERS,
    clock,
    logger,
    metrics,
    timeoutMs: NOTIFICATION_PASS_TIMEOUT_MS,
  });
  return {
    loop: {
      name: loop.name,
      run: (signal) => {
        controller.lead();
        return loop.run(signal);
      },
    },
    onTransition: (rollout, events) => {
      controller.notice(keyOf(rollout), rollout, events);
      look(rollout);
    },
  };
}
