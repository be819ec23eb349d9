import { type ApiRequest, type FullResponse, jsonResponse, textResponse } from './api-request.ts';

/** The Kubernetes version that the simulator speaks for. */
const VERSION = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.0+linnet',
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '2026-01-01T00:00:00Z',
  goVersion: '',
  compiler: '',
  platform: 'linux/amd64',
};

/** Answers `/version` and the health endpoints; undefined for other paths. */
export function serverInfoResponse(request: ApiRequest): FullResponse | undefined {
  switch (request.path) {
    case '/version':
      return jsonResponse(200, VERSION);
    case '/readyz':
    case '/livez':
    case '/healthz':
      return textResponse(200, 'ok');
    default:
      return undefined;
  }
}
