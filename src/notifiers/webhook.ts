import { isJsonArray, isJsonObject, type JsonObject, member } from '../core/values/json.ts';
import { basicAuthorization } from '../net/auth/basic.ts';
import type { HttpClient, HttpRequest } from '../net/http-client.ts';
import { createRedactor } from '../net/redact.ts';
import { type Delivery, type Notifier, NotifierError } from './notifier.ts';
import { exchange, refusal } from './post.ts';

const METHODS = ['GET', 'POST', 'PUT'] as const satisfies readonly HttpRequest['method'][];
const FIRST_REFUSAL = 300;

/** Any HTTP service: `url`, `headers`, `basicAuth` and `insecureSkipVerify`, with the request of the template's `webhook.<name>`. */
export function createWebhookNotifier({ http }: { readonly http: HttpClient }): Notifier {
  return {
    type: 'webhook',
    send: async (delivery) => {
      const request = requestOf(delivery);
      // The header of basic authentication holds its secrets in a form of its own.
      const hideHeaders = createRedactor(Object.values(request.headers ?? {}));
      const redact = (text: string) => delivery.redact(hideHeaders(text));
      const response = await exchange(http, request, { ...delivery, redact });
      if (response.status >= FIRST_REFUSAL) throw new NotifierError('rejected', refusal(response, redact));
    },
  };
}

function requestOf({
  service,
  options,
  message,
}: Delivery): Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body' | 'insecure'> {
  const call = message.webhook.get(service);
  const wanted = call?.method ?? 'GET';
  const method = METHODS.find((known) => known === wanted);
  if (method === undefined) {
    throw new NotifierError('misconfigured', `webhook.${service}.method ${wanted} is none of ${METHODS.join(', ')}`);
  }
  const body = call === undefined ? message.text : call.body;
  return {
    method,
    url: urlOf(service, options, call?.path?.trim() ?? ''),
    headers: headersOf(options),
    insecure: member(options, 'insecureSkipVerify') === true,
    // A GET has no body (undici and most servers refuse one).
    ...(body === undefined || method === 'GET' ? {} : { body }),
  };
}

function urlOf(service: string, options: JsonObject, path: string): string {
  const base = member(options, 'url');
  const url = typeof base === 'string' ? URL.parse(base.trim()) : null;
  if (url === null) throw new NotifierError('misconfigured', `service.webhook.${service} has no valid url`);
  if (path === '') return url.href;
  const joined = URL.parse(path.startsWith('/') ? path : `${url.pathname.replace(/\/?$/, '/')}${path}`, url.href);
  // A path such as //elsewhere/ would take the credentials to another host.
  if (joined === null || joined.origin !== url.origin) {
    throw new NotifierError('misconfigured', `webhook.${service}.path does not stay on the host of the service's url`);
  }
  return joined.href;
}

function headersOf(options: JsonObject): Record<string, string> {
  const headers: Record<string, string> = {};
  const listed = member(options, 'headers');
  for (const header of listed !== undefined && isJsonArray(listed) ? listed : []) {
    if (!isJsonObject(header)) continue;
    const [name, value] = [member(header, 'name'), member(header, 'value')];
    if (typeof name === 'string' && typeof value === 'string') headers[name.toLowerCase()] = value;
  }
  const login = member(options, 'basicAuth');
  if (login !== undefined && isJsonObject(login)) {
    const text = (key: string) => (typeof login[key] === 'string' ? login[key] : '');
    headers['authorization'] = basicAuthorization(text('username'), text('password'));
  }
  return headers;
}
