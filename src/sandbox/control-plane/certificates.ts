import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ADVERTISED, KUBERNETES_SERVICE } from './network-namespace.ts';

/** Files of one cluster's identities. */
export interface Certificates {
  readonly authority: string;
  readonly server: KeyPair;
  /** A client in group system:masters. */
  readonly admin: KeyPair;
  /** Signs the tokens of service accounts. */
  readonly serviceAccounts: { readonly publicKey: string; readonly privateKey: string };
}

interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

const run = promisify(execFile);
const DAYS = '2';
const SERVER_NAMES = [
  'DNS:localhost',
  'DNS:kubernetes',
  'DNS:kubernetes.default',
  'DNS:kubernetes.default.svc',
  'IP:127.0.0.1',
  `IP:${KUBERNETES_SERVICE}`,
  `IP:${ADVERTISED}`,
];

/** Makes a certificate authority and what it signs, with openssl, in `folder`. They are valid for two days. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: readonly (readonly string[])[]) => run('openssl', args.flat());
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl(
    ['req', '-x509', ...newKey, '-days', DAYS, '-subj', '/CN=linnet-sandbox'],
    ['-keyout', file('ca.key'), '-out', file('ca.crt')],
  );
  const sign = async (name: string, subject: string, extensions: readonly string[]): Promise<KeyPair> => {
    const pair = { certificate: file(`${name}.crt`), key: file(`${name}.key`) };
    const request = file(`${name}.csr`);
    const extensionFile = file(`${name}.ext`);
    await writeFile(extensionFile, extensions.join('\n'));
    await openssl(['req', ...newKey, '-subj', subject, '-keyout', pair.key, '-out', request]);
    await openssl(
      ['x509', '-req', '-in', request, '-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial'],
      ['-days', DAYS, '-extfile', extensionFile, '-out', pair.certificate],
    );
    return pair;
  };
  // One after the other: they share the authority's file of serial numbers.
  const server = await sign('server', '/CN=kube-apiserver', [
    `subjectAltName=${SERVER_NAMES.join(',')}`,
    'extendedKeyUsage=serverAuth',
  ]);
  const admin = await sign('admin', '/O=system:masters/CN=admin', ['extendedKeyUsage=clientAuth']);
  await openssl(['genrsa', '-out', file('sa.key'), '2048']);
  await openssl(['rsa', '-in', file('sa.key'), '-pubout', '-out', file('sa.pub')]);
  return {
    authority: file('ca.crt'),
    server,
    admin,
    serviceAccounts: { publicKey: file('sa.pub'), privateKey: file('sa.key') },
  };
}
