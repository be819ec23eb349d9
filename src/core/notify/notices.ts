import type { EpochMs } from '../../api/time.ts';
import { evaluate, type Program } from '../expr/expr.ts';
import { ExprError } from '../expr/expr-error.ts';
import type { Environment } from '../expr/values.ts';
import { type Subscription, subscriptionKey } from './subscriptions.ts';
import type { Transition } from './transitions.ts';
import { type TriggerCondition, triggerOf } from './triggers.ts';

/** One message that one recipient has to get. */
export interface Notice {
  /** Identifies it within one Rollout, for good. */
  readonly key: string;
  readonly subscription: Subscription;
  /** Name of the template. */
  readonly template: string;
  /** The event that it is about: labels of metrics. */
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** When it happened; undefined when that is now. */
  readonly at: EpochMs | undefined;
}

/** In keys of notices that come up again when their condition has ceased to hold and holds again. */
const REPEATABLE = /:when\[\d+\]:/;

export function isRepeatable(key: string): boolean {
  return REPEATABLE.test(key);
}

type Triggers = ReadonlyMap<string, readonly TriggerCondition[]>;

/** What transitions mean for subscriptions: triggers named after the event, without `when`. */
export function noticesOfTransitions(
  transitions: readonly Transition[],
  subscriptions: readonly Subscription[],
  triggers: Triggers,
): readonly Notice[] {
  return transitions.flatMap((transition) => {
    const trigger = triggerOf(transition.reason);
    const templates = (triggers.get(trigger) ?? [])
      .filter(({ when }) => when === undefined)
      .flatMap(({ send }) => send);
    const subscribed = subscriptions.filter((subscription) => subscription.trigger === trigger);
    return subscribed.flatMap((subscription) =>
      templates.map((template) => noticeOf(transition, subscription, template)),
    );
  });
}

function noticeOf(transition: Transition, subscription: Subscription, template: string): Notice {
  const { type, reason, message, at, identity } = transition;
  return {
    key: `${subscriptionKey(subscription)}:${identity}:${template}`,
    subscription,
    template,
    type,
    reason,
    message,
    at,
  };
}

/** The notices of conditions that hold now, and what could not be evaluated. */
export interface ConditionOutcome {
  readonly notices: readonly Notice[];
  /** One text each, with the trigger's name. */
  readonly problems: readonly string[];
}

/**
 * What `when` conditions mean for subscriptions. A notice stands as long as its condition holds; with `oncePer`, there is
 * one for each value that it takes meanwhile.
 */
export function noticesOfConditions(
  environment: Environment,
  subscriptions: readonly Subscription[],
  triggers: Triggers,
  now: EpochMs,
): ConditionOutcome {
  const notices: Notice[] = [];
  const problems: string[] = [];
  for (const trigger of new Set(subscriptions.map((subscription) => subscription.trigger))) {
    const subscribed = subscriptions.filter((subscription) => subscription.trigger === trigger);
    for (const [index, condition] of (triggers.get(trigger) ?? []).entries()) {
      if (condition.when === undefined) continue;
      try {
        const identity = identityOf(condition.when, condition.oncePer, index, environment, now);
        if (identity !== undefined) notices.push(...conditionNotices(trigger, identity, condition, subscribed));
      } catch (error) {
        if (!(error instanceof ExprError)) throw error;
        problems.push(`trigger.${trigger}[${index}]: ${error.message}`);
      }
    }
  }
  return { notices, problems };
}

/** Undefined when the condition does not hold. Expressions are evaluated as leniently as Argo does. */
function identityOf(
  when: Program,
  oncePer: Program | undefined,
  index: number,
  environment: Environment,
  now: EpochMs,
): string | undefined {
  const options = { now, lenient: true };
  if (evaluate(when, environment, options) !== true) return undefined;
  if (oncePer === undefined) return `when[${index}]`;
  const value = evaluate(oncePer, environment, options);
  return `when[${index}]@${typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? '')}`;
}

function conditionNotices(
  trigger: string,
  identity: string,
  { send }: TriggerCondition,
  subscriptions: readonly Subscription[],
): readonly Notice[] {
  const transition: Transition = {
    type: 'Normal',
    reason: trigger,
    message: `the condition of ${trigger} holds`,
    identity,
    at: undefined,
  };
  return subscriptions.flatMap((subscription) => send.map((template) => noticeOf(transition, subscription, template)));
}
