import { crossOrigin } from './crossOrigin.ts';
import type { RelayOptions } from './RelayOptions.ts';
import type { RelayRequest } from './RelayRequest.ts';
import { tell } from './tell.ts';

const HEADER_NAMES = /^[\w-]{1,64}(, ?[\w-]{1,64}){0,31}$/;

/** The answer to a browser that asks beforehand. */
interface PreflightHead {
  status: number;
  headers: Record<string, string>;
}

/** Answers a browser that asks beforehand: whether its page may, by which method, with which of the headers it has named. */
export function preflight(request: RelayRequest, options: RelayOptions): PreflightHead {
  try {
    return judge(request, options);
  } catch (error) {
    tell(error, request, options);
    return { status: 500, headers: {} };
  }
}

function judge({ headers }: RelayRequest, options: RelayOptions): PreflightHead {
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
