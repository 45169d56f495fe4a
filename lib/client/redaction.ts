import type { AnyAPIError } from '../errors/isAPIError.ts';
import type { OutgoingRequest } from './OutgoingRequest.ts';

const CREDENTIAL_NAME = /auth|key|token|secret|cookie|credential|password|session|signature/i;
/** Shorter words of the body say nothing, and would tear holes into messages. */
const MIN_BODY_WORDS = 16;
const MIN_EXCERPT = 1024;
const MASK = '[redacted]';

/**
 * Takes out of an error what a server may have echoed: credentials, and the words of the request's body.
 *
 * @returns the same error
 */
export function redact(error: unknown, request: OutgoingRequest | undefined): unknown {
  // The cause of an abort is the caller's own.
  const isOurs = Object(error) === error && (error as AnyAPIError).kind !== 'abort';
  if (request && isOurs) mask(error as Fields, secretsOf(request), new Set());
  return error;
}

type Fields = Record<string, unknown>;

function secretsOf({ url, headers, body = '""' }: OutgoingRequest): string[] {
  const secrets = [body];
  const note = (name: string, value: string) => {
    if (CREDENTIAL_NAME.test(name)) secrets.push(value, value.replace(/^\w+ /, ''));
  };
  for (const [name, value] of Object.entries(headers)) note(name, value);
  for (const pair of (url.split('?')[1] ?? '').split('&')) {
    for (const [name, value] of new URLSearchParams(pair)) {
      note(name, value);
      note(name, pair.slice(pair.indexOf('=') + 1));
    }
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

/** Masks what is in an object and below; what cannot be changed goes as a whole. */
function mask(target: Fields, secrets: string[], seen: Set<unknown>): void {
  seen.add(target);
  // Of an error, the first three are not among the enumerable entries.
  for (const name of ['message', 'stack', 'cause', ...Object.keys(target)]) {
    const value = target[name];
    if (typeof value === 'string') {
      const masked = secrets.reduce(withoutSecret, value);
      if (masked !== value) Reflect.set(target, name, masked);
    } else if (Object(value) === value && !seen.has(value)) {
      if (Object.isFrozen(value)) Reflect.set(target, name, undefined);
      else mask(value as Fields, secrets, seen);
    }
  }
}

function withoutSecret(text: string, secret: string): string {
  const rest = text.replaceAll(secret, MASK);
  // Where an excerpt was cut there may be the beginning of a secret only.
  const start = text.length < MIN_EXCERPT ? -1 : rest.lastIndexOf(secret.slice(0, MIN_BODY_WORDS / 2));
  if (start < 0) return rest;
  let end = start;
  while (end < rest.length && rest[end] === secret[end - start]) end++;
  return rest.slice(0, start) + MASK + rest.slice(end);
}
