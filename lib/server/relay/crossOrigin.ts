import type { RelayOptions } from './RelayOptions.ts';

type Headers = Readonly<Record<string, string>>;
/** What an answer to a page has besides. */
export type OriginHeaders = Record<string, string>;

/** What a page may see of an answer besides its body. */
const EXPOSED = 'x-request-id, retry-after, retry-after-ms, x-should-retry';

/**
 * Judges where a request comes from: no page at all, a page of the same host, or one of those that are allowed.
 *
 * @returns the headers of the answer; undefined when the page may not ask
 */
export function crossOrigin(headers: Headers, { origins = [] }: RelayOptions): OriginHeaders | undefined {
  const vary = { vary: 'Origin' };
  const { origin, host, 'sec-fetch-site': site } = headers;
  // A browser that leaves the origin out still says this.
  if (origin === undefined) return site === 'cross-site' ? undefined : vary;
  // A promise is no yes.
  const isListed = typeof origins === 'function' ? (origins(origin) as unknown) : origins.includes(origin);
  if (isListed === true) {
    return { ...vary, 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED };
  }
  // A proxy may have put another host there; what the browser says, no script can set.
  const isOwn = site === 'same-origin' || (host !== undefined && hostOf(origin) === withoutPort(host.toLowerCase()));
  return isOwn ? vary : undefined;
}

function hostOf(origin: string): string | undefined {
  try {
    const { host, protocol } = new URL(origin);
    return /^https?:$/.test(protocol) ? withoutPort(host) : undefined;
  } catch {
    return undefined;
  }
}

/** A host without a default port, of whichever scheme: in front of a proxy it may be another. */
function withoutPort(host: string): string {
  return host.replace(/:(80|443)$/, '');
}
