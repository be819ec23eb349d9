import type { AnalysisRun } from '../../../src/api/analysis.ts';
import type { Rollout } from '../../../src/api/rollout.ts';
import { formatTimestamp } from '../../../src/core/values/rfc3339.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { ANALYSIS_RUNS, ROLLOUTS } from '../../../src/kube/resources.ts';
import type { TestCluster } from '../../support/test-cluster.ts';
import { manifestOf } from './manifests.ts';
import type { PersonDeed, RolloutPlan } from './scenario.ts';

/** People and their tools: whoever writes Rollouts besides the controller. Their connections are good. */
export class Team {
  readonly #cluster: TestCluster;
  readonly #person: KubeClient;
  readonly #gitops: KubeClient;
  readonly #autoscaler: KubeClient;
  /** Image tag that was last deployed, by Rollout. */
  readonly #deployed = new Map<string, string>();
  /** Steps that were edited last, by Rollout. */
  readonly #steps = new Map<string, RolloutPlan['steps']>();

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#person = cluster.client;
    this.#gitops = cluster.clientOf('gitops');
    this.#autoscaler = cluster.clientOf('autoscaler');
  }

  /** Does it, as the plugin, Argo CD or an autoscaler would. Rejects as these would fail. */
  async act(deed: PersonDeed, plan: RolloutPlan): Promise<void> {
    switch (deed.kind) {
      case 'deploy':
        this.#deployed.set(plan.name, deed.image);
        return this.#apply(plan);
      case 'edit-steps':
        this.#steps.set(plan.name, deed.steps);
        return this.#apply(plan);
      case 'reapply':
        return this.#apply(plan);
      case 'scale':
        return this.#scale(plan, deed.replicas);
      case 'delete-runs':
        return this.#deleteRuns(plan);
      case 'pause':
        return this.#patch(plan, { spec: { paused: true } });
      case 'resume':
        return this.#patch(plan, { spec: { paused: false } });
      case 'restart':
        return this.#patch(plan, { spec: { restartAt: formatTimestamp(this.#cluster.clock.now()) } });
      case 'promote':
        return this.#patch(plan, { status: { pauseConditions: null } }, 'status');
      case 'promote-full':
        return this.#patch(plan, { status: { promoteFull: true } }, 'status');
      case 'abort':
        return this.#patch(plan, { status: { abort: true } }, 'status');
      case 'retry':
        return this.#patch(plan, { status: { abort: false } }, 'status');
      case 'skip-step':
        return this.#skipStep(plan);
    }
  }

  async #apply(plan: RolloutPlan): Promise<void> {
    const steps = this.#steps.get(plan.name) ?? plan.steps;
    const patch = manifestOf({ ...plan, steps }, this.#deployed.get(plan.name) ?? 'v1');
    await this.#gitops.patch(ROLLOUTS, keyOf(plan), { type: 'apply', patch, fieldManager: 'gitops', force: true });
  }

  async #scale(plan: RolloutPlan, replicas: number): Promise<void> {
    const patch = { spec: { replicas } };
    await this.#autoscaler.patch(ROLLOUTS, keyOf(plan), { type: 'merge', patch }, { subresource: 'scale' });
  }

  async #skipStep(plan: RolloutPlan): Promise<void> {
    const { status, spec } = this.#cluster.find<Rollout>('argoproj.io/rollouts', plan.name) ?? { spec: {} };
    const next = Math.min((status?.currentStepIndex ?? 0) + 1, spec.strategy?.canary?.steps?.length ?? 0);
    await this.#patch(plan, { status: { pauseConditions: null, currentStepIndex: next } }, 'status');
  }

  async #deleteRuns(plan: RolloutPlan): Promise<void> {
    const runs = this.#cluster
      .stored<AnalysisRun>('argoproj.io/analysisruns')
      .filter(({ metadata }) => metadata.ownerReferences?.some(({ name }) => name === plan.name));
    for (const { metadata } of runs) {
      await this.#person.delete(ANALYSIS_RUNS, { namespace: 'default', name: metadata.name ?? '' });
    }
  }

  async #patch(plan: RolloutPlan, patch: object, subresource?: string): Promise<void> {
    const options = subresource === undefined ? {} : { subresource };
    await this.#person.patch(ROLLOUTS, keyOf(plan), { type: 'merge', patch }, options);
  }
}

function keyOf({ name }: RolloutPlan): { readonly namespace: string; readonly name: string } {
  return { namespace: 'default', name };
}
