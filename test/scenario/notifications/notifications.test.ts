import { afterEach, beforeEach, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { ConfigMap, KubeObject, Secret } from '../../../src/api/core-types.ts';
import { NOTIFIED_ANNOTATION } from '../../../src/api/keys.ts';
import type { Rollout } from '../../../src/api/rollout.ts';
import { CONFIG_MAPS, NAMESPACES, ROLLOUTS, SECRETS } from '../../../src/kube/resources.ts';
import type { HttpClient, HttpRequest } from '../../../src/net/http-client.ts';
import { HttpError } from '../../../src/net/http-error.ts';
import type { Clock } from '../../../src/runtime/clock.ts';
import type { TransportHooks } from '../../../src/simulator/in-process-transport.ts';
import { seededRandom } from '../../../src/simulator/random.ts';
import type { Logger } from '../../../src/telemetry/logger.ts';
import { ControllerProcess } from '../../support/controller-process.ts';
import { stubPrometheus } from '../../support/prometheus-stub.ts';
import { TestCluster } from '../../support/test-cluster.ts';

const MINUTE = 60_000;
const TOKEN = 'xoxb-1-secret';

interface SentMessage {
  readonly channel: string;
  readonly text: string;
  readonly blocks?: unknown;
  readonly authorization: string;
}

const WEB = { namespace: 'default', name: 'web' };

/** Slack as far as these tests go: it is there or it is not, and it keeps what came. */
class FakeSlack {
  readonly messages: SentMessage[] = [];
  /** Requests that found nobody. */
  refused = 0;
  down = false;
  readonly #clock: Clock;

  readonly http: HttpClient = {
    request: ({ url, headers, body, timeoutMs }: HttpRequest) => {
      if (this.down) {
        this.refused += 1;
        return Promise.reject(new HttpError('connection', 'the connection to slack.test failed'));
      }
      if (url.startsWith('https://silent.test/')) return this.#silence(timeoutMs);
      if (url !== 'https://slack.test/api/chat.postMessage') throw new Error(`unexpected request of ${url}`);
      const message = JSON.parse(body ?? '{}') as Omit<SentMessage, 'authorization'>;
      this.messages.push({ ...message, authorization: headers?.['authorization'] ?? '' });
      return Promise.resolve({ status: 200, headers: {}, body: '{"ok":true,"ts":"1.2"}' });
    },
    close: () => Promise.resolve(),
  };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async #silence(timeoutMs: number): Promise<never> {
    await this.#clock.sleep(timeoutMs);
    throw new HttpError('timeout', `no complete answer within ${timeoutMs} ms`);
  }

  texts(): readonly string[] {
    return this.messages.map(({ text }) => text);
  }
}

const TEMPLATE = parse(`
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata: { name: success-rate }
spec:
  metrics:
    - name: success-rate
      interval: 10s
      successCondition: result[0] >= 0.95
      provider: { prometheus: { address: "http://prometheus.test", query: "up" } }
`) as KubeObject;

const rolloutOf = (image: string, annotations: Record<string, string>): Rollout => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Rollout',
  metadata: { name: 'web', namespace: 'default', annotations },
  spec: {
    replicas: 4,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: `example.com/web:${image}` }] },
    },
    strategy: {
      canary: {
        analysis: { templates: [{ templateName: 'success-rate' }] },
        steps: [{ setWeight: 25 }, { pause: { duration: '5m' } }, { setWeight: 50 }, { pause: {} }],
      },
    },
  },
});

const ABORTED = { 'notifications.argoproj.io/subscribe.on-rollout-aborted.slack': 'releases' };

class Scene {
  readonly cluster = new TestCluster();
  readonly slack = new FakeSlack(this.cluster.clock);
  success = '1';
  process: ControllerProcess | undefined;

