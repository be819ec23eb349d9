import { describe, expect, it } from 'vitest';
import type { PodTemplateSpec } from '../../../src/api/core-types.ts';
import { imagePatch, parseImageChange } from '../../../src/cli/image-patch.ts';
import { parseName, parseTypedNames } from '../../../src/cli/names.ts';
import { writtenTemplate } from '../../../src/cli/undo-template.ts';
import { replicaSet } from './fixtures.ts';

const HASH_TERM = {
  labelSelector: { matchExpressions: [{ key: 'rollouts-pod-template-hash', operator: 'In', values: ['old'] }] },
  topologyKey: 'kubernetes.io/hostname',
};
const OWN_TERM = { labelSelector: { matchLabels: { app: 'db' } }, topologyKey: 'zone' };

describe('undo: the template that a user wrote', () => {
  const written = (template: object, annotations: object = {}) =>
    writtenTemplate(replicaSet('old', 1, 1, { template, annotations }));
  const containers = [{ name: 'web', image: 'web:1' }];

  it('has no hash label', () => {
    const labels = { app: 'web', 'rollouts-pod-template-hash': 'old' };
    expect(written({ metadata: { labels }, spec: { containers } })).toEqual({
      metadata: { labels: { app: 'web' } },
      spec: { containers },
    });
  });

  it('has no metadata that pods carry only while they are stable or canary', () => {
    const template = written(
      {
        metadata: { labels: { app: 'web', role: 'stable', tier: 'a' }, annotations: { note: 'x' } },
        spec: { containers },
      },
      {
        'rollout.argoproj.io/ephemeral-metadata': JSON.stringify({
          // What the user wrote over it, or did not get, stays.
          labels: { role: 'stable', tier: 'b' },
          annotations: { note: 'x' },
        }),
      },
    );
    expect(template.metadata).toEqual({ labels: { app: 'web', tier: 'a' } });
  });

  it('has no anti-affinity against the other version, and keeps the user’s own', () => {
    const podAntiAffinity = {
      requiredDuringSchedulingIgnoredDuringExecution: [OWN_TERM, HASH_TERM],
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: HASH_TERM }],
    };
    const spec = { containers, affinity: { podAntiAffinity } };
    expect(written({ spec }).spec).toEqual({
      containers,
      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [OWN_TERM] } },
    });
    const only = { requiredDuringSchedulingIgnoredDuringExecution: [HASH_TERM] };
    expect(written({ spec: { containers, affinity: { podAntiAffinity: only } } }).spec).toEqual({ containers });
  });
});

describe('set image', () => {
  const template = {
    spec: {
      containers: [
        { name: 'web', image: 'web:1' },
        { name: 'side', image: 'side:1' },
      ],
      initContainers: [{ name: 'init', image: 'init:1' }],
    },
  } as PodTemplateSpec;
  const images = (...texts: string[]) =>
    imagePatch(template, texts.map(parseImageChange)).filter((step) => (step as { op: string }).op === 'add');

  it('changes one container, and an init container by its name', () => {
    expect(images('side=side:2', 'init=init:2')).toEqual([
      { op: 'add', path: '/spec/template/spec/containers/1/image', value: 'side:2' },
      { op: 'add', path: '/spec/template/spec/initContainers/0/image', value: 'init:2' },
    ]);
  });

  it('lets the server refuse the patch when containers were reordered', () => {
    expect(imagePatch(template, [parseImageChange('side=side:2')])[0]).toEqual({
      op: 'test',
      path: '/spec/template/spec/containers/1/name',
      value: 'side',
    });
  });

  it('changes all containers, but no init container, by *', () => {
    expect(images('*=all:3')).toHaveLength(2);
  });

  it('keeps an equals sign of the image, and refuses what is no change', () => {
    expect(parseImageChange('web=repo/web:1@sha256=x')).toEqual({ container: 'web', image: 'repo/web:1@sha256=x' });
    for (const text of ['web', '=web:1', 'web=']) expect(() => parseImageChange(text)).toThrow('no change of an image');
  });

  it('says which container may be meant', () => {
    expect(() => images('sied=x')).toThrow(
      expect.objectContaining({ message: 'unable to find container named "sied"', hint: 'did you mean "side"?' }),
    );
  });
});

describe('names', () => {
  it.each(['web', 'rollout/web', 'ro/web', 'Rollouts/web', 'rollouts.argoproj.io/web'])('%s', (text) => {
    expect(parseName(text, 'rollout')).toBe('web');
  });

  it('refuses other kinds and empty names', () => {
    expect(() => parseName('deployment/web', 'rollout')).toThrow('"deployment/web" is no rollout');
    expect(() => parseName('rollout/', 'rollout')).toThrow('names no rollout');
  });

  it('reads TYPE NAME…, TYPE/NAME and plain names', () => {
    expect(parseTypedNames(['rollout', 'a', 'b'], 'rollout')).toEqual(['a', 'b']);
    expect(parseTypedNames(['ro/a'], 'rollout')).toEqual(['a']);
    expect(parseTypedNames(['a'], 'rollout')).toEqual(['a']);
    expect(parseTypedNames(['rollouts'], 'rollout')).toEqual([]);
  });
});
