import { delta, event, httpChunk, LAST_CHUNK, STREAM_HEAD } from '../wire';
import {
  bytesChunk,
  CHUNKED_CLOSE_HEAD,
  CLOSE_DELIMITED_HEAD,
  DONE,
  FINISHED,
  headWith,
  lengthHead,
  TWO,
  WHOLE,
} from './bytes';
import type { Fault, Outcome } from './Fault';
import { DESTROY, END, RESET, STALL, type Step } from './FaultServer';

const SOON = { waitMs: 25 };

const complete: Outcome = { kind: 'complete', text: 'one two ', chunks: 2 };
const broken: Outcome = { kind: 'connection', phase: 'body', requestId: 'req_1', retryable: true };
const truncated: Outcome = { kind: 'truncated', phase: 'body', requestId: 'req_1', retryable: true };
const notHTTP: Outcome = { kind: 'malformed', reason: 'protocol', requestId: 'req_1', text: 'one two ', chunks: 2 };

/** A place in the body, with what was received there. */
interface Place {
  where: string;
  bytes: Uint8Array;
  text: string;
  chunks: number;
  /** Whether the answer is whole where the body ends here in good order; at [DONE] it is so in any case. */
  isFinished?: boolean;
  isDone?: boolean;
}

const accented = Buffer.from(delta('oné 面'));

const PLACES: Place[] = [
  { where: 'before the first event', bytes: Buffer.alloc(0), text: '', chunks: 0 },
  { where: 'after an event', bytes: Buffer.from(delta('one ')), text: 'one ', chunks: 1 },
  {
    where: 'in the middle of an event',
    bytes: Buffer.from(delta('one ') + delta('two ').slice(0, 40)),
    ...{ text: 'one ', chunks: 1 },
  },
  {
    where: 'in the middle of a character',
    bytes: Buffer.concat([Buffer.from(delta('one ')), accented.subarray(0, accented.indexOf('面') + 1)]),
    ...{ text: 'one ', chunks: 1 },
  },
  {
    where: 'between the two line ends of an event',
    bytes: Buffer.from(delta('one ') + delta('two ').slice(0, -1)),
    ...{ text: 'one ', chunks: 1 },
  },
  {
    where: 'after the last finish reason',
    bytes: Buffer.from(FINISHED),
    ...{ text: 'one two ', chunks: 2, isFinished: true },
  },
  {
    where: 'after [DONE]',
    bytes: Buffer.from(FINISHED + DONE),
    ...{ text: 'one two ', chunks: 2, isFinished: true, isDone: true },
  },
];

/** A way to say where a body ends. */
interface Framing {
  of: string;
  /** The bytes up to the place, of a body that would go on. */
  begin: (bytes: Uint8Array) => Uint8Array;
  /** The whole answer whose body ends at the place in good order. */
  whole: (bytes: Uint8Array) => Step[];
  /** Whether an end of the connection is one of the body. */
  endsWithConnection?: boolean;
}

/** In one write, so that no limit passes in between. */
function joined(head: string, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(head), bytes]);
}

const FRAMINGS: Framing[] = [
  {
    of: 'a chunked body',
    begin: (bytes) => joined(STREAM_HEAD, bytesChunk(bytes)),
    whole: (bytes) => [STREAM_HEAD, bytesChunk(bytes), LAST_CHUNK],
  },
  {
    of: 'a body of a stated length',
    begin: (bytes) => joined(lengthHead(9_999), bytes),
    whole: (bytes) => [lengthHead(bytes.length), bytes],
  },
  {
    of: 'a body that ends with its connection',
    begin: (bytes) => joined(CLOSE_DELIMITED_HEAD, bytes),
    whole: (bytes) => [CLOSE_DELIMITED_HEAD, bytes, SOON, END],
    endsWithConnection: true,
  },
];

/** What comes where a body ends in good order. An event that only lacks its blank line counts then. */
function atCleanEnd(place: Place): Outcome {
  const { text, chunks, isFinished } =
    place.where === 'between the two line ends of an event' ? { ...place, text: 'one two ', chunks: 2 } : place;
  return { ...(isFinished ? complete : truncated), text, chunks };
}

function atBreak({ text, chunks, isDone }: Place): Outcome {
  return { ...(isDone ? complete : broken), text, chunks };
}

