const CONTAINER = `
  name:string image?:string command?:[]string args?:[]string workingDir?:string ports?:[]ContainerPort
  envFrom?:[]EnvFromSource env?:[]EnvVar resources:ResourceRequirements resizePolicy?:[]ContainerResizePolicy
  restartPolicy?:*string restartPolicyRules?:[]ContainerRestartRule volumeMounts?:[]VolumeMount
  volumeDevices?:[]VolumeDevice livenessProbe?:*Probe readinessProbe?:*Probe startupProbe?:*Probe
  lifecycle?:*Lifecycle terminationMessagePath?:string terminationMessagePolicy?:string imagePullPolicy?:string
  securityContext?:*SecurityContext stdin?:bool stdinOnce?:bool tty?:bool
`;

/** Fields of the Go structs under `Container` in `k8s.io/api/core/v1` (v0.34), in Go's order and in the notation of `go-json.ts`. */
export const CONTAINER_STRUCTS = {
  Container: CONTAINER,
  EphemeralContainer: `${CONTAINER} targetContainerName?:string`,
  ContainerPort: 'name?:string hostPort?:int containerPort:int protocol?:string hostIP?:string',
  EnvFromSource: 'prefix?:string configMapRef?:*ConfigMapEnvSource secretRef?:*SecretEnvSource',
  ConfigMapEnvSource: 'name?:string optional?:*bool',
  SecretEnvSource: 'name?:string optional?:*bool',
  EnvVar: 'name:string value?:string valueFrom?:*EnvVarSource',
  EnvVarSource: `
    fieldRef?:*ObjectFieldSelector resourceFieldRef?:*ResourceFieldSelector configMapKeyRef?:*ConfigMapKeySelector
    secretKeyRef?:*SecretKeySelector fileKeyRef?:*FileKeySelector
  `,
  ConfigMapKeySelector: 'name?:string key:string optional?:*bool',
  SecretKeySelector: 'name?:string key:string optional?:*bool',
  FileKeySelector: 'volumeName:string path:string key:string optional?:*bool',
  ResourceRequirements: 'limits?:{}quantity requests?:{}quantity claims?:[]ResourceClaim',
  ResourceClaim: 'name:string request?:string',
  ContainerResizePolicy: 'resourceName:string restartPolicy:string',
  ContainerRestartRule: 'action?:string exitCodes?:*ContainerRestartRuleOnExitCodes',
  ContainerRestartRuleOnExitCodes: 'operator?:string values?:[]int',
  VolumeMount: `
    name:string readOnly?:bool recursiveReadOnly?:*string mountPath:string subPath?:string
    mountPropagation?:*string subPathExpr?:string
  `,
  VolumeDevice: 'name:string devicePath:string',
  Probe: `
    exec?:*ExecAction httpGet?:*HTTPGetAction tcpSocket?:*TCPSocketAction grpc?:*GRPCAction
    initialDelaySeconds?:int timeoutSeconds?:int periodSeconds?:int successThreshold?:int failureThreshold?:int
    terminationGracePeriodSeconds?:*int
  `,
  ExecAction: 'command?:[]string',
  HTTPGetAction: 'path?:string port:intOrString host?:string scheme?:string httpHeaders?:[]HTTPHeader',
  HTTPHeader: 'name:string value:string',
  TCPSocketAction: 'port:intOrString host?:string',
  GRPCAction: 'port:int service:*string',
  Lifecycle: 'postStart?:*LifecycleHandler preStop?:*LifecycleHandler stopSignal?:*string',
  LifecycleHandler: 'exec?:*ExecAction httpGet?:*HTTPGetAction tcpSocket?:*TCPSocketAction sleep?:*SleepAction',
  SleepAction: 'seconds:int',
  SecurityContext: `
    capabilities?:*Capabilities privileged?:*bool seLinuxOptions?:*SELinuxOptions
    windowsOptions?:*WindowsSecurityContextOptions runAsUser?:*int runAsGroup?:*int runAsNonRoot?:*bool
    readOnlyRootFilesystem?:*bool allowPrivilegeEscalation?:*bool procMount?:*string
    seccompProfile?:*SeccompProfile appArmorProfile?:*AppArmorProfile
  `,
  Capabilities: 'add?:[]string drop?:[]string',
  SELinuxOptions: 'user?:string role?:string type?:string level?:string',
  WindowsSecurityContextOptions: `
    gmsaCredentialSpecName?:*string gmsaCredentialSpec?:*string runAsUserName?:*string hostProcess?:*bool
  `,
  SeccompProfile: 'type:string localhostProfile?:*string',
  AppArmorProfile: 'type:string localhostProfile?:*string',
};
