import type { KubeRequest, KubeResponse, KubeStream, KubeTransport } from '../../src/kube/transport.ts';

export interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** Answers each request as a function says, and remembers what was asked. No time passes in it. */
export class ScriptedTransport implements KubeTransport {
  readonly requests: KubeRequest[] = [];
  answer: (request: KubeRequest) => ScriptedAnswer | Promise<ScriptedAnswer>;

  constructor(answer: (request: KubeRequest) => ScriptedAnswer | Promise<ScriptedAnswer> = () => ({})) {
    this.answer = answer;
  }

  async request(request: KubeRequest): Promise<KubeResponse> {
    this.requests.push(request);
    const { status = 200, headers = {}, body = {} } = await this.answer(request);
    return { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
  }

  async stream(request: KubeRequest): Promise<KubeStream> {
    const { status, headers, body } = await this.request(request);
    async function* chunks() {
      yield Buffer.from(body);
    }
    return { status, headers, chunks: chunks() };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
