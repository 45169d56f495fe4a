import { isCredential } from '../wire/isCredential.ts';

/** Headers that say who asked. */
const IDENTITY = /^(openai-organization|openai-project)$/i;

/** Whether a header is left out of a recording: a credential, a cookie, or who asked. */
export function isSecretHeader(name: string): boolean {
  return isCredential(name) || IDENTITY.test(name);
}
