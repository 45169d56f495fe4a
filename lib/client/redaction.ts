import { isAPIError } from '../errors/isAPIError.ts';
import { CREDENTIAL_NAME } from './credentialName.ts';
import type { OutgoingRequest } from './OutgoingRequest.ts';

/** Shorter words of the body say nothing, and would tear holes into messages. */
const MIN_WORDS = 16;
/** Of a larger request no words of the server are shown, rather than to search it for each of them. */
const MAX_SEARCHED = 262_144;
/** So many characters in a row that also stand in a row in a secret are a part of it. */
const MIN_SHARED = 12;

/** A longer field of an error may be words of the request; a shorter one is a code or an id. */
const MAX_CODE = 40;
/** So many values of an error are looked at. */
const MAX_VALUES = 1000;

/** What an error says of itself, in words that a request may have too. */
const OWN_FIELD = /^(kind|phase|reason)$/;

type Fields = Record<string, unknown>;

/**
 * Takes out of an error what a server may have echoed: credentials, and the words of the request's body; out of its
 * message and its longer fields also parts of them.
 *
 * @param sent - what the server was sent before, where the request has no body of its own
 * @returns the same error, with clean copies of the objects in its fields; of a string or a frozen error, a clean copy
 */
export function redact(error: unknown, request: OutgoingRequest | undefined, sent: unknown = ''): unknown {
  // The cause of an abort is the caller's own.
  const { kind, cause } = Object(error) as { kind?: unknown; cause?: unknown };
  if (!request || kind === 'abort') return error;
  const { body = JSON.stringify(sent) } = request;
  const secrets = secretsOf(request, body);
  const words = secrets.join(' ');
  const hidden = words.length > MAX_SEARCHED ? undefined : unescaped(words);
  const clean = (text: string) =>
    [body, ...secrets].reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
  // In these the server has no word.
  const isOurs = !cause && (kind === 'timeout' || kind === 'truncated');
  const cleanWords = (text: string) => (isOurs ? clean(text) : withoutShared(clean(text), hidden));
  const seen = new Map<unknown, unknown>();
  let valueCount = 0;
  /** What may stand in place of a value of an error. */
  const cleaned = (value: unknown): unknown => {
    // What leads on for ever goes as a whole.
    if (valueCount++ > MAX_VALUES) return undefined;
    if (typeof value === 'string') return value.length > MAX_CODE ? cleanWords(value) : clean(value);
    if (Object(value) !== value) return value;
    if (!seen.has(value)) fill(value as Fields, placeFor(value as object) as Fields | undefined);
    return seen.get(value);
  };
  /** Gives the target the clean fields of the source, which may be itself. */
  const fill = (source: Fields, target: Fields | undefined) => {
    seen.set(source, target);
    if (!target) return;
    const message = read(source, 'message');
    // Of an error, the first four are not among the enumerable entries. The stack begins with the message.
    for (const name of ['message', 'stack', 'cause', 'errors', ...Object.keys(source)]) {
      const value = read(source, name);
      const isText = typeof value === 'string' && typeof message === 'string' && /message|stack/.test(name);
      const next =
        OWN_FIELD.test(name) && isAPIError(source)
          ? value
          : isText
            ? clean(value.replace(message, () => cleanWords(message)))
            : cleaned(value);
      const enumerable = Object.prototype.propertyIsEnumerable.call(source, name);
      // Defined, not set: it may have nothing but a getter, or not be writable.
      if (next !== read(target, name))
        Reflect.defineProperty(target, name, { value: next, writable: true, enumerable });
    }
  };
  return cleaned(error);
}

/**
 * Where the clean fields of an object go: an error is cleaned itself, unless it is frozen; lists and plain objects are copied,
 * since they may be the caller's. What else there is, a Map, bytes or a socket for example, has no place.
 */
function placeFor(value: object): object | undefined {
  if (Array.isArray(value)) return [];
  const prototype = Object.getPrototypeOf(value) as object | null;
  const isError = /Error|Exception/.test(Object.prototype.toString.call(value));
  if (isError && !Object.isFrozen(value)) return value;
  const isPlain = !prototype || !Object.getPrototypeOf(prototype);
  return isError || isPlain ? (Object.create(prototype) as object) : undefined;
}

/** The value of a field, also where a getter throws. */
function read(target: Fields, name: string): unknown {
  try {
    return target[name];
  } catch {
    return undefined;
  }
}

function secretsOf({ url, headers }: OutgoingRequest, body: string): string[] {
  const secrets: string[] = [];
  for (const fields of [headers, url.split('?')[1]]) {
    new URLSearchParams(fields).forEach((value, name) => {
      const secret = value.replace(/^\w+ /, '');
      if (secret.length > 3 && CREDENTIAL_NAME.test(name)) secrets.push(secret, encodeURIComponent(secret));
    });
  }
  JSON.parse(body, (name, value: unknown) => {
    if (typeof value === 'string' && value.length >= MIN_WORDS && name !== 'model') secrets.push(value);
    return value;
  });
  // The longest first: a short one may be a part of it.
  return secrets.sort((a, b) => b.length - a.length);
}

/** The text up to where it has something in a row that is hidden; nothing of it where that is too long to be searched. */
function withoutShared(text: string, hidden: string | undefined): string {
  const plain = unescaped(text);
  for (let at = 0; at + MIN_SHARED <= plain.length; at++) {
    if (hidden?.includes(plain.slice(at, at + MIN_SHARED)) ?? true) {
      return `${plain.slice(0, at)}[redacted]`;
    }
  }
  return text;
}

/** The text as it was before it was escaped, however often, with plain blanks. */
function unescaped(text: string): string {
  return text
    .replace(/\\+(?:u([\da-f]{4})|[nrt])|\s/gi, (_, hex?: string) =>
      hex ? String.fromCharCode(parseInt(hex, 16)) : ' ',
    )
    .replace(/\\+/g, '');
}
