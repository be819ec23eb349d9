import type { MetricProvider, MetricProviderName } from '../api/metric-provider.ts';
import { createPrometheusProvider, type PrometheusOptions } from './prometheus.ts';
import type { Provider } from './provider.ts';

/** Everything that some provider needs. */
export type ProviderOptions = PrometheusOptions;

/** The providers of this controller by the field that selects them. */
export type ProviderRegistry = ReadonlyMap<MetricProviderName, Provider>;

/** All providers that there are. */
export function createProviders(options: ProviderOptions): ProviderRegistry {
  const providers = [createPrometheusProvider(options)];
  return new Map(providers.map((provider) => [provider.name, provider]));
}

/** The provider that measures a metric; undefined when this controller has none for it. */
export function providerFor(registry: ProviderRegistry, configured: MetricProvider): Provider | undefined {
  return [...registry.values()].find(({ name }) => configured[name] !== undefined);
}