  async prepare(config: Record<string, string> = { 'service.slack': 'token: $slack-token' }): Promise<void> {
    const namespace = 'argo-rollouts';
    const { client } = this.cluster;
    await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    await client.create<ConfigMap>(CONFIG_MAPS, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'argo-rollouts-notification-configmap', namespace },
      data: config,
    });
    await client.create<Secret>(SECRETS, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'argo-rollouts-notification-secret', namespace },
      stringData: { 'slack-token': TOKEN },
    });
    await this.cluster.apply(TEMPLATE);
  }

  /** Warnings and errors. */
  readonly logged: string[] = [];
  readonly #logger: Logger = {
    debug: () => {},
    info: () => {},
    warn: (_fields, message) => this.logged.push(message),
    error: (_fields, message) => this.logged.push(message),
    child: () => this.#logger,
  };

  start(hooks: TransportHooks = {}): ControllerProcess {
    this.process = new ControllerProcess({
      server: this.cluster.server,
      clock: this.cluster.clock,
      hooks,
      assembly: {
        random: seededRandom(7),
        logger: this.#logger,
        metrics: this.cluster.metrics,
        namespace: undefined,
        instanceId: '',
        leaderElection: undefined,
        providers: { http: stubPrometheus(this.cluster.clock, () => [this.success]) },
        routers: {},
        workers: { rollouts: 10, analysisRuns: 30 },
        rate: { qps: 1_000, burst: 1_000 },
        notifications: { http: this.slack.http, slackApiUrl: 'https://slack.test/api', namespace: 'argo-rollouts' },
      },
    });
    return this.process;
  }

  async healthy(image: string, annotations: Record<string, string>): Promise<void> {
    await this.cluster.apply(rolloutOf(image, annotations));
    await this.cluster.until('web', ({ status }) => status?.phase === 'Healthy', 2 * MINUTE);
  }

  /** A new version at 25 %, whose analysis then fails. */
  async failingRelease(annotations: Record<string, string>): Promise<void> {
    await this.cluster.apply(rolloutOf('v2', annotations));
    await this.cluster.until('web', ({ status }) => status?.phase === 'Paused', 2 * MINUTE);
    this.success = '0.81';
    await this.cluster.until('web', ({ status }) => status?.abort === true, MINUTE);
  }

  async annotate(annotations: Record<string, string>): Promise<void> {
    await this.cluster.client.patch(ROLLOUTS, WEB, { type: 'merge', patch: { metadata: { annotations } } });
  }

  pass(ms: number): Promise<void> {
    return this.cluster.clock.advanceBy(ms);
  }
}

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});
afterEach(async () => {
  await scene.process?.stop();
});

const ABORT_MESSAGE =
  'Rollout web (namespace default) aborted: revision 2, step 2/4 (pause: 5m): metric success-rate measured 0.81, ' +
  'which does not meet successCondition: result[0] >= 0.95. Look further: kubectl linnet get rollout web -n default; ' +
  'kubectl get analysisrun web-594c865d8-2 -n default -o yaml';

test('an abort by a failed analysis sends one message that says it all', async () => {
  await scene.prepare();
  scene.start();
  await scene.healthy('v1', ABORTED);
  await scene.failingRelease(ABORTED);
  await scene.pass(MINUTE);
  expect(scene.slack.texts()).toEqual([ABORT_MESSAGE]);
  expect(scene.slack.messages[0]).toMatchObject({ channel: 'releases', authorization: `Bearer ${TOKEN}` });
  expect(JSON.stringify(scene.slack.messages[0]?.blocks)).toContain('*Measured*\\n0.81');
  expect(scene.cluster.metrics.expose()).toContain(
    'notification_send_success{namespace="default",name="web",type="Warning",reason="RolloutAborted"} 1',
  );
});

test('Slack down for five minutes, a restart meanwhile, and no change is lost or told twice', async () => {
  const annotations = { ...ABORTED, 'notifications.argoproj.io/subscribe.on-rollout-completed.slack': 'done;boss' };
  await scene.prepare();
  scene.start();
  await scene.healthy('v1', annotations);
  await scene.pass(MINUTE);
  const completed = 'Rollout web (namespace default) completed: all traffic is on revision 1';
  expect(scene.slack.messages.splice(0)).toMatchObject([
    { channel: 'done', text: completed },
    { channel: 'boss', text: completed },
  ]);

  scene.slack.down = true;
  await scene.failingRelease(annotations);
  await scene.pass(2 * MINUTE);
  await scene.process?.stop();
  await scene.pass(MINUTE);
  scene.start();
  await scene.pass(2 * MINUTE);
  expect(scene.slack.refused).toBeGreaterThan(4);
  expect(scene.slack.refused).toBeLessThan(40);
  scene.slack.down = false;
  await scene.pass(5 * MINUTE);
  expect(scene.slack.texts()).toEqual([ABORT_MESSAGE]);

  await scene.process?.stop();
  scene.start();
  await scene.pass(10 * MINUTE);
  expect(scene.slack.texts()).toEqual([ABORT_MESSAGE]);
});

