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

/** What it may say, as JSON: of each class what is its own, and nothing but these words and numbers. */
const FORM =
  /^{"kind":"((connection|timeout)","phase":"(connect|head|body|idle|chunk|total)"|malformed","reason":"(json|event-too-large|content-type|encoding|protocol)"|status","status":[3-5]\d\d|truncated","chunkCount":\d+|stream"),"retryable":(true|false)(,"retryAfterMs":[\d.]+)?}$/;

/** The typed error of what a server reports inside a stream: the one that a relay met itself, where it says which. */
export function relayedError(report: unknown): APIError {
  const plain = streamError(report);
  const cause = (Object(report) as { error?: unknown }).error;
  // The fields are those of the form, in its order.
  const said = JSON.stringify(cause, FORM.source.match(/\w+(?=":)/g));
  if (!FORM.test(said)) return plain;
  const fields = JSON.parse(said) as { kind: keyof typeof CLASSES };
  // Only these two have a code. With a cause it is not taken for an error whose words are our own.
  const options = Object.assign({ cause }, fields.kind.startsWith('st') && plain, fields);
  return new CLASSES[fields.kind](plain.message, options as never);
}
