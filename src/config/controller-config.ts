import type { ConnectionChoice } from '../kube/kube-config.ts';
import type { LeaseTiming } from '../kube/lease.ts';
import { LOG_LEVELS, type LogFormat, type LogLevel } from '../telemetry/logger.ts';
import { FlagError, flagHelp, parseFlags } from './flags.ts';
import { VERSION } from './version.ts';

/** Argo Rollouts' Lease, so that the two never work at the same time on the same objects. */
const LEASE_NAME = 'argo-rollouts-controller-lock';
/** Where Argo Rollouts looks for its Lease when nothing names a namespace. */
const DEFAULT_NAMESPACE = 'argo-rollouts';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

export interface ControllerConfig {
  readonly kind: 'run';
  readonly connection: ConnectionChoice;
  readonly namespaced: boolean;
  readonly namespace: string | undefined;
  /** Where the controller itself runs: its Lease, and the notification ConfigMap and Secret. */
  readonly ownNamespace: string;
  readonly instanceId: string;
  readonly leaderElection:
    | { readonly namespace: string; readonly name: string; readonly timing: LeaseTiming }
    | undefined;
  readonly endpoints: { readonly address: string; readonly metricsPort: number; readonly healthzPort: number };
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
  readonly workers: { readonly rollouts: number; readonly analysisRuns: number };
  readonly rate: { readonly qps: number; readonly burst: number };
  /** How long a cache may go without being compared with the API server; infinite: for ever. */
  readonly relistMs: number;
  readonly nginxPropagationMs: number;
  readonly prometheusAddress: string | undefined;
  /** Base URL of Slack's Web API. */
  readonly slackApiUrl: string;
  readonly egressAllow: readonly string[];
  readonly warnings: readonly string[];
}

/** `--help` and `--version` have an answer and nothing to run. */
export type ParsedConfig = ControllerConfig | { readonly kind: 'answer'; readonly text: string };

/**
 * The configuration that a command line and the environment (`POD_NAMESPACE`, `ARGO_ROLLOUTS_PROMETHEUS_ADDRESS`) ask for.
 * @throws FlagError for what cannot be understood.
 */
export function parseArgs(args: readonly string[], env: Readonly<Record<string, string | undefined>>): ParsedConfig {
  const { values, warnings, help, version } = parseFlags(args);
  if (help) return { kind: 'answer', text: flagHelp() };
  if (version) return { kind: 'answer', text: `linnet-controller ${VERSION}` };
  const podNamespace = nonEmpty(env['POD_NAMESPACE']);
  const instanceId = values['instance-id'];
  return {
    kind: 'run',
    connection: {
      ...(values.kubeconfig === '' ? {} : { kubeconfig: values.kubeconfig }),
      ...(values.context === '' ? {} : { context: values.context }),
    },
    namespaced: values.namespaced === 'true',
    namespace: nonEmpty(values.namespace) ?? podNamespace,
    ownNamespace: podNamespace ?? DEFAULT_NAMESPACE,
    instanceId,
    leaderElection:
      values['leader-elect'] === 'true'
        ? {
            namespace: nonEmpty(values['leader-election-namespace']) ?? podNamespace ?? DEFAULT_NAMESPACE,
            name: instanceId === '' ? LEASE_NAME : `${LEASE_NAME}-${instanceId}`,
            timing: {
              leaseMs: durationMs(values['leader-election-lease-duration']),
              renewDeadlineMs: durationMs(values['leader-election-renew-deadline']),
              retryMs: durationMs(values['leader-election-retry-period']),
            },
          }
        : undefined,
    endpoints: {
      address: values['bind-address'],
      metricsPort: Number(values.metricsPort),
      healthzPort: Number(values.healthzPort),
    },
    log: {
      level: oneOf('loglevel', values.loglevel, LOG_LEVELS),
      format: oneOf('logformat', values.logformat, ['json', 'text']),
    },
    workers: {
      rollouts: atLeastOne('rollout-threads', values['rollout-threads']),
      analysisRuns: atLeastOne('analysis-threads', values['analysis-threads']),
    },
    rate: { qps: atLeastOne('qps', values.qps), burst: atLeastOne('burst', values.burst) },
    relistMs: relistMs(Number(values['rollout-resync'])),
    nginxPropagationMs: durationMs(values['nginx-propagation']),
    prometheusAddress: nonEmpty(env['ARGO_ROLLOUTS_PROMETHEUS_ADDRESS']),
    slackApiUrl: values['slack-api-url'],
    egressAllow: values['egress-allow']
      .split(',')
      .map((range) => range.trim())
      .filter((range) => range !== ''),
    warnings,
  };
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

/** `text` has the form that `parseFlags` checked: numbers with units. */
function durationMs(text: string): number {
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g);
  return [...parts].reduce((sum, [, number, unit]) => sum + Number(number) * (UNIT_MS[unit ?? ''] ?? 0), 0);
}

/** Zero means never, as in Argo Rollouts. */
function relistMs(seconds: number): number {
  return seconds === 0 ? Number.POSITIVE_INFINITY : seconds * 1_000;
}

function oneOf<T extends string>(flag: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) {
    throw new FlagError(`invalid value "${value}" for flag --${flag}: expected one of ${allowed.join(', ')}`);
  }
  return found;
}

function atLeastOne(flag: string, value: string): number {
  const number = Number(value);
  if (number < 1) throw new FlagError(`invalid value "${value}" for flag --${flag}: expected at least 1`);
  return number;
}
