import type { AnyAPIError } from '../errors/isAPIError.ts';
import type { OutgoingRequest } from './OutgoingRequest.ts';

const CREDENTIAL_NAME = /auth|key|token|secret|cookie|cred|pass|session|sign/i;
/** Shorter words of the body say nothing, and would tear holes into messages. */
const MIN_WORDS = 16;
/** So many letters and digits in a row that also stand in a row in a secret are a part of it. */
const MIN_SHARED = 9;

/**
 * Takes out of an error what a server may have echoed: credentials, and the words of the request's body, whole or in
 * part, whichever way they were escaped.
 *
 * @returns the same error
 */
export function redact(error: unknown, request: OutgoingRequest | undefined): unknown {
  // The cause of an abort is the caller's own.
  if (request && Object(error) === error && (error as AnyAPIError).kind !== 'abort') {
    const { body = '""' } = request;
    const secrets = secretsOf(request, body);
    const hidden = secrets.map(lettersOf).join(' ');
    const clean = (text: string) => {
      const rest = [body, ...secrets].reduce((shown, secret) => shown.replaceAll(secret, '[redacted]'), text);
      return withoutShared(rest, hidden);
    };
    mask(error as Fields, clean, new Set());
  }
  return error;
}

type Fields = Record<string, unknown>;

function secretsOf({ url, headers }: OutgoingRequest, body: string): string[] {
  const secrets: string[] = [];
  const note = (name: string, value: string | null) => {
    if (value && value.length > 3 && CREDENTIAL_NAME.test(name)) secrets.push(value.replace(/^\w+ /, ''));
  };
  for (const [name, value] of Object.entries(headers)) note(name, value);
  for (const pair of (url.split('?')[1] ?? '').split('&')) {
    const [name = '', written = ''] = pair.split('=');
    note(name, written);
    note(name, new URLSearchParams(pair).get(name));
  }
  JSON.parse(body, (name, value: unknown) => {
    if (typeof value === 'string' && value.length >= MIN_WORDS && name !== 'model') secrets.push(value);
    return value;
  });
  // The longest first: a short one may be a part of it.
  return secrets.sort((a, b) => b.length - a.length);
}

/** Cleans what is in an object and below; what cannot be changed goes as a whole. */
function mask(target: Fields, clean: (text: string) => string, seen: Set<unknown>): void {
  seen.add(target);
  // Of an error, the first three are not among the enumerable entries.
  for (const name of ['message', 'stack', 'cause', ...Object.keys(target)]) {
    const value = target[name];
    if (typeof value === 'string') {
      const cleaned = clean(value);
      if (cleaned !== value) target[name] = cleaned;
    } else if (Object(value) === value && !seen.has(value)) {
      if (Object.isFrozen(value)) target[name] = undefined;
      else mask(value as Fields, clean, seen);
    }
  }
}

/** A letter or digit; or an escape such as `\n` or `\u00e9`, whose letters are none. */
const UNIT = /\\+(?:u[\da-f]{4}|.)|([a-z\d])/gi;

function lettersOf(text: string): string {
  return text.replace(/\\+(?:u[\da-f]{4}|.)|[^a-z\d]/gi, '');
}

/** Stars out what stands in a row in the text and in what is hidden, with the escapes in it. */
function withoutShared(text: string, hidden: string): string {
  const letters = lettersOf(text);
  const isHidden: boolean[] = [];
  for (let i = 0; i + MIN_SHARED <= letters.length; i++) {
    const end = i + MIN_SHARED;
    if (hidden.includes(letters.slice(i, end))) for (let at = i; at < end; at++) isHidden[at] = true;
  }
  let at = 0;
  return text.replace(UNIT, (unit, letter) => (isHidden[letter ? at++ : at] ? '*' : unit));
}
