import { APIConnectionError } from '../../errors/APIConnectionError.ts';
import { APIConnectionTimeoutError } from '../../errors/APIConnectionTimeoutError.ts';
import type { APIError } from '../../errors/APIError.ts';
import { APIStatusError } from '../../errors/APIStatusError.ts';
import { APIStreamError } from '../../errors/APIStreamError.ts';
import { MalformedStreamError } from '../../errors/MalformedStreamError.ts';
import { StreamTruncatedError } from '../../errors/StreamTruncatedError.ts';
import { streamError } from './failureOf.ts';

/** What the fields that a relay adds may be, written as JSON: whoever sends them chooses among these. */
const FIELDS = Object.entries({
  phase: /^"(connect|head|body|idle|chunk|total)"$/,
  reason: /^"(json|event-too-large|content-type|encoding|protocol)"$/,
  status: /^[3-5]\d\d$/,
  chunkCount: /^\d+$/,
  retryAfterMs: /^\d+(\.\d+)?$/,
  retryable: /^(true|false)$/,
  requestId: /^"[\w.:-]+"$/,
  lastEventId: /^"[\w.:-]+"$/,
});

/** The classes by kind, with the field that an error of it cannot do without. An abort is nobody's but the caller's. */
const CLASSES = [
  ['connection', 'phase', APIConnectionError],
  ['timeout', 'phase', APIConnectionTimeoutError],
  ['truncated', 'chunkCount', StreamTruncatedError],
  ['status', 'status', APIStatusError],
  ['malformed', 'reason', MalformedStreamError],
  ['stream', 'retryable', APIStreamError],
] as const;

/** The typed error of what a server reports inside a stream: the one that a relay met itself, where it says which. */
export function relayedError(report: unknown): APIError {
  const plain = streamError(report);
  const cause = Object((Object(report) as { error?: unknown }).error) as Record<string, unknown>;
  const fields = Object.fromEntries(
    FIELDS.filter(([name, form]) => form.test(JSON.stringify(cause[name]))).map(([name]) => [name, cause[name]]),
  );
  const [kind = '', , Class] = CLASSES.find(([name, needed]) => name === cause.kind && needed in fields) ?? [];
  // Only these two have a code. With its cause it is not taken for an error whose words are our own.
  const options = Object.assign({}, kind.startsWith('st') && plain, fields, { cause });
  return Class ? new Class(plain.message, options as never) : plain;
}
