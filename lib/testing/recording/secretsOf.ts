import type { TransportRequest } from '../../transport/Transport.ts';
import { isCredential } from '../wire/isCredential.ts';
import { parsedBody } from '../wire/parsedBody.ts';
import { isSecretHeader } from './isSecretHeader.ts';

/** What a server gives is a secret from so many characters on: `theme=dark` is none. */
const MIN_GIVEN = 8;
/** Words of JSON: without them a body could not be read. */
const JSON_WORD = /^(true|false|null|\d+)$/;
/** Fields of a body under which tools have the credentials for servers of their own. */
const TOOL_CREDENTIALS = /^(headers|authentication)$/;

type Fields = Record<string, string>;

/**
 * All values of an exchange that are credentials, or say who asked: those of headers and of each cookie, of the query,
 * of what stands before the host, and of the tools in the body. The longest come first.
 */
export function secretsOf(
  { url, headers, body }: Pick<TransportRequest, 'url' | 'headers' | 'body'>,
  answered: Fields = {},
): string[] {
  const beforeHost = /\/\/([^/?#@]*)@/.exec(url)?.[1]?.split(':') ?? [];
  const query = [...new URLSearchParams(url.split('?')[1])].filter(([name]) => isCredential(name));
  const queried = query.flatMap(([, value]) => [value, encodeURIComponent(value)]);
  const sent = [...headerSecrets(headers), ...beforeHost, ...queried, ...toolSecrets(parsedBody(body))];
  const given = headerSecrets(answered).filter(({ length }) => length >= MIN_GIVEN);
  // In a body they stand as JSON writes them.
  const written = [...sent, ...given].flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  return [...new Set(written)]
    .filter((secret) => secret.length > 3 && !JSON_WORD.test(secret))
    .sort((a, b) => b.length - a.length);
}

/** The values of secret headers, without the word `Bearer` or `Basic` before them. */
function headerSecrets(headers: Fields): string[] {
  const named = Object.entries(headers).filter(([name]) => isSecretHeader(name));
  // Cookies that are sent are parted by semicolons, those that are set by commas.
  const sent = headers.cookie?.split(/;\s*/) ?? [];
  const set = [...(headers['set-cookie'] ?? '').matchAll(/(?:^|,\s*)([^=;,\s]+=[^;,]*)/g)].map(
    ([, cookie = '']) => cookie,
  );
  const cookies = [...sent, ...set].map((cookie) => cookie.slice(cookie.indexOf('=') + 1));
  return [...named.map(([, value]) => withoutScheme(value)), ...cookies];
}

/** The credentials in a body: `authorization`, and those among the `headers` or the `authentication` of a tool. */
function toolSecrets(value: unknown, isCredentials = false): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    if (typeof inner !== 'string') return toolSecrets(inner, TOOL_CREDENTIALS.test(name));
    return name === 'authorization' || (isCredentials && isCredential(name)) ? [withoutScheme(inner)] : [];
  });
}

function withoutScheme(value: string): string {
  return value.replace(/^(bearer|basic) /i, '');
}
