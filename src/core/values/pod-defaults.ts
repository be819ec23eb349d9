import type { JsonObject, JsonValue } from './json.ts';

/** `0644`, the mode of files in Secret, ConfigMap, downward API and projected volumes. */
const FILE_MODE = 0o644;

/**
 * What the API server fills in for absent or zero fields of a pod template (`SetObjectDefaults_PodTemplate` of
 * Kubernetes 1.34), by Go struct. Defaults that depend on other fields are in `computedDefaults`.
 */
const DEFAULTS: Readonly<Record<string, JsonObject>> = {
  PodSpec: {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    schedulerName: 'default-scheduler',
  },
  Container: { terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' },
  EphemeralContainer: { terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' },
  ContainerPort: { protocol: 'TCP' },
  Probe: { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 },
  HTTPGetAction: { path: '/', scheme: 'HTTP' },
  GRPCAction: { service: '' },
  ObjectFieldSelector: { apiVersion: 'v1' },
  FileKeySelector: { optional: false },
  HostPathVolumeSource: { type: '' },
  SecretVolumeSource: { defaultMode: FILE_MODE },
  ConfigMapVolumeSource: { defaultMode: FILE_MODE },
  DownwardAPIVolumeSource: { defaultMode: FILE_MODE },
  ProjectedVolumeSource: { defaultMode: FILE_MODE },
  ServiceAccountTokenProjection: { expirationSeconds: 3600 },
  PersistentVolumeClaimSpec: { volumeMode: 'Filesystem' },
  ISCSIVolumeSource: { iscsiInterface: 'default' },
  RBDVolumeSource: { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' },
  AzureDiskVolumeSource: { cachingMode: 'ReadWrite', fsType: 'ext4', readOnly: false, kind: 'Shared' },
  ScaleIOVolumeSource: { storageMode: 'ThinProvisioned', fsType: 'xfs' },
};

/** Pointers in Go, for which a zero value is a choice and not an absence. */
const ZERO_IS_A_VALUE: ReadonlySet<string> = new Set([
  'terminationGracePeriodSeconds',
  'defaultMode',
  'expirationSeconds',
  'volumeMode',
  'cachingMode',
  'AzureDiskVolumeSource.fsType',
  'kind',
]);

/** The object of a Go struct with the API server's defaults for that struct; what lies deeper is not touched. */
export function withPodDefaults(struct: string, value: JsonObject): JsonObject {
  const defaults = { ...DEFAULTS[struct], ...computedDefaults(struct, value) };
  const missing = Object.entries(defaults).filter(([key]) => isUnset(struct, key, value[key]));
  return missing.length === 0 ? value : { ...value, ...Object.fromEntries(missing) };
}

function isUnset(struct: string, key: string, value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return true;
  if (ZERO_IS_A_VALUE.has(key) || ZERO_IS_A_VALUE.has(`${struct}.${key}`)) return false;
  return value === '' || value === 0;
}

function computedDefaults(struct: string, value: JsonObject): JsonObject {
  switch (struct) {
    case 'Container':
    case 'EphemeralContainer':
      return { imagePullPolicy: pullPolicyOf(value['image']) };
    case 'ImageVolumeSource':
      return { pullPolicy: pullPolicyOf(value['reference']) };
    case 'Volume':
      return hasSource(value) ? {} : { emptyDir: {} };
    default:
      return {};
  }
}

function hasSource(volume: JsonObject): boolean {
  return Object.entries(volume).some(([key, source]) => key !== 'name' && source !== undefined && source !== null);
}

/** `Always` for the tag `latest`, written or implied; `IfNotPresent` for any other tag, a digest, or no image at all. */
function pullPolicyOf(image: JsonValue | undefined): string {
  if (typeof image !== 'string' || image === '') return 'IfNotPresent';
  const [reference = '', digest] = image.split('@');
  const tag = reference.slice(reference.lastIndexOf('/') + 1).split(':')[1];
  const impliesLatest = tag === undefined && digest === undefined;
  return tag === 'latest' || impliesLatest ? 'Always' : 'IfNotPresent';
}
