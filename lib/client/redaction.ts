import { isAPIError } from '../errors/isAPIError.ts';
import type { OutgoingRequest } from './OutgoingRequest.ts';

const MASK = '[redacted]';
const CREDENTIAL_NAME = /auth|key|token|secret|cookie|credential|password|session|signature/i;
/** Shorter words of the body say nothing, and would tear holes into messages. */
const MIN_BODY_WORDS = 16;

/**
 * Takes out of an error what a server may have echoed: credentials and the words of the request's body.
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
  for (const [name, value] of Object.entries(headers)) {
    if (CREDENTIAL_NAME.test(name)) secrets.push(value, value.replace(/^\w+ /, ''));
  }
  for (const [name, value] of new URLSearchParams(url.split('?')[1] ?? '')) {
    if (CREDENTIAL_NAME.test(name)) secrets.push(value);
  }
  if (body !== undefined) {
    secrets.push(body);
    collectWords(JSON.parse(body), secrets);
  }
  // Long ones first: a short one may be a part of them.
  return secrets.filter((secret) => secret.length > 3).sort((a, b) => b.length - a.length);
}

function collectWords(value: unknown, secrets: string[]): void {
  if (typeof value === 'string') {
    if (value.length >= MIN_BODY_WORDS) secrets.push(value, JSON.stringify(value).slice(1, -1));
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, item] of Object.entries(value)) if (name !== 'model') collectWords(item, secrets);
  }
}

function mask(target: object, secrets: string[]): void {
  const clean = (text: string) => secrets.reduce((rest, secret) => rest.replaceAll(secret, MASK), text);
  if (target instanceof Error) {
    const { message, stack, cause } = target;
    replace(target, 'message', message, clean(message));
    if (stack !== undefined) replace(target, 'stack', stack, clean(stack));
    if (cause instanceof Error) mask(cause, secrets);
  }
  for (const [name, value] of Object.entries(target) as [string, unknown][]) {
    if (typeof value === 'string') replace(target, name, value, clean(value));
    else if (typeof value === 'object' && value !== null) mask(value, secrets);
  }
}

function replace(target: object, name: string, before: string, after: string): void {
  if (after === before) return;
  const enumerable = Object.prototype.propertyIsEnumerable.call(target, name);
  Object.defineProperty(target, name, { value: after, enumerable, configurable: true, writable: true });
}
