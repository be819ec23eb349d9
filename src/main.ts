/** The controller process: configuration → wiring → run. The only place that ends the process. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { parseArgs } from './config/controller-config.ts';
import { FlagError, flagHelp } from './config/flags.ts';
import { VERSION } from './config/version.ts';
import { assembleControllers } from './controllers/assemble.ts';
import { crdProblem } from './controllers/crd-check.ts';
import { serverProblem } from './controllers/server-check.ts';
import { isTransient } from './kube/api-error.ts';
import { type ClusterConnection, loadConnection } from './kube/kube-config.ts';
import { UndiciTransport } from './kube/undici-transport.ts';
import { createEgressPolicy, IN_CLUSTER_RULES } from './net/egress-policy.ts';
import { createHttpClient } from './net/http-client.ts';
import { logLastWords } from './runtime/last-words.ts';
import { listenForShutdown } from './runtime/shutdown.ts';
import { systemClock } from './runtime/system-clock.ts';
import { serveControllerEndpoints } from './server/controller-endpoints.ts';
import { createLogger, type Logger } from './telemetry/logger.ts';
import { MetricsRegistry } from './telemetry/metrics.ts';

/** Exit statuses: a lost lease is an orderly end that a supervisor restarts, bad usage is Go's 2. */
const EXIT = { stopped: 0, failed: 1, usage: 2, killed: 130 } as const;

/** For an API server that is being restarted, or a network that is not up yet. */
const START_PATIENCE_MS = 30_000;
const START_RETRY_MS = 1_000;

async function main(args: readonly string[]): Promise<number> {
  const config = parseArgs(args, process.env);
  if (config.kind === 'answer') {
    process.stdout.write(`${config.text}\n`);
    return EXIT.stopped;
  }
  const clock = systemClock;
  const logger = createLogger({ clock, ...config.log, write: (line) => process.stderr.write(line) });
  for (const warning of config.warnings) logger.warn({}, warning);
  const beQuiet = logLastWords(process, logger, () => process.exit(EXIT.failed));
  const shutdown = listenForShutdown(process, () => process.exit(EXIT.killed));
  const connection = await loadConnection(clock, config.connection, { env: process.env });
  logger.info({ version: VERSION, node: process.version, cluster: connection.origin }, 'linnet-controller starts');
  try {
    return await run(config, connection, logger, shutdown.signal);
  } finally {
    shutdown.dispose();
    beQuiet();
  }
}

async function run(
  config: Extract<ReturnType<typeof parseArgs>, { kind: 'run' }>,
  connection: ClusterConnection,
  logger: Logger,
  signal: AbortSignal,
): Promise<number> {
  const clock = systemClock;
  const metrics = new MetricsRegistry();
  const transport = new UndiciTransport({ connection, clock, userAgent: `linnet-controller/${VERSION}` });
  const http = createHttpClient({
    policy: createEgressPolicy({ ...IN_CLUSTER_RULES, allow: config.egressAllow }),
    clock,
  });
  const { manager, client } = assembleControllers({
    transport,
    clock,
    random: Math.random,
    logger,
    metrics,
    namespace: config.namespaced ? (config.namespace ?? connection.namespace ?? 'default') : undefined,
    instanceId: config.instanceId,
    leaderElection:
      config.leaderElection === undefined
        ? undefined
        : { ...config.leaderElection, identity: `${hostname()}_${randomUUID()}` },
    providers: { http, defaultAddress: config.prometheusAddress },
    routers: { nginxPropagationMs: config.nginxPropagationMs },
    notifications: { http, slackApiUrl: config.slackApiUrl, namespace: config.ownNamespace },
    workers: config.workers,
    rate: config.rate,
    timing: { relistMs: config.relistMs },
  });
  const endpoints = await serveControllerEndpoints(config.endpoints, { manager, metrics, version: VERSION });
  logger.info({ metricsPort: endpoints.metricsPort, healthzPort: endpoints.healthzPort }, 'listening');
  try {
    const ask = async () => (await serverProblem(transport)) ?? (await crdProblem(client, transport));
    const problem = await patiently(ask, logger, signal);
    if (problem !== undefined) throw new Error(problem);
    const outcome = await manager.run(signal);
    if (outcome === 'lost')
      logger.error({}, 'lost the lease: another process leads now; ending so that this one starts afresh');
    return outcome === 'lost' ? EXIT.failed : EXIT.stopped;
  } finally {
    await Promise.all([endpoints.close(), http.close(), transport.close()]);
  }
}

/** A connection that breaks in the moment of the start is no reason to start anew, and one that is never there is. */
async function patiently<T>(ask: () => Promise<T>, logger: Logger, signal: AbortSignal): Promise<T | undefined> {
  const deadline = systemClock.monotonic() + START_PATIENCE_MS;
  while (!signal.aborted) {
    try {
      return await ask();
    } catch (error) {
      if (!isTransient(error) || systemClock.monotonic() > deadline) throw error;
      logger.warn({ err: error }, 'the API server does not answer yet; asking again');
      await systemClock.sleep(START_RETRY_MS);
    }
  }
  return undefined;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const usage = error instanceof FlagError;
  process.stderr.write(`linnet-controller: ${error instanceof Error ? error.message : String(error)}\n`);
  if (usage) process.stderr.write(`${flagHelp().split('\n')[0]}\n`);
  process.exitCode = usage ? EXIT.usage : EXIT.failed;
}
