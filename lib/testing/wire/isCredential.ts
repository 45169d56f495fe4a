import { CREDENTIAL_NAME } from '../../client/credentialName.ts';

/** Names that only look so. */
const HARMLESS_NAME = /^(idempotency-key|x-ratelimit-.*)$/i;

/** Whether a header, or a field of a query, of that name is a credential. */
export function isCredential(name: string): boolean {
  return CREDENTIAL_NAME.test(name) && !HARMLESS_NAME.test(name);
}
