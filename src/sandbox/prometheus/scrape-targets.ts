import type { EndpointSlice, Pod } from '../../api/core-types.ts';
import { nameOf, namespaceOf } from '../../api/object-name.ts';

/** One entry of a file for Prometheus' `file_sd_configs`. */
export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * What to scrape: every endpoint of every Service, labelled by namespace, service and pod, and by the pod's own labels in
 * the names that Prometheus allows. A pod of two Services is two targets, as with Kubernetes' service discovery.
 */
export function scrapeTargets(slices: readonly EndpointSlice[], pods: readonly Pod[]): readonly TargetGroup[] {
  const labelsOfPods = new Map(pods.map((pod) => [`${namespaceOf(pod)}/${nameOf(pod)}`, pod.metadata.labels ?? {}]));
  const groups = slices.flatMap((slice) => {
    const namespace = namespaceOf(slice);
    const service = slice.metadata.labels?.['kubernetes.io/service-name'] ?? '';
    const ports = (slice.ports ?? []).flatMap(({ port }) => (port === undefined ? [] : [port]));
    return (slice.endpoints ?? [])
      .filter(({ conditions }) => conditions?.terminating !== true)
      .map(({ addresses = [], targetRef }) => {
        const pod = targetRef?.name ?? '';
        return {
          targets: addresses.flatMap((address) => ports.map((port) => `${address}:${port}`)),
          labels: { ...promLabels(labelsOfPods.get(`${namespace}/${pod}`) ?? {}), namespace, service, pod },
        };
      });
  });
  return groups.toSorted((left, right) => orderOf(left).localeCompare(orderOf(right)));
}

function orderOf({ labels, targets }: TargetGroup): string {
  return [labels['namespace'], labels['service'], labels['pod'], ...targets].join('/');
}

/** `rollouts-pod-template-hash` becomes `rollouts_pod_template_hash`. */
function promLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([name, value]) => [name.replaceAll(/[^A-Za-z0-9_]/g, '_'), value]),
  );
}
