import { Command } from 'commander';
import { CliError } from './cli-error.ts';
import type { Work } from './command-context.ts';
import { goDuration, requestTimeout, wholeNumber } from './flag-values.ts';
import type { PromoteMode } from './promotion.ts';

/** Hears what the command line asks for; run once it is read. */
export type Start = (work: Work) => void;

const OUTPUT = ['-o, --output <format>', 'json, yaml, name, wide or jsonpath=TEMPLATE instead of the view'] as const;
const WATCH = ['-w, --watch', 'go on showing changes until Ctrl-C'] as const;

/**
 * The commands, their flags and their help. Each is loaded when it runs, so that `version` and completion do not wait for
 * what they do not need.
 */
export function createProgram(start: Start): Command {
  const program = new Command('kubectl linnet')
    .description('Look at and steer Linnet rollouts (and those of Argo Rollouts).')
    .helpCommand(true)
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  addGlobalOptions(program);
  program.commandsGroup('Look:');
  addLookCommands(program, start);
  program.commandsGroup('Steer:');
  addSteerCommands(program, start);
  program.commandsGroup('Change:');
  addChangeCommands(program, start);
  program.commandsGroup('Other:');
  addOtherCommands(program, start);
  return program.addHelpText('after', '\nExit statuses, environment and more examples: docs/cli.md');
}

function addGlobalOptions(program: Command): void {
  program
    .option('-n, --namespace <name>', 'namespace; default: of the context')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--kubeconfig <file>', 'kubeconfig; default: $KUBECONFIG, then ~/.kube/config')
    .option('--request-timeout <duration>', 'longest wait for one answer, e.g. 30s', requestTimeout)
    .option('-v, --v <level>', 'say more: 1 the cluster, 6 every request', wholeNumber, 0)
    .option('--no-color', 'no colours; so does the variable NO_COLOR');
}

function addLookCommands(program: Command, start: Start): void {
  program
    .command('get')
    .argument('<type>', 'rollout (ro), or rollout/NAME')
    .argument('[name]', 'name; without one: all of the namespace, as list')
    .description('Show a rollout with its revisions, pods and analysis')
    .option(...WATCH)
    .option('--timeout-seconds <n>', 'stop watching after as many seconds; 0: never', wholeNumber, 0)
    .option('-A, --all-namespaces', 'without NAME: of all namespaces')
    .option(...OUTPUT)
    .addHelpText('after', examples('get rollout web', 'get rollout web -w', "get ro web -o jsonpath='{.status.phase}'"))
    .action((type: string, name: string | undefined, options) =>
      start(async (context) => {
        const { parseTypedNames } = await import('./names.ts');
        const names = parseTypedNames(name === undefined ? typeAlone(type) : typed(type, name), 'rollout');
        const [only] = names;
        if (only === undefined) {
          const { listRollouts } = await import('./commands/list-rollouts.ts');
          return listRollouts(context, options);
        }
        const { getRolloutCommand } = await import('./commands/get-rollout.ts');
        return getRolloutCommand(context, only, options);
      }),
    );
  program
    .command('list')
    .argument('<type>', 'rollouts (ro)')
    .description('List rollouts, one on a line')
    .option('-A, --all-namespaces', 'of all namespaces')
    .option(...WATCH)
    .option('--timestamps', 'begin each line with the time')
    .option('--name <name>', 'only the rollout of this name')
    .option(...OUTPUT)
    .addHelpText('after', examples('list rollouts', 'list rollouts -A -w --timestamps', 'list rollouts -o wide'))
    .action((type: string, options) =>
      start(async (context) => {
        const { parseTypedNames } = await import('./names.ts');
        if (parseTypedNames([type], 'rollout').length > 0) throw unknownType(type);
        const { listRollouts } = await import('./commands/list-rollouts.ts');
        return listRollouts(context, options);
      }),
    );
  program
    .command('status')
    .argument('<name>', 'name of the rollout')
    .description('Say how a rollout stands, and wait until it is Healthy or Degraded')
    .option('-w, --watch', 'wait; -w=false looks once', true)
    .option('--no-watch', 'look once')
    .option('-t, --timeout <duration>', 'longest wait, e.g. 10m; 0: for ever', goDuration, 0)
    .option('--until <what>', 'wait for healthy, paused or step=N instead')
    .addHelpText('after', examples('status web', 'status web --timeout 10m', 'status web --until paused -t 5m'))
    .addHelpText(
      'after',
      `
Exit statuses: 0 Healthy, or what --until asks for; 1 Degraded or another error, and the timeout without --until;
2 the timeout with --until; 3 the update is over (or, with -w=false, stands otherwise) without what --until asks for.`,
    )
    .action((name: string, options) =>
      start(async (context) => {
        const { status } = await import('./commands/status.ts');
        return status(context, name, options);
      }),
    );
  program
    .command('explain')
    .argument('<name>', 'name of the rollout')
    .description('Say why a rollout waits, and what its analysis measured')
    .addHelpText('after', examples('explain web'))
    .action((name: string) =>
      start(async (context) => {
        const { explain } = await import('./commands/explain.ts');
        return explain(context, name);
      }),
    );
}

