import { execFile } from 'node:child_process';
import { program } from './machine.ts';

/** Runs kubectl and gives what it prints. @throws Error with its standard error */
export function runKubectl(
  kubeconfig: string,
  args: readonly string[],
  input = '',
  kubectl = program('kubectl'),
): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, KUBECONFIG: kubeconfig };
    const child = execFile(kubectl, args, { env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`kubectl ${args.join(' ')}: ${stderr || error.message}`));
    });
    child.stdin?.end(input);
  });
}
