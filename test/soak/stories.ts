/** `npm run test:soak -- --stories`: every golden story, with every write of it the controller's last, on all cores. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { STORIES } from '../golden/scripts.ts';
import { crashStory, type Disturbed } from '../scenario/stories/crash-story.ts';

/** What a worker tells of one story. */
interface Report extends Disturbed {
  readonly story: string;
  readonly cpuSeconds: number;
}

/** Sets the exit code: 1 when a fault changed more than the time. */
export async function crashStories(workers: number, every: number, only: string | undefined): Promise<void> {
  const stories = Object.keys(STORIES).filter((story) => only === undefined || story === only);
  if (stories.length === 0) throw new Error(`there is no story ${only}`);
  const queue = [...stories];
  const reports: Report[] = [];
  const live = async (): Promise<void> => {
    const worker = fork(import.meta.filename, [String(every)]);
    const ended = once(worker, 'exit').then(() => Promise.reject(new Error('a worker ended in the middle of a story')));
    for (let story = queue.shift(); story !== undefined; story = queue.shift()) {
      reports.push(await Promise.race([ask(worker, story), ended]));
      print(`${String(reports.length).padStart(3)}/${stories.length}  ${lineOf(reports.at(-1)!)}`);
    }
    ended.catch(() => {});
    worker.kill();
  };
  await Promise.all(Array.from({ length: workers }, live));
  const sum = (of: (report: Report) => number): number => reports.reduce((total, report) => total + of(report), 0);
  const failed = sum(({ findings }) => findings.length);
  print(`\n${sum(({ writes }) => writes)} writes, ${sum(({ cpuSeconds }) => cpuSeconds / 60).toFixed(1)} CPU-minutes`);
  print(`${sum(({ plays }) => plays) - failed} faults changed nothing but time, ${failed} did`);
  process.exitCode = failed === 0 ? 0 : 1;
}

async function ask(worker: ChildProcess, story: string): Promise<Report> {
  worker.send(story);
  const [report] = (await once(worker, 'message')) as [Report];
  return report;
}

function lineOf({ story, writes, plays, findings, cpuSeconds }: Report): string {
  const found = findings.map(({ fault, text }) => `\n       ${fault.kind} after write ${fault.afterWrite}: ${text}`);
  return `${story}: ${writes} writes, ${plays} faults, ${findings.length} failed (${cpuSeconds.toFixed(0)} s)${found.join('')}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** In a process of its own: plays the stories that it is sent. */
function work(): void {
  process.on('message', (story: string) => {
    const before = process.cpuUsage();
    void crashStory(story, Number(process.argv[2])).then((disturbed) => {
      const { user, system } = process.cpuUsage(before);
      process.send?.({ story, cpuSeconds: (user + system) / 1_000_000, ...disturbed });
    });
  });
}

if (process.send !== undefined && process.argv[1] === import.meta.filename) work();
