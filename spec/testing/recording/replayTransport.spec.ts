import fc from 'fast-check';
import { count, firstValueFrom, mergeMap, VirtualTimeScheduler } from 'rxjs';
import {
  accumulateContent,
  APIConnectionError,
  APIConnectionTimeoutError,
  APIStatusError,
  createClient,
  MalformedStreamError,
  type Transport,
} from 'rxdelta';
import {
  chunkMarbles,
  contentChunks,
  fakeTransport,
  finish,
  recordTransport,
  replayTransport,
  RecordingError,
  serializeRecording,
  type FakeAnswer,
  type Recording,
  type ReplayTransportOptions,
} from 'rxdelta/testing';
import { emittedOf } from '../../support/answers';
import { bytesOf } from '../../support/FakeTransport';
import { marbles } from '../../support/marbles';
import { record } from '../../support/record';
import { outcomeOf, transcripts } from '../../support/transcripts';

const params = { model: 'm', messages: [] };

function clientOn(transport: Transport) {
  return createClient({ apiKey: 'sk-secret', baseURL: 'http://api.test/v1', transport });
}

function streamOn(transport: Transport) {
  return clientOn(transport).chat.completions.stream(params);
}

/** The text of a recording of these answers, each to one request. */
async function recorded(...answers: FakeAnswer[]): Promise<string> {
  const transport = recordTransport(fakeTransport(answers));
  while (transport.recording.exchanges.length < answers.length) await record(streamOn(transport));
  return serializeRecording(transport.recording);
}

