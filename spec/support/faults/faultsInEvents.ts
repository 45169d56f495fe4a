import { delta, event, httpChunk, LAST_CHUNK, STREAM_HEAD } from '../wire';
import { bytesChunk, DONE, FINISHED, responsesEvent, textEvent, TWO } from './bytes';
import type { Fault, Outcome } from './Fault';
import { END, RESET, STALL } from './FaultServer';
import { KEY, PROMPT } from './observe';

const complete: Outcome = { kind: 'complete', text: 'one two ', chunks: 2, connection: 'kept' };
const truncated: Outcome = {
  kind: 'truncated',
  phase: 'body',
  requestId: 'req_1',
  retryable: true,
  connection: 'kept',
};
const two: Pick<Outcome, 'text' | 'chunks' | 'requestId'> = { text: 'one two ', chunks: 2, requestId: 'req_1' };

/** A chunked body of this text, whole. */
const whole = (text: string | Uint8Array) => [STREAM_HEAD, bytesChunk(text), LAST_CHUNK];

const choice = (index: number, text: string, finishReason: string | null = null) =>
  event({ choices: [{ index, delta: { content: text }, finish_reason: finishReason }] });

const spellings: Record<string, string | Uint8Array> = {
  'lines that end in CR': (FINISHED + DONE).replaceAll('\n', '\r'),
  'lines that end in CRLF': (FINISHED + DONE).replaceAll('\n', '\r\n'),
  'lines that end in each way': (FINISHED + DONE).replace('\n\n', '\r\n\r').replace('\n\n', '\r\n\n'),
  'a byte order mark': `\u{feff}${FINISHED}${DONE}`,
  'comments and blank lines between': `: hello\n\n\n\n${FINISHED.replaceAll('\n\n', '\n\n: keep-alive\n\n\n')}${DONE}`,
  'fields that nobody knows': (FINISHED + DONE).replaceAll('data:', 'x-field: 1\nid: 7\nretry: 50\ndata:'),
  'events without data': `event: ping\n\nid: 1\n\n${FINISHED}data:\n\ndata: \n\n${DONE}`,
  'no blank after the colon': (FINISHED + DONE).replaceAll('data: ', 'data:'),
  'data in several lines': (FINISHED + DONE).replaceAll('{"id"', '{\ndata: "id"'),
  'no [DONE]': FINISHED,
  'no blank line at the end': (FINISHED + DONE).slice(0, -1),
  'no line end at the end': (FINISHED + DONE).slice(0, -2),
  'no blank line after the last finish reason, and no [DONE]': FINISHED.slice(0, -2),
  'no finish reason, but [DONE]': TWO + DONE,
  'blanks around [DONE]': `${FINISHED}data:   [DONE]  \n\n`,
  'a chunk without choices in front of [DONE]': FINISHED.replace('"choices"', '"choices":[],"others"') + DONE,
};

const readable: Fault[] = Object.entries(spellings).map(([name, text]) => ({
  name: `events with ${name}`,
  play: whole(text),
  expect: name.startsWith('a chunk without choices') ? { ...complete, text: 'two ' } : complete,
}));

