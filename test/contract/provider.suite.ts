import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Metric } from '../../src/api/analysis.ts';
import { judge } from '../../src/core/analysis/judge.ts';
import type { Outcome } from '../../src/core/analysis/outcome.ts';
import { createEgressPolicy, IN_CLUSTER_RULES } from '../../src/net/egress-policy.ts';
import { createHttpClient, type HttpClient } from '../../src/net/http-client.ts';
import type { Provider } from '../../src/providers/provider.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import { type Loopback, loopback } from './loopback.ts';

type Answer = (response: ServerResponse) => void;

/** What a provider has to bring to be tested. */
export interface ProviderFixture {
  readonly name: string;
  readonly create: (http: HttpClient) => Provider;
  /** A metric that is measured at `address`, sends `credential` along and waits this long for an answer. */
  readonly metric: (address: string, timeoutSeconds: number) => Metric;
  readonly credential: string;
  /** How the service says these things. */
  readonly answers: {
    readonly value: (value: number) => Answer;
    readonly noData: Answer;
    readonly notANumber: Answer;
    /** The metric's author made a mistake, which `text` explains. */
    readonly mistake: (text: string) => Answer;
  };
}

/** Deadlines that pass when the test says so, and never because the machine is busy. */
class Deadlines {
  readonly #pending = new Set<() => void>();

