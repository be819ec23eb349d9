import type { Json, JsonObject } from '../../../src/simulator/patch/json.ts';

/** One request of a case, in the order in which they are sent. */
export interface FidelityStep {
  readonly type: 'json' | 'merge' | 'strategic' | 'apply';
  readonly manager: string;
  readonly force?: boolean;
  readonly body: Json;
}

/**
 * A behaviour of the API server, as data: an object of a built-in kind is created, requests follow, and the last answer
 * is looked at. The cases say nothing about defaults, so that they hold on a real server as well as on the pure libraries.
 */
export interface FidelityCase {
  readonly name: string;
  readonly kind: 'ConfigMap' | 'Deployment' | 'Service';
  /** Created by the manager `creator`; absent when the first step is an apply that creates it. */
  readonly before?: JsonObject;
  readonly steps: readonly FidelityStep[];
  readonly expect:
    | {
        readonly status: 200;
        /** Values at paths of the answer; null where there must be nothing. */
        readonly values: readonly (readonly [path: readonly string[], value: Json])[];
      }
    | { readonly status: 400 | 409 | 422 | 500; readonly message: string };
}

const configMap = (data: JsonObject, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'fidelity', ...metadata },
  data,
});

const service = (ports: readonly JsonObject[]): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'fidelity' },
  spec: { selector: { app: 'a' }, ports },
});

const deployment = (containers: readonly JsonObject[], spec: JsonObject = {}): JsonObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'fidelity' },
  spec: {
    selector: { matchLabels: { app: 'a' } },
    template: { metadata: { labels: { app: 'a' } }, spec: { containers } },
    ...spec,
  },
});

const step = (type: FidelityStep['type'], body: Json, options: Partial<FidelityStep> = {}): FidelityStep => ({
  type,
  manager: 'tester',
  body,
  ...options,
});

const REJECTED = 'the server rejected our request due to an error in our request';
const CONTAINERS = ['spec', 'template', 'spec', 'containers'];
const pod = (spec: JsonObject): JsonObject => ({ spec: { template: { spec } } });

