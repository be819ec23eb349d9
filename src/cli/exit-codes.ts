/** Exit statuses of the plugin; `docs/cli.md` lists them. All but the last three are what Argo Rollouts' plugin returns. */
export const EXIT = {
  /** Done; `status`: Healthy, or what `--until` asks for has come. */
  ok: 0,
  /** Anything that failed, wrong usage, a Rollout that is Degraded, and `status` without `--until` running out of time. */
  failed: 1,
  /** `status --until`: not within `--timeout`. */
  timedOut: 2,
  /** `status --until`: the update is over without it. */
  missed: 3,
  /** Ctrl-C: 128 + SIGINT, as shells count. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
