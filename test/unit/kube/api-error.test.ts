import { describe, expect, test } from 'vitest';
import {
  ApiError,
  asTransportError,
  isAlreadyExists,
  isConflict,
  isForbidden,
  isGone,
  isNotFound,
  isTransient,
  TransportError,
} from '../../../src/kube/api-error.ts';

const request = { method: 'GET', path: '/api/v1/namespaces/x/pods/p' } as const;

const answered = (status: number, body: unknown = {}, headers: Record<string, string> = {}) =>
  ApiError.fromResponse(request, { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) });

test('carries what the Status says', () => {
  const causes = [{ field: 'spec.replicas', message: 'must be ≥ 0', reason: 'FieldValueInvalid' }];
  const error = answered(422, { reason: 'Invalid', message: 'p is invalid', details: { name: 'p', causes } });
  expect(error).toMatchObject({ status: 422, reason: 'Invalid', serverMessage: 'p is invalid', details: { causes } });
  expect(error.message).toBe('p is invalid (GET /api/v1/namespaces/x/pods/p: 422 Invalid)');
});

test.each([
  ['', 'the server sent no message (GET /api/v1/namespaces/x/pods/p: 502 Unknown)'],
  ['<html>\n  Bad gateway', '<html> Bad gateway (GET /api/v1/namespaces/x/pods/p: 502 Unknown)'],
  ['[]', '[] (GET /api/v1/namespaces/x/pods/p: 502 Unknown)'],
  ['null', 'null (GET /api/v1/namespaces/x/pods/p: 502 Unknown)'],
])('quotes a body that is no Status: %j', (body, message) => {
  expect(answered(502, body).message).toBe(message);
});

test('quotes no more than the beginning of a long body', () => {
  expect(answered(500, 'x'.repeat(5000)).message.length).toBeLessThan(300);
});

test('ignores fields of the wrong type', () => {
  expect(answered(404, { reason: 7, message: { a: 1 }, details: 'no' })).toMatchObject({
    reason: 'NotFound',
    details: {},
  });
});

test.each([
  ['120', 120_000],
  [' 3 ', 3000],
  ['soon', undefined],
  ['-1', undefined],
])('Retry-After %j is %s ms', (value, expected) => {
  expect(answered(429, {}, { 'retry-after': value }).retryAfterMs).toBe(expected);
});

test('takes the delay from the details without a header', () => {
  expect(answered(429, { details: { retryAfterSeconds: 4 } }).retryAfterMs).toBe(4000);
});

describe('predicates', () => {
  const cases: [ApiError, string][] = [
    [answered(404), 'isNotFound'],
    [answered(409), 'isConflict'],
    [answered(409, { reason: 'AlreadyExists' }), 'isAlreadyExists'],
    [answered(410), 'isGone'],
    [answered(500, { reason: 'Expired' }), 'isGone'],
    [answered(403), 'isForbidden'],
    [answered(429), 'isTransient'],
    [answered(504), 'isTransient'],
    [answered(422), ''],
    [answered(401), ''],
  ];
  test.each(cases)('%s', (error, expected) => {
    const held = Object.entries({ isNotFound, isConflict, isAlreadyExists, isGone, isForbidden, isTransient })
      .filter(([, predicate]) => predicate(error))
      .map(([name]) => name);
    expect(held.filter((name) => name !== 'isTransient' || error.status !== 500)).toEqual(
      expected === '' ? [] : [expected],
    );
  });

  test.each([undefined, null, 'x', new Error('404'), { status: 404 }])('%s is none of ours', (value) => {
    expect([isNotFound, isConflict, isGone, isTransient].some((predicate) => predicate(value))).toBe(false);
  });
});

test('an in-band error without anything is still an error', () => {
  expect(ApiError.fromWatchEvent(request, null)).toMatchObject({
    status: 500,
    reason: 'InternalError',
    retryable: true,
  });
});

test('what a transport throws becomes a TransportError, once', () => {
  const cause = new Error('boom');
  const error = asTransportError(cause, request);
  expect(error).toMatchObject({ code: 'connection', message: `GET ${request.path}: boom`, cause, retryable: true });
  expect(asTransportError(error, request)).toBe(error);
  expect(asTransportError(cause, { ...request, signal: AbortSignal.abort() })).toMatchObject({
    code: 'aborted',
    retryable: false,
  });
  expect(new TransportError('fenced', request, 'no').retryable).toBe(false);
});