test('whatever else changes on an aborted Rollout, the message is not repeated', async () => {
  await scene.prepare();
  scene.start();
  await scene.healthy('v1', ABORTED);
  await scene.failingRelease(ABORTED);
  for (let touch = 0; touch < 5; touch += 1) {
    await scene.cluster.client.patch(ROLLOUTS, WEB, {
      type: 'merge',
      patch: { metadata: { labels: { touch: `${touch}` } } },
    });
    await scene.pass(10_000);
  }
  expect(scene.slack.texts()).toEqual([ABORT_MESSAGE]);

  // An abort of the retry is another transition.
  await scene.cluster.client.patch(
    ROLLOUTS,
    WEB,
    { type: 'merge', patch: { status: { abort: false } } },
    { subresource: 'status' },
  );
  await scene.cluster.until('web', ({ status }) => status?.abort !== true, MINUTE);
  await scene.cluster.until('web', ({ status }) => status?.abort === true, 2 * MINUTE);
  await scene.pass(MINUTE);
  expect(scene.slack.texts()).toEqual([
    ABORT_MESSAGE,
    expect.stringMatching(/revision 2, step 2\/4.*web-594c865d8-2\.1/),
  ]);
});

test('a crash between sending and storing costs one message too many, and only one', async () => {
  await scene.prepare();
  let cut = true;
  scene.start({
    before: ({ method, body }) => {
      if (cut && method === 'PATCH' && String(body).includes('linnet/sent:on-rollout-aborted')) {
        throw new Error('the process was cut off');
      }
    },
  });
  await scene.healthy('v1', ABORTED);
  await scene.failingRelease(ABORTED);
  await scene.pass(MINUTE);
  // The process that sent it remembers, as long as it lives.
  expect(scene.slack.texts()).toHaveLength(1);
  await scene.process?.stop();
  cut = false;
  scene.start();
  await scene.pass(MINUTE);
  expect(scene.slack.texts()).toEqual([ABORT_MESSAGE, ABORT_MESSAGE]);
  await scene.process?.stop();
  scene.start();
  await scene.pass(MINUTE);
  expect(scene.slack.texts()).toHaveLength(2);
});

test('neither a take-over nor a new subscription announces history, and foreign state stays', async () => {
  const foreign = { 'on-rollout-aborted:[0].abc:slack:releases': 1_767_225_000 };
  await scene.prepare();
  scene.start();
  await scene.healthy('v1', {});
  await scene.failingRelease({});
  await scene.pass(MINUTE);
  await scene.process?.stop();
  // What Argo Rollouts leaves behind: subscriptions, its own state, an aborted Rollout.
  await scene.annotate({ ...ABORTED, [NOTIFIED_ANNOTATION]: JSON.stringify(foreign) });
  scene.start();
  await scene.pass(5 * MINUTE);
  await scene.annotate({ 'notifications.argoproj.io/subscribe.on-rollout-aborted.slack': 'releases;others' });
  await scene.pass(5 * MINUTE);
  expect(scene.slack.texts()).toEqual([]);
  const { metadata } = await scene.cluster.rollout('web');
  const state = JSON.parse(metadata.annotations?.[NOTIFIED_ANNOTATION] ?? '') as Record<string, unknown>;
  expect(state).toMatchObject(foreign);
  expect(Object.values(state).every((value) => Number.isSafeInteger(value))).toBe(true);
});

test('a service that never answers does not delay the release, and other services get their messages', async () => {
  await scene.prepare({
    'service.slack': 'token: $slack-token',
    'service.webhook.silent': 'url: https://silent.test/',
    'service.email': 'host: mail.test',
    'trigger.on-weight': '- when: rollout.status.canary.weights != nil || rollout.status.abort == true\n  send: [note]',
    'template.note': 'message: "abort={{.rollout.status.abort}}"',
    'template.broken': 'message: "{{.rollout"',
    'trigger.on-rollout-step-completed': '[{send: [bad]}]',
    'template.bad': 'message: "{{index .rollout.nowhere 3}}"',
  });
  const annotations = {
    'notifications.argoproj.io/subscribe.on-rollout-aborted.silent': '',
    'notifications.argoproj.io/subscribe.on-rollout-aborted.email': 'me@example.com',
    'notifications.argoproj.io/subscribe.on-weight.slack': 'weights',
    'notifications.argoproj.io/subscribe.on-nothing.slack': 'releases',
    // To the channel of the abort, which must not wait for it.
    'notifications.argoproj.io/subscribe.on-rollout-step-completed.slack': 'releases',
    ...ABORTED,
  };
  scene.start();
  await scene.healthy('v1', annotations);
  await scene.failingRelease(annotations);
  await scene.pass(MINUTE);
  expect(scene.slack.messages.map(({ channel }) => channel).sort()).toEqual(['releases', 'weights']);
  expect(scene.slack.texts()).toContain('abort=true');
  const told = scene.logged.filter(
    (line) => line.includes('email') || line.includes('on-nothing') || line.includes('broken'),
  );
  expect(told).toEqual([
    expect.stringContaining('template.broken'),
    expect.stringContaining('service.email: type "email" is not supported yet; supported are slack, webhook'),
    expect.stringContaining('there is no trigger "on-nothing"'),
  ]);
  expect(scene.logged).toContainEqual(expect.stringContaining('could not notify: template: bad.message:1:'));
  expect(scene.logged.join('\n')).not.toContain(TOKEN);
});

