import { type Loopback, loopback } from '../../contract/loopback.ts';

/** A Prometheus whose every answer is 1, and that can be made to keep its clients waiting. */
export interface HeldPrometheus {
  readonly url: string;
  /** From now on nobody gets an answer. */
  hold(): void;
  /** Resolves when somebody waits. */
  asked(): Promise<void>;
  /** Answers all who wait, and everybody from now on. */
  release(): void;
  close(): Promise<void>;
}

const ANSWER = JSON.stringify({
  status: 'success',
  data: { resultType: 'vector', result: [{ metric: {}, value: [0, '1'] }] },
});

export async function holdPrometheus(): Promise<HeldPrometheus> {
  let holding = false;
  let waiting: (() => void)[] = [];
  const server: Loopback = await loopback((_request, response) => {
    const answer = (): void => void response.writeHead(200, { 'content-type': 'application/json' }).end(ANSWER);
    if (holding) waiting.push(answer);
    else answer();
  });
  return {
    url: server.url,
    hold: () => {
      holding = true;
      waiting = [];
    },
    asked: async () => {
      while (waiting.length === 0) await server.nextRequest().then(() => new Promise(setImmediate));
    },
    release: () => {
      holding = false;
      for (const answer of waiting) answer();
      waiting = [];
    },
    close: async () => server[Symbol.asyncDispose](),
  };
}
