import type { TransportRequest } from '../../transport/Transport.ts';
import { isCredential } from '../wire/isCredential.ts';

/**
 * All values of a request that are credentials: those of headers, without the word `Bearer` or `Basic` before them, of
 * each cookie, of the query, and what stands before the host.
 */
export function secretsOf({ url, headers }: Pick<TransportRequest, 'url' | 'headers'>): string[] {
  const cookies = headers.cookie?.split(/;\s*/).map((cookie) => cookie.slice(cookie.indexOf('=') + 1)) ?? [];
  const beforeHost = /\/\/([^/?#@]*)@/.exec(url)?.[1]?.split(':') ?? [];
  const fields = Object.entries(headers);
  for (const [name, value] of new URLSearchParams(url.split('?')[1])) {
    fields.push([name, value], [name, encodeURIComponent(value)]);
  }
  const named = fields
    .filter(([name]) => isCredential(name))
    .map(([, value]) => value.replace(/^(bearer|basic) /i, ''));
  return [...named, ...cookies, ...beforeHost].filter(({ length }) => length > 3).sort((a, b) => b.length - a.length);
}
