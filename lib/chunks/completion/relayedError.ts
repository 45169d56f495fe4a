import { APIConnectionError } from '../../errors/APIConnectionError.ts';
import { APIConnectionTimeoutError } from '../../errors/APIConnectionTimeoutError.ts';
import type { APIError } from '../../errors/APIError.ts';
import { APIStatusError } from '../../errors/APIStatusError.ts';
import { APIStreamError } from '../../errors/APIStreamError.ts';
import { MalformedStreamError } from '../../errors/MalformedStreamError.ts';
import { StreamTruncatedError } from '../../errors/StreamTruncatedError.ts';
import { streamError } from './failureOf.ts';

/** The classes that a relay may name. An abort is nobody's but the caller's. */
const CLASSES = {
  connection: APIConnectionError,
  timeout: APIConnectionTimeoutError,
  truncated: StreamTruncatedError,
  status: APIStatusError,
  stream: APIStreamError,
  malformed: MalformedStreamError,
};

/** What a relay of rxdelta says of an error, as JSON: the field of each class, and nothing but these words and numbers. */
const FORM =
  /^{"kind":"((connection|timeout)","phase":"(connect|head|body|idle|chunk|total)"|malformed","reason":"(json|event-too-large|content-type|encoding|protocol)"|status","status":[3-5]\d\d|truncated","chunkCount":\d+|stream"),"retryable":(true|false)(,"retryAfterMs":[\d.]+)?}$/;

/** The typed error of what a server reports inside a stream: the one that a relay met itself, where it says which. */
export function relayedError(report: unknown): APIError {
  const plain = streamError(report);
  const { error: cause } = Object(report) as { error?: unknown };
  const { rxdelta: fields } = Object(cause) as { rxdelta: { kind: keyof typeof CLASSES } };
  // What is nested has no place in it, however deep it goes.
  const shallow = JSON.stringify(fields, (_, value: unknown) =>
    Object(value) === value && value !== fields ? 0 : value,
  );
  if (!FORM.test(shallow)) return plain;
  const { kind } = fields;
  // Only a status and an error in the stream have a code. With a cause it is not taken for an error whose words are our own.
  const options = Object.assign({ cause }, kind.startsWith('st') && plain, fields);
  return new CLASSES[kind](plain.message, options as never);
}
