import { CONTAINER_STRUCTS } from './container-structs.ts';
import { META_STRUCTS } from './meta-structs.ts';
import { VOLUME_STRUCTS } from './volume-structs.ts';

/** Fields of every Go struct that a `PodTemplateSpec` of `k8s.io/api/core/v1` (v0.34) can contain, in Go's order. */
export const POD_TEMPLATE_STRUCTS = {
  ...META_STRUCTS,
  ...VOLUME_STRUCTS,
  ...CONTAINER_STRUCTS,
  PodTemplateSpec: 'metadata:ObjectMeta spec:PodSpec',
  PodSpec: `
    volumes?:[]Volume initContainers?:[]Container containers:[]Container ephemeralContainers?:[]EphemeralContainer
    restartPolicy?:string terminationGracePeriodSeconds?:*int activeDeadlineSeconds?:*int dnsPolicy?:string
    nodeSelector?:{}string serviceAccountName?:string serviceAccount?:string automountServiceAccountToken?:*bool
    nodeName?:string hostNetwork?:bool hostPID?:bool hostIPC?:bool shareProcessNamespace?:*bool
    securityContext?:*PodSecurityContext imagePullSecrets?:[]LocalObjectReference hostname?:string
    subdomain?:string affinity?:*Affinity schedulerName?:string tolerations?:[]Toleration hostAliases?:[]HostAlias
    priorityClassName?:string priority?:*int dnsConfig?:*PodDNSConfig readinessGates?:[]PodReadinessGate
    runtimeClassName?:*string enableServiceLinks?:*bool preemptionPolicy?:*string overhead?:{}quantity
    topologySpreadConstraints?:[]TopologySpreadConstraint setHostnameAsFQDN?:*bool os?:*PodOS hostUsers?:*bool
    schedulingGates?:[]PodSchedulingGate resourceClaims?:[]PodResourceClaim resources?:*ResourceRequirements
    hostnameOverride?:*string
  `,
  PodSecurityContext: `
    seLinuxOptions?:*SELinuxOptions windowsOptions?:*WindowsSecurityContextOptions runAsUser?:*int
    runAsGroup?:*int runAsNonRoot?:*bool supplementalGroups?:[]int supplementalGroupsPolicy?:*string fsGroup?:*int
    sysctls?:[]Sysctl fsGroupChangePolicy?:*string seccompProfile?:*SeccompProfile
    appArmorProfile?:*AppArmorProfile seLinuxChangePolicy?:*string
  `,
  Sysctl: 'name:string value:string',
  Affinity: 'nodeAffinity?:*NodeAffinity podAffinity?:*PodAffinity podAntiAffinity?:*PodAntiAffinity',
  NodeAffinity: `
    requiredDuringSchedulingIgnoredDuringExecution?:*NodeSelector
    preferredDuringSchedulingIgnoredDuringExecution?:[]PreferredSchedulingTerm
  `,
  NodeSelector: 'nodeSelectorTerms:[]NodeSelectorTerm',
  NodeSelectorTerm: 'matchExpressions?:[]NodeSelectorRequirement matchFields?:[]NodeSelectorRequirement',
  NodeSelectorRequirement: 'key:string operator:string values?:[]string',
  PreferredSchedulingTerm: 'weight:int preference:NodeSelectorTerm',
  PodAffinity: `
    requiredDuringSchedulingIgnoredDuringExecution?:[]PodAffinityTerm
    preferredDuringSchedulingIgnoredDuringExecution?:[]WeightedPodAffinityTerm
  `,
  PodAffinityTerm: `
    labelSelector?:*LabelSelector namespaces?:[]string topologyKey:string namespaceSelector?:*LabelSelector
    matchLabelKeys?:[]string mismatchLabelKeys?:[]string
  `,
  WeightedPodAffinityTerm: 'weight:int podAffinityTerm:PodAffinityTerm',
  PodAntiAffinity: `
    requiredDuringSchedulingIgnoredDuringExecution?:[]PodAffinityTerm
    preferredDuringSchedulingIgnoredDuringExecution?:[]WeightedPodAffinityTerm
  `,
  Toleration: 'key?:string operator?:string value?:string effect?:string tolerationSeconds?:*int',
  HostAlias: 'ip:string hostnames?:[]string',
  PodDNSConfig: 'nameservers?:[]string searches?:[]string options?:[]PodDNSConfigOption',
  PodDNSConfigOption: 'name?:string value?:*string',
  PodReadinessGate: 'conditionType:string',
  TopologySpreadConstraint: `
    maxSkew:int topologyKey:string whenUnsatisfiable:string labelSelector?:*LabelSelector minDomains?:*int
    nodeAffinityPolicy?:*string nodeTaintsPolicy?:*string matchLabelKeys?:[]string
  `,
  PodOS: 'name:string',
  PodSchedulingGate: 'name:string',
  PodResourceClaim: 'name:string resourceClaimName?:*string resourceClaimTemplateName?:*string',
};
