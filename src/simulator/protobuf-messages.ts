/**
 * How a field is read: `map` is a map of strings, `bytesMap` one of bytes that become base64 as in JSON, `strings` a
 * repeated string, `{ each }` a repeated message.
 */
export type FieldType =
  | 'string'
  | 'bool'
  | 'int'
  | 'map'
  | 'bytesMap'
  | 'strings'
  | Message
  | { readonly each: Message };

/** The fields of a message by number. */
export interface Message {
  readonly [fieldNumber: number]: readonly [name: string, type: FieldType];
}

/* Field numbers are those of the generated.proto files of k8s.io/api, which never change. */

const OBJECT_META: Message = {
  1: ['name', 'string'],
  2: ['generateName', 'string'],
  3: ['namespace', 'string'],
  11: ['labels', 'map'],
  12: ['annotations', 'map'],
  14: ['finalizers', 'strings'],
};

const CONTAINER: Message = {
  1: ['name', 'string'],
  2: ['image', 'string'],
  3: ['command', 'strings'],
  4: ['args', 'strings'],
  5: ['workingDir', 'string'],
  6: ['ports', { each: { 1: ['name', 'string'], 3: ['containerPort', 'int'], 4: ['protocol', 'string'] } }],
  7: ['env', { each: { 1: ['name', 'string'], 2: ['value', 'string'] } }],
};

const POD_TEMPLATE: Message = {
  1: ['metadata', OBJECT_META],
  2: ['spec', { 2: ['containers', { each: CONTAINER }], 3: ['restartPolicy', 'string'] }],
};

const RESOURCE_ATTRIBUTES: Message = {
  1: ['namespace', 'string'],
  2: ['verb', 'string'],
  3: ['group', 'string'],
  4: ['version', 'string'],
  5: ['resource', 'string'],
  6: ['subresource', 'string'],
  7: ['name', 'string'],
};

/** The kinds that `kubectl create` and `kubectl auth` send as protobuf and that are simple enough to be worth reading. */
export const PROTOBUF_KINDS: Readonly<Record<string, Message>> = {
  'v1/Namespace': { 1: ['metadata', OBJECT_META] },
  'v1/ServiceAccount': { 1: ['metadata', OBJECT_META] },
  'v1/ConfigMap': {
    1: ['metadata', OBJECT_META],
    2: ['data', 'map'],
    3: ['binaryData', 'bytesMap'],
    4: ['immutable', 'bool'],
  },
  'v1/Secret': {
    1: ['metadata', OBJECT_META],
    2: ['data', 'bytesMap'],
    3: ['type', 'string'],
    4: ['stringData', 'map'],
    5: ['immutable', 'bool'],
  },
  'apps/v1/Deployment': {
    1: ['metadata', OBJECT_META],
    2: [
      'spec',
      {
        1: ['replicas', 'int'],
        2: ['selector', { 1: ['matchLabels', 'map'] }],
        3: ['template', POD_TEMPLATE],
        4: ['strategy', { 1: ['type', 'string'] }],
      },
    ],
  },
  'batch/v1/Job': { 1: ['metadata', OBJECT_META], 2: ['spec', { 6: ['template', POD_TEMPLATE] }] },
  'authorization.k8s.io/v1/SelfSubjectAccessReview': {
    1: ['metadata', OBJECT_META],
    2: [
      'spec',
      {
        1: ['resourceAttributes', RESOURCE_ATTRIBUTES],
        2: ['nonResourceAttributes', { 1: ['path', 'string'], 2: ['verb', 'string'] }],
      },
    ],
  },
  'authorization.k8s.io/v1/SelfSubjectRulesReview': {
    1: ['metadata', OBJECT_META],
    2: ['spec', { 1: ['namespace', 'string'] }],
  },
};
