import { gzipSync } from 'node:zlib';
import { delta, httpChunk, LAST_CHUNK } from '../wire';
import { answerOf, bytesChunk, DONE, FINISHED, headWith, statusHead } from './bytes';
import type { Fault, Outcome } from './Fault';
import { END, RESET, STALL, type Step } from './FaultServer';
import { KEY, PROMPT } from './observe';

const SOON = { waitMs: 25 };
const JSON_TYPE = 'application/json; charset=utf-8';

/** An error by its status, over a connection that serves the next request. */
const status = (code: number, fields: Partial<Outcome> = {}): Outcome => ({
  ...{ kind: 'status', status: code, requestId: 'req_1', connection: 'kept' },
  ...fields,
});

const apiError = { message: 'Something broke', type: 'server_error', code: 'oops', param: 'model' };
const nested = JSON.stringify({ error: apiError });

const RETRYABLE = [408, 409, 429, 500, 502, 503, 504, 529];
const FINAL = [400, 401, 402, 403, 404, 405, 410, 413, 415, 418, 422, 451];

const codes: Fault[] = [...RETRYABLE, ...FINAL].map((code) => ({
  name: `the status ${code} with an API error`,
  play: [answerOf(code, JSON_TYPE, nested)],
  expect: status(code, { ...apiError, retryable: RETRYABLE.includes(code) }),
}));

/** Bodies of a status, and what is known by them. */
const bodies: Record<string, [type: string, body: string, known: Partial<Outcome>]> = {
  'a flat API error': [JSON_TYPE, JSON.stringify(apiError), apiError],
  'an API error as a string': [JSON_TYPE, '{"error":"Out of luck"}', { message: 'Out of luck' }],
  'a string as JSON': [JSON_TYPE, '"Out of luck"', { message: 'Out of luck' }],
  'an API error in a list of one': [JSON_TYPE, `[${nested}]`, apiError],
  'a code and its words beside': [
    JSON_TYPE,
    '{"error":"not_found","message":"No such model"}',
    { code: 'not_found', message: 'No such model' },
  ],
  'a detail': [JSON_TYPE, '{"detail":"No such model"}', { message: 'No such model' }],
  'an API error in a stream': ['text/event-stream', nested, apiError],
  'an API error without a type': ['', nested, apiError],
  'a code that is a number': [JSON_TYPE, '{"error":{"code":42,"message":"No"}}', { code: 42, message: 'No' }],
  'fields of other types': [JSON_TYPE, '{"error":{"code":{},"message":7,"type":[]}}', {}],
  'null as JSON': [JSON_TYPE, 'null', {}],
  'an empty list': [JSON_TYPE, '[]', {}],
  'JSON that is cut': [JSON_TYPE, '{"error":{"message":"Some', {}],
  'plain words': ['text/plain', 'Out of luck', { messageHas: 'Out of luck' }],
  'a page': ['text/html', '<!doctype html><h1>Sorry</h1>', { messageLacks: '<' }],
  'a page that says it is JSON': [JSON_TYPE, ' \n<html><h1>Sorry</h1>', { messageLacks: '<' }],
  'no body': ['', '', {}],
  'a huge page': ['text/html', '<p>'.repeat(100_000), { messageLacks: '<' }],
  'huge JSON': [JSON_TYPE, JSON.stringify({ error: { ...apiError, padding: 'x'.repeat(300_000) } }), {}],
  'bytes of no text': ['application/octet-stream', '\0\u{1}\u{fffd}'.repeat(50), {}],
  'an echo of the key and the prompt': [
    JSON_TYPE,
    JSON.stringify({ error: { message: `${KEY}: ${PROMPT}`, code: KEY } }),
    {},
  ],
  'an echo of the key and the prompt in plain words': ['text/plain', `${PROMPT} ${KEY}`, {}],
};

const contents: Fault[] = Object.entries(bodies).map(([what, [type, body, known]]) => ({
  name: `the status 500 with ${what}`,
  play: [answerOf(500, type, body)],
  // No more is read than says what went wrong.
  expect: status(500, {
    ...known,
    connection: what.startsWith('a huge') || what.startsWith('huge') ? 'closed' : 'kept',
  }),
}));

