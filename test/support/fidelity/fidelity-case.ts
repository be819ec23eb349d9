import type { Probe } from './probe.ts';

/**
 * A behaviour of the API server. A case runs against any server and gives a transcript; the one of the real
 * kube-apiserver is what everything else is held to.
 */
export interface FidelityCase {
  readonly name: string;
  readonly play: (api: Probe) => Promise<void>;
}

/** Cases whose transcripts are in `transcripts/<name>.yaml`. */
export interface FidelityGroup {
  readonly name: string;
  readonly cases: readonly FidelityCase[];
}
