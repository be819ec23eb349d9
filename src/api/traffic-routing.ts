import {
  flag,
  freeObject,
  type Infer,
  int32,
  int64,
  list,
  mapOf,
  optional,
  stringMap,
  struct,
  text,
} from './schema.ts';

/** Who splits the requests between stable and canary. Several routers may be configured together. */

/** The NGINX Ingress controller: a canary Ingress beside the stable one carries the weight. */
const nginxTrafficRoutingSchema = optional({
  annotationPrefix: text('Prefix of the canary annotations. Default: nginx.ingress.kubernetes.io.'),
  stableIngress: text('Ingress that routes to the stable Service.'),
  stableIngresses: list(text(), 'Several such Ingresses, instead of stableIngress.'),
  additionalIngressAnnotations: stringMap('Added to the canary Ingress; the prefix is put before keys that lack it.'),
  canaryIngressAnnotations: stringMap('Added to the canary Ingress as they are.'),
});
export type NginxTrafficRouting = Infer<typeof nginxTrafficRoutingSchema>;

/** AWS Load Balancer Controller. */
const albTrafficRoutingSchema = struct(
  { servicePort: int32('Port of the Service that the action forwards to.') },
  {
    ingress: text('Ingress whose action annotation is managed.'),
    ingresses: list(text(), 'Several such Ingresses, instead of ingress.'),
    rootService: text('Service named by the Ingress rule. Default: the stable Service.'),
    annotationPrefix: text('Prefix of the action annotations. Default: alb.ingress.kubernetes.io.'),
    stickinessConfig: struct(
      { enabled: flag('Whether a client stays with its target group.'), durationSeconds: int64('1 to 604800.') },
      {},
    ),
  },
);
export type AlbTrafficRouting = Infer<typeof albTrafficRoutingSchema>;

const istioVirtualService = struct(
  { name: text('Name of the VirtualService, or name.namespace.') },
  {
    routes: list(text(), 'Names of the HTTP routes to manage; may be left out when there is only one.'),
    tlsRoutes: list(optional({ port: int64(), sniHosts: list(text()) }), 'TLS routes to manage.'),
    tcpRoutes: list(optional({ port: int64() }), 'TCP routes to manage.'),
  },
);
export type IstioVirtualService = Infer<typeof istioVirtualService>;

/** Istio: weights of a VirtualService, by host or by subset. */
const istioTrafficRoutingSchema = optional({
  virtualService: istioVirtualService,
  virtualServices: list(istioVirtualService, 'Several VirtualServices, instead of virtualService.'),
  destinationRule: struct(
    { name: text(), canarySubsetName: text(), stableSubsetName: text() },
    { additionalSubsetNames: list(text()) },
  ),
});
export type IstioTrafficRouting = Infer<typeof istioTrafficRoutingSchema>;

/** Service Mesh Interface TrafficSplit. */
const smiTrafficRoutingSchema = optional({
  rootService: text('Service that clients call. Default: the stable Service.'),
  trafficSplitName: text('Name of the TrafficSplit. Default: name of the Rollout.'),
});
export type SmiTrafficRouting = Infer<typeof smiTrafficRoutingSchema>;

/** Ambassador (Emissary) Mappings. */
const ambassadorTrafficRoutingSchema = struct({ mappings: list(text(), 'Names of the stable Mappings.') }, {});
export type AmbassadorTrafficRouting = Infer<typeof ambassadorTrafficRoutingSchema>;

const namedRef = struct({ name: text() }, {});

/** AWS App Mesh. */
const appMeshTrafficRoutingSchema = optional({
  virtualService: struct({ name: text() }, { routes: list(text()) }),
  virtualNodeGroup: struct({ canaryVirtualNodeRef: namedRef, stableVirtualNodeRef: namedRef }, {}),
});
export type AppMeshTrafficRouting = Infer<typeof appMeshTrafficRoutingSchema>;

/** Traefik's weighted TraefikService. */
const traefikTrafficRoutingSchema = struct({ weightedTraefikServiceName: text() }, {});
export type TraefikTrafficRouting = Infer<typeof traefikTrafficRoutingSchema>;

/** Apache APISIX. */
const apisixTrafficRoutingSchema = optional({
  route: struct({ name: text('Name of the ApisixRoute.') }, { rules: list(text(), 'Default: the route name.') }),
});
export type ApisixTrafficRouting = Infer<typeof apisixTrafficRoutingSchema>;

export const rolloutTrafficRoutingSchema = optional({
  nginx: nginxTrafficRoutingSchema.describe('NGINX Ingress controller.'),
  alb: albTrafficRoutingSchema.describe('AWS Application Load Balancer.'),
  istio: istioTrafficRoutingSchema.describe('Istio.'),
  smi: smiTrafficRoutingSchema.describe('Service Mesh Interface.'),
  ambassador: ambassadorTrafficRoutingSchema.describe('Ambassador or Emissary.'),
  appMesh: appMeshTrafficRoutingSchema.describe('AWS App Mesh.'),
  traefik: traefikTrafficRoutingSchema.describe('Traefik.'),
  apisix: apisixTrafficRoutingSchema.describe('Apache APISIX.'),
  plugins: mapOf(freeObject(), 'Configuration of traffic router plugins, by name.').meta({
    'x-kubernetes-preserve-unknown-fields': true,
  }),
  managedRoutes: list(struct({ name: text() }, {}), 'Routes that steps may set, in order of precedence.'),
  maxTrafficWeight: int32('What counts as all of the traffic. Default: 100. NGINX and plugins only.'),
});
export type RolloutTrafficRouting = Infer<typeof rolloutTrafficRoutingSchema>;
