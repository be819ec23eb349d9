import { GROUP } from './paths.ts';

export const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

const PART = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string' }, count: { type: 'integer', default: 1 } },
};

const WIDGET_SPEC = {
  type: 'object',
  required: ['size'],
  properties: {
    size: { type: 'integer', minimum: 1, maximum: 10 },
    replicas: { type: 'integer', format: 'int32' },
    mode: { type: 'string', enum: ['soft', 'hard'], default: 'soft' },
    label: { type: 'string', maxLength: 5, pattern: '^[a-z]*$' },
    ratio: { type: 'number', exclusiveMinimum: true, minimum: 0 },
    enabled: { type: 'boolean' },
    port: { 'x-kubernetes-int-or-string': true },
    when: { type: 'string', format: 'date-time' },
    parts: {
      type: 'array',
      maxItems: 3,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: PART,
    },
    tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
    steps: { type: 'array', items: PART },
    choice: {
      type: 'object',
      properties: { left: { type: 'string' }, right: { type: 'string' } },
      oneOf: [{ required: ['left'] }, { required: ['right'] }],
    },
    options: {
      type: 'object',
      default: {},
      properties: { depth: { type: 'integer', default: 3 } },
    },
    values: { type: 'object', additionalProperties: { type: 'string' } },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    fixed: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'fixed is immutable' }] },
  },
  'x-kubernetes-validations': [
    { rule: 'self.size != 7', message: 'seven is taken', fieldPath: '.size' },
    {
      rule: "!has(self.label) || self.label != 'bad'",
      messageExpression: "'no label like ' + self.label",
      reason: 'FieldValueForbidden',
    },
  ],
};

const WIDGET_SCHEMA = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec: WIDGET_SPEC,
    status: {
      type: 'object',
      properties: {
        replicas: { type: 'integer' },
        selector: { type: 'string' },
        ready: { type: 'boolean' },
        since: { type: 'string', format: 'date-time' },
        observedGeneration: { type: 'string' },
        message: { type: 'string' },
        conditions: {
          type: 'array',
          items: {
            type: 'object',
            required: ['type', 'status'],
            properties: { type: { type: 'string' }, status: { type: 'string' } },
          },
        },
      },
    },
  },
};

const WIDGET_COLUMNS = [
  { name: 'Size', type: 'integer', jsonPath: '.spec.size', description: 'how large it is' },
  { name: 'Mode', type: 'string', jsonPath: '.spec.mode', priority: 1 },
  { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  { name: 'Ratio', type: 'number', jsonPath: '.spec.ratio' },
  { name: 'Enabled', type: 'boolean', jsonPath: '.spec.enabled' },
  { name: 'Parts', type: 'string', jsonPath: '.spec.parts[*].name' },
  { name: 'Options', type: 'string', jsonPath: '.spec.options' },
  { name: 'Wrong', type: 'integer', jsonPath: '.spec.mode' },
  { name: 'Since', type: 'date', jsonPath: '.status.since' },
];

/** With everything that a schema can say, and both subresources. */
const WIDGETS = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `widgets.${GROUP}` },
  spec: {
    group: GROUP,
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'], categories: ['fidelity'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: {
            specReplicasPath: '.spec.replicas',
            statusReplicasPath: '.status.replicas',
            labelSelectorPath: '.status.selector',
          },
        },
        additionalPrinterColumns: WIDGET_COLUMNS,
        schema: { openAPIV3Schema: WIDGET_SCHEMA },
      },
    ],
  },
};

/** Without subresources, columns or a schema: a status is a field like any other. */
const GADGETS = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `gadgets.${GROUP}` },
  spec: {
    group: GROUP,
    scope: 'Namespaced',
    names: { plural: 'gadgets', kind: 'Gadget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

/** What the cases find on the server. */
export const CUSTOM_RESOURCES = [WIDGETS, GADGETS];
