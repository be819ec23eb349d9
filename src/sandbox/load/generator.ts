/**
 * The sandbox's users: a steady rate of requests to one address, in a process of its own so that nothing else delays them.
 * Prints one JSON line per window: what was answered, by which version, and what got no answer from any version.
 *
 * Arguments: URL, value of the Host header, requests per second. Ends on SIGTERM after the requests under way.
 */
import { Agent, request } from 'node:http';
import { type LoadWindow, WINDOW_MS } from './load-window.ts';

const TICK_MS = 10;
const TIMEOUT_MS = 5_000;

const [url = '', host = '', rate = '100'] = process.argv.slice(2);
const perSecond = Number(rate);
const agent = new Agent({ keepAlive: true, maxSockets: 64 });

let counts = new Map<string, number>();
let firstFailures: Record<string, number> = {};
let lost = 0;
let lostReason: string | undefined;
let stopping = false;
let underWay = 0;

function lose(reason: string): void {
  lost += 1;
  lostReason = reason;
}

function send(): void {
  underWay += 1;
  let settled = false;
  const settle = (then: () => void) => {
    if (settled) return;
    settled = true;
    underWay -= 1;
    then();
  };
  const outgoing = request(url, { agent, timeout: TIMEOUT_MS, headers: { host } }, (response) => {
    const version = response.headers['x-version'];
    response.resume();
    response.on('end', () =>
      settle(() => {
        if (typeof version !== 'string') lose(`the proxy itself answered ${response.statusCode}`);
        else {
          const key = `${version} ${response.statusCode}`;
          counts.set(key, (counts.get(key) ?? 0) + 1);
          if ((response.statusCode ?? 0) >= 500) firstFailures[version] ??= Date.now();
        }
      }),
    );
    response.on('error', (error) => settle(() => lose(error.message)));
  });
  outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
  outgoing.on('error', (error: NodeJS.ErrnoException) => {
    // The proxy may close an idle connection in the moment in which it is used again; a GET may then be sent anew
    // (RFC 9110, 9.2.2), as browsers and proxies do.
    const again = outgoing.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
    settle(again ? send : () => lose(error.message));
  });
  outgoing.end();
}

function report(): void {
  const answers = [...counts].map(([key, count]) => {
    const [version = '', status] = key.split(' ');
    return { version, status: Number(status), count };
  });
  const window: LoadWindow = {
    at: Date.now(),
    answers,
    firstFailures,
    lost,
    ...(lostReason === undefined ? {} : { lostReason }),
  };
  process.stdout.write(`${JSON.stringify(window)}\n`);
  counts = new Map();
  firstFailures = {};
  lost = 0;
  lostReason = undefined;
}

const started = performance.now();
let sent = 0;
const ticker = setInterval(() => {
  if (stopping) return;
  const due = ((performance.now() - started) / 1000) * perSecond;
  // After a pause of the whole machine the missed requests are skipped: a burst would measure the machine.
  if (due - sent > perSecond) sent = Math.floor(due);
  for (; sent < due; sent += 1) send();
}, TICK_MS);
const reporter = setInterval(report, WINDOW_MS);

process.on('SIGTERM', () => {
  stopping = true;
  clearInterval(ticker);
  const wait = setInterval(() => {
    if (underWay > 0) return;
    clearInterval(wait);
    clearInterval(reporter);
    report();
    agent.destroy();
  }, TICK_MS);
});
