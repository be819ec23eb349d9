import { type ApiResponse, jsonResponse } from './api-request.ts';
import type { JsonTree } from './json-tree.ts';
import { objectBody } from './request-body.ts';
import type { RequestScope } from './request-scope.ts';
import { apiVersionOf } from './resource-type.ts';
import { methodNotAllowed } from './status-error.ts';

/** Answers "may I?": whoever reaches the simulator may do everything. */
export function handleReview({ request, type }: RequestScope): ApiResponse {
  if (request.method !== 'POST') throw methodNotAllowed();
  const review = objectBody(request);
  const identity = { kind: type.kind, apiVersion: apiVersionOf(type), metadata: {} };
  return jsonResponse(201, { ...identity, spec: review['spec'], status: verdictOf(type.kind) });
}

function verdictOf(kind: string): JsonTree {
  if (kind === 'SelfSubjectAccessReview') return { allowed: true, reason: 'the simulator allows everything' };
  return {
    incomplete: false,
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
    nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
  };
}
