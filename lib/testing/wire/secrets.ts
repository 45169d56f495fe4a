import type { TransportRequest } from '../../transport/Transport.ts';

/** What stands in place of a secret. */
export const REDACTED = '[redacted]';

const CREDENTIAL_NAME = /auth|key|token|secret|cookie|cred|pass|session|sign/i;
/** Names that only look so. */
const HARMLESS_NAME = /^(idempotency-key|x-ratelimit-.*)$/i;

/** Whether a header, or a field of a query, of that name is a credential. */
export function isCredential(name: string): boolean {
  return CREDENTIAL_NAME.test(name) && !HARMLESS_NAME.test(name);
}

/** A URL with what is secret in it redacted: credentials in the query, and before the host. */
export function withoutSecrets(url: string): string {
  return url
    .replace(/\/\/[^/?#@]*@/, `//${REDACTED}@`)
    .replace(/([?&])([^=&#]+)=[^&#]*/g, (whole, mark: string, name: string) =>
      isCredential(name) ? `${mark}${name}=${REDACTED}` : whole,
    );
}

/** All values of a request that are credentials, without the word before them, such as `Bearer`. */
export function secretsOf({ url, headers }: Pick<TransportRequest, 'url' | 'headers'>): string[] {
  const fields = Object.entries(headers);
  for (const [name, value] of new URLSearchParams(url.split('?')[1])) {
    fields.push([name, value], [name, encodeURIComponent(value)]);
  }
  return fields
    .filter(([name]) => isCredential(name))
    .map(([, value]) => value.replace(/^\w+ /, ''))
    .filter((value) => value.length > 3)
    .sort((a, b) => b.length - a.length);
}

/** The body of a request: parsed if it is JSON. */
export function parsedBody(body: string | undefined): unknown {
  try {
    return body === undefined ? undefined : (JSON.parse(body) as unknown);
  } catch {
    return body;
  }
}
