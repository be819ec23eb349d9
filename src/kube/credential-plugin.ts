import { KubeConfig } from '@kubernetes/client-node';
import type { CredentialSource } from './credential-source.ts';
import { KubeConfigError, type KubeConfigUser } from './kube-config-file.ts';

type HttpsOptions = Parameters<KubeConfig['applyToHTTPSOptions']>[0];

/**
 * Users whose credentials come from a program or a token service: exec plugins, OIDC, the clouds' legacy providers.
 * client-node knows them all. A module of its own, with a static import, so that a bundle holds no more of client-node
 * than this.
 */
export function credentialPlugin(name: string, user: KubeConfigUser): CredentialSource {
  let config: KubeConfig | undefined;
  return {
    async get({ fresh = false } = {}) {
      // A new KubeConfig has no token cached.
      config = fresh || config === undefined ? load(name, user) : config;
      const options: HttpsOptions = {};
      try {
        await config.applyToHTTPSOptions(options);
      } catch (cause) {
        config = undefined;
        throw new KubeConfigError(`the credential plugin of user "${name}" failed: run it by hand to see why`, {
          cause,
        });
      }
      return {
        headers: lowerCased(options.headers),
        tls: {
          ...(options.cert === undefined ? {} : { cert: String(options.cert) }),
          ...(options.key === undefined ? {} : { key: String(options.key) }),
        },
      };
    },
  };
}

function load(name: string, user: KubeConfigUser): KubeConfig {
  const config = new KubeConfig();
  // The cluster is irrelevant to the plugins; this one only keeps client-node from building TLS agents of its own.
  config.loadFromClusterAndUser(
    { name, server: 'http://localhost', skipTLSVerify: true },
    { name, exec: user.exec, authProvider: user['auth-provider'] },
  );
  return config;
}

function lowerCased(headers: HttpsOptions['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]));
}
