import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync, type ZlibOptions } from 'node:zlib';
import { delta, httpChunk, LAST_CHUNK } from '../wire';
import { bytesChunk, codedHead, DONE, FINISHED, headWith, statusHead, TWO } from './bytes';
import type { Fault, Outcome } from './Fault';
import { RESET, STALL } from './FaultServer';
import { KEY, PROMPT } from './observe';

const SOON = { waitMs: 25 };

const complete: Outcome = { kind: 'complete', text: 'one two ', chunks: 2 };
const two = { text: 'one two ', chunks: 2, requestId: 'req_1' };
const broken: Outcome = { kind: 'connection', phase: 'body', retryable: true, ...two };
const truncated: Outcome = { kind: 'truncated', phase: 'body', retryable: true, ...two };

/** A coding, and what codes in it: without its end, so that it can be decoded so far, or whole. */
interface Coding {
  what: string;
  name: string;
  code: (text: string) => Buffer;
  begin: (text: string) => Buffer;
}

const SYNC: ZlibOptions = { finishFlush: constants.Z_SYNC_FLUSH };
const CODINGS: Coding[] = [
  { what: 'gzip', name: 'gzip', code: gzipSync, begin: (text) => gzipSync(text, SYNC) },
  { what: 'deflate', name: 'deflate', code: deflateSync, begin: (text) => deflateSync(text, SYNC) },
  {
    what: 'deflate without its header',
    name: 'deflate',
    code: deflateRawSync,
    begin: (text) => deflateRawSync(text, SYNC),
  },
  {
    what: 'br',
    name: 'br',
    code: brotliCompressSync,
    begin: (text) => brotliCompressSync(text, { finishFlush: constants.BROTLI_OPERATION_FLUSH }),
  },
];

const known: Fault[] = CODINGS.flatMap(({ what, name, code, begin }): Fault[] => {
  const head = codedHead(name);
  const whole = code(FINISHED + DONE);
  return [
    {
      name: `a whole body in ${what}`,
      play: [head, bytesChunk(whole), LAST_CHUNK],
      expect: { ...complete, connection: 'kept' },
    },
    {
      name: `a whole body in ${what}, byte by byte`,
      play: [head, ...[...whole].map((byte) => bytesChunk(Uint8Array.of(byte))), LAST_CHUNK],
      expect: { ...complete, connection: 'kept' },
    },
    {
      name: `a body in ${what} that is cut`,
      play: [head, bytesChunk(begin(TWO)), SOON, LAST_CHUNK],
      expect: { ...broken, connection: 'kept' },
      // Node's own fetch takes a coding that is cut for a whole one.
      throughFetch: { ...truncated, connection: 'kept' },
    },
    {
      name: `a body in ${what} that is cut after the last finish reason`,
      play: [head, bytesChunk(begin(FINISHED)), SOON, LAST_CHUNK],
      expect: { ...broken, connection: 'kept' },
      throughFetch: { ...complete, connection: 'kept' },
    },
    {
      name: `a body in ${what} that is cut after [DONE]`,
      play: [head, bytesChunk(begin(FINISHED + DONE)), SOON, LAST_CHUNK],
      expect: { ...complete, connection: 'kept' },
    },
    {
      name: `a body in ${what} that is reset`,
      play: [head, bytesChunk(begin(TWO)), { waitMs: 200 }, RESET],
      expect: broken,
    },
    {
      name: `a body in ${what} that is silent`,
      play: [head, bytesChunk(begin(TWO)), STALL],
      options: { timeouts: { idleMs: 150 } },
      expect: { kind: 'timeout', phase: 'idle', ...two },
    },
    {
      name: `a body in ${what} that is silent after [DONE]`,
      play: [head, bytesChunk(begin(FINISHED + DONE)), STALL],
      options: { timeouts: { idleMs: 150 } },
      expect: complete,
    },
    {
      name: `a line without end in ${what}`,
      play: [head, bytesChunk(code(`${TWO}data: ${'x'.repeat(5_000_000)}`)), STALL],
      options: { maxEventBytes: 10_000 },
      expect: { kind: 'malformed', reason: 'event-too-large', ...two },
    },
  ];
});

const notCoded: Fault[] = ['gzip', 'deflate', 'br'].map((name) => ({
  name: `a body that is not ${name} although it says so`,
  play: [codedHead(name), httpChunk(FINISHED + DONE), STALL],
  expect: { kind: 'malformed', reason: 'encoding', requestId: 'req_1' },
  // There it is a body that breaks.
  throughFetch: { kind: 'connection', phase: 'body', requestId: 'req_1' },
}));

const onlyUndici = { fetch: 'it takes a coding that it does not know for none' };