test('pauses, steps and new versions are told once each; a steady state writes and reads nothing', async () => {
  const subscribe = (trigger: string) => [`notifications.argoproj.io/subscribe.${trigger}.slack`, 'all'];
  const annotations = Object.fromEntries(
    ['on-rollout-updated', 'on-rollout-paused', 'on-rollout-step-completed', 'on-analysis-run-running'].map(subscribe),
  ) as Record<string, string>;
  await scene.prepare();
  let reads = 0;
  const process = scene.start({
    before: ({ method, path }) => {
      if (method === 'GET' && /\/(configmaps|secrets|rollouts)\/./.test(path)) reads += 1;
    },
  });
  await scene.healthy('v1', annotations);
  scene.slack.messages.splice(0);
  await scene.cluster.apply(rolloutOf('v2', annotations));
  await scene.cluster.until('web', ({ status }) => status?.currentStepIndex === 3, 10 * MINUTE);
  await scene.pass(MINUTE);
  const name = 'Rollout web (namespace default)';
  expect(scene.slack.texts().map((text) => text.split('. Look')[0])).toEqual([
    `${name} has a new version: revision 2`,
    expect.stringContaining('completed a step: revision 2: Rollout step 1/4 completed (setWeight: 25)'),
    expect.stringContaining('paused: revision 2, step 2/4 (pause: 5m): Rollout is paused (CanaryPauseStep)'),
    `${name}: the analysis has begun: revision 2`,
    expect.stringContaining('Rollout step 2/4 completed (pause: 5m)'),
    expect.stringContaining('Rollout step 3/4 completed (setWeight: 50)'),
    expect.stringContaining('paused: revision 2, step 4/4 (pause): Rollout is paused (CanaryPauseStep)'),
  ]);
  const writes = () => process.writes.filter(({ body }) => body.includes('linnet/')).length;
  const before = { writes: writes(), reads };
  await scene.pass(5 * MINUTE);
  expect({ writes: writes(), reads }).toEqual(before);
});

test('a condition sends each time that it turns true, with oncePer once for each value, over restarts', async () => {
  await scene.prepare({
    'service.slack': 'token: $slack-token',
    'trigger.on-label': [
      '- when: rollout.metadata.labels?.alarm != nil',
      '  send: [alarm]',
      '- when: rollout.metadata.labels?.alarm != nil',
      '  oncePer: rollout.metadata.labels.alarm',
      '  send: [once]',
    ].join('\n'),
    'template.alarm': 'message: alarm',
    'template.once': 'message: "once {{.rollout.metadata.labels.alarm}}"',
  });
  const label = async (alarm: string | null): Promise<readonly string[]> => {
    await scene.cluster.client.patch(ROLLOUTS, WEB, { type: 'merge', patch: { metadata: { labels: { alarm } } } });
    await scene.pass(5_000);
    return scene.slack.messages.splice(0).map(({ text }) => text);
  };
  scene.start();
  await scene.healthy('v1', { 'notifications.argoproj.io/subscribe.on-label.slack': 'alarms' });
  expect(await label('red')).toEqual(['alarm', 'once red']);
  expect(await label('blue')).toEqual(['once blue']);
  await scene.process?.stop();
  scene.start();
  expect(await label('blue')).toEqual([]);
  expect(await label(null)).toEqual([]);
  expect(await label('red')).toEqual(['alarm']);
});

test('a ConfigMap that may not be read is complained about once, and the release goes on', async () => {
  await scene.prepare();
  const body = JSON.stringify({ kind: 'Status', code: 403, reason: 'Forbidden', message: 'no access to configmaps' });
  scene.start({
    before: ({ path }) => (path.includes('/configmaps/') ? { status: 403, headers: {}, body } : undefined),
  });
  await scene.healthy('v1', ABORTED);
  await scene.failingRelease(ABORTED);
  await scene.pass(5 * MINUTE);
  expect(scene.slack.messages).toEqual([]);
  expect(scene.logged.filter((line) => line.includes('configmap'))).toEqual([
    expect.stringMatching(/nobody is notified: grant the controller "get" on it .*no access to configmaps/),
  ]);
});