const CHUNKED = 'transfer-encoding: chunked';
const closed: Partial<Outcome> = { connection: 'closed' };

const ends: Fault[] = [
  {
    name: 'the status 500 with a body without end',
    play: [statusHead(500, CHUNKED), { repeat: httpChunk('x'.repeat(10_000)), times: Infinity }],
    expect: status(500, closed),
  },
  {
    name: 'the status 500 with a stream without end',
    play: [
      statusHead(500, CHUNKED, 'content-type: text/event-stream'),
      { repeat: httpChunk(delta('more ')), times: Infinity },
    ],
    expect: status(500, closed),
  },
  {
    name: 'the status 502 with a body that is reset',
    play: [statusHead(502, CHUNKED) + httpChunk('{"error":{"mess'), SOON, RESET],
    expect: status(502, { ...closed, messageHas: '{"error":{"mess', retryable: true }),
  },
  {
    name: 'the status 502 with a body that is ended too early',
    play: [statusHead(502, 'content-length: 900') + '{"error":{"mess', SOON, END],
    expect: status(502, { ...closed, messageHas: '{"error":{"mess', retryable: true }),
  },
  {
    name: 'the status 502 with a body that is reset at once',
    play: [statusHead(502, CHUNKED), SOON, RESET],
    expect: status(502, { ...closed, retryable: true }),
  },
  {
    name: 'the status 502 with a body that ends with its connection',
    play: [statusHead(502) + nested, SOON, END],
    expect: status(502, { ...closed, ...apiError }),
  },
  {
    name: 'the status 502 with an HTTP chunk of no size',
    play: [`${statusHead(502, CHUNKED)}${httpChunk('Bad luck')}zz\r\n`, STALL],
    expect: status(502, { ...closed, messageHas: 'Bad luck' }),
  },
  {
    name: 'the status 500 with a body that takes longer than everything may',
    play: [statusHead(500, CHUNKED) + httpChunk('Bad luck'), STALL],
    options: { timeouts: { totalMs: 500 } },
    expect: { kind: 'timeout', phase: 'total', requestId: 'req_1' },
  },
  {
    name: 'the status 401 where the answer was to come',
    play: [answerOf(401, 'text/event-stream', FINISHED + DONE)],
    expect: status(401, { retryable: false }),
  },
];

/** Bodies that never come to their end: five seconds are spent on them. */
const FIVE_SECONDS: [number, number] = [4_800, 7_000];
const stalled: Fault[] = (
  [
    {
      name: 'the status 500 with a body that never begins',
      play: [statusHead(500, CHUNKED), STALL],
      expect: status(500, closed),
    },
    {
      name: 'the status 500 with a body that stalls',
      play: [statusHead(500, CHUNKED) + httpChunk('Bad luck'), STALL],
      expect: status(500, { ...closed, messageHas: 'Bad luck' }),
    },
    {
      name: 'the status 429 with a whole API error in a body that stalls',
      play: [statusHead(429, CHUNKED, 'retry-after: 3') + httpChunk(nested), STALL],
      expect: status(429, { ...closed, ...apiError, retryAfterMs: 3_000 }),
    },
    {
      name: 'the status 500 with a body that drips',
      play: [statusHead(500, CHUNKED), { repeat: httpChunk('. '), times: Infinity, everyMs: 50 }],
      expect: status(500, closed),
    },
    {
      name: 'the status 500 with gzip that stalls',
      play: [statusHead(500, CHUNKED, 'content-encoding: gzip') + httpChunk('\x1f'), STALL],
      expect: status(500, closed),
    },
    {
      name: 'a page that stalls where a stream was asked for',
      play: [headWith(CHUNKED).replace('event-stream', 'html') + httpChunk('<p>'), STALL],
      expect: { kind: 'malformed', reason: 'content-type', requestId: 'req_1' },
    },
    {
      name: 'a redirect whose body stalls',
      play: [({ other }) => statusHead(307, CHUNKED, `location: ${other}/v1`), STALL],
      expect: status(307, closed),
    },
  ] satisfies Fault[] as Fault[]
).map((fault) => ({ ...fault, isSlow: true, expect: { ...fault.expect, duration: FIVE_SECONDS } }));

const FUTURE = 'Wed, 01 Jan 2098 00:00:00 GMT';

