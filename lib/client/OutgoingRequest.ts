import { first, from, map, of, type Observable, type ObservableInput } from 'rxjs';
import { environmentVariable, requireKey } from '#transport';
import type { ClientOptions } from './ClientOptions.ts';
import type { RequestOptions } from './RequestOptions.ts';

/** What a request asks for. */
export interface Call {
  method: 'GET' | 'POST';
  /** Below the base URL. */
  path: string;
  /** What is sent as JSON. */
  body?: object;
  /** Whether the answer that is wanted is a JSON document instead of a stream. */
  isDocument?: boolean;
}

/** A request as it leaves. */
export interface OutgoingRequest {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  body?: string;
}

/**
 * Builds a request for one attempt. The environment is read, and a key function asked, at that time.
 *
 * @throws TypeError when there is no key for the default base URL, or a function gives none
 */
export function buildRequest(
  { method, path, body, isDocument }: Call,
  client: ClientOptions,
  options: Pick<RequestOptions, 'headers' | 'query'>,
): Observable<OutgoingRequest> {
  const { apiKey = environmentVariable('API_KEY') } = client;
  const baseURL = client.baseURL ?? environmentVariable('BASE_URL') ?? 'https://api.openai.com/v1';
  const headers: Record<string, string> = {};
  const defaults = {
    accept: isDocument ? 'application/json' : 'text/event-stream',
    'content-type': body && 'application/json',
    'openai-organization': client.organization ?? environmentVariable('ORG_ID'),
    'openai-project': client.project ?? environmentVariable('PROJECT_ID'),
  };
  for (const set of [defaults, client.headers, options.headers]) {
    for (const [name, value] of Object.entries(set ?? {})) if (value !== undefined) headers[name.toLowerCase()] = value;
  }
  const hasKey = (headers.authorization ?? headers['api-key']) !== undefined;
  // An authorization of the caller's wins; an api-key (Azure) only makes the environment's key needless.
  const isKeyNeeded = headers.authorization === undefined && (client.apiKey !== undefined || !hasKey);
  const withKey = (key: unknown): OutgoingRequest => {
    if (key && typeof key === 'string') headers.authorization = `Bearer ${key}`;
    else if (isKeyNeeded && typeof apiKey === 'function') throw new TypeError('apiKey gave no key');
    else if (!hasKey) requireKey(baseURL);
    const url = joinURL(baseURL, path, { ...client.query, ...options.query });
    return { method, url, headers, ...(body && { body: JSON.stringify(body) }) };
  };
  const answer = isKeyNeeded && (typeof apiKey === 'function' ? apiKey() : apiKey);
  // A string is taken whole, not character by character.
  return Object(answer) === answer
    ? from(answer as ObservableInput<string>).pipe(first(null, undefined), map(withKey))
    : of(withKey(answer));
}

/** Puts the path behind that of the base, and all queries together. The base may be relative to the page. */
function joinURL(baseURL: string, path: string, query: Record<string, string>): string {
  const [base = '', baseQuery] = baseURL.split('?');
  const [own = '', ownQuery] = path.split('?');
  const search = [baseQuery, ownQuery, `${new URLSearchParams(query)}`].filter(Boolean).join('&');
  return `${base.replace(/\/*$/, '/')}${own.replace(/^\/+/, '')}${search && `?${search}`}`;
}
