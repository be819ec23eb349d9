import type { EndpointSlice, Ingress, IngressBackend, Service } from '../../api/core-types.ts';
import { nameOf, namespaceOf } from '../../api/object-name.ts';

/** What an ingress controller for nginx looks at. */
export interface IngressWorld {
  readonly ingresses: readonly Ingress[];
  readonly services: readonly Service[];
  readonly endpointSlices: readonly EndpointSlice[];
}

export interface NginxSettings {
  /** Address and port that nginx listens on. */
  readonly listen: string;
  /** Folder that nginx may write to. */
  readonly folder: string;
}

const PREFIX = 'nginx.ingress.kubernetes.io';
/** ingress-nginx's default for `canary-weight-total`. */
const DEFAULT_WEIGHT_TOTAL = 100;

interface Backend {
  /** nginx's name for the group of servers. */
  readonly upstream: string;
  readonly servers: readonly string[];
}

interface Location {
  readonly host: string;
  readonly path: string;
  readonly exact: boolean;
  readonly primary: Backend;
  /** Canary of that backend with its share, 0 to 1. */
  readonly canary?: { readonly backend: Backend; readonly share: number };
}

/**
 * The nginx configuration that Ingresses and their canaries ask for, as ingress-nginx reads them: a canary Ingress has
 * effect where it shares namespace, host and path with a primary one; its weight is a share of `canary-weight-total`;
 * a backend without ready endpoints answers 503. Requests are split at random, each by itself.
 */
export function renderNginxConfig(world: IngressWorld, settings: NginxSettings): string {
  const locations = locationsOf(world);
  const backends = new Map<string, Backend>();
  for (const { primary, canary } of locations) {
    for (const backend of [primary, ...(canary === undefined ? [] : [canary.backend])]) {
      backends.set(backend.upstream, backend);
    }
  }
  const hosts = [...new Set(locations.map(({ host }) => host))].toSorted();
  return [
    'daemon off;',
    // One worker: a reload then has one process to replace, and two cores have other work.
    'worker_processes 1;',
    `pid ${settings.folder}/nginx.pid;`,
    `error_log ${settings.folder}/error.log warn;`,
    'events { worker_connections 4096; }',
    'http {',
    '  access_log off;',
    ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (kind) => `  ${kind}_temp_path ${settings.folder}/${kind}_temp;`,
    ),
    '  proxy_http_version 1.1;',
    '  proxy_set_header Connection "";',
    '  proxy_set_header Host $host;',
    // What a second try may repair is a pod that went away between two requests; an answer of the version is final.
    '  proxy_next_upstream error timeout;',
    '  proxy_connect_timeout 2s;',
    ...[...backends.values()].flatMap(renderUpstream),
    ...locations.flatMap(renderSplit),
    ...hosts.flatMap((host) =>
      renderServer(
        host,
        locations.filter((location) => location.host === host),
        settings,
      ),
    ),
    ...(hosts.includes('') ? [] : [`  server { listen ${settings.listen} default_server; return 404; }`]),
    '}',
    '',
  ].join('\n');
}

function isCanary(ingress: Ingress): boolean {
  return ingress.metadata.annotations?.[`${PREFIX}/canary`] === 'true';
}

function locationsOf(world: IngressWorld): readonly Location[] {
  const byAge = world.ingresses.toSorted(
    (left, right) =>
      (left.metadata.creationTimestamp ?? '').localeCompare(right.metadata.creationTimestamp ?? '') ||
      nameOf(left).localeCompare(nameOf(right)),
  );
  const canaries = byAge.filter(isCanary).flatMap((ingress) => pathsOf(world, ingress));
  const seen = new Set<string>();
  return byAge
    .filter((ingress) => !isCanary(ingress))
    .flatMap((ingress) => pathsOf(world, ingress))
    .flatMap(({ ingress, host, path, exact, backend }) => {
      const identity = `${host} ${path} ${exact}`;
      // The oldest Ingress wins a path that two of them claim.
      if (seen.has(identity)) return [];
      seen.add(identity);
      const canary = canaries.find(
        (other) =>
          namespaceOf(other.ingress) === namespaceOf(ingress) &&
          other.host === host &&
          other.path === path &&
          other.backend.upstream !== backend.upstream,
      );
      const base: Location = { host, path, exact, primary: backend };
      return [
        canary === undefined ? base : { ...base, canary: { backend: canary.backend, share: shareOf(canary.ingress) } },
      ];
    });
}

