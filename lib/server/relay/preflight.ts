import { crossOrigin } from './crossOrigin.ts';
import type { RelayOptions } from './RelayOptions.ts';

const HEADER_NAMES = /^[\w-]{1,64}(, ?[\w-]{1,64}){0,31}$/;

/** Answers a browser that asks beforehand: whether its page may, by which method, with which of the headers it has named. */
export function preflight(
  headers: Readonly<Record<string, string>>,
  options: RelayOptions,
): { status: number; headers: Record<string, string> } {
  const { 'access-control-request-headers': names = '' } = headers;
  const origin = crossOrigin(headers, options);
  if (!origin) return { status: 403, headers: { vary: 'Origin' } };
  return {
    status: 204,
    headers: {
      ...origin,
      allow: 'POST, OPTIONS',
      'access-control-allow-methods': 'POST',
      // Whatever they are: none of them goes further than to the hooks.
      'access-control-allow-headers': HEADER_NAMES.test(names) ? names : 'content-type, authorization',
      'access-control-max-age': '600',
    },
  };
}
