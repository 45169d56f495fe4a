import { delta, event, httpChunk, LAST_CHUNK, STREAM_HEAD } from '../wire';
import { answerOf, CLOSE_DELIMITED_HEAD, FINISHED, headWith, TWO, WHOLE } from './bytes';
import type { Fault, Outcome } from './Fault';
import { DESTROY, END, PAUSE, RESET, STALL, type Step } from './FaultServer';
import { KEY, PROMPT } from './observe';

const lost: Outcome = { kind: 'connection', phase: 'head', retryable: true };
const notHTTP: Outcome = { kind: 'malformed', reason: 'protocol', retryable: false };
const noHead: Outcome = { kind: 'timeout', phase: 'head', retryable: true };

const interim = (status: string, ...lines: string[]) =>
  `HTTP/1.1 ${status}\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;

/** Long enough for what was sent to arrive, which a reset would overtake. */
const SOON = { waitMs: 25 };
const PATIENCE = { timeouts: { responseMs: 300 } };

const connecting: Fault[] = [
  {
    name: 'a connection that is refused',
    play: { isRefused: true },
    expect: { kind: 'connection', phase: 'connect', retryable: true },
  },
  {
    name: 'a connection that is ended as soon as it is open',
    play: { atOnce: [END] },
    expect: lost,
  },
  { name: 'a connection that is reset before any answer', play: { atOnce: [{ waitMs: 10 }, RESET] }, expect: lost },
  {
    name: 'a server that speaks first, and not HTTP',
    play: { atOnce: ['SSH-2.0-OpenSSH_9.6\r\n', STALL] },
    expect: notHTTP,
  },
  {
    name: 'TLS that is answered in plain HTTP',
    play: { isAskedForTLS: true, atOnce: ['HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n'] },
    expect: { kind: 'connection', phase: 'connect' },
  },
  {
    name: 'a TLS handshake that is reset',
    play: { isAskedForTLS: true, atOnce: [{ waitMs: 20 }, RESET] },
    expect: { kind: 'connection', phase: 'connect' },
    // It does not tell whether its socket had been open before.
    throughFetch: lost,
  },
  {
    name: 'a TLS handshake that is ended',
    play: { isAskedForTLS: true, atOnce: [{ waitMs: 20 }, END] },
    expect: { kind: 'connection', phase: 'connect' },
    throughFetch: lost,
  },
  {
    name: 'a TLS handshake that is never answered',
    play: { isAskedForTLS: true, atOnce: [STALL] },
    options: { timeouts: { connectMs: 60 } },
    expect: { kind: 'timeout', phase: 'connect', retryable: true },
    notThrough: {
      fetch: 'it has no such limit, and lets the handshake run for ten seconds after the request is aborted',
    },
  },
];

const placesInHead: [string, string][] = [
  ['before the head', ''],
  ['in the middle of the status line', STREAM_HEAD.slice(0, 10)],
  ['in the middle of the headers', STREAM_HEAD.slice(0, 40)],
  ['before the last line end of the head', STREAM_HEAD.slice(0, -2)],
];

const cut: Fault[] = placesInHead.flatMap(([place, head]) => [
  { name: `an end ${place}`, play: [head, SOON, END], expect: lost },
  { name: `a reset ${place}`, play: [head, SOON, RESET], expect: lost },
]);

const silent: Fault[] = [
  ...placesInHead.map<Fault>(([place, head]) => ({
    name: `silence ${place}`,
    play: [head, STALL],
    options: PATIENCE,
    expect: noHead,
  })),
  {
    name: 'silence before the head, longer than everything may take',
    play: [STALL],
    options: { timeouts: { totalMs: 300 } },
    expect: { kind: 'timeout', phase: 'total', retryable: true },
  },
  {
    name: 'headers without end, one at a time',
    play: ['HTTP/1.1 200 OK\r\n', { repeat: 'x-more: y\r\n', times: Infinity, everyMs: 5 }],
    options: { timeouts: { responseMs: 300 } },
    expect: noHead,
  },
  {
    name: 'words of the status line without end',
    play: ['HTTP/1.1 200 O', { repeat: 'K'.repeat(1_000), times: Infinity, everyMs: 2 }],
    options: { timeouts: { responseMs: 300 } },
    expect: noHead,
  },
  {
    name: 'heads of 103 without end, as fast as they are taken',
    play: [{ repeat: interim('103 Early Hints').repeat(100), times: Infinity }],
    options: { timeouts: { responseMs: 300 } },
    expect: noHead,
  },
  {
    name: 'a destroyed connection in place of an answer',
    play: [DESTROY],
    expect: lost,
  },
];

const unusual: Fault[] = [
  {
    name: 'a head that is sent byte by byte',
    play: [...STREAM_HEAD.match(/[^]/g)!.flatMap((byte) => [byte, { waitMs: 1 }]), httpChunk(FINISHED), LAST_CHUNK],
    expect: { kind: 'complete', text: 'one two ', chunks: 2, connection: 'kept' },
  },
  {
    name: 'an answer of HTTP/1.0',
    play: [CLOSE_DELIMITED_HEAD.replace('1.1', '1.0') + FINISHED, END],
    expect: { kind: 'complete', text: 'one two ', chunks: 2 },
  },
  {
    name: 'a cut answer of HTTP/1.0',
    play: [CLOSE_DELIMITED_HEAD.replace('1.1', '1.0') + TWO, END],
    expect: { kind: 'truncated', phase: 'body', text: 'one two ', chunks: 2 },
  },
  {
    name: 'blank lines before the head',
    play: [`\r\n\r\n${WHOLE}`],
    expect: { kind: 'complete', text: 'whole', connection: 'kept' },
  },
  {
    name: 'a head of 100 before that of the answer',
    play: [interim('100 Continue') + WHOLE],
    expect: { kind: 'complete', text: 'whole', connection: 'kept' },
    notThrough: {
      undici: 'it takes a 100 that it has not asked for as a broken answer, and closes the connection',
      fetch: 'it is undici',
    },
  },
  {
    name: 'a head of 102 before that of the answer, a while earlier',
    play: [interim('102 Processing'), SOON, WHOLE],
    expect: { kind: 'complete', text: 'whole', connection: 'kept' },
  },
  {
    name: 'three heads of 103 before that of the answer',
    play: [interim('103 Early Hints', 'link: </style.css>; rel=preload', 'x-request-id: req_0').repeat(3) + WHOLE],
    expect: { kind: 'complete', text: 'whole', connection: 'kept' },
  },
  {
    name: 'a head of 103 and then silence',
    play: [interim('103 Early Hints'), STALL],
    options: PATIENCE,
    expect: noHead,
  },
  {
    name: 'heads of 103 without end',
    play: [{ repeat: interim('103 Early Hints'), times: Infinity, everyMs: 5 }],
    options: { timeouts: { responseMs: 300 } },
    expect: noHead,
  },
  { name: 'a head of 103 and then an end', play: [interim('103 Early Hints'), SOON, END], expect: lost },
  { name: 'a head of 103 and then a reset', play: [interim('103 Early Hints'), SOON, RESET], expect: lost },
  {
    name: 'a switch of protocols that nobody asked for',
    play: [interim('101 Switching Protocols', 'upgrade: websocket', 'connection: upgrade'), STALL],
    expect: { kind: 'connection', phase: 'head' },
  },
];

/** Larger than the buffers of two sockets. */
const LARGE = { promptTimes: 80_000 };

const uploads: Fault[] = [
  {
    name: 'a status while the request is still being sent, and an end',
    play: { atOnce: [PAUSE, { waitMs: 30 }, answerOf(413, 'application/json', '{"error":{"code":"too_large"}}'), END] },
    ...LARGE,
    expect: { kind: 'status', status: 413, code: 'too_large' },
  },
  {
    name: 'a reset while the request is still being sent',
    play: { atOnce: [PAUSE, { waitMs: 30 }, RESET] },
    ...LARGE,
    expect: lost,
  },
  {
    name: 'a request that is never read to its end',
    play: { atOnce: [PAUSE, STALL] },
    ...LARGE,
    options: PATIENCE,
    expect: noHead,
  },
];

const oversized: Fault[] = [
  {
    name: 'a header of 100 kB',
    play: [headWith(`x-padding: ${'x'.repeat(100_000)}`)],
    expect: notHTTP,
  },
  {
    name: 'a header of 100 kB that is the key, over and over',
    play: [headWith(`x-echo: ${`${KEY} ${PROMPT} `.repeat(1_000)}`)],
    expect: notHTTP,
  },
  {
    name: 'ten thousand headers',
    play: [headWith(...Array.from({ length: 10_000 }, (_, index) => `x-header-${index}: some words`))],
    expect: notHTTP,
  },
  {
    name: 'headers without end',
    play: ['HTTP/1.1 200 OK\r\n', { repeat: 'x-more: y\r\n'.repeat(100), times: Infinity }],
    expect: notHTTP,
  },
  {
    name: 'a header without end',
    play: ['HTTP/1.1 200 OK\r\nx-padding: ', { repeat: 'x'.repeat(1_000), times: Infinity }],
    expect: notHTTP,
  },
];

const junk: Record<string, string | Uint8Array> = {
  'the banner of another protocol': 'SSH-2.0-OpenSSH_9.6\r\n',
  'bytes of no protocol': Uint8Array.from({ length: 200 }, (_, index) => (index * 7) % 256),
  'a page without a head': '<!doctype html>\n<p>Hello</p>\n',
  'events without a head': FINISHED + event('[DONE]'),
  'the alert of TLS': Uint8Array.of(0x15, 3, 1, 0, 2, 2, 70),
  'a status that is no number': 'HTTP/1.1 abc OK\r\n\r\n',
  'a version that does not exist': STREAM_HEAD.replace('1.1', '7.9'),
  'a header without a colon': 'HTTP/1.1 200 OK\r\nno colon\r\n\r\n',
  'a header with a NUL in it': 'HTTP/1.1 200 OK\r\nx-nul: a\0b\r\n\r\n',
  'two lengths that differ': `${headWith('content-length: 5', 'content-length: 6')}data:`,
  'a length that is no number': `${headWith('content-length: many')}data:`,
  'a negative length': `${headWith('content-length: -5')}data:`,
  'a length beside chunks': headWith('content-length: 5', 'transfer-encoding: chunked') + httpChunk(delta('one')),
  'the key and the prompt, and no HTTP': `${KEY} ${PROMPT}\r\n\r\n`,
  'the key and the prompt in a head that is none': `HTTP/1.1 200 OK\r\n${KEY} ${PROMPT}\r\n\r\n`,
};

const unreadable: Fault[] = [
  ...Object.entries(junk).map(([name, bytes]) => ({
    name: `an answer that begins with ${name}`,
    play: [bytes, STALL] satisfies Step[],
    expect: notHTTP,
  })),
  {
    name: 'an answer that begins with a header without a name',
    play: ['HTTP/1.1 200 OK\r\n: no name\r\n\r\n', STALL],
    options: { timeouts: { idleMs: 80 } },
    expect: notHTTP,
    // Node's own fetch does not mind, and then waits for the body.
    throughFetch: { kind: 'timeout', phase: 'idle' },
  },
];

/** What goes wrong before the head of the answer has come. */
export const FAULTS_BEFORE_HEAD: Fault[] = [
  ...connecting,
  ...cut,
  ...silent,
  ...unusual,
  ...uploads,
  ...oversized,
  ...unreadable,
];