const waits: Record<string, [lines: string[], retryAfterMs: NonNullable<Outcome['retryAfterMs']>]> = {
  'in seconds': [['retry-after: 7'], 7_000],
  'in parts of a second': [['retry-after: 0.25'], 250],
  'of nothing': [['retry-after: 0'], 0],
  'in milliseconds': [['retry-after-ms: 1500'], 1_500],
  'in milliseconds before that in seconds': [['retry-after: 7', 'retry-after-ms: 1500'], 1_500],
  'in seconds where that in milliseconds is garbage': [['retry-after: 7', 'retry-after-ms: soon'], 7_000],
  'until a date': [[`retry-after: ${FUTURE}`], { until: FUTURE }],
  'until a date that is over': [['retry-after: Wed, 21 Oct 2015 07:28:00 GMT'], 'none'],
  'in words': [['retry-after: soon'], 'none'],
  'of more than any number': [['retry-after: 99999999999999999999'], 1e23],
  'of a negative number': [['retry-after: -5'], 'none'],
  'of an empty header': [['retry-after:'], 'none'],
  'of hexadecimal digits': [['retry-after: 0x10'], 'none'],
  'in numbers that may be a date': [['retry-after: 12-11'], 'none'],
  'of two headers': [['retry-after: 7', 'retry-after: 9'], 'none'],
  'of nobody': [[], 'none'],
};

const asked: Fault[] = Object.entries(waits).map(([how, [lines, retryAfterMs]]) => ({
  name: `the status 429 with a wait ${how}`,
  play: [answerOf(429, JSON_TYPE, nested, ...lines)],
  expect: status(429, { retryAfterMs, retryable: true }),
}));

const advice: Fault[] = [
  {
    name: 'the status 400 with the advice to retry',
    play: [answerOf(400, JSON_TYPE, nested, 'x-should-retry: true')],
    expect: status(400, { retryable: true, headers: { 'x-should-retry': 'true' } }),
  },
  {
    name: 'the status 503 with the advice not to retry',
    play: [answerOf(503, JSON_TYPE, nested, 'x-should-retry: false')],
    expect: status(503, { retryable: false }),
  },
  {
    name: 'the status 429 with an empty purse',
    play: [answerOf(429, JSON_TYPE, '{"error":{"code":"insufficient_quota"}}')],
    expect: status(429, { retryable: false, code: 'insufficient_quota' }),
  },
  {
    name: 'the status 400 with headers that come twice, and capitals',
    play: [answerOf(400, JSON_TYPE, nested, 'X-Twice: a', 'x-twice: b', `x-echo: ${KEY}`)],
    expect: status(400, { headers: { 'x-twice': 'a, b' } }),
  },
];

const encoded: Fault[] = [
  {
    name: 'the status 400 with a header that is no ASCII',
    play: [Buffer.from(answerOf(400, JSON_TYPE, nested, 'x-note: caf\u{e9}'), 'latin1')],
    expect: status(400, apiError),
  },
  {
    name: 'the status 500 with gzip that is far larger than it looks',
    play: [statusHead(500, CHUNKED, 'content-encoding: gzip'), bytesChunk(gzipSync('x'.repeat(30_000_000))), STALL],
    expect: status(500, { ...closed, duration: [0, 2_000] }),
  },
];

const redirects: Fault[] = [301, 302, 303, 307, 308].flatMap((code): Fault[] => [
  {
    name: `the redirect ${code} to another origin`,
    play: [({ other }) => answerOf(code, 'text/plain', 'there', `location: ${other}/v1/chat/completions?key=${KEY}`)],
    expect: status(code, { retryable: false, messageHas: 'not followed' }),
  },
  {
    name: `the redirect ${code} to the same origin`,
    play: [({ own }) => answerOf(code, 'text/plain', 'there', `location: ${own}/v2/chat/completions`)],
    expect: status(code, { retryable: false, messageHas: '/v2/chat/completions' }),
  },
]);

