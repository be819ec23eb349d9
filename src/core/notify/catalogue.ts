import { compileNotification, type NotificationTemplate } from './template.ts';
import type { TriggerCondition } from './triggers.ts';

/**
 * Triggers and templates that work without being defined in the ConfigMap, which can replace each of them. The names are
 * Argo Rollouts' own, so that a ConfigMap written for it means the same here; the wording is ours.
 */

/** Go templates. */
interface Wording {
  readonly template: string;
  /** What happened, in a few words. */
  readonly title: string;
  /** What follows it where only text can be shown. */
  readonly rest: string;
}

const ROLLOUT = 'Rollout {{.rollout.metadata.name}} (namespace {{.rollout.metadata.namespace}})';
const STEP = '{{with .linnet.step}}, step {{.number}}/{{.total}} ({{.text}}){{end}}';
const WHERE = `: revision {{.linnet.revision}}${STEP}`;
const WHY =
  ': {{with .linnet.failure}}metric {{.metric}} {{if .value}}measured {{.value}}{{else}}could not be judged{{end}}' +
  '{{if .condition}}, which {{.relation}} {{.condition}}{{end}}{{with .message}} ({{.}}){{end}}{{else}}{{.linnet.message}}{{end}}';
const LOOK = '{{with .linnet.commands}}. Look further: {{join "; " .}}{{end}}';

const CATALOGUE: Readonly<Record<string, Wording>> = {
  'on-rollout-aborted': {
    template: 'rollout-aborted',
    title: `${ROLLOUT} aborted`,
    rest: `${WHERE}${WHY}${LOOK}`,
  },
  'on-rollout-completed': {
    template: 'rollout-completed',
    title: `${ROLLOUT} completed`,
    rest: ': all traffic is on revision {{.linnet.revision}}',
  },
  'on-rollout-paused': {
    template: 'rollout-paused',
    title: `${ROLLOUT} paused`,
    rest: `${WHERE}: {{.linnet.message}}${LOOK}`,
  },
  'on-progress-deadline-exceeded': {
    template: 'progress-deadline-exceeded',
    title: `${ROLLOUT} makes no progress`,
    rest: `${WHERE}: {{.linnet.message}}${LOOK}`,
  },
  'on-rollout-step-completed': {
    template: 'rollout-step-completed',
    title: `${ROLLOUT} completed a step`,
    rest: ': revision {{.linnet.revision}}: {{.linnet.message}}',
  },
  'on-rollout-updated': {
    template: 'rollout-updated',
    title: `${ROLLOUT} has a new version`,
    rest: ': revision {{.linnet.revision}}',
  },
  'on-scaling-replica-set': {
    template: 'scaling-replicaset',
    title: `${ROLLOUT} scales`,
    rest: ': {{.linnet.message}}',
  },
  'on-analysis-run-running': {
    template: 'analysis-run-running',
    title: `${ROLLOUT}: the analysis has begun`,
    rest: ': revision {{.linnet.revision}}',
  },
  'on-analysis-run-failed': {
    template: 'analysis-run-failed',
    title: `${ROLLOUT}: the analysis failed`,
    rest: `: revision {{.linnet.revision}}${WHY}${LOOK}`,
  },
  'on-analysis-run-error': {
    template: 'analysis-run-error',
    title: `${ROLLOUT}: the analysis ended with an error`,
    rest: `: revision {{.linnet.revision}}${WHY}${LOOK}`,
  },
};

/** Triggers by name. */
export const BUNDLED_TRIGGERS: ReadonlyMap<string, readonly TriggerCondition[]> = new Map(
  Object.entries(CATALOGUE).map(([trigger, { template }]) => [
    trigger,
    [{ when: undefined, oncePer: undefined, send: [template] }],
  ]),
);

/** Templates by name. */
export const BUNDLED_TEMPLATES: ReadonlyMap<string, NotificationTemplate> = new Map(
  Object.values(CATALOGUE).map(({ template, title, rest }) => [
    template,
    compileNotification(template, { message: `${title}${rest}`, slack: { blocks: slackBlocks(title) } }),
  ]),
);

/** The title in bold, the facts in two columns, and commands to copy. */
function slackBlocks(title: string): string {
  const section = (content: string) => `{"type":"section",${content}}`;
  const markdown = (text: string) => `{"type":"mrkdwn","text":"${text}"}`;
  const facts = `{{range $i, $fact := .}}{{if $i}},{{end}}${markdown('*{{slackText $fact.title}}*\\n{{slackText $fact.value}}')}{{end}}`;
  const commands = '{{range $i, $command := .}}{{if $i}}\\n{{end}}{{slackText $command}}{{end}}';
  return [
    `[${section(`"text":${markdown(`*${title}*`)}`)}`,
    `{{with .linnet.facts}},${section(`"fields":[${facts}]`)}{{end}}`,
    `{{with .linnet.commands}},${section(`"text":${markdown(`Look further:\\n\`\`\`${commands}\`\`\``)}`)}{{end}}]`,
  ].join('');
}
