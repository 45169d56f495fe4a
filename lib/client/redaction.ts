import type { OutgoingRequest } from './OutgoingRequest.ts';

const CREDENTIAL_NAME = /auth|key|token|secret|cookie|cred|pass|session|sign/i;
/** Shorter words of the body say nothing, and would tear holes into messages. */
const MIN_WORDS = 16;
/** Of a larger request no words of the server are shown, rather than to search it for each of them. */
const MAX_SEARCHED = 262_144;
/** So many characters in a row that also stand in a row in a secret are a part of it. */
const MIN_SHARED = 12;

/** A longer field of an error may be words of the request; a shorter one is a code or an id. */
const MAX_CODE = 40;
const MAX_DEPTH = 16;

/** What an error says of itself, in words that a request may have too. */
const OWN_FIELD = /^(kind|phase|reason)$/;

/**
 * Takes out of an error what a server may have echoed: credentials, and the words of the request's body; out of its
 * message and its longer fields also parts of them.
 *
 * @returns the same error; of a string or a frozen error, a clean copy
 */
export function redact(error: unknown, request: OutgoingRequest | undefined): unknown {
  // The cause of an abort is the caller's own.
  const { kind } = Object(error) as { kind?: unknown };
  if (!request || kind === 'abort') return error;
  const { body = request.earlier ?? '""' } = request;
  const secrets = secretsOf(request, body);
  const hidden = unescaped(secrets.join(' '));
  const clean = (text: string) =>
    [body, ...secrets].reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text);
  // In these the server has no word.
  const isOurs = kind === 'timeout' || kind === 'truncated';
  const cleanWords = (text: string) => (isOurs ? clean(text) : withoutShared(clean(text), hidden));
  const seen = new Map<unknown, unknown>();
  /** What may stand in place of a value of an error. */
  const cleaned = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return value.length > MAX_CODE ? cleanWords(value) : clean(value);
    if (Object(value) !== value) return value;
    // What is not read by its fields, a Map or bytes for example, goes as a whole; so does what leads on for ever.
    if (depth > MAX_DEPTH || !/Object|Array|Error|Exception/.test(Object.prototype.toString.call(value)))
      return undefined;
    if (!seen.has(value)) {
      const target = Object.isFrozen(value) ? thawed(value as object) : (value as object);
      seen.set(value, target);
      mask(target as Record<string, unknown>, depth + 1);
    }
    return seen.get(value);
  };
  const mask = (target: Record<string, unknown>, depth: number) => {
    const message = read(target, 'message');
    // Of an error, the first three are not among the enumerable entries. The stack begins with the message.
    for (const name of ['message', 'stack', 'cause', ...Object.keys(target)]) {
      if (OWN_FIELD.test(name)) continue;
      const value = read(target, name);
      const isText = typeof value === 'string' && typeof message === 'string' && /message|stack/.test(name);
      const next = isText ? clean(value.replace(message, () => cleanWords(message))) : cleaned(value, depth);
      if (next !== value) write(target, name, next);
    }
  };
  return cleaned(error, 0);
}

/** The value of a field, also where a getter throws. */
function read(target: Record<string, unknown>, name: string): unknown {
  try {
    return target[name];
  } catch {
    return undefined;
  }
}

/** Sets a field, also one that has only a getter, or may not be written. */
function write(target: object, name: string, value: unknown): void {
  try {
    if (Reflect.set(target, name, value)) return;
  } catch {
    // A setter that throws is gone over too.
  }
  Reflect.defineProperty(target, name, { value, configurable: true });
}

/** A copy of a frozen object that can be changed. */
function thawed(value: object): object {
  const copy = Object.create(Object.getPrototypeOf(value) as object) as object;
  for (const [name, field] of Object.entries(Object.getOwnPropertyDescriptors(value))) {
    const isOpen = 'value' in field ? { configurable: true, writable: true } : { configurable: true };
    Object.defineProperty(copy, name, { ...field, ...isOpen });
  }
  return copy;
}

function secretsOf({ url, headers }: OutgoingRequest, body: string): string[] {
  const secrets: string[] = [];
  const note = (name: string, value: string) => {
    const secret = value.replace(/^\w+ /, '');
    if (secret.length > 3 && CREDENTIAL_NAME.test(name)) secrets.push(secret);
  };
  for (const [name, value] of Object.entries(headers)) note(name, value);
  new URLSearchParams(url.split('?')[1]).forEach((value, name) => {
    note(name, value);
    note(name, encodeURIComponent(value));
  });
  JSON.parse(body, (name, value: unknown) => {
    if (typeof value === 'string' && value.length >= MIN_WORDS && name !== 'model') secrets.push(value);
    return value;
  });
  // The longest first: a short one may be a part of it.
  return secrets.sort((a, b) => b.length - a.length);
}

/** The text up to where it has something in a row that is hidden. */
function withoutShared(text: string, hidden: string): string {
  const plain = unescaped(text);
  for (let at = 0; at + MIN_SHARED <= plain.length; at++) {
    if (hidden.length > MAX_SEARCHED || hidden.includes(plain.slice(at, at + MIN_SHARED))) {
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
