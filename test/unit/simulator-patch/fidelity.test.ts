import { expect, test } from 'vitest';
import { conflictMessage } from '../../../src/simulator/patch/apply-conflict.ts';
import { builtinMergeNode } from '../../../src/simulator/patch/builtin-merge.ts';
import { isList, isObject, type Json, type JsonObject, own } from '../../../src/simulator/patch/json.ts';
import { applyJsonPatch } from '../../../src/simulator/patch/json-patch.ts';
import { applyMergePatch } from '../../../src/simulator/patch/merge-patch.ts';
import { PatchError } from '../../../src/simulator/patch/patch-error.ts';
import { applyServerSide, trackUpdate } from '../../../src/simulator/patch/server-side-apply.ts';
import { applyStrategicMerge } from '../../../src/simulator/patch/strategic-merge.ts';
import { FIDELITY_CASES, type FidelityCase, type FidelityStep } from './fidelity-cases.ts';

type Answer = { readonly status: number; readonly message: string; readonly object: JsonObject | undefined };

const ok = (object: JsonObject): Answer => ({ status: 200, message: '', object });

/** Plays a case on the libraries alone, as the simulator's API server would without storage, defaults and validation. */
function play({ kind, before, steps }: FidelityCase): Answer {
  const context = (manager: string) => ({
    manager,
    apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1',
    schema: builtinMergeNode(kind),
    nowRfc3339: '2026-01-01T00:00:00Z',
  });
  const send = (live: JsonObject | undefined, { type, manager, force, body }: FidelityStep): Answer => {
    if (type === 'apply') {
      const result = applyServerSide({ ...context(manager), live, applied: body as JsonObject, force });
      if (result.outcome === 'applied') return ok(result.object);
      return { status: 409, message: conflictMessage(result.conflicts), object: live };
    }
    const after = changed(kind, type, live ?? {}, body);
    return ok(trackUpdate({ ...context(manager), before: live, after }));
  };
  const created =
    before === undefined ? undefined : trackUpdate({ ...context('creator'), before: undefined, after: before });
  let answer: Answer = { status: 200, message: '', object: created };
  for (const step of steps) {
    try {
      answer = send(answer.object, step);
    } catch (error) {
      if (!(error instanceof PatchError)) throw error;
      return { status: error.status, message: error.message, object: answer.object };
    }
  }
  return answer;
}

function changed(kind: string, type: Exclude<FidelityStep['type'], 'apply'>, live: JsonObject, body: Json): JsonObject {
  switch (type) {
    case 'json':
      return applyJsonPatch(live, body);
    case 'merge':
      return applyMergePatch(live, body);
    case 'strategic':
      return applyStrategicMerge(kind, live, body);
  }
}

function valueAt(root: Json | undefined, path: readonly string[]): Json {
  let node = root;
  for (const key of path) node = isList(node) ? node[Number(key)] : isObject(node) ? own(node, key) : undefined;
  return node ?? null;
}

test.each(FIDELITY_CASES.map((one) => [one.name, one] as const))('%s', (_name, one) => {
  const { status, message, object } = play(one);
  const expected = one.expect;
  expect(status).toBe(expected.status);
  expect(message).toContain(expected.status === 200 ? '' : expected.message);
  for (const [path, value] of expected.status === 200 ? expected.values : [])
    expect(valueAt(object, path)).toEqual(value);
});
