import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NotificationMessage } from '../../src/core/notify/message.ts';
import type { JsonObject } from '../../src/core/values/json.ts';
import { createEgressPolicy, type EgressRules, IN_CLUSTER_RULES } from '../../src/net/egress-policy.ts';
import { createHttpClient, type HttpClient } from '../../src/net/http-client.ts';
import { createRedactor } from '../../src/net/redact.ts';
import { type Notifier, NotifierError } from '../../src/notifiers/notifier.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import { type Loopback, loopback } from './loopback.ts';

type Answer = (response: ServerResponse) => void;

/** What a notifier has to bring to be tested. */
export interface NotifierFixture {
  readonly name: string;
  /** `address` is where the test's server listens. */
  readonly create: (http: HttpClient, address: string) => Notifier;
  /** Options of a service at `address` that authenticates with `credential`. */
  readonly options: (address: string, credential: string) => JsonObject;
  readonly message: NotificationMessage;
  readonly answers: {
    readonly accepted: Answer;
    /** The service understood and refuses for good, echoing a text. */
    readonly refused: (text: string) => Answer;
  };
  /** What the server has to have seen of the message, at least. */
  readonly expected: Partial<SeenRequest>;
}

interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Parsed from JSON. */
  readonly body: unknown;
}

const CREDENTIAL = 'T0PS3CR3T-credential';

/** Deadlines that pass when the test says so. */
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

const status =
  (code: number, body = '', headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(code, headers).end(body);
  };

/** The promises of `Notifier`, the same for all of them. */
export function describeNotifier({ name, create, options, message, answers, expected }: NotifierFixture): void {
  describe(`notifier ${name}`, () => {
    let server: Loopback;
    let answer: Answer = () => undefined;
    let seen: SeenRequest | undefined;
    const deadlines = new Deadlines();
    const clients: HttpClient[] = [];

    const client = (rules: EgressRules = IN_CLUSTER_RULES): HttpClient => {
      const http = createHttpClient({ policy: createEgressPolicy(rules), clock: deadlines.clock });
      clients.push(http);
      return http;
    };
    beforeAll(async () => {
      server = await loopback(({ method = '', url = '', headers }, response, body) => {
        seen = { method, path: url, headers, body: JSON.parse(body) };
        answer(response);
      });
    });
    afterAll(async () => {
      await Promise.all(clients.map((http) => http.close()));
      await server[Symbol.asyncDispose]();
    });

    const send = (http = client(), address = server.url, signal = new AbortController().signal): Promise<void> =>
      create(http, address).send({
        service: 'hook',
        options: options(address, CREDENTIAL),
        recipient: 'releases',
        message,
        redact: createRedactor([CREDENTIAL]),
        signal,
      });
    const failure = async (sending: Promise<void>): Promise<NotifierError> => {
      const error: unknown = await sending.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (!(error instanceof NotifierError)) throw new Error('was not refused with a NotifierError', { cause: error });
      expect(error.message).not.toContain(CREDENTIAL);
      expect(error.message.length).toBeLessThan(600);
      return error;
    };
    const failureAfter = (next: Answer): Promise<NotifierError> => {
      answer = next;
      return failure(send());
    };

    it('delivers the message, once', async () => {
      answer = answers.accepted;
      const before = server.requests.length;
      await send();
      expect(server.requests.length - before).toBe(1);
      expect(seen).toMatchObject(expected);
    });

    it('says why the service refuses, without the credential that it echoes', async () => {
      const error = await failureAfter(answers.refused(`no_such_thing_${CREDENTIAL}`));
      expect(error.kind).toBe('rejected');
      expect(error.message).toContain('no_such_thing_*****');
    });

    it('keeps what Retry-After asks for', async () => {
      const error = await failureAfter(status(429, 'slow down', { 'retry-after': '17' }));
      expect(error).toMatchObject({ kind: 'overloaded', retryAfterMs: 17_000 });
    });

    it.each([500, 502, 503])('may try again after HTTP %d, and does not do so itself', async (code) => {
      const before = server.requests.length;
      const error = await failureAfter(status(code, `broken ${CREDENTIAL}`));
      expect(error.kind).toBe('unreachable');
      expect(error.message).toContain(String(code));
      expect(server.requests.length - before).toBe(1);
    });

    it.each([401, 403, 404])('takes HTTP %d for a refusal, whatever the answer says', async (code) => {
      expect((await failureAfter(status(code, 'no'))).kind).not.toBe('overloaded');
    });

    it('ends at its deadline', async () => {
      const error = await failureAfter(() => deadlines.pass());
      expect(error.kind).toBe('unreachable');
      expect(error.message).toContain('within 10000 ms');
    });

    it('ends when it is aborted', async () => {
      answer = () => undefined;
      const controller = new AbortController();
      const arrived = server.nextRequest();
      const sending = failure(send(client(), server.url, controller.signal));
      await arrived;
      controller.abort();
      expect((await sending).kind).toBe('aborted');
    });

    it('may try again when nobody listens', async () => {
      const gone = await loopback(() => undefined);
      await gone[Symbol.asyncDispose]();
      expect((await failure(send(client(), gone.url))).kind).toBe('unreachable');
    });

    it('obeys the egress policy', async () => {
      const error = await failure(send(client({ deny: ['127.0.0.0/8'] })));
      expect(error.kind).toBe('misconfigured');
      expect(error.message).toContain('egress policy');
    });

    it('asks for what is missing in the ConfigMap', async () => {
      const delivery = { service: 'hook', options: {}, recipient: 'releases', message, redact: createRedactor([]) };
      const notifier = create(client(), server.url);
      const error = await failure(notifier.send({ ...delivery, signal: new AbortController().signal }));
      expect(error.kind).toBe('misconfigured');
      expect(error.message).toContain('hook');
    });
  });
}
