import { EXPOSITION_CONTENT_TYPE, type MetricsRegistry } from '../telemetry/metrics.ts';
import { serveEndpoint, textAnswer } from './http-endpoint.ts';

export interface EndpointSettings {
  readonly address: string;
  readonly metricsPort: number;
  readonly healthzPort: number;
}

/** What the endpoints tell about. */
export interface EndpointSubject {
  readonly manager: { readonly ready: boolean; readonly leading: boolean };
  readonly metrics: MetricsRegistry;
  readonly version: string;
}

export interface ControllerEndpoints {
  readonly metricsPort: number;
  readonly healthzPort: number;
  close(): Promise<void>;
}

/**
 * `/metrics` on one port; `/healthz` (the process answers) and `/readyz` (all caches are filled, so that it could lead)
 * on another, the ports of Argo Rollouts. Readiness does not depend on `/metrics`, which gets slow with size.
 */
export async function serveControllerEndpoints(
  { address, metricsPort, healthzPort }: EndpointSettings,
  { manager, metrics, version }: EndpointSubject,
): Promise<ControllerEndpoints> {
  const info = metrics.gauge('argo_rollouts_controller_info', 'Version of the controller.', ['version']);
  info.set({ version }, 1);
  const build = metrics.gauge('build_info', 'What this program was built from.', [
    'version',
    'goversion',
    'goarch',
    'commit',
  ]);
  // The label names are Argo Rollouts'; the runtime stands where its Go version would.
  build.set({ version, goversion: `node ${process.version}`, goarch: process.arch, commit: '' }, 1);
  const leading = metrics.gauge('linnet_leading', 'Whether this process holds the lease and acts.', []);
  exposeProcess(metrics);
  metrics.onScrape(() => leading.set({}, manager.leading ? 1 : 0));
  const metricsEndpoint = await serveEndpoint(address, metricsPort, {
    '/metrics': () => ({ status: 200, contentType: EXPOSITION_CONTENT_TYPE, body: metrics.expose() }),
  });
  const healthEndpoint = await serveEndpoint(address, healthzPort, {
    '/healthz': () => textAnswer(200, 'ok'),
    '/readyz': () => (manager.ready ? textAnswer(200, 'ok') : textAnswer(503, 'waiting for the first lists')),
  });
  return {
    metricsPort: metricsEndpoint.port,
    healthzPort: healthEndpoint.port,
    close: async () => {
      await Promise.all([metricsEndpoint.close(), healthEndpoint.close()]);
    },
  };
}

/** The standard names of Prometheus' client libraries, as dashboards expect them. */
function exposeProcess(metrics: MetricsRegistry): void {
  const resident = metrics.gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', []);
  const cpu = metrics.gauge('process_cpu_seconds_total', 'User and system CPU time spent in seconds.', []);
  const started = metrics.gauge(
    'process_start_time_seconds',
    'Start time of the process since the epoch in seconds.',
    [],
  );
  started.set({}, performance.timeOrigin / 1000);
  metrics.onScrape(() => {
    const { user, system } = process.cpuUsage();
    cpu.set({}, (user + system) / 1e6);
    resident.set({}, process.memoryUsage.rss());
  });
}
