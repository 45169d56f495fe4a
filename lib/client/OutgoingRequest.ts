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
export function buildRequest(
  { method, path, body }: Call,
  client: ClientOptions,
  options: RequestOptions,
): Observable<OutgoingRequest> {
  const setting = (own: string | undefined, name: string) => own ?? environmentVariable(name);
  const baseURL = setting(client.baseURL, 'OPENAI_BASE_URL') ?? DEFAULT_BASE_URL;
  const headers: Record<string, string> = {};
  const add = (set: Record<string, string | undefined> | undefined) => {
    for (const [name, value] of Object.entries(set ?? {})) {
      if (value !== undefined) headers[name.toLowerCase()] = checkedHeader(name, value);
    }
  };
  add({
    accept: 'text/event-stream',
    'content-type': body && 'application/json',
    'openai-organization': setting(client.organization, 'OPENAI_ORG_ID'),
    'openai-project': setting(client.project, 'OPENAI_PROJECT_ID'),
  });
  add(client.headers);
  add(options.headers);
  const url = joinURL(baseURL, path, { ...client.query, ...options.query });
  // An authorization of the caller's wins; an api-key (Azure) only makes the environment's key needless.
  const hasKey = headers.authorization !== undefined || headers['api-key'] !== undefined;
  return resolveKey(headers.authorization || (hasKey && client.apiKey === undefined) ? null : client.apiKey).pipe(
    map((key) => {
      if (key) add({ authorization: `Bearer ${key}` });
      else if (!hasKey && baseURL.startsWith('https://api.openai.com') && !isBrowser()) {
        throw new TypeError('No API key: set OPENAI_API_KEY, or give createClient an apiKey or a baseURL');
      }
      return { method, url, headers, ...(body && { body: JSON.stringify(body) }) };
    }),
  );
}

/** Checked here, since the errors of HTTP clients show the value. */
function checkedHeader(name: string, value: string): string {
  if (/[^\w!#$%&'*+.^`|~-]/.test(name) || /[^\t\x20-\x7e\x80-\xff]/.test(value)) {
    throw new TypeError(`The header ${JSON.stringify(name)} is not valid`);
  }
  return value;
}

/** Puts the path behind that of the base, and all queries together. The base may be relative to the page. */
function joinURL(baseURL: string, path: string, query: Record<string, string>): string {
  if (/^\w+:\/\/[^/?#]*@/.test(baseURL)) throw new TypeError('The baseURL must not hold credentials');
  const [base = '', baseQuery] = baseURL.split('?');
  const [own = '', ownQuery] = path.split('?');
  const search = [baseQuery, ownQuery, new URLSearchParams(query).toString()].filter(Boolean).join('&');
  return `${base.replace(/\/+$/, '')}/${own.replace(/^\/+/, '')}${search && `?${search}`}`;
}
