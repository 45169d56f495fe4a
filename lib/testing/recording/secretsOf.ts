import type { TransportRequest } from '../../transport/Transport.ts';
import { isCredential } from '../wire/isCredential.ts';

/** All values of a request that are credentials, without the word `Bearer` or `Basic` before them. */
export function secretsOf({ url, headers }: Pick<TransportRequest, 'url' | 'headers'>): string[] {
  const fields = Object.entries(headers);
  for (const [name, value] of new URLSearchParams(url.split('?')[1])) {
    fields.push([name, value], [name, encodeURIComponent(value)]);
  }
  return fields
    .filter(([name]) => isCredential(name))
    .map(([, value]) => value.replace(/^(bearer|basic) /i, ''))
    .filter((value) => value.length > 3)
    .sort((a, b) => b.length - a.length);
}
