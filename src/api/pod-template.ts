import { affinitySchema } from './affinity.ts';
import { containerSchema, localNameSchema, resourcesSchema, sharedSecurityFields } from './container.ts';
import { labelSelectorSchema } from './label-selector.ts';
import { labelsAndAnnotationsSchema } from './metadata.ts';
import {
  atomic,
  atomicList,
  flag,
  type Infer,
  int32,
  int64,
  keyedList,
  mapOf,
  openNamed,
  optional,
  quantity,
  stringMap,
  struct,
  text,
} from './schema.ts';

/** Pod templates as Kubernetes 1.34 describes them; volumes are typed by name only, their sources pass through. */

const volume = openNamed('Name that volumeMounts refer to.');

/** Kubernetes refuses these in templates; the field is there because its PodSpec has it. */
const ephemeralContainer = openNamed();

const toleration = optional({
  key: text(),
  operator: text(),
  value: text(),
  effect: text(),
  tolerationSeconds: int64(),
});

const topologySpread = struct(
  { maxSkew: int32(), topologyKey: text(), whenUnsatisfiable: text() },
  {
    labelSelector: labelSelectorSchema,
    matchLabelKeys: atomicList(text()),
    minDomains: int32(),
    nodeAffinityPolicy: text(),
    nodeTaintsPolicy: text(),
  },
);

const podSecurityContext = optional({
  ...sharedSecurityFields,
  fsGroup: int64(),
  fsGroupChangePolicy: text(),
  seLinuxChangePolicy: text(),
  supplementalGroups: atomicList(int64()),
  supplementalGroupsPolicy: text(),
  sysctls: atomicList(struct({ name: text(), value: text() }, {})),
});

/** `spec` of a pod. */
const podSpecSchema = struct(
  { containers: keyedList(['name'], containerSchema, 'Containers that run side by side.') },
  {
    initContainers: keyedList(['name'], containerSchema, 'Containers that run to completion before, one by one.'),
    ephemeralContainers: keyedList(['name'], ephemeralContainer),
    volumes: keyedList(['name'], volume, 'Storage that containers may mount.'),
    serviceAccountName: text('ServiceAccount that the pod acts as.'),
    serviceAccount: text('Deprecated alias of serviceAccountName.'),
    automountServiceAccountToken: flag(),
    imagePullSecrets: keyedList(['name'], atomic(optional({ name: localNameSchema }))),
    nodeSelector: atomic(stringMap('Labels that a node must have.')),
    nodeName: text(),
    affinity: affinitySchema,
    tolerations: atomicList(toleration),
    topologySpreadConstraints: keyedList(['topologyKey', 'whenUnsatisfiable'], topologySpread),
    schedulerName: text(),
    schedulingGates: keyedList(['name'], struct({ name: text() }, {})),
    priority: int32(),
    priorityClassName: text(),
    preemptionPolicy: text(),
    runtimeClassName: text(),
    restartPolicy: text(),
    terminationGracePeriodSeconds: int64('Time between SIGTERM and SIGKILL.'),
    activeDeadlineSeconds: int64(),
    readinessGates: atomicList(struct({ conditionType: text() }, {})),
    dnsPolicy: text(),
    dnsConfig: optional({
      nameservers: atomicList(text()),
      options: atomicList(optional({ name: text(), value: text() })),
      searches: atomicList(text()),
    }),
    enableServiceLinks: flag(),
    hostAliases: keyedList(['ip'], struct({ ip: text() }, { hostnames: atomicList(text()) })),
    hostIPC: flag(),
    hostNetwork: flag(),
    hostPID: flag(),
    hostUsers: flag(),
    hostname: text(),
    hostnameOverride: text(),
    subdomain: text(),
    setHostnameAsFQDN: flag(),
    shareProcessNamespace: flag(),
    os: struct({ name: text() }, {}),
    overhead: mapOf(quantity()),
    resources: resourcesSchema,
    resourceClaims: keyedList(
      ['name'],
      struct({ name: text() }, { resourceClaimName: text(), resourceClaimTemplateName: text() }),
    ),
    securityContext: podSecurityContext,
  },
);
export type PodSpec = Infer<typeof podSpecSchema>;

/** What new pods look like. */
export const podTemplateSchema = optional({
  metadata: labelsAndAnnotationsSchema,
  spec: podSpecSchema,
});
export type PodTemplateSpec = Infer<typeof podTemplateSchema>;
