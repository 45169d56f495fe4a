import { map, type Observable } from 'rxjs';
import type { ClientOptions } from './ClientOptions.ts';
import { environmentVariable, isBrowser } from './environment.ts';
import type { RequestOptions } from './RequestOptions.ts';
import { resolveKey } from './resolveKey.ts';

const DEFAULT_BASE_URL = 'https://api.openai.com/v1';

/** What a request asks for. */
export interface Call {
  method: 'GET' | 'POST';
  /** Below the base URL. */
  path: string;
  /** What is sent as JSON. */
  body?: object;
}

/** A request as it leaves. */
export interface OutgoingRequest {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  body?: string;
}

/**
 * Builds a request for one attempt; the environment and the key are asked at that time.
 *
 * @throws TypeError when there is no key for the default base URL, a URL or a header is not valid, or the body is no JSON
 */
export function buildRequest(call: Call, client: ClientOptions, options: RequestOptions): Observable<OutgoingRequest> {
  const baseURL = client.baseURL ?? environmentVariable('OPENAI_BASE_URL') ?? DEFAULT_BASE_URL;
  const own = lowerCased(client.headers, options.headers);
  const hasCredential = 'authorization' in own || 'api-key' in own;
  const isOwnKeyEnough = 'authorization' in own || (hasCredential && client.apiKey === undefined);
  return resolveKey(isOwnKeyEnough ? null : client.apiKey).pipe(
    map((key): OutgoingRequest => {
      if (!key && !hasCredential && baseURL.startsWith('https://api.openai.com') && !isBrowser()) {
        throw new TypeError('No API key: set OPENAI_API_KEY, or give createClient an apiKey or a baseURL');
      }
      const organization = client.organization ?? environmentVariable('OPENAI_ORG_ID');
      const project = client.project ?? environmentVariable('OPENAI_PROJECT_ID');
      const headers: Record<string, string> = {
        accept: 'text/event-stream',
        ...(call.body && { 'content-type': 'application/json' }),
        ...(key && { authorization: `Bearer ${key}` }),
        ...(organization && { 'openai-organization': organization }),
        ...(project && { 'openai-project': project }),
        ...own,
      };
      checkHeaders(headers);
      const url = joinURL(baseURL, call.path, { ...client.query, ...options.query });
      return { method: call.method, url, headers, ...(call.body && { body: toJSON(call.body) }) };
    }),
  );
}

function lowerCased(...sets: (Record<string, string> | undefined)[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const set of sets) for (const [name, value] of Object.entries(set ?? {})) headers[name.toLowerCase()] = value;
  return headers;
}

/** Checked here, since the errors of HTTP clients would show the value. */
function checkHeaders(headers: Record<string, string>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw new TypeError('The name of a header is not valid');
    if (typeof value !== 'string' || /[^\t\x20-\x7e\x80-\xff]/.test(value)) {
      throw new TypeError(`The value of the header ${name} is not valid`);
    }
  }
}

/** Puts the path behind that of the base, and the queries of both together. The base may be relative to the page. */
function joinURL(baseURL: string, path: string, query: Record<string, string>): string {
  if (/^[a-z][a-z\d+.-]*:\/\/[^/?#]*@/i.test(baseURL)) throw new TypeError('The baseURL must not hold credentials');
  const [base = '', baseQuery] = baseURL.replace(/#.*$/s, '').split('?', 2);
  const [own = '', ownQuery] = path.split('?', 2);
  const added = new URLSearchParams(query).toString();
  const search = [baseQuery, ownQuery, added].filter(Boolean).join('&');
  const url = `${base.replace(/\/+$/, '')}/${own.replace(/^\/+/, '')}`;
  return search ? `${url}?${search}` : url;
}

function toJSON(body: object): string {
  try {
    return JSON.stringify(body);
  } catch {
    throw new TypeError('The body of the request cannot be written as JSON');
  }
}
