import {
  atomic,
  atomicList,
  flag,
  freeObject,
  type Infer,
  int32,
  int64,
  intOrString,
  keyedList,
  mapOf,
  optional,
  quantity,
  serverDefault,
  struct,
  text,
} from './schema.ts';

/**
 * Containers as Kubernetes 1.34 describes them. The defaults are those of Argo Rollouts' CRDs: they reach the stored
 * template and with it the pod template hash, so leaving one out would make new revisions when CRDs are exchanged.
 */

/** A name that the API server defaults to the empty string, as in all of Kubernetes' local references. */
export const localNameSchema = serverDefault(text(), '');

const keyReference = atomic(struct({ key: text() }, { name: localNameSchema, optional: flag() }));

const envVar = struct(
  { name: text('Name of the variable.') },
  {
    value: text('Literal value; $(OTHER) expands to variables defined before.'),
    valueFrom: optional({
      configMapKeyRef: keyReference,
      secretKeyRef: keyReference,
      fieldRef: atomic(struct({ fieldPath: text() }, { apiVersion: text() })),
      fileKeyRef: atomic(
        struct({ key: text(), path: text(), volumeName: text() }, { optional: serverDefault(flag(), false) }),
      ),
      resourceFieldRef: atomic(struct({ resource: text() }, { containerName: text(), divisor: quantity() })),
    }),
  },
);

const envSource = atomic(optional({ name: localNameSchema, optional: flag() }));

const httpGet = struct(
  { port: intOrString() },
  {
    host: text(),
    path: text(),
    scheme: text(),
    httpHeaders: atomicList(struct({ name: text(), value: text() }, {})),
  },
);
const execAction = optional({ command: atomicList(text()) });
const tcpSocket = struct({ port: intOrString() }, { host: text() });

const lifecycleHandler = optional({
  exec: execAction,
  httpGet,
  sleep: struct({ seconds: int64() }, {}),
  tcpSocket,
});

const probe = optional({
  exec: execAction,
  grpc: struct({ port: int32() }, { service: serverDefault(text(), '') }),
  httpGet,
  tcpSocket,
  initialDelaySeconds: int32(),
  periodSeconds: int32(),
  timeoutSeconds: int32(),
  successThreshold: int32(),
  failureThreshold: int32(),
  terminationGracePeriodSeconds: int64(),
});

/** CPU, memory and other resources; numbers and strings are both accepted. */
export const resourcesSchema = optional({
  limits: mapOf(quantity(), 'Most that may be used, e.g. cpu: 500m.'),
  requests: mapOf(quantity(), 'What the scheduler sets aside.'),
  claims: keyedList(['name'], struct({ name: text() }, { request: text() })),
});

/** Fields of pod and container security contexts that mean the same in both. */
export const sharedSecurityFields = {
  appArmorProfile: struct({ type: text() }, { localhostProfile: text() }),
  runAsGroup: int64(),
  runAsNonRoot: flag(),
  runAsUser: int64(),
  seLinuxOptions: optional({ level: text(), role: text(), type: text(), user: text() }),
  seccompProfile: struct({ type: text() }, { localhostProfile: text() }),
  windowsOptions: optional({
    gmsaCredentialSpec: text(),
    gmsaCredentialSpecName: text(),
    hostProcess: flag(),
    runAsUserName: text(),
  }),
} as const;

const containerSecurityContext = optional({
  ...sharedSecurityFields,
  allowPrivilegeEscalation: flag(),
  capabilities: optional({ add: atomicList(text()), drop: atomicList(text()) }),
  privileged: flag(),
  procMount: text(),
  readOnlyRootFilesystem: flag(),
});

const containerPort = struct(
  { containerPort: int32('Port that the process listens on.') },
  {
    name: text('Name that Services and probes may refer to.'),
    protocol: serverDefault(text('TCP, UDP or SCTP.'), 'TCP'),
    hostIP: text(),
    hostPort: int32(),
  },
);

const volumeMount = struct(
  { mountPath: text(), name: text('Name of a volume of the pod.') },
  {
    mountPropagation: text(),
    readOnly: flag(),
    recursiveReadOnly: text(),
    subPath: text(),
    subPathExpr: text(),
  },
);

/** One container of a pod. */
export const containerSchema = struct(
  { name: text('Unique within the pod; merges go by it.') },
  {
    image: text('Image to run.'),
    imagePullPolicy: text('Always, IfNotPresent or Never.'),
    command: atomicList(text(), "Replaces the image's entrypoint."),
    args: atomicList(text(), 'Arguments of the entrypoint.'),
    workingDir: text(),
    env: keyedList(['name'], envVar, 'Environment variables.'),
    envFrom: atomicList(optional({ configMapRef: envSource, secretRef: envSource, prefix: text() })),
    ports: keyedList(['containerPort', 'protocol'], containerPort, 'Ports that the container exposes.'),
    resources: resourcesSchema,
    resizePolicy: atomicList(struct({ resourceName: text(), restartPolicy: text() }, {})),
    restartPolicy: text(),
    restartPolicyRules: atomicList(freeObject()),
    volumeMounts: keyedList(['mountPath'], volumeMount),
    volumeDevices: keyedList(['devicePath'], struct({ devicePath: text(), name: text() }, {})),
    livenessProbe: probe,
    readinessProbe: probe,
    startupProbe: probe,
    lifecycle: optional({ postStart: lifecycleHandler, preStop: lifecycleHandler, stopSignal: text() }),
    securityContext: containerSecurityContext,
    stdin: flag(),
    stdinOnce: flag(),
    tty: flag(),
    terminationMessagePath: text(),
    terminationMessagePolicy: text(),
  },
);
export type Container = Infer<typeof containerSchema>;