const cuts: Fault[] = FRAMINGS.flatMap(({ of, begin, whole, endsWithConnection = false }) =>
  PLACES.flatMap((place): Fault[] => [
    {
      name: `a clean end ${place.where} of ${of}`,
      play: whole(place.bytes),
      expect: { ...atCleanEnd(place), connection: endsWithConnection ? 'closed' : 'kept' },
    },
    ...(endsWithConnection
      ? []
      : [
          {
            name: `an end ${place.where} of ${of}`,
            play: [begin(place.bytes), SOON, END],
            expect: atBreak(place),
          },
        ]),
    {
      name: `a reset ${place.where} of ${of}`,
      play: [begin(place.bytes), SOON, RESET],
      expect: atBreak(place),
      // Node's own fetch takes the reset for the end of the body.
      ...(endsWithConnection && { throughFetch: atCleanEnd(place) }),
    },
    {
      name: `silence ${place.where} of ${of}`,
      play: [begin(place.bytes), STALL],
      options: { timeouts: { idleMs: 60 } },
      expect: place.isDone
        ? atBreak(place)
        : { ...{ kind: 'timeout', phase: 'idle', requestId: 'req_1', retryable: true }, ...atPlace(place) },
    },
  ]),
);

function atPlace({ text, chunks }: Place): Pick<Outcome, 'text' | 'chunks'> {
  return { text, chunks };
}

const bodies: Fault[] = [
  {
    name: 'an end of a chunked body on a connection that is to be closed',
    play: [CHUNKED_CLOSE_HEAD + httpChunk(TWO), SOON, END],
    expect: { ...broken, text: 'one two ', chunks: 2 },
    // Node's own fetch takes any end of such a connection for the end of the body.
    throughFetch: { ...truncated, text: 'one two ', chunks: 2 },
  },
  {
    name: 'an end after the last finish reason of a chunked body on a connection that is to be closed',
    play: [CHUNKED_CLOSE_HEAD + httpChunk(FINISHED), SOON, END],
    expect: { ...broken, text: 'one two ', chunks: 2 },
    throughFetch: complete,
  },
  {
    name: 'a clean end of a chunked body on a connection that is to be closed',
    play: [CHUNKED_CLOSE_HEAD + httpChunk(FINISHED) + LAST_CHUNK, SOON, END],
    expect: complete,
  },
  {
    name: 'an end inside an HTTP chunk',
    play: [`${STREAM_HEAD}ffff\r\n${TWO}`, SOON, END],
    expect: { ...broken, text: 'one two ', chunks: 2 },
  },
  {
    name: 'an end inside the size of an HTTP chunk',
    play: [`${STREAM_HEAD}${httpChunk(TWO)}f`, SOON, END],
    expect: { ...broken, text: 'one two ', chunks: 2 },
  },
  {
    name: 'an end inside the last HTTP chunk',
    play: [`${STREAM_HEAD}${httpChunk(TWO)}0\r\n`, SOON, END],
    expect: { ...broken, text: 'one two ', chunks: 2 },
  },
  {
    name: 'silence inside the size of an HTTP chunk',
    play: [`${STREAM_HEAD}${httpChunk(TWO)}f`, STALL],
    options: { timeouts: { idleMs: 60 } },
    expect: { kind: 'timeout', phase: 'idle', text: 'one two ', chunks: 2 },
  },
  {
    name: 'silence inside the last HTTP chunk',
    play: [`${STREAM_HEAD}${httpChunk(FINISHED)}0\r\n`, STALL],
    options: { timeouts: { idleMs: 60 } },
    expect: { kind: 'timeout', phase: 'idle', text: 'one two ', chunks: 2 },
  },
  {
    name: 'a destroyed connection in the middle of a body',
    play: [STREAM_HEAD + httpChunk(TWO), SOON, DESTROY],
    expect: { ...broken, text: 'one two ', chunks: 2 },
  },
  {
    name: 'an empty body',
    play: [lengthHead(0)],
    expect: { ...truncated, text: '', chunks: 0, connection: 'kept' },
  },
  {
    name: 'HTTP chunks of one byte each',
    play: [
      STREAM_HEAD + [...Buffer.from(FINISHED)].map((byte) => httpChunk(String.fromCharCode(byte))).join(''),
      LAST_CHUNK,
    ],
    expect: { ...complete, connection: 'kept' },
  },
  {
    name: 'a body of which each byte comes by itself',
    play: [
      lengthHead(Buffer.byteLength(FINISHED)),
      ...FINISHED.match(/[^]/g)!.flatMap((byte) => [byte, { waitMs: 0 }]),
    ],
    expect: { ...complete, connection: 'kept' },
  },
  {
    name: 'HTTP chunks with extensions, and trailers',
    play: [`${STREAM_HEAD}${httpChunk(FINISHED).replace('\r\n', ';name="value"\r\n')}0\r\nx-trailer: yes\r\n\r\n`],
    expect: { ...complete, connection: 'kept' },
  },
  {
    name: 'trailers without end',
    play: [`${STREAM_HEAD}${httpChunk(TWO)}0\r\n`, { repeat: 'x-more: y\r\n'.repeat(100), times: Infinity }],
    expect: notHTTP,
  },
  {
    name: 'more than the stated length, after the last finish reason',
    play: [`${lengthHead(Buffer.byteLength(FINISHED))}${FINISHED}${delta('three ')}`, STALL],
    expect: complete,
  },
  {
    name: 'another answer that nobody asked for, behind the first',
    play: [`${STREAM_HEAD}${httpChunk(FINISHED)}${LAST_CHUNK}${WHOLE}`, STALL],
    expect: complete,
  },
];