function addSteerCommands(program: Command, start: Start): void {
  program
    .command('promote')
    .argument('<name>', 'name of the rollout')
    .description('Let a paused update go on, or leave the running step')
    .option('--full', 'skip all steps, pauses and analysis')
    .option('-c, --skip-current-step', 'leave the step under way, paused or not')
    .option('-a, --skip-all-steps', 'go to the end of the steps; analysis still counts')
    .addHelpText('after', examples('promote web', 'promote web --full'))
    .action((name: string, options: PromoteFlags) =>
      start(async (context) => {
        const { promote } = await import('./commands/promote.ts');
        return promote(context, name, promoteMode(options));
      }),
    );
  program
    .command('abort')
    .argument('<name...>', 'names of rollouts')
    .description('Take updates back: all traffic to the stable version')
    .addHelpText('after', examples('abort web'))
    .action((names: string[]) =>
      start(async (context) => {
        const { abort } = await import('./commands/abort.ts');
        return abort(context, names);
      }),
    );
  program
    .command('retry')
    .argument('<type-and-names...>', 'rollout NAME…')
    .description('Try aborted updates again, from the first step')
    .addHelpText('after', examples('retry rollout web'))
    .action((words: string[]) =>
      start(async (context) => {
        const { retry } = await import('./commands/retry.ts');
        return retry(context, words);
      }),
    );
  program
    .command('pause')
    .argument('<name...>', 'names of rollouts')
    .description('Hold updates where they are, until promoted')
    .addHelpText('after', examples('pause web'))
    .action((names: string[]) =>
      start(async (context) => {
        const { pause } = await import('./commands/pause.ts');
        return pause(context, names);
      }),
    );
  program
    .command('terminate')
    .argument('<type-and-names...>', 'analysisrun NAME…')
    .description('End analysis runs; what they measured so far decides')
    .addHelpText('after', examples('terminate analysisrun web-5f8d-2'))
    .action((words: string[]) =>
      start(async (context) => {
        const { terminate } = await import('./commands/terminate.ts');
        return terminate(context, words);
      }),
    );
}

function addChangeCommands(program: Command, start: Start): void {
  program
    .command('undo')
    .argument('<name>', 'name of the rollout')
    .description('Go back to an earlier revision')
    .option('--to-revision <n>', 'revision to go back to; 0: the previous one', wholeNumber, 0)
    .addHelpText('after', examples('undo web', 'undo web --to-revision 3'))
    .action((name: string, { toRevision }: { toRevision: number }) =>
      start(async (context) => {
        const { undo } = await import('./commands/undo.ts');
        return undo(context, name, toRevision);
      }),
    );
  program
    .command('restart')
    .argument('<name...>', 'names of rollouts')
    .description('Replace all pods, a few at a time')
    .option('-i, --in <duration>', 'after this time, e.g. 10m', goDuration, 0)
    .addHelpText('after', examples('restart web', 'restart web --in 10m'))
    .action((names: string[], options: { in: number }) =>
      start(async (context) => {
        const { restart } = await import('./commands/restart.ts');
        return restart(context, names, options.in);
      }),
    );
  program
    .command('set')
    .description('Change a rollout')
    .command('image')
    .argument('<name>', 'name of the rollout')
    .argument('<container=image...>', 'container and its new image; * stands for all containers')
    .description('Change images, which starts an update')
    .addHelpText('after', examples('set image web app=registry.example.com/web:1.2', "set image web '*=web:1.2'"))
    .action((name: string, images: string[]) =>
      start(async (context) => {
        const { setImage } = await import('./commands/set-image.ts');
        return setImage(context, name, images);
      }),
    );
}

function addOtherCommands(program: Command, start: Start): void {
  program
    .command('lint')
    .description('Find what is wrong with manifests, without a cluster')
    .requiredOption('-f, --filename <file>', 'file or directory, - for standard input; may be repeated', appended, [])
    .option('-o, --output <format>', 'json for programs')
    .addHelpText('after', examples('lint -f rollout.yaml', 'kustomize build . | kubectl linnet lint -f -'))
    .action(({ filename, output }: { filename: string[]; output?: string }) =>
      start(async (context) => {
        const { lint } = await import('./commands/lint.ts');
        return lint(context, filename, output);
      }),
    );
  program
    .command('version')
    .description('Print the version')
    .option('--short', 'only the version')
    .option('-o, --output <format>', 'json or yaml')
    .action((options) =>
      start(async (context) => {
        const { version } = await import('./commands/version.ts');
        return version(context, options);
      }),
    );
  program
    .command('completion')
    .argument('<shell>', 'bash, zsh, fish or powershell')
    .description('Print the completion script of a shell')
    .addHelpText('after', examples('completion bash', 'completion kubectl > kubectl_complete-linnet'))
    .action((shell: string) =>
      start(async (context) => {
        const { completion } = await import('./commands/completion.ts');
        return completion(context, shell);
      }),
    );
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .helpOption(false)
    .action((words: string[]) =>
      start(async (context) => {
        const { complete } = await import('./commands/complete.ts');
        return complete(context, words, program);
      }),
    );
}

interface PromoteFlags {
  readonly full?: boolean;
  readonly skipCurrentStep?: boolean;
  readonly skipAllSteps?: boolean;
}

function promoteMode({ full, skipCurrentStep, skipAllSteps }: PromoteFlags): PromoteMode {
  const wanted: readonly (PromoteMode | undefined)[] = [
    full === true ? 'full' : undefined,
    skipCurrentStep === true ? 'skip-current-step' : undefined,
    skipAllSteps === true ? 'skip-all-steps' : undefined,
  ];
  const [mode = 'next', other] = wanted.filter((one) => one !== undefined);
  if (other !== undefined) throw new CliError(`--${mode} and --${other} exclude each other`);
  return mode;
}

function appended(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function typeAlone(type: string): readonly string[] {
  return [type];
}

function typed(type: string, name: string): readonly string[] {
  if (type.includes('/')) throw new CliError(`"${type}" and "${name}": one rollout at a time`);
  return [type, name];
}

function unknownType(type: string): CliError {
  return new CliError(`there is no list of "${type}"`, { hint: 'kubectl linnet list rollouts' });
}

function examples(...commands: readonly string[]): string {
  const lines = commands.map((command) => (command.startsWith('kustomize') ? command : `kubectl linnet ${command}`));
  return `\nExamples:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}