export const FIDELITY_CASES: readonly FidelityCase[] = [
  {
    name: 'JSON patch: a failed test changes nothing',
    kind: 'ConfigMap',
    before: configMap({ a: '1' }),
    steps: [
      step('json', [
        { op: 'test', path: '/data/a', value: '2' },
        { op: 'remove', path: '/data/a' },
      ]),
    ],
    expect: { status: 422, message: REJECTED },
  },
  {
    name: 'JSON patch: replace of an absent member adds it',
    kind: 'ConfigMap',
    before: configMap({ a: '1' }),
    steps: [step('json', [{ op: 'replace', path: '/data/b', value: '2' }])],
    expect: { status: 200, values: [[['data', 'b'], '2']] },
  },
  {
    name: 'JSON patch: remove of an absent member is refused',
    kind: 'ConfigMap',
    before: configMap({ a: '1' }),
    steps: [step('json', [{ op: 'remove', path: '/data/b' }])],
    expect: { status: 422, message: REJECTED },
  },
  {
    name: 'JSON patch: a negative index counts from the end',
    kind: 'ConfigMap',
    before: configMap({}, { finalizers: ['x.io/a', 'x.io/b'] }),
    steps: [step('json', [{ op: 'remove', path: '/metadata/finalizers/-1' }])],
    expect: { status: 200, values: [[['metadata', 'finalizers'], ['x.io/a']]] },
  },
  {
    name: 'merge patch: null removes, the rest stays',
    kind: 'ConfigMap',
    before: configMap({ a: '1', b: '2' }),
    steps: [step('merge', { data: { a: null, c: '3' } })],
    expect: { status: 200, values: [[['data'], { b: '2', c: '3' }]] },
  },
  {
    name: 'merge patch: a list is replaced',
    kind: 'ConfigMap',
    before: configMap({}, { finalizers: ['x.io/a'] }),
    steps: [step('merge', { metadata: { finalizers: ['x.io/b'] } })],
    expect: { status: 200, values: [[['metadata', 'finalizers'], ['x.io/b']]] },
  },
  {
    name: 'strategic merge: finalizers are a set',
    kind: 'ConfigMap',
    before: configMap({}, { finalizers: ['x.io/a'] }),
    steps: [step('strategic', { metadata: { finalizers: ['x.io/b'] } })],
    expect: {
      status: 200,
      values: [
        [
          ['metadata', 'finalizers'],
          ['x.io/b', 'x.io/a'],
        ],
      ],
    },
  },
  {
    name: 'strategic merge: a container is found by name, a new one comes first',
    kind: 'Deployment',
    before: deployment([{ name: 'a', image: 'a:1' }]),
    steps: [
      step(
        'strategic',
        pod({
          containers: [
            { name: 'a', image: 'a:2' },
            { name: 'b', image: 'b:1' },
          ],
        }),
      ),
    ],
    expect: {
      status: 200,
      values: [
        [[...CONTAINERS, '0', 'image'], 'a:2'],
        [[...CONTAINERS, '1', 'name'], 'b'],
      ],
    },
  },
  {
    name: 'strategic merge: $patch: delete removes a container',
    kind: 'Deployment',
    before: deployment([
      { name: 'a', image: 'a:1' },
      { name: 'b', image: 'b:1' },
    ]),
    steps: [step('strategic', pod({ containers: [{ name: 'a', $patch: 'delete' }] }))],
    expect: {
      status: 200,
      values: [
        [[...CONTAINERS, '0', 'name'], 'b'],
        [[...CONTAINERS, '1'], null],
      ],
    },
  },
  {
    name: 'strategic merge: a container without a name',
    kind: 'Deployment',
    before: deployment([{ name: 'a', image: 'a:1' }]),
    steps: [step('strategic', pod({ containers: [{ image: 'a:2' }] }))],
    expect: { status: 500, message: 'does not contain declared merge key: name' },
  },
  {
    name: 'strategic merge: ports of a Service merge by port',
    kind: 'Service',
    before: service([{ name: 'http', port: 80, targetPort: 8080 }]),
    steps: [step('strategic', { spec: { ports: [{ port: 80, targetPort: 9090 }] } })],
    expect: {
      status: 200,
      values: [
        [['spec', 'ports', '0', 'name'], 'http'],
        [['spec', 'ports', '0', 'targetPort'], 9090],
        [['spec', 'ports', '1'], null],
      ],
    },
  },
  {
    name: 'apply: what is no longer applied goes',
    kind: 'ConfigMap',
    steps: [step('apply', configMap({ a: '1', b: '2' })), step('apply', configMap({ b: '2' }))],
    expect: { status: 200, values: [[['data'], { b: '2' }]] },
  },
  {
    name: 'apply: what others wrote stays',
    kind: 'ConfigMap',
    steps: [
      step('apply', configMap({ a: '1' })),
      step('merge', { data: { c: '3' } }, { manager: 'other' }),
      step('apply', configMap({ b: '2' })),
    ],
    expect: { status: 200, values: [[['data'], { b: '2', c: '3' }]] },
  },
  {
    name: 'apply: a field of another applier conflicts',
    kind: 'ConfigMap',
    steps: [step('apply', configMap({ a: '1' }), { manager: 'other' }), step('apply', configMap({ a: '2' }))],
    expect: { status: 409, message: 'Apply failed with 1 conflict: conflict with "other": .data.a' },
  },
  {
    name: 'apply: a field of an updater conflicts and names the version',
    kind: 'Deployment',
    before: deployment([{ name: 'a', image: 'a:1' }], { replicas: 3 }),
    steps: [step('apply', deployment([{ name: 'a', image: 'a:1' }], { replicas: 4 }))],
    expect: { status: 409, message: 'Apply failed with 1 conflict: conflict with "creator" using apps/v1' },
  },
  {
    name: 'apply: the same value is shared, and stays until both let go',
    kind: 'ConfigMap',
    steps: [
      step('apply', configMap({ a: '1', b: '1' }), { manager: 'other' }),
      step('apply', configMap({ a: '1' })),
      step('apply', configMap({ b: '1' }), { manager: 'other' }),
    ],
    expect: { status: 200, values: [[['data'], { a: '1', b: '1' }]] },
  },
  {
    name: 'apply: force takes over, and the other no longer removes',
    kind: 'ConfigMap',
    steps: [
      step('apply', configMap({ a: '1', b: '1' }), { manager: 'other' }),
      step('apply', configMap({ a: '2' }), { force: true }),
      step('apply', configMap({ b: '1' }), { manager: 'other' }),
    ],
    expect: { status: 200, values: [[['data'], { a: '2', b: '1' }]] },
  },
  {
    name: 'apply: an update takes a field over from its applier',
    kind: 'ConfigMap',
    steps: [
      step('apply', configMap({ a: '1' })),
      step('merge', { data: { a: '2' } }, { manager: 'other' }),
      step('apply', configMap({ a: '3' })),
    ],
    expect: { status: 409, message: 'conflict with "other" using v1' },
  },
];
