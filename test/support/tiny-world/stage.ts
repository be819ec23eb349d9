import type { AnalysisTemplate } from '../../../src/api/analysis.ts';
import type { RolloutSpec } from '../../../src/api/rollout.ts';
import type { JsonObject } from '../../../src/core/values/json.ts';

/** What a measurement finds; undefined: no data, which is no success and no failure. */
export type Verdict = 'Successful' | 'Failed' | 'Inconclusive' | undefined;

/** Where a story is played: what people can do there to the one Rollout `web`, and how time passes. */
export interface Stage {
  /** Finds what the next measurement finds. */
  judge: () => Verdict;
  /** Set to make the router refuse every write. */
  routerProblem: string | undefined;
  /** Lets time pass, and everything happen that happens meanwhile. */
  run(milliseconds: number): void;
  /** Changes the spec, as a new manifest would. */
  edit(what: string, change: (spec: RolloutSpec) => RolloutSpec): void;
  image(image: string): void;
  /** Merge-patches the status, as the plugin does. */
  order(what: string, patch: JsonObject): void;
  promote(): void;
  abort(): void;
  retry(): void;
  scale(replicas: number): void;
  /** All pods of an image die at once and come back as new pods. */
  killPods(image: string): void;
  addTemplate(template: AnalysisTemplate): void;
  /** Now, as a field of a spec may say it. */
  timestamp(): string;
  comment(text: string): void;
}