const cut: Fault[] = [
  { name: 'comments only', play: whole(': keep-alive\n\n'.repeat(3)), expect: { ...truncated, text: '', chunks: 0 } },
  { name: 'blank lines only', play: whole('\n\n\r\n\r\n\r'), expect: { ...truncated, text: '', chunks: 0 } },
  {
    name: 'an event whose JSON is cut',
    play: whole(delta('one ') + delta('two ').slice(0, -6)),
    expect: { ...truncated, text: 'one ', chunks: 1 },
  },
  {
    name: 'an event that is cut in its field name',
    play: whole(`${delta('one ')}dat`),
    expect: { ...truncated, text: 'one ', chunks: 1 },
  },
  { name: 'a [DONE] that is cut', play: whole(`${TWO}data: [DON`), expect: { ...truncated, ...two } },
  {
    name: 'a cut stream with ids and a wait',
    play: whole(`retry: 1234\n\n${delta('one ')}id: 8\n${delta('two ')}`),
    expect: { ...truncated, ...two, retryAfterMs: 1_234 },
  },
  {
    name: 'one finished choice of two',
    play: whole(choice(0, 'one ') + choice(1, 'uno ') + choice(0, 'two ', 'stop')),
    expect: { ...truncated, text: 'one uno two ', chunks: 3 },
  },
  {
    name: 'two finished choices',
    play: whole(choice(0, 'one ') + choice(1, 'uno ', 'length') + choice(0, 'two ', 'stop')),
    expect: { kind: 'complete', text: 'one uno two ', chunks: 3, connection: 'kept' },
  },
  {
    name: 'a cut stream that is taken leniently',
    play: whole(TWO),
    options: { completion: 'lenient' },
    expect: complete,
  },
  {
    name: 'a broken stream that is taken leniently',
    play: [STREAM_HEAD + httpChunk(TWO), { waitMs: 25 }, END],
    options: { completion: 'lenient' },
    expect: { kind: 'connection', phase: 'body', ...two },
  },
];

/** Data that is no chunk, behind two that are. */
const badData: Record<string, string> = {
  'is JSON that is cut': '{"choices":[',
  'is no JSON': 'Hello there',
  'is a list': '[{"choices":[]}]',
  'is a number': '17',
  'is null': 'null',
  'is a string': '"Hello"',
  'is not a number': 'NaN',
  'is two objects': '{} {}',
  'has a NUL in it': '{"choices":[]}\0',
  'has choices that are a word': '{"choices":"none"}',
  'has a choice that is null': '{"choices":[null]}',
  'has a negative index': '{"choices":[{"index":-1,"delta":{}}]}',
  'has an index like no other': '{"choices":[{"index":4294967296,"delta":{}}]}',
  'has a tool call with an index that is a fraction':
    '{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0.5}]}}]}',
  'is the key and the prompt': `${KEY} ${PROMPT}`,
  'is JSON of the prompt that is cut': `{"echo":"${PROMPT}`,
};

const malformed: Fault[] = Object.entries(badData).map(([what, data]) => ({
  name: `an event that ${what}`,
  play: [STREAM_HEAD + httpChunk(`${TWO}data: ${data}\n\n${DONE}`), STALL],
  expect: { kind: 'malformed', reason: 'json', retryable: false, ...two },
}));

const replaced: Fault = {
  name: 'a character that is no UTF-8',
  play: whole(Buffer.from(FINISHED + DONE, 'utf8').map((byte) => (byte === 'w'.charCodeAt(0) ? 0xff : byte))),
  expect: { ...complete, text: 'one t\u{fffd}o ' },
};

const apiError = { message: 'Something broke', type: 'server_error', code: 'oops', param: 'model' };
const errors: Record<string, [string, Omit<Outcome, 'kind'>]> = {
  'under "error"': [event({ error: apiError }), apiError],
  'as a string': [event({ error: 'Out of luck' }), { message: 'Out of luck' }],
  'under "error" of a list': [event({ error: [apiError] }), apiError],
  'with type "error"': [event({ ...apiError, type: 'error' }), { message: 'Something broke', code: 'oops' }],
  'with object "error"': [event({ object: 'error', ...apiError }), apiError],
  'by its event line': [`event: error\n${event(apiError)}`, apiError],
  'by its event line, nested': [`event: error\n${event({ error: apiError })}`, apiError],
  'by its event line, in plain words': ['event: error\ndata: Out of luck\n\n', { message: 'Out of luck' }],
  'without words': [event({ error: { code: 500 } }), { code: 500, message: 'The server failed' }],
  'of a rate limit': [
    event({ error: { message: 'Slow down', code: 'rate_limit_exceeded' } }),
    { code: 'rate_limit_exceeded', retryable: true },
  ],
  'of an empty purse': [
    event({ error: { message: 'Pay', type: 'insufficient_quota', code: 429 } }),
    { code: 429, retryable: false },
  ],
  'that echoes the key and the prompt': [
    event({ error: { message: `${KEY}: ${PROMPT}`, code: 'oops' } }),
    { code: 'oops' },
  ],
};