const sizes: Record<string, string> = {
  'is no number': `zz\r\n${delta('three ')}`,
  'is negative': `-5\r\n${delta('three ')}`,
  'is missing': `\r\n${delta('three ')}`,
  'has more digits than any number': `${'f'.repeat(40)}\r\n${delta('three ')}`,
  'has no line end but an event': delta('three '),
  'stands behind a chunk that is longer than it says': `3\r\n${delta('three ')}`,
};

const badSizes: Fault[] = Object.entries(sizes).map(([what, bytes]) => ({
  name: `the size of an HTTP chunk that ${what}`,
  play: [STREAM_HEAD + httpChunk(TWO) + bytes, STALL],
  // Three bytes of the next event are no event.
  expect: notHTTP,
}));

const comment = { repeat: httpChunk(': keep-alive\n\n'), times: Infinity, everyMs: 15 };
const emptyDelta = { repeat: httpChunk(delta('')), times: Infinity, everyMs: 15 };
const late = (phase: 'idle' | 'chunk' | 'total'): Outcome => ({
  ...{ kind: 'timeout', phase, requestId: 'req_1', retryable: true, text: 'one two ' },
});

const stalls: Fault[] = [
  {
    name: 'nothing but comments for longer than a chunk may take',
    play: [STREAM_HEAD + httpChunk(TWO), comment],
    options: { timeouts: { chunkMs: 100 } },
    expect: { ...late('chunk'), chunks: 2 },
  },
  {
    name: 'nothing but comments after the head for longer than a chunk may take',
    play: [STREAM_HEAD, comment],
    options: { timeouts: { chunkMs: 100 } },
    expect: { ...late('chunk'), text: '', chunks: 0 },
  },
  {
    name: 'nothing but comments for longer than everything may take',
    play: [STREAM_HEAD + httpChunk(TWO), comment],
    options: { timeouts: { totalMs: 700 } },
    expect: { ...late('total'), chunks: 2 },
  },
  {
    name: 'comments without end for longer than everything may take, as fast as they are taken',
    play: [STREAM_HEAD + httpChunk(TWO), { repeat: httpChunk(': keep-alive\n\n'.repeat(100)), times: Infinity }],
    options: { timeouts: { totalMs: 2_000 } },
    expect: { ...late('total'), chunks: 2 },
  },
  {
    name: 'an HTTP chunk whose extension has no end',
    play: [`${STREAM_HEAD}${httpChunk(TWO)}5;x=`, { repeat: 'y'.repeat(1_000), times: Infinity }],
    options: { timeouts: { idleMs: 100 } },
    expect: { ...late('idle'), chunks: 2 },
  },
  {
    name: 'silence for longer than a chunk may take',
    play: [STREAM_HEAD + httpChunk(TWO), STALL],
    options: { timeouts: { chunkMs: 60 } },
    expect: { ...late('chunk'), chunks: 2 },
  },
  {
    name: 'silence for longer than everything may take',
    play: [STREAM_HEAD + httpChunk(TWO), STALL],
    options: { timeouts: { totalMs: 700 } },
    expect: { ...late('total'), chunks: 2 },
  },
  {
    name: 'silence after comments',
    play: [STREAM_HEAD + httpChunk(TWO) + httpChunk(': keep-alive\n\n'.repeat(3)), STALL],
    options: { timeouts: { idleMs: 60 } },
    expect: { ...late('idle'), chunks: 2 },
  },
  {
    name: 'chunks that never stop for longer than everything may take',
    play: [STREAM_HEAD + httpChunk(TWO), emptyDelta],
    options: { timeouts: { idleMs: 500, chunkMs: 500, totalMs: 700 } },
    expect: late('total'),
  },
  {
    name: 'comments that keep a silent stream alive',
    play: [
      STREAM_HEAD + httpChunk(delta('one ')),
      { ...comment, times: 20 },
      httpChunk(delta('two ', 'stop') + DONE) + LAST_CHUNK,
    ],
    options: { timeouts: { idleMs: 250 } },
    expect: { ...complete, connection: 'kept' },
  },
  {
    name: 'a body that takes longer than its connection and its head may',
    play: [STREAM_HEAD + httpChunk(delta('one ')), { waitMs: 800 }, httpChunk(delta('two ', 'stop')) + LAST_CHUNK],
    options: { timeouts: { connectMs: 600, responseMs: 600 } },
    expect: { ...complete, connection: 'kept' },
  },
  {
    name: 'comments without end behind [DONE]',
    play: [STREAM_HEAD + httpChunk(FINISHED + DONE), comment],
    options: { timeouts: { idleMs: 60, chunkMs: 60, totalMs: 700 } },
    expect: complete,
  },
  {
    name: 'bytes without end behind [DONE], as fast as they are taken',
    play: [STREAM_HEAD + httpChunk(FINISHED + DONE), { repeat: httpChunk('x'.repeat(10_000)), times: Infinity }],
    expect: complete,
  },
  {
    name: 'pauses between the parts of an event',
    play: [
      STREAM_HEAD,
      ...delta('one ')
        .match(/.{1,30}|\n/g)!
        .flatMap((part) => [httpChunk(part), { waitMs: 5 }]),
      httpChunk(delta('two ', 'stop')) + LAST_CHUNK,
    ],
    expect: { ...complete, connection: 'kept' },
  },
];

