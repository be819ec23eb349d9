import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EndpointSlice, Ingress, Service } from '../../../src/api/core-types.ts';
import { type IngressWorld, renderNginxConfig } from '../../../src/sandbox/nginx/render-config.ts';

const service = (name: string): Service => ({
  metadata: { name, namespace: 'shop' },
  spec: { ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
});

const slice = (name: string, addresses: readonly string[], ready = true): EndpointSlice => ({
  metadata: { name: `${name}-1`, namespace: 'shop', labels: { 'kubernetes.io/service-name': name } },
  ports: [{ name: 'http', port: 8080 }],
  endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready } })),
});

const ingress = (name: string, backend: string, annotations: Record<string, string> = {}): Ingress => ({
  metadata: { name, namespace: 'shop', annotations },
  spec: {
    rules: [
      {
        host: 'shop.example',
        http: {
          paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: backend, port: { number: 80 } } } }],
        },
      },
    ],
  },
});

const canary = (weight: string, extra: Record<string, string> = {}): Ingress =>
  ingress('shop-canary', 'canary', {
    'nginx.ingress.kubernetes.io/canary': 'true',
    'nginx.ingress.kubernetes.io/canary-weight': weight,
    ...extra,
  });

const world = (canaryIngress: Ingress, canaryAddresses = ['127.1.0.9']): IngressWorld => ({
  ingresses: [ingress('shop', 'stable'), canaryIngress],
  services: [service('stable'), service('canary')],
  endpointSlices: [slice('stable', ['127.1.0.1', '127.1.0.2']), slice('canary', canaryAddresses)],
});

const render = (of: IngressWorld, folder = '/tmp/x') => renderNginxConfig(of, { listen: '127.0.0.1:8080', folder });

describe('renderNginxConfig', () => {
  it('splits by the weight of the canary Ingress', () => {
    const config = render(world(canary('30')));
    expect(config).toContain('30.00% shop_canary_80;');
    expect(config).toContain('* shop_stable_80;');
    expect(config).toMatch(/upstream shop_stable_80 \{[^}]*127\.1\.0\.1:8080[^}]*127\.1\.0\.2:8080/);
  });

  it('measures the weight against canary-weight-total', () => {
    const total = { 'nginx.ingress.kubernetes.io/canary-weight-total': '1000' };
    expect(render(world(canary('25', total)))).toContain('2.50% shop_canary_80;');
  });

  it('sends everything one way at 0 and at 100', () => {
    expect(render(world(canary('0')))).toMatch(/location \/ \{\s+proxy_pass http:\/\/shop_stable_80;/);
    expect(render(world(canary('100')))).toMatch(/location \/ \{\s+proxy_pass http:\/\/shop_canary_80;/);
  });

  it('answers 503 for the share of a canary without endpoints, as ingress-nginx does', () => {
    expect(render(world(canary('30'), []))).toMatch(/if \(\$split_\S+ = "shop_canary_80"\) \{ return 503; \}/);
  });

  it('ignores a canary Ingress for another host', () => {
    const other = canary('30');
    const elsewhere: Ingress = { ...other, spec: { rules: [{ ...other.spec?.rules?.[0], host: 'other.example' }] } };
    expect(render(world(elsewhere))).not.toContain('split_clients');
  });

  it.each(['0', '30', '100'])('is a configuration that nginx accepts (weight %s)', (weight) => {
    const folder = mkdtempSync(join(tmpdir(), 'linnet-nginx-'));
    try {
      const file = join(folder, 'nginx.conf');
      writeFileSync(file, render(world(canary(weight)), folder));
      const { status, stderr } = spawnSync('/usr/sbin/nginx', ['-t', '-c', file, '-e', join(folder, 'error.log')], {
        encoding: 'utf8',
      });
      expect(stderr).toContain('test is successful');
      expect(status).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
