import { isAPIError } from '../errors/isAPIError.ts';
import type { OutgoingRequest } from './OutgoingRequest.ts';

const CREDENTIAL_NAME = /auth|key|token|secret|cookie|credential|password|session|signature/i;
/** Shorter words of the body say nothing, and would tear holes into messages. */
const MIN_BODY_WORDS = 16;

/**
 * Takes out of an error what a server may have echoed: credentials, and the words of the request's body.
 *
 * @returns the same error
 */
export function redact<E>(error: E, request: OutgoingRequest | undefined): E {
  // The cause of an abort is the caller's own.
  if (request && isAPIError(error) && error.kind !== 'abort') mask(error, secretsOf(request));
  return error;
}

function secretsOf({ url, headers, body }: OutgoingRequest): string[] {
  const secrets: string[] = [];
  const query = new URLSearchParams(url.split('?')[1]);
  for (const [name, value] of [...Object.entries(headers), ...query.entries()]) {
    if (CREDENTIAL_NAME.test(name)) secrets.push(value, value.replace(/^\w+ /, ''));
  }
  if (body !== undefined) {
    secrets.push(body);
    JSON.parse(body, (name, value: unknown) => {
      if (typeof value === 'string' && value.length >= MIN_BODY_WORDS && name !== 'model') {
        secrets.push(value, JSON.stringify(value).slice(1, -1));
      }
      return value;
    });
  }
  // Long ones first: a short one may be a part of them.
  return secrets.filter(({ length }) => length > 3).sort((a, b) => b.length - a.length);
}

function mask(target: object, secrets: string[]): void {
  // Of an error, these are not among the enumerable entries.
  for (const name of new Set(['message', 'stack', 'cause', ...Object.keys(target)])) {
    const value = (target as Record<string, unknown>)[name];
    if (typeof value === 'string') {
      const masked = secrets.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), value);
      if (masked !== value) (target as Record<string, unknown>)[name] = masked;
    } else if (typeof value === 'object' && value !== null) {
      mask(value, secrets);
    }
  }
}
