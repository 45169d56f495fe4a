import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { array, assert, asyncProperty, nat } from 'fast-check';
import { concat, EMPTY, from, map, NEVER, tap, throwError, type Observable } from 'rxjs';
import {
  APIConnectionError,
  createClient,
  isAPIError,
  StreamTruncatedError,
  type StreamChunk,
  type Transport,
} from 'rxdelta';
import { byteByByte, cutAt, cutInto } from './support/decoding';
import { describeWire, type Wire } from './support/describeWire';
import { FakeTransport, respond } from './support/FakeTransport';
import { record, type Recording } from './support/record';
import { outcomeOf, transcriptFiles, transcripts, type Transcript } from './support/transcripts';

const cases = transcripts.map((transcript): [string, Transcript] => [transcript.entry.file, transcript]);

describe('the transcripts', () => {
  it('are all in the index', () => {
    expect(transcripts.map(({ entry }) => entry.file).sort()).toEqual(transcriptFiles().sort());
  });

  it.each(cases)('are what the server sent: %s', (_, { entry, bytes, headers, parts }) => {
    expect(bytes).toHaveLength(entry.bytes);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(entry.sha256);
    expect(bytes.toString('latin1', 0, 13)).toBe(`HTTP/1.1 ${entry.status} `);
    expect(headers['content-type']).toBe(entry.contentType);
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
  });
});

describeWire('a transcript that a server replays', (wire) => {
  describe.each(cases)('%s', (_, transcript) => {
    it('gives what it holds when it comes in one write', async () => {
      await expectAnswer(wire, transcript, [transcript.bytes]);
    });

    it('gives the same when each HTTP chunk is a write', async () => {
      const { bodyReadCount } = await expectAnswer(wire, transcript, transcript.parts);
      expect(bodyReadCount).toBeGreaterThanOrEqual(transcript.parts.length - 2);
    });

    it('gives the same when each byte is a write', async () => {
      const { bodyReadCount } = await expectAnswer(wire, transcript, byteByByte(transcript.bytes));
      // Nothing was joined on the way.
      expect(bodyReadCount).toBeGreaterThan(0.95 * transcript.body.length);
    });

    it('gives the same when it is cut anywhere', async () => {
      const positions = array(nat(transcript.bytes.length), { minLength: 1, maxLength: 12 });
      await assert(
        asyncProperty(positions, async (cuts) => {
          await expectAnswer(wire, transcript, cutAt(transcript.bytes, cuts));
        }),
        { numRuns: 4 },
      );
    });
  });
});

describe('a transcript in a process', () => {
  const { stackTraceLimit } = Error;

  beforeAll(() => {
    // Jest looks up the source of every frame, and here are thousands of errors.
    Error.stackTraceLimit = 0;
  });

  afterAll(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });

  describe.each(cases)('%s', (_, transcript) => {
    it('gives the same wherever its body is cut in two', async () => {
      const whole = await readBody(transcript, [transcript.body]);
      expect(outcomeOf(whole)).toEqual(transcript.expected);
      const text = textOf(whole);
      const others: number[] = [];
      for (let position = 0; position <= transcript.body.length; position++) {
        const recording = await readBody(transcript, cutAt(transcript.body, [position]));
        if (textOf(recording) !== text) others.push(position);
      }
      expect(others).toEqual([]);
    });

    it('gives the same in reads of every size', async () => {
      const whole = await readBody(transcript, [transcript.body]);
      for (const count of [3, 10, 100, transcript.body.length]) {
        expect(textOf(await readBody(transcript, cutInto(transcript.body, count)))).toBe(textOf(whole));
      }
    });
  });

  const answers = cases.filter(([, { entry }]) => entry.status === 200);
  const wholeAnswers = cases.filter(([, { entry }]) => entry.expect.outcome === 'complete');

  it.each(wholeAnswers)(
    'is whole at its mark, whether the body ends or not: %s',
    async (_, transcript) => {
      expect(outcomeOf(await readBody(transcript, [transcript.body], NEVER))).toEqual(transcript.expected);
    },
    1000,
  );

  it.each(answers)('is never whole where a part is missing: %s', async (_, transcript) => {
    const whole = await readBody(transcript, [transcript.body], EMPTY);
    const begun = [...whole.values.keys(), Infinity].map((count) => JSON.stringify(whole.values.slice(0, count)));
    const wrong: number[] = [];
    for (let length = 0; length < transcript.body.length; length++) {
      const part = await readBody(transcript, [transcript.body.subarray(0, length)], EMPTY);
      // What follows the finish reasons may be missing: the usage, and [DONE].
      const isWhole = part.isComplete && isAnswer(part, transcript);
      const isTruncated =
        part.error instanceof StreamTruncatedError &&
        part.error.chunkCount === part.values.length &&
        JSON.stringify(part.values) === begun[part.values.length];
      if (isWhole === isTruncated) wrong.push(length);
    }
    expect(wrong).toEqual([]);
  });
});

