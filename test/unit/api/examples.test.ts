import { describe, expect, it } from 'vitest';
import { isKindName } from '../../../src/api/kinds.ts';
import { parseManifest } from '../../../src/api/parse.ts';
import { validateManifest } from '../../../src/api/validate/manifest.ts';
import { checkCondition } from '../../../src/core/expr/condition.ts';
import { manifestsBelow } from './manifests.ts';

const ours = [...manifestsBelow('examples'), ...manifestsBelow('analysis')].flatMap(({ file, object }) =>
  object.apiVersion === 'argoproj.io/v1alpha1' && typeof object.kind === 'string' && isKindName(object.kind)
    ? [{ file, object, kind: object.kind }]
    : [],
);

describe('every manifest that we give to users', () => {
  it.each(ours)('is right: $file, $kind', ({ kind, object }) => {
    const parsed = parseManifest(kind, object);
    expect(parsed.warnings).toEqual([]);
    expect(parsed.ok ? [] : parsed.problems).toEqual([]);
    expect(parsed.ok ? validateManifest(kind, parsed.value) : []).toEqual([]);
  });

  it('is found', () => {
    expect(ours.filter(({ kind }) => kind === 'Rollout').length).toBeGreaterThanOrEqual(3);
    expect(ours.filter(({ file }) => file.startsWith('analysis/')).length).toBeGreaterThanOrEqual(8);
  });

  it('has conditions that can be evaluated', () => {
    const conditions = ours.flatMap(({ object }) =>
      [...JSON.stringify(object).matchAll(/"(?:success|failure)Condition":("(?:[^"\\]|\\.)*")/g)].map(([, quoted]) =>
        String(JSON.parse(quoted!)).replaceAll(/\{\{args\.[\w-]+\}\}/g, '0.5'),
      ),
    );
    expect(conditions.length).toBeGreaterThanOrEqual(10);
    expect(conditions.filter((condition) => checkCondition(condition) !== undefined)).toEqual([]);
  });

  it('has an argument for every placeholder', () => {
    for (const { file, object } of ours) {
      const text = JSON.stringify(object);
      const declared = [...text.matchAll(/\{"name":"([\w-]+)"/g)].map(([, name]) => name);
      for (const [, name] of text.matchAll(/\{\{\s*args\.([\w-]+)\s*\}\}/g)) {
        expect([file, declared]).toEqual([file, expect.arrayContaining([name])]);
      }
      expect([file, text.replaceAll(/\{\{args\.[\w-]+\}\}/g, '').includes('{{')]).toEqual([file, false]);
    }
  });
});
