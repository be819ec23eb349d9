import { numberAt, scalarTextAt, stringAt, stringMapAt, treesAt, valueAt } from '../json-tree.ts';
import type { KubeObject } from '../kube-object.ts';
import type { Column } from '../resource-type.ts';
import { AGE_COLUMN, labelText, listText, NAME_COLUMN, textAt, textColumn, wide } from './column.ts';

export const SERVICE_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Type', (object) => textAt(object, '<none>', 'spec', 'type')),
  textColumn('Cluster-IP', (object) => textAt(object, '<none>', 'spec', 'clusterIP')),
  textColumn('External-IP', externalIp),
  textColumn('Port(s)', (object) => listText(treesAt(object, 'spec', 'ports').map(servicePort))),
  AGE_COLUMN,
  wide(textColumn('Selector', (object) => labelText(stringMapAt(object, 'spec', 'selector')))),
];

function externalIp(service: KubeObject): string {
  switch (stringAt(service, 'spec', 'type')) {
    case 'ExternalName':
      return textAt(service, '<none>', 'spec', 'externalName');
    case 'LoadBalancer':
      return balancerAddresses(service) === '' ? '<pending>' : balancerAddresses(service);
    default:
      return '<none>';
  }
}

function balancerAddresses(object: KubeObject): string {
  return treesAt(object, 'status', 'loadBalancer', 'ingress')
    .map((entry) => stringAt(entry, 'ip') ?? stringAt(entry, 'hostname') ?? '')
    .join(',');
}

function servicePort(port: unknown): string {
  const node = numberAt(port, 'nodePort');
  return `${scalarTextAt(port, 'port') ?? ''}${node === undefined ? '' : `:${node}`}/${textAt(port, 'TCP', 'protocol')}`;
}

export const ENDPOINT_SLICE_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('AddressType', (object) => stringAt(object, 'addressType')),
  textColumn('Ports', (object) => {
    const ports = treesAt(object, 'ports').map((port) => scalarTextAt(port, 'port') ?? '*');
    return ports.length === 0 ? '<unset>' : ports.join(',');
  }),
  textColumn('Endpoints', (object) => {
    const addresses = treesAt(object, 'endpoints').flatMap((endpoint) => {
      const list = valueAt(endpoint, 'addresses');
      return Array.isArray(list) ? list.map(String) : [];
    });
    return addresses.length === 0 ? '<unset>' : addresses.join(',');
  }),
  AGE_COLUMN,
];

export const INGRESS_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Class', (object) => textAt(object, '<none>', 'spec', 'ingressClassName')),
  textColumn('Hosts', (object) => {
    const hosts = treesAt(object, 'spec', 'rules').flatMap((rule) => stringAt(rule, 'host') ?? []);
    return hosts.length === 0 ? '*' : hosts.join(',');
  }),
  textColumn('Address', balancerAddresses),
  textColumn('Ports', (object) => (treesAt(object, 'spec', 'tls').length > 0 ? '80, 443' : '80')),
  AGE_COLUMN,
];

export const INGRESS_CLASS_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  textColumn('Controller', (object) => stringAt(object, 'spec', 'controller')),
  textColumn('Parameters', (object) => {
    const kind = stringAt(object, 'spec', 'parameters', 'kind');
    return kind === undefined ? '<none>' : `${kind}/${textAt(object, '', 'spec', 'parameters', 'name')}`;
  }),
  AGE_COLUMN,
];