const reported: Fault[] = Object.entries(errors).map(([what, [text, fields]]) => ({
  name: `an error in the stream ${what}`,
  play: [STREAM_HEAD + httpChunk(TWO + text + DONE), STALL],
  expect: { kind: 'stream', ...two, ...fields },
}));

const tooLarge = (expected: Partial<Outcome> = {}): Outcome => ({
  ...{ kind: 'malformed', reason: 'event-too-large', retryable: false, requestId: 'req_1' },
  ...expected,
});
const SMALL = { maxEventBytes: 10_000 };
const endless = (text: string) => ({ repeat: httpChunk(text), times: Infinity });

const large: Fault[] = [
  {
    name: 'an event over the limit',
    play: [STREAM_HEAD + httpChunk(TWO + event({ padding: 'x'.repeat(10_000) })), STALL],
    options: SMALL,
    expect: tooLarge(two),
  },
  {
    name: 'an event just under the limit',
    play: whole(event({ choices: [], padding: 'x'.repeat(9_000) }) + FINISHED + DONE),
    options: SMALL,
    expect: { ...complete, chunks: 3 },
  },
  {
    name: 'a line without end',
    play: [STREAM_HEAD + httpChunk(`${TWO}data: `), endless('x'.repeat(1_000))],
    options: SMALL,
    expect: tooLarge(two),
  },
  {
    name: 'a line without end, a few bytes at a time',
    play: [STREAM_HEAD + httpChunk(`${TWO}data: `), endless('x'.repeat(20))],
    options: { maxEventBytes: 2_000 },
    expect: tooLarge(two),
  },
  {
    name: 'a line without end and without a limit of its own',
    play: [STREAM_HEAD + httpChunk(`${TWO}data: `), endless('x'.repeat(500_000))],
    expect: tooLarge(two),
  },
  {
    name: 'a line without end and without a field',
    play: [STREAM_HEAD + httpChunk(TWO), endless('x'.repeat(1_000))],
    options: SMALL,
    expect: tooLarge(two),
  },
  {
    name: 'a comment without end',
    play: [STREAM_HEAD + httpChunk(`${TWO}: `), endless('x'.repeat(1_000))],
    options: SMALL,
    expect: tooLarge(two),
  },
  {
    name: 'lines of data without end and without a blank one',
    play: [STREAM_HEAD + httpChunk(TWO), endless('data: some words\n'.repeat(50))],
    options: SMALL,
    expect: tooLarge(two),
  },
  {
    name: 'empty lines of data without end and without a blank one',
    play: [STREAM_HEAD + httpChunk(TWO), endless('data:\n'.repeat(50))],
    options: SMALL,
    expect: tooLarge(two),
  },
  {
    name: 'lines of data without end, each the key and the prompt',
    play: [STREAM_HEAD, endless(`data: ${KEY} ${PROMPT}\n`.repeat(50))],
    options: SMALL,
    expect: tooLarge(),
  },
  {
    name: 'other lines without end and without a blank one',
    play: [STREAM_HEAD + httpChunk(TWO), endless('event: ping\nid: 7\nx: y\n'.repeat(50))],
    options: { ...SMALL, timeouts: { chunkMs: 200 } },
    expect: { kind: 'timeout', phase: 'chunk', ...two },
  },
];

const MANY = 1_000_000;
const block = Buffer.from(httpChunk(Array.from({ length: 1_000 }, (_, index) => smallEvent(index)).join('')));

function smallEvent(index: number): string {
  return `data: {"choices":[{"delta":{"content":"${index % 10}"}}]}\n\n`;
}

