import type { OutgoingRequest } from './OutgoingRequest.ts';

const CREDENTIAL_NAME = /auth|key|token|secret|cookie|cred|pass|session|sign/i;
/** Shorter words of the body say nothing, and would tear holes into messages. */
const MIN_WORDS = 16;
/** Of a larger request no words of the server are shown, rather than to search it for each of them. */
const MAX_SEARCHED = 262_144;
/** So many characters in a row that also stand in a row in a secret are a part of it. */
const MIN_SHARED = 12;

/** What an error says of itself, in words that a request may have too. */
const OWN_FIELD = /^(kind|phase|reason)$/;

/**
 * Takes out of an error what a server may have echoed: credentials, and the words of the request's body; out of its
 * message also parts of them.
 *
 * @returns the same error; of a string, the clean one
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
  const seen = new Set<unknown>();
  /** Cleans what is in an object and below; what cannot be changed goes as a whole. */
  const mask = (target: Record<string, unknown>) => {
    seen.add(target);
    const message = String(target.message);
    // Of an error, the first three are not among the enumerable entries. The stack begins with the message.
    for (const name of ['message', 'stack', 'cause', ...Object.keys(target)]) {
      const value = target[name];
      if (OWN_FIELD.test(name)) continue;
      if (typeof value === 'string') {
        const cleaned = clean(value.replace(message, () => cleanWords(message)));
        if (cleaned !== value) target[name] = cleaned;
      } else if (Object(value) === value && !seen.has(value)) {
        if (Object.isFrozen(value)) target[name] = undefined;
        else mask(value as Record<string, unknown>);
      }
    }
  };
  const holder = { error };
  mask(holder);
  return holder.error ?? error;
}

function secretsOf({ url, headers }: OutgoingRequest, body: string): string[] {
  const secrets: string[] = [];
  const note = (name: string, value: string) => {
    if (value.length > 3 && CREDENTIAL_NAME.test(name)) secrets.push(value.replace(/^\w+ /, ''));
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
