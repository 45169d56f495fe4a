import type { AnyAPIError } from '../errors/isAPIError.ts';
import type { OutgoingRequest } from './OutgoingRequest.ts';

const CREDENTIAL_NAME = /auth|key|token|secret|cookie|credential|password|session|signature/i;
/** Shorter words of the body say nothing, and would tear holes into messages. */
const MIN_BODY_WORDS = 16;

/**
 * Takes out of an error what a server may have echoed: credentials, and the words of the request's body.
 *
 * @returns the same error
 */
export function redact(error: unknown, request: OutgoingRequest | undefined): unknown {
  // The cause of an abort is the caller's own.
  const isOurs = error instanceof Error && (error as Partial<AnyAPIError>).kind !== 'abort';
  if (request && isOurs) mask(error as object as Record<string, unknown>, secretsOf(request));
  return error;
}

function secretsOf({ url, headers, body = '""' }: OutgoingRequest): string[] {
  const secrets = [url, body];
  for (const [name, value] of [...Object.entries(headers), ...new URLSearchParams(url.split('?')[1])]) {
    if (CREDENTIAL_NAME.test(name)) secrets.push(value, value.replace(/^\w+ /, ''));
  }
  JSON.parse(body, (name, value: unknown) => {
    if (typeof value === 'string' && value.length >= MIN_BODY_WORDS && name !== 'model') {
      secrets.push(value, JSON.stringify(value).slice(1, -1));
    }
    return value;
  });
  // Long ones first: a short one may be a part of them.
  return secrets.filter(({ length }) => length > 3).sort((a, b) => b.length - a.length);
}

function mask(target: Record<string, unknown>, secrets: string[]): void {
  // Of an error, these are not among the enumerable entries.
  for (const name of ['message', 'stack', 'cause', ...Object.keys(target)]) {
    const value = target[name];
    if (typeof value === 'string') {
      const masked = secrets.reduce((text, secret) => text.replaceAll(secret, '[redacted]'), value);
      if (masked !== value) target[name] = masked;
    } else if (Object(value) === value) {
      mask(value as Record<string, unknown>, secrets);
    }
  }
}
