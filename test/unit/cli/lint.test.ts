import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lintTexts } from '../../../src/cli/commands/lint.ts';
import { formatFinding } from '../../../src/cli/lint/finding.ts';

const lint = (...texts: readonly string[]) =>
  lintTexts(texts.map((text, index) => ({ file: `${index}.yaml`, text })))
    .findings.map(formatFinding)
    .join('');

const ROLLOUT = `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata:
  name: web
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - { name: web, image: web:1 }
  strategy:
    canary:
      canaryService: web-canary
      stableService: web-stable
      trafficRouting:
        nginx: { stableIngress: web }
      analysis:
        templates: [{ templateName: success }]
      steps:
        - setWeight: 20
        - pause: {}
`;
const service = (name: string, app = 'web') => `
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${app} }, ports: [{ port: 80 }] }
`;
const ingress = (backend: string) => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  rules:
    - http:
        paths:
          - { path: /, pathType: Prefix, backend: { service: { name: ${backend}, port: { number: 80 } } } }
`;
const template = (condition: string, args = '') => `
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata: { name: success }
spec:
  ${args}
  metrics:
    - name: rate
      interval: 1m
      successCondition: ${JSON.stringify(condition)}
      provider: { prometheus: { query: up } }
`;

describe('lint', () => {
  it('has nothing to say about what is right', () => {
    const texts = [
      ROLLOUT,
      service('web-canary'),
      service('web-stable'),
      ingress('web-stable'),
      template('result[0] > 0'),
    ];
    expect(lint(texts.join('---\n'))).toBe('');
    expect(lint(...texts)).toBe('');
  });

  it('points at a misspelt field in the right document', () => {
    const text = `${service('web-canary')}---\n${ROLLOUT.replace('      steps:', '      stepz:')}`;
    expect(lint(text)).toBe(
      '0.yaml:26:7: error: Rollout/web spec.strategy.canary.stepz: unknown field; did you mean steps?\n',
    );
  });

  it('reports every problem, each at its place', () => {
    const text = ROLLOUT.replace('setWeight: 20', 'setWeight: "20"').replace(
      '  name: web\n',
      '  name: web\n  labels: { a: 1 }\n',
    );
    const lines = lint(text).trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(
      /^0\.yaml:5:13: error: Rollout\/web metadata\.labels\.a: must be a string, not 1; quote it$/,
    );
    expect(lines[1]).toMatch(
      /^0\.yaml:22:11: error: .*steps\[0\]\.setWeight: must be a .*number, not "20"; remove the quotes$/,
    );
  });

  it('shows an expression error with position and caret', () => {
    expect(lint(template('result[0] >= '))).toMatch(
      /^0\.yaml:10:7: error: AnalysisTemplate\/success spec\.metrics\[0\]\.successCondition: .*\(1:\d+\)\n \| result\[0\] >= ?\n \| \.+\^\n$/,
    );
    expect(lint(template('result[0] >= {{args.limit}}', 'args: [{ name: limit, value: "1" }]'))).toBe('');
  });

  it('says which name may be meant when a reference is nearly right', () => {
    expect(lint(`${ROLLOUT}---${service('web-canari')}---${service('web-stable')}`)).toContain(
      'spec.strategy.canary.canaryService: there is no Service "web-canary" in the input; did you mean "web-canari"?',
    );
  });

  it('compares Services and Ingresses with the Rollout that names them', () => {
    const text = [ROLLOUT, service('web-canary', 'api'), service('web-stable'), ingress('other')].join('---\n');
    const found = lint(text);
    expect(found).toContain(
      'canaryService: Service "web-canary" selects app=api, which pods of this Rollout do not carry',
    );
    expect(found).toContain(
      'stableIngress: Ingress "web" has no rules using service web-stable backend: its rules use other',
    );
  });

  it('ignores objects of other namespaces', () => {
    const elsewhere = service('web-canary', 'api').replace(
      '{ name: web-canary }',
      '{ name: web-canary, namespace: b }',
    );
    expect(lint(ROLLOUT.replace('  name: web\n', '  name: web\n  namespace: a\n'), elsewhere)).toBe('');
  });

  it('finds an argument that nobody gives', () => {
    expect(lint(`${ROLLOUT}---${template('result[0] > 0', 'args: [{ name: host }]')}`)).toMatch(
      /spec\.strategy\.canary\.analysis: .*host/,
    );
  });

  it('reports broken YAML with its place, and goes on with the other documents', () => {
    const found = lint(`a: [1\n---\n${ROLLOUT.replace('setWeight', 'setWieght')}`);
    expect(found).toMatch(/^0\.yaml:2:1: error: /);
    expect(found).toContain('setWieght: unknown field; did you mean setWeight?');
  });

  it('reports a key that stands twice', () => {
    expect(lint('apiVersion: v1\nkind: Service\nkind: Rollout\nmetadata: {}\n')).toMatch(
      /^0\.yaml:3:1: error: Map keys must be unique/,
    );
  });

  it('reads YAML as the API server does', () => {
    const text = ROLLOUT.replace('  strategy:', '  paused: on\n  restartAt: 2026-01-31T08:00:00Z\n  strategy:');
    expect(lint(text)).toBe('');
  });

  it('looks into a List', () => {
    const items = ROLLOUT.replace('setWeight', 'setWieght').replaceAll(/^/gm, '    ').trimEnd().replace('   ', '  -');
    expect(lint(`apiVersion: v1\nkind: List\nitems:\n${items}\n`)).toMatch(
      /^0\.yaml:24:15: error: Rollout\/web .*steps\[0\]\.setWieght: unknown field; did you mean setWeight/,
    );
  });

  it('names a kind that is nearly one of ours, and passes over foreign ones', () => {
    expect(lint('apiVersion: argoproj.io/v1alpha1\nkind: Rolout\nmetadata: { name: a }\n')).toContain(
      'did you mean Rollout?',
    );
    expect(lint('apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: { name: a }\n')).toBe('');
    expect(lint('just text\n')).toContain('is no object');
  });

  it.each(readdirSync('examples'))('finds no problem in examples/%s', (folder) => {
    const texts = readdirSync(join('examples', folder))
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => ({ file: name, text: readFileSync(join('examples', folder, name), 'utf8') }));
    expect(lintTexts(texts).findings).toEqual([]);
  });
});
