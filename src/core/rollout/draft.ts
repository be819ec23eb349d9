import type { ReplicaSet } from '../../api/core-types.ts';
import { uidOf } from '../../api/object-name.ts';
import type { RolloutDuration } from '../../api/rollout-status.ts';
import type { EpochMs } from '../../api/time.ts';
import type { Action } from './action.ts';
import { inOrder } from './events.ts';
import type { EventIntent, Note } from './plan.ts';
import { sizeOf } from './replica-set.ts';

/** Collects one plan while the parts of the planner, each pure in what it is given, make their contributions. */
export class PlanDraft {
  readonly #now: EpochMs;
  readonly #actions: Action[] = [];
  readonly #events: EventIntent[] = [];
  readonly #notes: Note[] = [];
  #waits: string[] = [];
  #vagueWaits: string[] = [];
  #requeueAt: EpochMs | undefined;
  #endedAttempt: RolloutDuration | undefined;

  constructor(now: EpochMs) {
    this.#now = now;
  }

  get actions(): readonly Action[] {
    return this.#actions;
  }

  get events(): readonly EventIntent[] {
    return inOrder(this.#events);
  }

  get notes(): readonly Note[] {
    return this.#notes;
  }

  /** What the Rollout waits for, the most important first; the first one ends up in `status.message`. */
  get waits(): readonly string[] {
    return [...this.#waits, ...this.#vagueWaits];
  }

  get requeueAt(): EpochMs | undefined {
    return this.#requeueAt;
  }

  get endedAttempt(): RolloutDuration | undefined {
    return this.#endedAttempt;
  }

  /** The size that a ReplicaSet has once the plan so far is carried out. */
  sizeAfter(replicaSet: ReplicaSet): number {
    const uid = uidOf(replicaSet);
    const scaled = this.#actions.findLast((action) => action.kind === 'scaleReplicaSet' && action.target.uid === uid) as
      | Extract<Action, { kind: 'scaleReplicaSet' }>
      | undefined;
    return scaled?.to ?? sizeOf(replicaSet);
  }

  act(action: Action): void {
    this.#actions.push(action);
  }

  tell(event: EventIntent): void {
    this.#events.push(event);
  }

  note(topic: string, text: string): void {
    this.#notes.push({ topic, text });
  }

  /** Says what has to happen before the Rollout can go on: what exactly, of how many, since when. */
  waitFor(topic: string, text: string): void {
    this.#waits.push(text);
    this.note(topic, text);
  }

  /** Like `waitFor`, for what is only said when nothing more precise is: a step that waits for what others wait for too. */
  waitVaguelyFor(topic: string, text: string): void {
    this.#vagueWaits.push(text);
    this.note(topic, text);
  }

  /** What was waited for until now does not matter any more. */
  forgetWaits(): void {
    this.#waits = [];
    this.#vagueWaits = [];
  }

  /** An attempt at an update is over; its times are final. */
  endAttempt(attempt: RolloutDuration): void {
    this.#endedAttempt = attempt;
  }

  /** Asks for another look at that moment; moments that have passed are ignored. */
  wakeAt(moment: EpochMs): void {
    if (moment <= this.#now) return;
    this.#requeueAt = Math.min(moment, this.#requeueAt ?? moment);
  }
}