const others: Fault[] = [
  {
    name: 'a body in gzip that is spoilt in its middle',
    play: [
      codedHead('gzip'),
      bytesChunk(gzipSync(TWO, SYNC)),
      { waitMs: 200 },
      bytesChunk(Buffer.alloc(50, 0xff)),
      STALL,
    ],
    expect: { kind: 'malformed', reason: 'encoding', ...two },
    throughFetch: { kind: 'connection', phase: 'body', ...two },
  },
  {
    name: 'a body in gzip that is spoilt in its middle, in one packet',
    play: [codedHead('gzip'), bytesChunk(Buffer.concat([gzipSync(TWO, SYNC), Buffer.alloc(50, 0xff)])), STALL],
    // zlib drops what it has not handed out yet.
    expect: { kind: 'malformed', reason: 'encoding', requestId: 'req_1' },
    throughFetch: { kind: 'connection', phase: 'body', requestId: 'req_1' },
  },
  {
    name: 'a body in gzip in two members',
    play: [codedHead('gzip'), bytesChunk(Buffer.concat([gzipSync(TWO), gzipSync(DONE)])), LAST_CHUNK],
    expect: { ...complete, connection: 'kept' },
  },
  {
    name: 'a body in gzip in capitals',
    play: [codedHead('GZIP'), bytesChunk(gzipSync(FINISHED)), LAST_CHUNK],
    expect: { ...complete, connection: 'kept' },
  },
  {
    name: 'an empty body in gzip',
    play: [headWith('content-encoding: gzip', 'content-length: 0')],
    expect: { kind: 'truncated', phase: 'body', requestId: 'req_1', chunks: 0, connection: 'kept' },
  },
  {
    name: 'a body in gzip that is cut in its header',
    play: [codedHead('gzip'), bytesChunk(gzipSync(FINISHED).subarray(0, 6)), SOON, LAST_CHUNK],
    expect: { kind: 'connection', phase: 'body', requestId: 'req_1', chunks: 0, connection: 'kept' },
    throughFetch: { kind: 'truncated', phase: 'body', requestId: 'req_1', chunks: 0, connection: 'kept' },
  },
  {
    name: 'a body in gzip that lacks its checksum',
    play: [codedHead('gzip'), bytesChunk(gzipSync(FINISHED).subarray(0, -8)), SOON, LAST_CHUNK],
    expect: { ...broken, connection: 'kept' },
    throughFetch: { ...complete, connection: 'kept' },
  },
  {
    name: 'a body in the coding identity',
    play: [codedHead('identity'), httpChunk(FINISHED), LAST_CHUNK],
    expect: { ...complete, connection: 'kept' },
  },
  ...['zstd', 'compress', 'gzip, br', KEY].map((coding): Fault => ({
    name: `a body in the coding ${coding === KEY ? 'of the key' : coding}`,
    play: [codedHead(coding), httpChunk(delta('one ')), STALL],
    expect: { kind: 'malformed', reason: 'encoding', requestId: 'req_1' },
    notThrough: onlyUndici,
  })),
  {
    name: 'the status 401 in gzip',
    play: [
      statusHead(401, 'content-encoding: gzip', 'transfer-encoding: chunked'),
      bytesChunk(gzipSync('{"error":{"message":"Who are you?","code":"no_key"}}')),
      LAST_CHUNK,
    ],
    expect: { kind: 'status', status: 401, code: 'no_key', message: 'Who are you?', connection: 'kept' },
  },
  {
    name: 'the status 500 in gzip that is cut',
    play: [
      statusHead(500, 'content-encoding: gzip', 'transfer-encoding: chunked'),
      bytesChunk(gzipSync('Bad luck', SYNC)),
      SOON,
      LAST_CHUNK,
    ],
    expect: { kind: 'status', status: 500, messageHas: 'Bad luck', connection: 'kept' },
  },
  {
    name: 'the status 500 in gzip that is none',
    play: [
      statusHead(500, 'content-encoding: gzip', 'transfer-encoding: chunked'),
      httpChunk(`Bad luck ${KEY} ${PROMPT}`),
      STALL,
    ],
    expect: { kind: 'status', status: 500, requestId: 'req_1' },
  },
  {
    name: 'the status 500 in an unknown coding',
    play: [statusHead(500, 'content-encoding: zstd', 'content-length: 8'), 'Bad luck'],
    expect: { kind: 'status', status: 500, requestId: 'req_1' },
    throughFetch: { kind: 'status', status: 500, requestId: 'req_1', connection: 'kept' },
  },
];

/** What goes wrong in the content coding of a body. */
export const FAULTS_IN_CODINGS: Fault[] = [...known, ...notCoded, ...others];
