import type { AnyAPIError } from '../errors/isAPIError.ts';
import type { OutgoingRequest } from './OutgoingRequest.ts';

const CREDENTIAL_NAME = /auth|key|token|secret|cookie|cred|pass|session|sign/i;
/** Shorter words of the body say nothing, and would tear holes into messages. */
const MIN_WORDS = 16;
/** So many letters and digits in a row that also stand in a row in a secret are a part of it. */
const MIN_SHARED = 9;
/** Of a larger request no words of the server are shown, rather than to search it for each of them. */
const MAX_SEARCHED = 262_144;

/** What an error says of itself, in words that a request may have too. */
const OWN_FIELDS = new Set(['kind', 'phase', 'reason']);

type Fields = Record<string, unknown>;

/**
 * Takes out of an error what a server may have echoed: credentials, and the words of the request's body; out of its
 * message also parts of them, whichever way they were escaped.
 *
 * @returns the same error
 */
export function redact(error: unknown, request: OutgoingRequest | undefined): unknown {
  // The cause of an abort is the caller's own.
  if (request && Object(error) === error && (error as AnyAPIError).kind !== 'abort') {
    const { body = '""' } = request;
    const secrets = secretsOf(request, body);
    const hidden = secrets.map((secret) => lettersOf(secret).join('')).join(' ');
    const clean = (text: string) =>
      [body, ...secrets].reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
    mask(error as Fields, clean, (text) => withoutShared(clean(text), hidden), new Set());
  }
  return error;
}

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

type Clean = (text: string) => string;

/** Cleans what is in an object and below; what cannot be changed goes as a whole. */
function mask(target: Fields, clean: Clean, cleanWords: Clean, seen: Set<unknown>): void {
  seen.add(target);
  const { message, stack } = target;
  if (typeof message === 'string') {
    const cleaned = cleanWords(message);
    if (typeof stack === 'string' && cleaned !== message) target.stack = clean(stack.replace(message, () => cleaned));
    if (cleaned !== message) target.message = cleaned;
  }
  // Of an error, these are not among the enumerable entries.
  for (const name of ['stack', 'cause', ...Object.keys(target)]) {
    const value = target[name];
    if (OWN_FIELDS.has(name)) continue;
    if (typeof value === 'string') {
      const cleaned = clean(value);
      if (cleaned !== value) target[name] = cleaned;
    } else if (Object(value) === value && !seen.has(value)) {
      if (Object.isFrozen(value)) target[name] = undefined;
      else mask(value as Fields, clean, cleanWords, seen);
    }
  }
}

/** A letter or digit of any script, or an escape such as `\n` or `\u00e9`. */
const UNIT = /\\+(?:u([\da-f]{4})|.)|[\p{L}\p{N}]/giu;

/** The letter that a unit stands for; empty for an escape of something else. */
function letterOf(unit: string, hex: string | undefined): string {
  const letter = hex ? String.fromCharCode(parseInt(hex, 16)) : unit;
  return /^[\p{L}\p{N}]$/u.test(letter) ? letter : '';
}

function lettersOf(text: string): string[] {
  return Array.from(text.matchAll(UNIT), ([unit, hex]) => letterOf(unit, hex)).filter(Boolean);
}

/** Stars out what stands in a row in the text and in what is hidden, with the escapes in it. */
function withoutShared(text: string, hidden: string): string {
  const letters = lettersOf(text);
  const isHidden: boolean[] = [];
  for (let i = 0; i + MIN_SHARED <= letters.length; i++) {
    const end = i + MIN_SHARED;
    if (hidden.length <= MAX_SEARCHED && !hidden.includes(letters.slice(i, end).join(''))) continue;
    for (let at = i; at < end; at++) isHidden[at] = true;
  }
  let at = 0;
  return text.replace(UNIT, (unit: string, hex?: string) => (isHidden[letterOf(unit, hex) ? at++ : at] ? '*' : unit));
}