const otherRedirects: Fault[] = [
  {
    name: 'the redirect 307 to another path',
    play: [answerOf(307, '', '', 'location: /elsewhere')],
    expect: status(307, { messageHas: '/elsewhere' }),
  },
  { name: 'the redirect 302 to nowhere', play: [answerOf(302, '', '')], expect: status(302) },
  {
    name: 'the redirect 302 to what is no address',
    play: [answerOf(302, '', '', 'location: http://[no')],
    expect: status(302),
  },
  { name: 'the status 300', play: [answerOf(300, '', '')], expect: status(300) },
  { name: 'the status 304', play: [statusHead(304)], expect: status(304) },
  {
    name: 'the status 600',
    play: [answerOf(600, JSON_TYPE, nested)],
    expect: status(600, { ...apiError, retryable: false }),
  },
  { name: 'the status 999', play: [answerOf(999, JSON_TYPE, nested)], expect: status(999, apiError) },
];

const noStream: Fault[] = [
  {
    name: 'the status 204',
    play: [statusHead(204)],
    expect: { kind: 'malformed', reason: 'protocol', requestId: 'req_1', connection: 'kept' },
  },
  {
    name: 'the status 205',
    play: [statusHead(205, 'content-length: 0')],
    expect: { kind: 'malformed', reason: 'protocol', requestId: 'req_1', connection: 'kept' },
  },
  ...Object.entries({
    'a page': ['text/html; charset=utf-8', '<h1>Sign in</h1>'],
    'plain JSON': [JSON_TYPE, '{"id":"chatcmpl-1","choices":[]}'],
    'JSON of some kind': ['application/problem+json', '{"title":"No"}'],
    'JSON that is no JSON': [JSON_TYPE, 'No'],
    'an empty page': ['text/html', ''],
    'a document': ['application/xml', '<a/>'],
    'JSON that echoes the key and the prompt': [JSON_TYPE, JSON.stringify({ echo: `${KEY} ${PROMPT}` })],
  }).map(([what, [type = '', body = '']]): Fault => ({
    name: `${what} where a stream was asked for`,
    play: [answerOf(200, type, body)],
    expect: { kind: 'malformed', reason: 'content-type', requestId: 'req_1', retryable: false, connection: 'kept' },
  })),
  {
    name: 'an API error where a stream was asked for',
    play: [answerOf(200, JSON_TYPE, nested)],
    expect: { kind: 'stream', ...apiError, requestId: 'req_1', connection: 'kept' },
  },
  {
    name: 'a page without end where a stream was asked for',
    play: [
      headWith(CHUNKED).replace('event-stream', 'html'),
      { repeat: httpChunk('<p>'.repeat(1_000)), times: Infinity },
    ],
    expect: { kind: 'malformed', reason: 'content-type', requestId: 'req_1' },
  },
  {
    name: 'JSON that breaks where a stream was asked for',
    play: [headWith(CHUNKED).replace('text/event-stream', 'application/json') + httpChunk('{"error":'), SOON, RESET],
    expect: { kind: 'malformed', reason: 'content-type', requestId: 'req_1' },
  },
  ...[201, 202, 203, 206, 299].map((code): Fault => ({
    name: `a stream with the status ${code}`,
    play: [headWith(CHUNKED).replace('200', `${code}`) + httpChunk(FINISHED + DONE) + LAST_CHUNK],
    expect: { kind: 'complete', text: 'one two ', chunks: 2, connection: 'kept' },
  })),
  ...['text/plain', 'application/octet-stream', 'TEXT/EVENT-STREAM; charset=utf-8', 'x'].map((type): Fault => ({
    name: `a stream of the type ${type}`,
    play: [headWith(CHUNKED).replace('text/event-stream', type) + httpChunk(FINISHED + DONE) + LAST_CHUNK],
    expect: { kind: 'complete', text: 'one two ', chunks: 2, connection: 'kept' },
  })),
  {
    name: 'a stream without a type',
    play: [headWith(CHUNKED).replace(/content-type.*\r\n/, '') + httpChunk(FINISHED + DONE) + LAST_CHUNK] as Step[],
    expect: { kind: 'complete', text: 'one two ', chunks: 2, connection: 'kept' },
  },
];

/** What goes wrong by the status of the answer, or by the type of its body. */
export const FAULTS_BY_STATUS: Fault[] = [
  ...codes,
  ...contents,
  ...ends,
  ...stalled,
  ...asked,
  ...advice,
  ...encoded,
  ...redirects,
  ...otherRedirects,
  ...noStream,
];
