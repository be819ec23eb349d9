/** Flags that every command has, as kubectl users know them. */
export interface GlobalOptions {
  readonly namespace?: string;
  readonly context?: string;
  readonly kubeconfig?: string;
  /** Undefined: the default of each request. */
  readonly requestTimeoutMs?: number;
  /** 0: only results and errors; 1 and more: which cluster; 6 and more: every request. */
  readonly verbosity: number;
}
