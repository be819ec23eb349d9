/**
 * The sandbox's users: a steady rate of requests to one address, in a process of its own so that nothing else delays them.
 * Prints one JSON line per `LoadWindow`.
 *
 * Arguments: URL, value of the Host header, requests per second. Ends on SIGTERM after the requests under way.
 */
import { Agent, request } from 'node:http';
import type { Socket } from 'node:net';
import { WINDOW_MS } from './load-window.ts';
import { WindowCounter } from './window-counter.ts';

const TICK_MS = 10;
const TIMEOUT_MS = 5_000;

const [url = '', host = '', rate = '100'] = process.argv.slice(2);
const perSecond = Number(rate);
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
/** Connections that carried a request before. (`reusedSocket` does not tell of those that went straight to the next.) */
const used = new WeakSet<Socket>();
const counter = new WindowCounter();

function send(): void {
  const window = counter.sent(Date.now());
  let settled = false;
  const once = (then: () => void): void => {
    if (!settled) then();
    settled = true;
  };
  const outgoing = request(url, { agent, timeout: TIMEOUT_MS, headers: { host } }, (response) => {
    const version = response.headers['x-version'];
    const { statusCode = 0 } = response;
    response.resume();
    response.on('end', () =>
      once(() => {
        if (typeof version === 'string') window.answered(version, statusCode, Date.now());
        else window.lost(`the proxy itself answered ${statusCode}`);
      }),
    );
    response.on('error', (error) => once(() => window.lost(error.message)));
  });
  let onUsedConnection = false;
  outgoing.on('socket', (socket) => {
    onUsedConnection = used.has(socket);
    used.add(socket);
  });
  outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
  outgoing.on('error', (error: NodeJS.ErrnoException) =>
    once(() => {
      // The proxy may close an idle connection in the moment in which it is used again; a GET may then be sent anew
      // (RFC 9110, 9.2.2), as browsers and proxies do.
      if (onUsedConnection && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) {
        window.sentAgain();
        send();
      } else {
        window.lost(error.message);
      }
    }),
  );
  outgoing.end();
}

function report(now: number): void {
  for (const window of counter.takeComplete(now)) process.stdout.write(`${JSON.stringify(window)}\n`);
}

const started = performance.now();
let sent = 0;
const ticker = setInterval(() => {
  const due = ((performance.now() - started) / 1000) * perSecond;
  // After a pause of the whole machine the missed requests are skipped: a burst would measure the machine.
  if (due - sent > perSecond) sent = Math.floor(due);
  for (; sent < due; sent += 1) send();
}, TICK_MS);
const reporter = setInterval(() => report(Date.now()), WINDOW_MS);

process.on('SIGTERM', () => {
  clearInterval(ticker);
  const wait = setInterval(() => {
    if (counter.underWay > 0) return;
    clearInterval(wait);
    clearInterval(reporter);
    report(Number.POSITIVE_INFINITY);
    agent.destroy();
  }, TICK_MS);
});