const after: Record<string, Step[]> = {
  'junk that is no HTTP': ['zzz\r\nno chunk\r\n'],
  'an event that is no JSON': [httpChunk('data: {"cut\n\n')],
  'an error in the stream': [httpChunk(event({ error: { message: 'late' } }))],
  'more chunks': [httpChunk(delta('three '))],
  'an event over the limit': [httpChunk(`data: ${'x'.repeat(9_000)}\n\n`)],
  'a second [DONE]': [httpChunk(DONE) + LAST_CHUNK],
};

const invisible: Fault[] = [
  ...Object.entries(after).flatMap(([what, steps]): Fault[] => {
    const connection = what === 'a second [DONE]' ? 'kept' : 'closed';
    const [bytes = ''] = steps as string[];
    const common = { options: { maxEventBytes: 5_000 }, expect: { ...complete, connection } as const };
    const begun = STREAM_HEAD + httpChunk(FINISHED + DONE);
    return [
      { name: `${what} behind [DONE], in one packet`, play: [begun + bytes], ...common },
      { name: `${what} behind [DONE], a while later`, play: [begun, SOON, bytes], ...common },
    ];
  }),
  {
    name: 'an end behind the end of a body',
    play: [STREAM_HEAD + httpChunk(FINISHED + DONE) + LAST_CHUNK, SOON, END],
    expect: complete,
  },
  {
    name: 'a reset behind the end of a body',
    play: [STREAM_HEAD + httpChunk(FINISHED + DONE) + LAST_CHUNK, SOON, RESET],
    expect: complete,
  },
];

const stale = (name: string, ...steps: Step[]): Fault => ({
  name: `a pooled connection that the server ${name}`,
  play: { answers: [[WHOLE, { waitMs: 20 }, ...steps], [WHOLE]] },
  afterIdleMs: 80,
  expect: { kind: 'complete', text: 'whole', connection: 'kept' },
});

const pooled: Fault[] = [
  stale('has ended', END),
  stale('has reset', RESET),
  stale('has destroyed', DESTROY),
  stale('has ended with a status for nobody', `HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n`, END),
  stale('has sent junk on', 'junk\r\n'),
  {
    name: 'a pooled connection that the server destroys at the next request',
    play: { answers: [[WHOLE], [DESTROY]] },
    afterIdleMs: 20,
    expect: { kind: 'connection', phase: 'head', retryable: true },
  },
  {
    name: 'a pooled connection that the server resets at the next request',
    play: { answers: [[WHOLE], [RESET]] },
    afterIdleMs: 20,
    expect: { kind: 'connection', phase: 'head', retryable: true },
  },
  {
    name: 'a pooled connection on which the next answer is cut',
    play: { answers: [[WHOLE], [STREAM_HEAD + httpChunk(TWO), SOON, END]] },
    afterIdleMs: 20,
    expect: { ...broken, text: 'one two ', chunks: 2 },
  },
  {
    name: 'a connection that the server says it closes, and does not',
    play: [headWith('transfer-encoding: chunked', 'connection: close') + httpChunk(FINISHED + DONE) + LAST_CHUNK],
    expect: complete,
  },
];

/** What goes wrong between the head and the end of the connection. */
export const FAULTS_IN_BODY: Fault[] = [...cuts, ...bodies, ...badSizes, ...stalls, ...invisible, ...pooled];
