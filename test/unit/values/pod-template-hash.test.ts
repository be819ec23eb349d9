import { describe, expect, test } from 'vitest';
import { legacyPodTemplateHash, podTemplateHash, stepHash } from '../../../src/core/values/pod-template-hash.ts';
import vectors from './fixtures/pod-template-hashes.json' with { type: 'json' };

function upstreamTemplate(name: string, extra: object = {}): object {
  return {
    metadata: { labels: { app: name } },
    spec: {
      containers: [
        {
          name,
          image: 'nginx:1.19-alpine',
          ports: [{ name: 'http', containerPort: 80, protocol: 'TCP' }],
          resources: { requests: { cpu: '5m', memory: '16Mi' } },
        },
      ],
      ...extra,
    },
  };
}

describe('the hashes that the end-to-end tests of Argo Rollouts pin', () => {
  const readinessGates = [{ conditionType: 'argoproj.io/e2e-readiness' }];

  test('1.9', () => {
    expect(podTemplateHash(upstreamTemplate('canary-scaledowndelay'))).toBe('674d8cf959');
    expect(podTemplateHash(upstreamTemplate('dynamic-stable-scale', { readinessGates }))).toBe('6b56c8cdb4');
  });

  test('up to 1.8', () => {
    expect(legacyPodTemplateHash(upstreamTemplate('canary-scaledowndelay'))).toBe('66597877b7');
    expect(legacyPodTemplateHash(upstreamTemplate('dynamic-stable-scale', { readinessGates }))).toBe('868d98995b');
  });

  test('steps', () => {
    expect(stepHash(undefined)).toBe('5ffbfbbd64');
    expect(stepHash([{ pause: {} }])).toBe('6b9b86fbd5');
    expect(stepHash([{ pause: {} }, { pause: {} }])).toBe('79c9b9f6bf');
  });
});

/** Random templates over every field, hashed by Go programs linked with k8s.io/api 0.34 and 0.32. */
test.each(vectors.map((vector, index) => ({ index, ...vector })))(
  'agrees with Go on random template $index',
  (vector) => {
    expect(podTemplateHash(vector.template)).toBe(vector.hash);
    expect(podTemplateHash(vector.template, 3)).toBe(vector.withCollisionCount3);
    expect(legacyPodTemplateHash(vector.template)).toBe(vector.legacy);
    expect(legacyPodTemplateHash(vector.template, 3)).toBe(vector.legacyWithCollisionCount3);
  },
);

test('how a quantity is written and what Kubernetes does not know make no difference', () => {
  const template = (resources: object): object => ({ spec: { containers: [{ name: 'a', resources }] } });
  expect(podTemplateHash(template({ limits: { cpu: '1000m' } }))).toBe(
    podTemplateHash(template({ limits: { cpu: 1 } })),
  );
  expect(podTemplateHash({ ...upstreamTemplate('a'), unknown: 1 })).toBe(podTemplateHash(upstreamTemplate('a')));
});

test('a step with one of our own fields hashes differently, so that adding it restarts the steps', () => {
  expect(stepHash([{ pause: { untilVerified: true } }])).not.toBe(stepHash([{ pause: {} }]));
});

test('a template that Kubernetes could not read names the field', () => {
  const template = { spec: { containers: [{ name: 'a', ports: [{ containerPort: 'http' }] }] } };
  expect(() => podTemplateHash(template)).toThrow(
    'spec.containers[0].ports[0].containerPort: want an integer, got "http"',
  );
  const badQuantity = { spec: { containers: [{ name: 'a', resources: { limits: { cpu: 'much' } } }] } };
  expect(() => podTemplateHash(badQuantity)).toThrow(
    'spec.containers[0].resources.limits.cpu: invalid quantity "much"',
  );
});
