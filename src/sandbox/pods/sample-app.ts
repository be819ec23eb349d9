/**
 * The program in the sandbox's pods: an HTTP server that says which version it is, fails as often as it is told to, and
 * counts its requests for Prometheus. It imports nothing but Node, so that a pod starts in a few tens of milliseconds.
 *
 * Environment: POD_IP, POD_NAME, PORT (8080), VERSION, ERROR_RATE (0 to 1), STARTUP_SECONDS (0), EXIT_CODE (leave
 * instead of serving, to play a crash).
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

const version = process.env['VERSION'] ?? 'unknown';
const pod = process.env['POD_NAME'] ?? 'unknown';
const errorRate = Number(process.env['ERROR_RATE'] ?? '0');
const startupMs = Number(process.env['STARTUP_SECONDS'] ?? '0') * 1000;

/** Requests answered, by status code. */
const answered = new Map<number, number>([
  [200, 0],
  [500, 0],
]);
/** Spreads failures evenly, so that a rate of 0.2 is exactly every fifth request and a short measurement sees it. */
let failureDebt = 0;
let draining = false;

function statusOfNextAnswer(): number {
  failureDebt += errorRate;
  if (failureDebt < 1) return 200;
  failureDebt -= 1;
  return 500;
}

function metrics(): string {
  const samples = [...answered].map(
    ([status, count]) => `http_requests_total{version="${version}",status="${status}"} ${count}`,
  );
  return ['# HELP http_requests_total Requests answered.', '# TYPE http_requests_total counter', ...samples, ''].join(
    '\n',
  );
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === '/metrics') {
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(metrics());
    return;
  }
  if (request.url === '/healthz') {
    response.writeHead(draining ? 503 : 200).end();
    return;
  }
  const status = statusOfNextAnswer();
  answered.set(status, (answered.get(status) ?? 0) + 1);
  response
    .writeHead(status, { 'content-type': 'application/json', 'x-version': version, 'x-pod': pod })
    .end(`${JSON.stringify({ version, pod, status })}\n`);
}

const server = createServer(answer);
// Above the proxy's own, so that it is the proxy that closes idle connections and never sends into a closed one.
server.keepAliveTimeout = 120_000;

/** Stops taking new connections, answers what is under way, leaves. */
process.on('SIGTERM', () => {
  draining = true;
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});

if (process.env['EXIT_CODE'] === undefined) {
  setTimeout(
    () => server.listen(Number(process.env['PORT'] ?? '8080'), process.env['POD_IP'] ?? '127.0.0.1'),
    startupMs,
  );
} else {
  setTimeout(() => process.exit(Number(process.env['EXIT_CODE'])), startupMs);
}