describe('replayTransport', () => {
  it('answers as it was recorded, one after the other', async () => {
    const text = await recorded(contentChunks('One'), contentChunks('Two'));
    const stream = streamOn(replayTransport(text));
    expect((await record(stream)).values).toEqual(contentChunks('One'));
    expect((await record(stream)).values).toEqual(contentChunks('Two'));
  });

  it('takes a recording as well as its text', async () => {
    const recording = JSON.parse(await recorded(contentChunks('Hi'))) as Recording;
    expect((await record(streamOn(replayTransport(recording)))).values).toEqual(contentChunks('Hi'));
  });

  it.each(transcripts.map((transcript) => [transcript.entry.file, transcript] as const))(
    'gives the same of %s',
    async (_, transcript) => {
      const { body, headers, entry } = transcript;
      const inner = fakeTransport({ status: entry.status, headers, body });
      const transport = recordTransport(inner);
      const first = outcomeOf(await record(transcript.stream(clientOn(transport))));
      const replayed = replayTransport(serializeRecording(transport.recording), { cut: 7 });
      expect(outcomeOf(await record(transcript.stream(clientOn(replayed))))).toEqual(first);
    },
  );

  it('gives the same for every way to cut the bytes', async () => {
    const whole = contentChunks('Grüße, 世界 😀', { every: 3 });
    const text = await recorded(whole);
    const cuts = fc.oneof(fc.integer({ min: 1, max: 50 }), fc.array(fc.nat(2500), { maxLength: 20 }));
    await fc.assert(
      fc.asyncProperty(cuts, async (cut) => {
        const { values, isComplete } = await record(streamOn(replayTransport(text, { cut })));
        expect({ values, isComplete }).toEqual({ values: whole, isComplete: true });
      }),
    );
  });

  it('says what was asked, and when it was unsubscribed', () => {
    marbles(({ expectObservable, expectSubscriptions }) => {
      const transport = replayTransport({ version: 1, exchanges: [inTime('closed')] }, { pace: 'recorded' });
      expectObservable(streamOn(transport), '^ 14ms !').toBe(...chunkMarbles('11ms a', { a: 'Hel' }));
      expectSubscriptions(transport.subscriptions).toBe('^ 14ms !');
      expect(transport.requests).toEqual([]);
    });
  });

  /** An exchange whose head comes after 10 ms, then a chunk after 11 and the end after 20 ms. */
  function inTime(how: 'complete' | 'closed' | 'open'): Recording['exchanges'][number] {
    const [, values] = chunkMarbles('a', { a: 'Hel' });
    return {
      request: { method: 'POST', url: 'https://elsewhere.test/v1/chat/completions', headers: {}, body: {} },
      response: {
        ...{ afterMs: 10, status: 200, headers: {}, url: 'https://elsewhere.test/v1/chat/completions' },
        body: [
          { afterMs: 11, text: [`data: ${JSON.stringify(values.a)}\n\n`] },
          { afterMs: 20, text: [`data: ${JSON.stringify(finish())}\n\n`] },
        ],
      },
      end: { afterMs: 20, how },
    };
  }

  it('keeps the time in which it was recorded', () => {
    marbles(({ expectObservable }) => {
      const transport = replayTransport({ version: 1, exchanges: [inTime('complete')] }, { pace: 'recorded' });
      expectObservable(streamOn(transport)).toBe(...chunkMarbles('11ms a 8ms (f|)', { a: 'Hel', f: finish() }));
    });
  });

  it('keeps it where the bytes are cut too', () => {
    marbles(({ expectObservable }) => {
      const transport = replayTransport({ version: 1, exchanges: [inTime('complete')] }, { pace: 'recorded', cut: 1 });
      expectObservable(streamOn(transport).pipe(accumulateContent())).toBe('11ms a 8ms |', { a: 'Hel' });
    });
  });

  it('keeps the order, also where the clock was set back in the meantime', () => {
    marbles(({ expectObservable }) => {
      const exchange = inTime('complete');
      exchange.response!.body[1]!.afterMs = 0;
      exchange.end.afterMs = 3;
      const transport = replayTransport({ version: 1, exchanges: [exchange] }, { pace: 'recorded' });
      expectObservable(streamOn(transport)).toBe(...chunkMarbles('11ms (af|)', { a: 'Hel', f: finish() }));
    });
  });

  it('keeps it by the scheduler that it is given', () => {
    const scheduler = new VirtualTimeScheduler();
    const transport = replayTransport({ version: 1, exchanges: [inTime('complete')] }, { pace: 'recorded', scheduler });
    const times: number[] = [];
    const note = () => times.push(scheduler.now());
    createClient({ apiKey: 'key', transport, scheduler })
      .chat.completions.stream(params)
      .subscribe({ next: note, complete: note });
    expect(times).toEqual([]);
    scheduler.flush();
    expect(times).toEqual([11, 20, 20]);
    expect(transport.subscriptions).toMatchObject([{ subscribedFrame: 0, unsubscribedFrame: 20 }]);
  });

  it('records its own replay as the same', () => {
    const recording: Recording = { version: 1, exchanges: [inTime('complete')] };
    marbles(({ cold, expectObservable }) => {
      const transport = recordTransport(replayTransport(recording, { pace: 'recorded' }));
      expectObservable(streamOn(transport).pipe(accumulateContent())).toBe('11ms a 8ms |', { a: 'Hel' });
      cold('30ms x').subscribe(() => {
        const [{ response, end }] = transport.recording.exchanges as [Recording['exchanges'][number]];
        expect({ response, end }).toMatchObject({
          response: recording.exchanges[0]!.response,
          end: recording.exchanges[0]!.end,
        });
        expect(response?.headers).toEqual({});
      });
    });
    expect.assertions(3);
  });

  it('cuts the whole body, not the reads that were recorded', async () => {
    const request = { method: 'POST' as const, url: '/v1/chat/completions', headers: {}, connectMs: Infinity };
    const readsOf = (options: ReplayTransportOptions) =>
      firstValueFrom(
        replayTransport(
          { version: 1, exchanges: [inTime('complete')] },
          options,
        )(request).pipe(
          mergeMap(({ body }) => body),
          count(),
        ),
      );
    expect(await readsOf({})).toBe(2);
    expect(await readsOf({ cut: [] })).toBe(1);
    expect(await readsOf({ cut: [5, 9] })).toBe(3);
  });

  it.each(['closed', 'open'] as const)('stays open where it was %s', (how) => {
    const exchange = inTime(how);
    exchange.response!.body.pop();
    marbles(({ expectObservable }) => {
      const recording: Recording = { version: 1, exchanges: [exchange, { ...inTime(how), response: undefined! }] };
      const transport = replayTransport(recording);
      const stream = streamOn(transport);
      expectObservable(stream, '^ 99ms !').toBe(...chunkMarbles('a', { a: 'Hel' }));
      expectObservable(stream, '^ 99ms !').toBe('');
    });
  });

  describe('fails', () => {
    it('as the transport did', async () => {
      const errors = [
        new APIConnectionError('Gone', { phase: 'connect', retryable: false }),
        new APIConnectionTimeoutError('Late', { phase: 'connect' }),
        new MalformedStreamError('Strange', { reason: 'encoding' }),
        new TypeError('Odd'),
      ];
      const stream = streamOn(replayTransport(await recorded(...errors)));
      expect((await record(stream)).error).toMatchObject({
        kind: 'connection',
        message: 'Gone',
        phase: 'connect',
        retryable: false,
      });
      expect((await record(stream)).error).toMatchObject({ kind: 'timeout', message: 'Late', phase: 'connect' });
      expect((await record(stream)).error).toMatchObject({ kind: 'malformed', message: 'Strange', reason: 'encoding' });
      expect((await record(stream)).error).toMatchObject({ kind: 'connection', message: 'Odd' });
    });

    it('with the status of the server', async () => {
      const { error } = await record(
        streamOn(replayTransport(await recorded({ status: 429, headers: { 'retry-after': '2' } }))),
      );
      expect(error).toBeInstanceOf(APIStatusError);
      expect(error).toMatchObject({ status: 429, retryAfterMs: 2000 });
    });

    it('in the middle, in time', () => {
      const error = { kind: 'connection', message: 'Reset', phase: 'body' as const };
      const exchange: Recording['exchanges'][number] = { ...inTime('open'), end: { afterMs: 15, how: 'error', error } };
      exchange.response!.body.pop();
      const failed = expect.objectContaining({ message: 'Reset', phase: 'body', retryable: true });
      marbles(({ expectObservable }) => {
        const replay = (pace: 'recorded' | 'at-once') =>
          streamOn(replayTransport({ version: 1, exchanges: [exchange] }, { pace })).pipe(accumulateContent());
        expectObservable(replay('recorded')).toBe('11ms a 3ms #', { a: 'Hel' }, failed);
        expectObservable(replay('at-once')).toBe('(a#)', { a: 'Hel' }, failed);
      });
    });

    it('before the head, in time', () => {
      const error = { kind: 'connection', message: 'Refused', phase: 'connect' as const };
      const { request } = inTime('open');
      const recording: Recording = { version: 1, exchanges: [{ request, end: { afterMs: 15, how: 'error', error } }] };
      marbles(({ expectObservable }) => {
        const stream = streamOn(replayTransport(recording, { pace: 'recorded' }));
        expectObservable(stream).toBe('15ms #', {}, expect.objectContaining({ message: 'Refused', phase: 'connect' }));
      });
    });
  });

  it.each([
    [
      'path',
      (transport: Transport) => clientOn(transport).responses.stream({ model: 'm', input: '' }),
      'POST /v1/responses',
    ],
    [
      'method',
      (transport: Transport) => clientOn(transport).responses.resume('resp_1'),
      'GET /v1/responses/resp_1?stream=true',
    ],
  ])('refuses a request with another %s', async (_, ask, target) => {
    const { error } = await record<object>(ask(replayTransport(await recorded(contentChunks('Hi')))));
    expect(error).toBeInstanceOf(RecordingError);
    expect(error).toMatchObject({
      name: 'RecordingError',
      reason: 'mismatch',
      message: `Request 1 is ${target}, recorded was POST /v1/chat/completions`,
    });
  });

  it('does not mind another credential in the query', async () => {
    const ask = (key: string, transport: Transport) =>
      record(clientOn(transport).chat.completions.stream(params, { query: { key, 'api-version': '1' } }));
    const transport = recordTransport(fakeTransport([contentChunks('Hi')]));
    await ask('first-key', transport);
    const { values } = await ask('other-key', replayTransport(transport.recording));
    expect(emittedOf(values, accumulateContent())).toEqual(['Hi']);
  });

  it('refuses one request too many, which no retry repeats', async () => {
    const stream = streamOn(replayTransport(await recorded({ status: 503 })));
    expect((await record(stream)).error).toBeInstanceOf(APIStatusError);
    expect((await record(stream)).error).toMatchObject({
      reason: 'exhausted',
      message: 'Request 2, POST /v1/chat/completions, is not in the recording of 1',
    });
  });

  it('refuses a text that is no recording', () => {
    expect(() => replayTransport('data: {}')).toThrow(RecordingError);
  });

  it.each([
    ['bytes that were not decoded', bytesOf('{"version":1,"exchanges":[]}'), 'format'],
    ['nothing', undefined, 'format'],
    ['a recording of a later version', { version: 2, exchanges: [] }, 'version'],
  ])('refuses %s', (_, value, reason) => {
    expect(() => replayTransport(value as unknown as Recording)).toThrow(expect.objectContaining({ reason }));
  });
});