const many: Fault = {
  name: 'a million small events, and an end',
  play: [STREAM_HEAD, { repeat: block, times: MANY / 1_000 }, { waitMs: 300 }, END],
  expect: { kind: 'connection', phase: 'body', text: '0123456789'.repeat(MANY / 10), chunks: MANY },
};

const created = responsesEvent('response.created', { response: { id: 'resp_1', status: 'in_progress' } });
const begun = created + textEvent('one ') + textEvent('two ');
const ended = (status: string, fields: object = {}) =>
  responsesEvent(`response.${status}`, { response: { id: 'resp_1', status, ...fields } });

const responses: Fault[] = (
  [
    {
      name: 'a Response that is cut',
      play: whole(begun),
      expect: { ...truncated, text: 'one two ', chunks: 3 },
    },
    {
      name: 'a Response that is cut, in spite of all parts being done',
      play: whole(begun + responsesEvent('response.output_text.done', { text: 'one two ' })),
      expect: { ...truncated, text: 'one two ', chunks: 4 },
    },
    {
      name: 'a Response that breaks',
      play: [STREAM_HEAD + httpChunk(begun), { waitMs: 25 }, RESET],
      expect: { kind: 'connection', phase: 'body', text: 'one two ', chunks: 3 },
    },
    ...['completed', 'incomplete', 'cancelled'].flatMap((status): Fault[] => [
      {
        name: `a Response that is ${status}, and never ends`,
        play: [STREAM_HEAD + httpChunk(begun + ended(status) + textEvent('late')), STALL],
        expect: { kind: 'complete', text: 'one two ', chunks: 4 },
      },
      {
        name: `a Response that is ${status}, and a reset behind it`,
        play: [STREAM_HEAD + httpChunk(begun + ended(status)), { waitMs: 25 }, RESET],
        expect: { kind: 'complete', text: 'one two ', chunks: 4 },
      },
    ]),
    {
      name: 'a Response that is completed by its event line alone',
      play: whole(begun + ended('completed').replace('"type":"response.completed",', '')),
      expect: { kind: 'complete', text: 'one two ', chunks: 4, connection: 'kept' },
    },
    {
      name: 'a Response that is completed without a blank line',
      play: whole((begun + ended('completed')).slice(0, -2)),
      expect: { kind: 'complete', text: 'one two ', chunks: 4, connection: 'kept' },
    },
    {
      name: 'a Response that is cut in its last event',
      play: whole((begun + ended('completed')).slice(0, -10)),
      expect: { ...truncated, text: 'one two ', chunks: 3 },
    },
    {
      name: 'a Response that failed',
      play: [
        STREAM_HEAD + httpChunk(begun + ended('failed', { error: { code: 'server_error', message: 'Sorry' } })),
        STALL,
      ],
      expect: { kind: 'stream', code: 'server_error', message: 'Sorry', text: 'one two ', chunks: 4 },
    },
    {
      name: 'a Response that failed and does not say why',
      play: [STREAM_HEAD + httpChunk(begun + ended('failed')), STALL],
      expect: { kind: 'stream', text: 'one two ', chunks: 4 },
    },
    {
      name: 'a Response with an error event',
      play: [STREAM_HEAD + httpChunk(begun + responsesEvent('error', { code: 'oops', message: 'Sorry' })), STALL],
      expect: { kind: 'stream', code: 'oops', message: 'Sorry', text: 'one two ', chunks: 3 },
    },
    {
      name: 'a Response in silence',
      play: [STREAM_HEAD + httpChunk(begun), STALL],
      options: { timeouts: { chunkMs: 60 } },
      expect: { kind: 'timeout', phase: 'chunk', text: 'one two ', chunks: 3 },
    },
  ] satisfies Fault[]
).map((fault) => ({ endpoint: 'responses', ...fault }));

/** What goes wrong in the events that a body is made of. */
export const FAULTS_IN_EVENTS: Fault[] = [
  ...readable,
  ...cut,
  ...malformed,
  replaced,
  ...reported,
  ...large,
  many,
  ...responses,
];
