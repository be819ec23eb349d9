/** `kubectl linnet`: the machine on one side, `run` on the other. */
import type { WriteStream } from 'node:tty';
import { listenForShutdown } from '../runtime/shutdown.ts';
import { systemClock } from '../runtime/system-clock.ts';
import { EXIT } from './exit-codes.ts';
import type { Host, Output } from './host.ts';
import { run } from './run.ts';

function outputTo(stream: WriteStream): Output {
  return {
    write: (text) => stream.write(text),
    isTerminal: stream.isTTY,
    size: () => (stream.isTTY ? { columns: stream.columns, rows: stream.rows } : undefined),
  };
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** `kubectl linnet … | head` ends early, which is no failure. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.ok);
});

const shutdown = listenForShutdown(process, () => process.exit(EXIT.interrupted));
const host: Host = {
  stdout: outputTo(process.stdout),
  stderr: outputTo(process.stderr),
  env: process.env,
  clock: systemClock,
  random: Math.random,
  signal: shutdown.signal,
  readStdin,
};
process.exitCode = await run(process.argv.slice(2), host);
shutdown.dispose();