  readonly clock: Clock = {
    ...systemClock,
    schedule: (_delayMs, run) => {
      this.#pending.add(run);
      return { cancel: () => this.#pending.delete(run) };
    },
  };

  pass(): void {
    for (const run of this.#pending) run();
  }
}

/** A secret argument of the run, which the provider knows only as something to redact. */
const RUN_SECRET = 'tr0ub4dor&3';

const status =
  (code: number, body = '', headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(code, headers).end(body);
  };

/** The promises of `Provider`, the same for all of them. */
export function describeProvider({ name, create, metric, credential, answers }: ProviderFixture): void {
  describe(`provider ${name}`, () => {
    let server: Loopback;
    let http: HttpClient;
    let provider: Provider;
    let answer: Answer = () => undefined;
    const deadlines = new Deadlines();

    beforeAll(async () => {
      server = await loopback((_request, response) => answer(response));
      http = createHttpClient({ policy: createEgressPolicy(IN_CLUSTER_RULES), clock: deadlines.clock });
      provider = create(http);
    });
    afterAll(async () => {
      await http.close();
      await server[Symbol.asyncDispose]();
    });

    const redact = (text: string): string => text.replaceAll(RUN_SECRET, '*****');
    const measure = (signal = new AbortController().signal): Promise<Outcome> =>
      provider.measure(metric(server.url, 1), { now: Date.now(), signal, redact });
    const measureAnswer = (next: Answer): Promise<Outcome> => {
      answer = next;
      return measure();
    };
    const errorFor = async (next: Answer): Promise<Extract<Outcome, { kind: 'error' }>> => {
      const outcome = await measureAnswer(next);
      if (outcome.kind !== 'error') throw new Error(`measured ${outcome.value}`);
      expect(outcome.message).not.toContain(credential);
      expect(outcome.message.length).toBeLessThan(1_000);
      return outcome;
    };

    it('measures', async () => {
      const outcome = await measureAnswer(answers.value(0.99));
      if (outcome.kind !== 'value') throw new Error(outcome.message);
      expect([outcome.result].flat()).toEqual([0.99]);
      expect(outcome.value).toContain('0.99');
    });

    it('says when there is no data, and that is no success', async () => {
      const judgement = judge({}, await measureAnswer(answers.noData), 0);
      expect(judgement).toMatchObject({ phase: 'Error', blindness: 'no-data' });
    });

    it('says when there is no number, and that is no success', async () => {
      const judgement = judge({}, await measureAnswer(answers.notANumber), 0);
      expect(judgement).toMatchObject({ phase: 'Error', blindness: 'not-a-number' });
    });

    it("tells the author's mistake in the service's words, without the credential that they echo", async () => {
      const outcome = await errorFor(answers.mistake(`unexpected "sum" in request of ${credential}`));
      expect(outcome.message).toContain('unexpected "sum" in request of *****');
      expect(outcome.blindness).toBeUndefined();
    });

    it.each(Array.from({ length: 30 }, (_, index) => 180 + index))(
      'never shows the beginning of a secret where a long answer is cut: after %d characters',
      async (length) => {
        const { message } = await errorFor(status(500, `${'x'.repeat(length)}${credential}${RUN_SECRET}`));
        expect(message).not.toContain(credential.slice(0, 3));
        expect(message).not.toContain(RUN_SECRET.slice(0, 3));
      },
    );

    it.each([500, 502, 504, 401, 403, 404])('is blind when the service answers HTTP %d', async (code) => {
      const outcome = await errorFor(status(code, 'no'));
      expect(outcome.blindness).toBe('unreachable');
      expect(outcome.message).toContain(String(code));
    });

    it.each([429, 503])('keeps what Retry-After asks for with HTTP %d', async (code) => {
      const outcome = await errorFor(status(code, 'slow down', { 'retry-after': '17' }));
      expect(outcome).toMatchObject({ blindness: 'unreachable', retryAfterMs: 17_000 });
    });

    it('shows the beginning of an answer that is not of its service', async () => {
      const page = `<html><title>Sign in</title>${'<p>please</p>'.repeat(1_000)}</html>`;
      const outcome = await errorFor(status(200, page, { 'content-type': 'text/html' }));
      expect(outcome.blindness).toBe('unreachable');
      expect(outcome.message).toContain('<title>Sign in</title>');
    });

    it('follows no redirect', async () => {
      const before = server.requests.length;
      const outcome = await errorFor(status(302, '', { location: `${server.url}/elsewhere` }));
      expect(outcome.message).toContain('redirect');
      expect(server.requests.slice(before).map(({ url }) => url)).not.toContain('/elsewhere');
    });

    it('cuts a huge body', async () => {
      const outcome = await errorFor((response) => {
        const pump = (): void => {
          while (!response.destroyed && response.write(' '.repeat(65_536)));
        };
        response.on('drain', pump);
        pump();
      });
      expect(outcome.message).toContain('larger than 1048576 bytes');
    });

    it('ends at its deadline when nothing comes', async () => {
      const outcome = await errorFor(() => deadlines.pass());
      expect(outcome.blindness).toBe('unreachable');
      expect(outcome.message).toMatch(/within 1000 ms/);
    });

    it('ends at its deadline when an answer trickles in', async () => {
      const outcome = await errorFor((response) => {
        response.writeHead(200);
        response.write(' ', () => deadlines.pass());
      });
      expect(outcome.message).toMatch(/within 1000 ms/);
    });

    it('ends when it is aborted', async () => {
      answer = () => undefined;
      const controller = new AbortController();
      const arrived = server.nextRequest();
      const pending = measure(controller.signal);
      await arrived;
      controller.abort();
      expect(await pending).toMatchObject({ kind: 'error', message: expect.stringContaining('abort') });
    });

    it('survives a connection that is reset once', async () => {
      let first = true;
      const outcome = await measureAnswer((response) => {
        if (first) response.socket?.resetAndDestroy();
        else answers.value(0.5)(response);
        first = false;
      });
      expect(outcome.kind).toBe('value');
    });

    it('is blind when nobody listens', async () => {
      const gone = await loopback(() => undefined);
      await gone[Symbol.asyncDispose]();
      const context = { now: Date.now(), signal: new AbortController().signal, redact };
      expect(await provider.measure(metric(gone.url, 1), context)).toMatchObject({
        kind: 'error',
        blindness: 'unreachable',
      });
    });
  });
}
