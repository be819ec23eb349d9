import { systemClock } from '../../../src/runtime/system-clock.ts';
import { KubeletActor } from '../../../src/simulator/actors/kubelet-actor.ts';
import { startActors } from '../../../src/simulator/actors/start-actors.ts';
import { ApiServer } from '../../../src/simulator/api-server.ts';
import { kubeconfigFor, serveHttp } from '../../../src/simulator/http-server.ts';
import { Kubectl } from '../../support/kubectl.ts';

/** The simulator over HTTP and a kubectl that talks to it. */
export interface KubectlServer {
  readonly kubectl: Kubectl;
  close(): Promise<void>;
}

/** With `actors`, Deployments get pods and these become ready at once. */
export async function startKubectlServer(kubectlPath: string, actors = false): Promise<KubectlServer> {
  const api = new ApiServer({ clock: systemClock });
  if (actors) {
    startActors(api.context);
    new KubeletActor(api.context, { behaviour: () => ({ readyAfterMs: 50, stopsAfterMs: 50 }) }).start();
  }
  const server = await serveHttp(api);
  const kubectl = await Kubectl.create(kubectlPath, kubeconfigFor(server.url));
  return {
    kubectl,
    close: async () => {
      await server.close();
      await kubectl.close();
    },
  };
}

export const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: { app: web }
spec:
  replicas: 2
  selector:
    matchLabels: { app: web }
  template:
    metadata:
      labels: { app: web }
    spec:
      containers:
      - name: web
        image: web:1
        env:
        - { name: FIRST, value: "1" }
        - { name: SECOND, value: "2" }
      - name: side
        image: side:1
`;

export const WIDGET_DEFINITION = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: widgets.example.com }
spec:
  group: example.com
  scope: Namespaced
  names: { plural: widgets, kind: Widget, shortNames: [wd] }
  versions:
  - name: v1
    served: true
    storage: true
    subresources:
      status: {}
      scale: { specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas, labelSelectorPath: .status.selector }
    additionalPrinterColumns:
    - { name: Replicas, type: integer, jsonPath: .spec.replicas }
    - { name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status' }
    - { name: Color, type: string, jsonPath: .spec.color, priority: 1 }
    schema:
      openAPIV3Schema:
        type: object
        description: Something to try things on.
        required: [spec]
        properties:
          spec:
            type: object
            required: [size]
            properties:
              size: { type: integer, minimum: 1, description: How large it is. }
              replicas: { type: integer, default: 1 }
              color: { type: string, enum: [red, green] }
            x-kubernetes-validations:
            - { rule: "self.color == oldSelf.color", message: color is immutable }
          status:
            type: object
            x-kubernetes-preserve-unknown-fields: true
`;

export const WIDGET = `
apiVersion: example.com/v1
kind: Widget
metadata: { name: first, labels: { team: a } }
spec: { size: 3, color: red }
`;
