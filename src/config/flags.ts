/** The controller's command line: Argo Rollouts' flags where they mean the same here, ours beside them. */

type FlagType = 'boolean' | 'integer' | 'string' | 'duration';

interface FlagDefinition {
  readonly name: string;
  /** Names that mean the same, from older versions of Argo Rollouts. */
  readonly aliases?: readonly string[];
  readonly type: FlagType;
  readonly fallback: string;
  readonly help: string;
}

/** Order is the order of `--help`. Defaults are Argo Rollouts' (section 7.3 of its reference) unless the help says why not. */
const FLAGS = [
  {
    name: 'kubeconfig',
    type: 'string',
    fallback: '',
    help: 'kubeconfig file; default: $KUBECONFIG, then in-cluster, then ~/.kube/config',
  },
  { name: 'context', type: 'string', fallback: '', help: 'context of the kubeconfig to use' },
  {
    name: 'namespace',
    type: 'string',
    fallback: '',
    help: "namespace to watch with --namespaced; default: $POD_NAMESPACE, then the context's",
  },
  {
    name: 'namespaced',
    type: 'boolean',
    fallback: 'false',
    help: 'watch one namespace only; needs no cluster-wide permission',
  },
  {
    name: 'instance-id',
    type: 'string',
    fallback: '',
    help: 'act only on objects labelled argo-rollouts.argoproj.io/controller-instance-id=<id>',
  },
  { name: 'leader-elect', type: 'boolean', fallback: 'true', help: 'take a Lease before acting' },
  {
    name: 'leader-election-namespace',
    type: 'string',
    fallback: '',
    help: 'namespace of the Lease; default: $POD_NAMESPACE, then argo-rollouts',
  },
  {
    name: 'leader-election-lease-duration',
    type: 'duration',
    fallback: '15s',
    help: 'how long a silent leader keeps the Lease',
  },
  {
    name: 'leader-election-renew-deadline',
    type: 'duration',
    fallback: '10s',
    help: 'how long the leader tries to renew before it stops',
  },
  { name: 'leader-election-retry-period', type: 'duration', fallback: '2s', help: 'time between tries' },
  {
    name: 'metricsPort',
    aliases: ['metricsport'],
    type: 'integer',
    fallback: '8090',
    help: 'port of /metrics; 0 picks a free one',
  },
  {
    name: 'healthzPort',
    aliases: ['healthzport'],
    type: 'integer',
    fallback: '8080',
    help: 'port of /healthz and /readyz; 0 picks a free one',
  },
  { name: 'bind-address', type: 'string', fallback: '0.0.0.0', help: 'address that both ports listen on' },
  { name: 'loglevel', type: 'string', fallback: 'info', help: 'debug, info, warn or error' },
  { name: 'logformat', type: 'string', fallback: 'json', help: 'json or text (Argo Rollouts defaults to text)' },
  {
    name: 'rollout-resync',
    type: 'integer',
    fallback: '900',
    help: 'seconds after which the caches are compared with the API server, for events that a watch lost; 0: never',
  },
  { name: 'rollout-threads', type: 'integer', fallback: '10', help: 'Rollouts worked on at once' },
  { name: 'analysis-threads', type: 'integer', fallback: '30', help: 'AnalysisRuns worked on at once' },
  { name: 'qps', type: 'integer', fallback: '40', help: 'requests a second to the API server, sustained' },
  { name: 'burst', type: 'integer', fallback: '80', help: 'requests to the API server at once' },
  {
    name: 'nginx-propagation',
    type: 'duration',
    fallback: '5s',
    help: 'how long nginx may still act on the previous weight after a write',
  },
  {
    name: 'egress-allow',
    type: 'string',
    fallback: '',
    help: 'addresses or CIDRs, comma separated, that metric and notification URLs may reach although the egress policy denies them',
  },
  { name: 'slack-api-url', type: 'string', fallback: 'https://slack.com/api', help: "base URL of Slack's Web API" },
] as const satisfies readonly FlagDefinition[];

export type FlagName = (typeof FLAGS)[number]['name'];

const NO_ROUTER_YET = 'its traffic router is not supported yet';