interface IngressPathBackend {
  readonly ingress: Ingress;
  readonly host: string;
  readonly path: string;
  readonly exact: boolean;
  readonly backend: Backend;
}

function pathsOf(world: IngressWorld, ingress: Ingress): readonly IngressPathBackend[] {
  return (ingress.spec?.rules ?? []).flatMap((rule) =>
    (rule.http?.paths ?? []).map((path) => ({
      ingress,
      host: rule.host ?? '',
      path: path.path ?? '/',
      exact: path.pathType === 'Exact',
      backend: backendOf(world, namespaceOf(ingress), path.backend),
    })),
  );
}

function shareOf(canary: Ingress): number {
  const annotations = canary.metadata.annotations ?? {};
  const total = Number.parseInt(annotations[`${PREFIX}/canary-weight-total`] ?? '', 10) || DEFAULT_WEIGHT_TOTAL;
  const weight = Number.parseInt(annotations[`${PREFIX}/canary-weight`] ?? '', 10) || 0;
  return Math.min(1, Math.max(0, weight / total));
}

function backendOf(world: IngressWorld, namespace: string, { service }: IngressBackend): Backend {
  const name = service?.name ?? '';
  const target = world.services.find((object) => nameOf(object) === name && namespaceOf(object) === namespace);
  const port = target?.spec?.ports?.find(
    (candidate) => candidate.port === service?.port?.number || candidate.name === service?.port?.name,
  );
  const slices = world.endpointSlices.filter(
    (slice) => namespaceOf(slice) === namespace && slice.metadata.labels?.['kubernetes.io/service-name'] === name,
  );
  const servers = slices.flatMap((slice) => {
    const number = slice.ports?.find((candidate) => (candidate.name ?? '') === (port?.name ?? ''))?.port;
    const ready = (slice.endpoints ?? []).filter((endpoint) => endpoint.conditions?.ready !== false);
    return number === undefined
      ? []
      : ready.flatMap(({ addresses }) => (addresses ?? []).map((ip) => `${ip}:${number}`));
  });
  return { upstream: identifier(`${namespace}_${name}_${port?.port ?? 0}`), servers: [...new Set(servers)].toSorted() };
}

/** Object names are DNS labels; nginx variables take letters, digits and underscores. */
function identifier(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_]/g, '_');
}

function renderUpstream({ upstream, servers }: Backend): readonly string[] {
  if (servers.length === 0) return [];
  return [
    `  upstream ${upstream} {`,
    '    random two least_conn;',
    ...servers.map((server) => `    server ${server} max_fails=0;`),
    '    keepalive 32;',
    '  }',
  ];
}

function splitVariable({ host, path, exact }: Location): string {
  return identifier(`split_${host}_${path}_${exact ? 'exact' : 'prefix'}`);
}

function renderSplit(location: Location): readonly string[] {
  const { canary, primary } = location;
  if (canary === undefined || canary.share <= 0 || canary.share >= 1) return [];
  // nginx reads percentages with two decimals and takes the rest for `*`.
  const percent = (canary.share * 100).toFixed(2);
  return [
    `  split_clients "$request_id" $${splitVariable(location)} {`,
    `    ${percent}% ${canary.backend.upstream};`,
    `    * ${primary.upstream};`,
    '  }',
  ];
}

function renderServer(host: string, locations: readonly Location[], settings: NginxSettings): readonly string[] {
  return [
    '  server {',
    `    listen ${settings.listen}${host === '' ? ' default_server' : ''};`,
    ...(host === '' ? [] : [`    server_name ${host};`]),
    ...locations.flatMap(renderLocation),
    '  }',
  ];
}

function renderLocation(location: Location): readonly string[] {
  const { path, exact, primary, canary } = location;
  const open = `    location ${exact ? '= ' : ''}${path} {`;
  const pass = (backend: Backend) =>
    backend.servers.length === 0 ? '      return 503;' : `      proxy_pass http://${backend.upstream};`;
  if (canary === undefined || canary.share <= 0) return [open, pass(primary), '    }'];
  if (canary.share >= 1) return [open, pass(canary.backend), '    }'];
  const variable = `$${splitVariable(location)}`;
  const empty = [primary, canary.backend].filter(({ servers }) => servers.length === 0);
  return [
    open,
    ...empty.map(({ upstream }) => `      if (${variable} = "${upstream}") { return 503; }`),
    `      proxy_pass http://${variable};`,
    '    }',
  ];
}
