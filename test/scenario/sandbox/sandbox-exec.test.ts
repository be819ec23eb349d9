import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findKubectl } from '../../support/kubectl.ts';

const SANDBOX = fileURLToPath(new URL('../../../src/sandbox/sandbox-main.ts', import.meta.url));
const LIMIT_MS = 60_000;
const MANIFEST = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      terminationGracePeriodSeconds: 2
      containers:
      - name: web
        image: linnet.dev/sample-app:v1
        env: [{ name: PORT, value: "18080" }]
        ports: [{ name: http, containerPort: 18080 }]
        readinessProbe: { httpGet: { path: /healthz, port: http }, periodSeconds: 1 }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ name: http, port: 80, targetPort: http }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  rules:
  - host: web.example.com
    http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { name: http } } } }] }
`;
const kubectl = await findKubectl();

interface Outcome {
  readonly status: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

function sandbox(...args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const path = 'path' in kubectl ? `${dirname(kubectl.path)}:${process.env['PATH']}` : process.env['PATH'];
    const options = { env: { ...process.env, PATH: path }, timeout: LIMIT_MS };
    execFile(process.execPath, [SANDBOX, ...args], options, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : (error.code ?? null), stdout, stderr }),
    );
  });
}

describe('npm run sandbox', () => {
  it('refuses what it does not know', async () => {
    const { status, stderr } = await sandbox('--nonsense');
    expect([status, stderr]).toEqual([2, expect.stringContaining("'--nonsense'")]);
    expect((await sandbox('--help')).stdout).toContain('--exec COMMAND');
  });

  describe.skipIf('missing' in kubectl)('--exec', () => {
    let folder: string;
    let outcome: Outcome;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'linnet-exec-'));
      writeFileSync(join(folder, 'web.yaml'), MANIFEST);
      const commands = [
        `kubectl apply -f ${folder}/web.yaml`,
        'kubectl rollout status deployment web --timeout=30s',
        'kubectl get pods --no-headers',
        'kubectl config view --minify -o "jsonpath={..namespace}"; echo',
        'nginx=$(sed -n "s/.*listen \\([0-9.:]*\\);.*/\\1/p" $(dirname $KUBECONFIG)/nginx/nginx.conf | head -1)',
        `${process.execPath} -e 'require("http").get({host: process.argv[1].split(":")[0], port: process.argv[1].split(":")[1], headers: {host: "web.example.com"}}, (r) => r.pipe(process.stdout))' "$nginx"`,
        'echo "folder $(dirname $KUBECONFIG)"',
        'exit 7',
      ];
      outcome = await sandbox('--exec', commands.join('\n'));
    }, LIMIT_MS);
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it('runs a Deployment behind nginx for a real kubectl', () => {
      expect(outcome.stdout).toContain('deployment.apps/web created');
      expect(outcome.stdout).toContain('deployment "web" successfully rolled out');
      expect(outcome.stdout.match(/^web-\S+ +1\/1 +Running/gm)).toHaveLength(2);
      expect(outcome.stdout).toMatch(/^default$/m);
      expect(outcome.stdout).toMatch(/"version":"v1"/);
    });

    it("ends with the command's status and leaves nothing", () => {
      expect(outcome.status).toBe(7);
      const [, used = ''] = /^folder (.*)$/m.exec(outcome.stdout) ?? [];
      expect(used).toContain('linnet-sandbox-');
      expect(existsSync(used)).toBe(false);
    });
  });
});
