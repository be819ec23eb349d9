import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Secret } from '../../api/core-types.ts';
import { SECRETS } from '../../kube/resources.ts';
import { systemClock } from '../../runtime/system-clock.ts';
import { fileLogger } from '../file-logger.ts';
import { findProgram } from '../find-program.ts';
import { GitOps } from '../git/git-ops.ts';
import { GitRepository } from '../git/git-repository.ts';
import { Load } from '../load/load.ts';
import type { ProcessGroup } from '../process-group.ts';
import { CONTROLLER_NAMESPACE, type SandboxCluster, type SandboxOptions, startSandbox } from '../sandbox-cluster.ts';
import { type SlackMessage, startSlackStandIn } from '../slack/stand-in.ts';
import { ReleaseWatch } from './release-watch.ts';
import { HOST, ROLLOUT } from './story.ts';
import { type WeightPhase, withReload } from './weight-phases.ts';

/** What the story is played on. */
export interface Stage {
  readonly cluster: SandboxCluster;
  readonly repository: GitRepository;
  readonly watch: ReleaseWatch;
  readonly slack: readonly SlackMessage[];
  /** Shares that nginx has gone by, oldest first. */
  phases(): readonly WeightPhase[];
  /** Sends the users. */
  startLoad(): Load;
}

export interface StageOptions extends Pick<SandboxOptions, 'processes' | 'startApi'> {
  readonly onProgress: (text: string) => void;
  readonly onSlackMessage: (message: SlackMessage) => void;
  readonly onProblem: (text: string) => void;
}

const MANIFESTS = fileURLToPath(new URL('../../../examples/demo/', import.meta.url));
/**
 * At 600 a second each weight is judged by more than 4,000 requests, so that chance alone moves a share of 50 % by more
 * than three points in one of ten thousand runs.
 */
const REQUESTS_PER_SECOND = 700;
/** Nobody's: the stand-in takes what the Secret holds. */
const SLACK_TOKEN = 'xoxb-demo-token';

/** Starts the cluster, the repository with its first commit, the agent that applies it, and the stand-in for Slack. */
export async function setStage(options: StageOptions): Promise<Stage> {
  const { processes, startApi, onProgress, onSlackMessage, onProblem } = options;
  const slack = await startSlackStandIn(SLACK_TOKEN, onSlackMessage);
  processes.defer(() => slack.close());
  const cluster = await startSandbox({
    processes,
    onProgress,
    controller: true,
    slackApiUrl: slack.url,
    ...(startApi === undefined ? {} : { startApi }),
  });
  await createSlackSecret(cluster);
  let phases: readonly WeightPhase[] = [{ weight: 0, from: systemClock.now(), to: undefined }];
  cluster.nginx.onReload((reload) => {
    phases = withReload(phases, reload);
  });
  const watch = new ReleaseWatch({
    transport: cluster.transport,
    clock: systemClock,
    random: Math.random,
    logger: fileLogger(join(cluster.folder, 'demo.log')),
    rollout: ROLLOUT,
  });
  processes.defer(async () => watch.stop());
  await watch.start();
  onProgress('a Git repository of manifests');
  const repository = await startGitOps(cluster, processes, onProblem);
  return {
    cluster,
    repository,
    watch,
    slack: slack.messages,
    phases: () => phases,
    startLoad: () => {
      const load = new Load({ processes, url: cluster.nginxUrl, host: HOST, perSecond: REQUESTS_PER_SECOND });
      processes.defer(() => load.stop());
      return load;
    },
  };
}

async function createSlackSecret({ client }: SandboxCluster): Promise<void> {
  const secret: Secret = {
    metadata: { name: 'argo-rollouts-notification-secret', namespace: CONTROLLER_NAMESPACE },
    stringData: { 'slack-token': SLACK_TOKEN },
  };
  await client.create(SECRETS, secret);
}

async function startGitOps(
  { folder, client, transport }: SandboxCluster,
  processes: ProcessGroup,
  onProblem: (text: string) => void,
): Promise<GitRepository> {
  const repository = await GitRepository.create(join(folder, 'git'), findProgram('git'));
  const files = (await readdir(MANIFESTS)).filter((file) => file.endsWith('.yaml'));
  const texts = await Promise.all(files.map((file) => readFile(join(MANIFESTS, file), 'utf8')));
  await repository.commit('v1', Object.fromEntries(files.map((file, index) => [file, texts[index] ?? ''])));
  const agent = new GitOps({
    repository,
    client,
    transport,
    clock: systemClock,
    onApplied: () => {},
    onError: (error) => onProblem(`GitOps: ${error instanceof Error ? error.message : String(error)}`),
  });
  processes.defer(() => agent.stop());
  agent.start();
  return repository;
}