/** Flags of Argo Rollouts that start-up scripts may carry and that change nothing here. */
const ACCEPTED_WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  kloglevel: 'there is no klog here; use --loglevel',
  'experiment-threads': 'experiments are not supported yet',
  'service-threads': 'Services need no workers of their own',
  'ingress-threads': 'Ingresses need no workers of their own',
  'ephemeral-metadata-threads': 'ephemeral metadata is not supported yet',
  'ephemeral-metadata-update-pod-retries': 'ephemeral metadata is not supported yet',
  'ingress-api-version': 'networking.k8s.io/v1 is used',
  'nginx-ingress-classes': 'Ingresses are found by name, whatever their class',
  'alb-ingress-classes': NO_ROUTER_YET,
  'alb-tag-key-resource-id': NO_ROUTER_YET,
  'alb-verify-weight': NO_ROUTER_YET,
  'ambassador-api-version': NO_ROUTER_YET,
  'appmesh-crd-version': NO_ROUTER_YET,
  'aws-target-group-binding-api-version': NO_ROUTER_YET,
  'aws-verify-target-group': NO_ROUTER_YET,
  'istio-api-version': NO_ROUTER_YET,
  'traefik-api-group': NO_ROUTER_YET,
  'traefik-api-version': NO_ROUTER_YET,
  'traffic-split-api-version': NO_ROUTER_YET,
  'self-service-notification-enabled': 'notifications are configured in the namespace of the controller alone',
  'enable-pprof-address': 'there is no pprof here',
};

/** A command line that cannot be understood; the message says what to write instead. */
export class FlagError extends Error {
  override readonly name = 'FlagError';
}

export interface ParsedFlags {
  readonly values: Readonly<Record<FlagName, string>>;
  /** One line each, for the log. */
  readonly warnings: readonly string[];
  readonly help: boolean;
  readonly version: boolean;
}

/**
 * Reads `--name value`, `--name=value` and, for booleans, a bare `--name`, as Go's flag packages do.
 * @throws FlagError for an unknown flag, a missing value or a value of the wrong type.
 */
export function parseFlags(args: readonly string[]): ParsedFlags {
  const values: Record<string, string> = Object.fromEntries(FLAGS.map(({ name, fallback }) => [name, fallback]));
  const warnings: string[] = [];
  let help = false;
  let version = false;
  for (let index = 0; index < args.length; index += 1) {
    const [name, inline] = splitFlag(args[index] ?? '');
    if (name === 'help' || name === 'h') {
      help = true;
      continue;
    }
    if (name === 'version') {
      version = true;
      continue;
    }
    const definition = findFlag(name);
    if (definition === undefined) {
      warnings.push(`--${name} has no effect: ${ACCEPTED_WITHOUT_EFFECT[name]}`);
      // Whether it takes a value is not known here; a flag is none.
      if (inline === undefined && args[index + 1]?.startsWith('-') === false) index += 1;
      continue;
    }
    const value = inline ?? (definition.type === 'boolean' ? 'true' : args[(index += 1)]);
    if (value === undefined) throw new FlagError(`flag --${name} needs a value: ${definition.help}`);
    checkValue(definition, value);
    values[definition.name] = value;
  }
  return { values: values as Record<FlagName, string>, warnings, help, version };
}

function splitFlag(argument: string): [name: string, inline: string | undefined] {
  const match = /^--?([A-Za-z][A-Za-z0-9-]*)(?:=(.*))?$/s.exec(argument);
  if (match?.[1] === undefined) {
    throw new FlagError(`unexpected argument "${argument}": only flags are accepted; see --help`);
  }
  return [match[1], match[2]];
}

function findFlag(name: string): FlagDefinition | undefined {
  const flags: readonly FlagDefinition[] = FLAGS;
  const definition = flags.find((flag) => flag.name === name || flag.aliases?.includes(name));
  if (definition === undefined && !Object.hasOwn(ACCEPTED_WITHOUT_EFFECT, name)) {
    throw new FlagError(`unknown flag --${name}; see --help`);
  }
  return definition;
}

const VALUE_PATTERNS: Readonly<Record<FlagType, { readonly pattern: RegExp; readonly expected: string }>> = {
  boolean: { pattern: /^(true|false)$/, expected: 'true or false' },
  integer: { pattern: /^\d+$/, expected: 'a whole number' },
  string: { pattern: /^/, expected: 'text' },
  duration: { pattern: /^(\d+(\.\d+)?(ms|s|m|h))+$/, expected: 'a duration such as 10s or 1m30s' },
};

function checkValue({ name, type }: FlagDefinition, value: string): void {
  const { pattern, expected } = VALUE_PATTERNS[type];
  if (!pattern.test(value)) throw new FlagError(`invalid value "${value}" for flag --${name}: expected ${expected}`);
}

/** The text of `--help`. */
export function flagHelp(): string {
  const flags: readonly FlagDefinition[] = FLAGS;
  const width = Math.max(...flags.map(({ name }) => name.length)) + 2;
  const lines = flags.map(({ name, fallback, help }) => {
    const shown = fallback === '' ? '' : ` (default ${fallback})`;
    return `  --${name.padEnd(width)}${help}${shown}`;
  });
  return [
    'Usage: linnet-controller [flags]',
    '',
    'Progressive delivery for Kubernetes.',
    '',
    'Flags:',
    ...lines,
    `  --${'version'.padEnd(width)}print the version and exit`,
  ].join('\n');
}
