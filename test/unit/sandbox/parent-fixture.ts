/** A process with a child that does not end by itself: prints the child's process id, then waits. Argument: how it goes on. */
import { runToEnd } from '../../../src/sandbox/run-to-end.ts';

const [ending] = process.argv.slice(2);

await runToEnd('fixture', async (processes) => {
  const child = processes.start(['sh', '-c', 'trap "" TERM; while :; do sleep 0.1; done']);
  processes.defer(async () => void (await child.stop(100)));
  process.stdout.write(`${child.pid}\n`);
  if (ending === 'return') return 7;
  if (ending === 'throw') throw new Error('something is missing');
  if (ending === 'uncaught') setTimeout(() => JSON.parse('{'), 0);
  return new Promise(() => {});
});
