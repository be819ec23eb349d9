import { parse as parseYaml } from 'yaml';
import type { ApiRequest } from './api-request.ts';
import { isTree, type JsonTree } from './json-tree.ts';
import { decodeProtobuf, PROTOBUF_TYPE } from './protobuf.ts';
import { badRequest, unsupportedMediaType } from './status-error.ts';

/** The media type of a request's body, without parameters. */
export function contentTypeOf(request: ApiRequest): string {
  return (request.headers['content-type'] ?? 'application/json').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** The body as text; empty when there is none. */
export function textOf(request: ApiRequest): string {
  if (request.body === undefined) return '';
  return typeof request.body === 'string' ? request.body : Buffer.from(request.body).toString('utf8');
}

/** The object in a body: JSON, YAML or, for the few kinds that kubectl creates so, protobuf. */
export function objectBody(request: ApiRequest): JsonTree {
  const type = contentTypeOf(request);
  switch (type) {
    case 'application/json':
      return requireObject(parseJson(textOf(request)));
    case 'application/yaml':
      return requireObject(parseYamlText(textOf(request)));
    case PROTOBUF_TYPE:
      return decodeProtobuf(
        typeof request.body === 'string' ? Buffer.from(request.body) : (request.body ?? new Uint8Array()),
      );
    default:
      throw unsupportedMediaType(
        `the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, ${PROTOBUF_TYPE}`,
      );
  }
}

/** As `objectBody`, for requests that may come without a body. */
export function optionalBody(request: ApiRequest): JsonTree | undefined {
  return request.body === undefined || request.body.length === 0 ? undefined : objectBody(request);
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest(`error decoding the body as JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** YAML 1.2 contains JSON, so this reads both. */
export function parseYamlText(text: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    throw badRequest(`error decoding the body as YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export function requireObject(value: unknown): JsonTree {
  if (isTree(value)) return value;
  throw badRequest('the body of the request must be one object');
}
