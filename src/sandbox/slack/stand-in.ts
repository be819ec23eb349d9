import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SlackMessage {
  readonly channel: string;
  readonly text: string;
  /** The whole request body: attachments, blocks, thread. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface SlackStandIn {
  /** Base URL of the Web API, for the controller's `--slack-api-url`. */
  readonly url: string;
  readonly messages: readonly SlackMessage[];
  close(): Promise<void>;
}

/** Answers `chat.postMessage` as Slack does (`{"ok": true}`, or `{"ok": false, "error"}` with status 200) and keeps what came. */
export async function startSlackStandIn(
  token: string,
  onMessage: (message: SlackMessage) => void,
): Promise<SlackStandIn> {
  const messages: SlackMessage[] = [];
  const server = createServer((request, response) => {
    let raw = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      raw += chunk;
    });
    request.on('end', () => {
      const answer = accept(request.url, request.headers.authorization, raw);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer));
    });
  });
  const accept = (url: string | undefined, authorization: string | undefined, raw: string): object => {
    if (url !== '/api/chat.postMessage') return { ok: false, error: 'unknown_method' };
    if (authorization !== `Bearer ${token}`) return { ok: false, error: 'invalid_auth' };
    const body = JSON.parse(raw) as Record<string, unknown>;
    if (typeof body['channel'] !== 'string') return { ok: false, error: 'channel_not_found' };
    const message = { channel: body['channel'], text: typeof body['text'] === 'string' ? body['text'] : '', body };
    messages.push(message);
    onMessage(message);
    return { ok: true, channel: body['channel'], ts: `${Date.now() / 1000}` };
  };
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/api`,
    messages,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
