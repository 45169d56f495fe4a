import { isCredential } from './isCredential.ts';

/** What stands in place of a secret. */
export const REDACTED = '[redacted]';

/** A URL with what is secret in it redacted: credentials in the query, and before the host. */
export function withoutSecrets(url: string): string {
  return url
    .replace(/\/\/[^/?#@]*@/, `//${REDACTED}@`)
    .replace(/([?&])([^=&#]+)=[^&#]*/g, (whole, mark: string, name: string) =>
      isCredential(name) ? `${mark}${name}=${REDACTED}` : whole,
    );
}