/** Whether it is all that the transcript holds, perhaps without its usage. */
function isAnswer(recording: Recording<StreamChunk>, { expected }: Transcript): boolean {
  return isDeepStrictEqual({ ...outcomeOf(recording), usage: undefined }, { ...expected, usage: undefined });
}

/** Replays the transcript in these writes, checks all that came of it, and how the connection was left. */
async function expectAnswer(
  wire: Wire,
  transcript: Transcript,
  writes: Uint8Array[],
): Promise<{ bodyReadCount: number }> {
  const { entry, isKept } = transcript;
  let bodyReadCount = 0;
  const counting: Transport = (request) =>
    wire
      .transport(request)
      .pipe(map((response) => ({ ...response, body: response.body.pipe(tap(() => bodyReadCount++)) })));
  let replay: Promise<void> | undefined;
  await wire.start(({ socket }) => {
    replay = (async () => {
      for (const bytes of writes) {
        if (!socket.destroyed) socket.write(bytes);
        // Lets the client read, so that a cut is a cut.
        await turn();
      }
      if (!isKept) socket.end();
    })();
  });
  const { server } = wire;
  const client = createClient({
    baseURL: `http://127.0.0.1:${server.port}${transcript.basePath}`,
    apiKey: entry.request.headers?.authorization?.replace('Bearer ', '') ?? null,
    transport: counting,
  });
  const heads: { status: number }[] = [];
  const stream = transcript.stream(client, (head) => heads.push(head));

  const recording = await record(stream);
  expect(outcomeOf(recording)).toEqual(transcript.expected);
  // A body without its last chunk has not ended, it has broken off.
  if (!entry.bodyComplete) expect(recording.error).toMatchObject({ kind: 'connection', phase: 'body' });
  expect(heads.map(({ status }) => status)).toEqual(entry.status === 200 ? [200] : []);
  const [request] = server.requests;
  const { method, path, headers, body = {} } = entry.request;
  expect(request).toMatchObject({ method, path, headers: headers ?? {} });
  expect(JSON.parse(request?.body ?? '')).toMatchObject({ ...body, stream: true });

  await replay;
  if (isKept) {
    for (let count = 0; count < 10; count++) await turn();
    expect(server.sockets.size).toBe(1);
    // The same connection serves once more.
    expect(outcomeOf(await record(stream))).toEqual(transcript.expected);
    await replay;
    expect(server.requestSockets[1]).toBe(server.requestSockets[0]);
  } else {
    await server.closed();
  }
  expect(recording.endCount).toBe(1);
  return { bodyReadCount: bodyReadCount / server.requests.length };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Reads a body without a wire. After its last read it ends as it did in the transcript, unless told otherwise. */
function readBody(transcript: Transcript, reads: Uint8Array[], end = endOf(transcript)) {
  const { entry, headers } = transcript;
  const transport = new FakeTransport(respond(concat(from(reads), end), { status: entry.status, headers })).send;
  return record(transcript.stream(createClient({ baseURL: 'http://server.test', transport })));
}

function endOf({ entry }: Transcript): Observable<never> {
  return entry.bodyComplete ? EMPTY : throwError(() => new APIConnectionError('The body broke off', { phase: 'body' }));
}

/** All that was said, to be compared. */
function textOf({ values, error, endCount }: Recording<StreamChunk>): string {
  return JSON.stringify({ values, error: isAPIError(error) ? error : String(error), endCount });
}
