import { finalize, NEVER, Subject, tap, VirtualTimeScheduler } from 'rxjs';
import {
  contentDeltas,
  createClient,
  FlowGate,
  type APIConnectionTimeoutError,
  type ChunkStream,
  type ClientOptions,
  type ConnectionPhase,
  type RequestOptions,
} from 'rxdelta';
import { content, finish } from '../support/chunks';
import { bytesOf, eachInBytes, FakeTransport, respond, unconcerned } from '../support/FakeTransport';
import { describeWire } from '../support/describeWire';
import { marbles } from '../support/marbles';
import { record } from '../support/record';
import { delta, event, httpChunk, LAST_CHUNK, STREAM_HEAD } from '../support/wire';

const params = { model: 'm', messages: [] };
const chunks = { a: content('Hel'), b: content('lo'), f: finish() };
const bytes = eachInBytes({
  a: event(chunks.a),
  b: event(chunks.b),
  f: event(chunks.f),
  D: event('[DONE]'),
  c: ': alive\n\n',
  '.': 'd',
});

/** The chunks of a chat that the fake transport answers. */
function chat(fake: FakeTransport, options: ClientOptions = {}, request?: RequestOptions) {
  const client = createClient({ baseURL: 'http://server.test/v1', apiKey: null, transport: fake.send, ...options });
  return client.chat.completions.stream(params, request);
}

function timeout(phase: ConnectionPhase) {
  const fields: Partial<APIConnectionTimeoutError> = { kind: 'timeout', phase, retryable: true };
  return expect.objectContaining({ name: 'APIConnectionTimeoutError', ...fields });
}

describe('timeouts', () => {
  describe('responseMs', () => {
    const timeouts = { responseMs: 5 };

    it('ends a wait for the head, and closes the connection', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const head = cold('    ---------h', { h: respond(NEVER) });
        const subscription = ' ^----!';
        const expected = '     -----#';
        expectObservable(chat(new FakeTransport(head), { timeouts })).toBe(expected, undefined, timeout('head'));
        expectSubscriptions(head.subscriptions).toBe(subscription);
      });
    });

    it('is over with the head', () => {
      marbles(({ cold, expectObservable }) => {
        const body = cold('    -----a---b---D', bytes);
        const head = cold('----h', { h: respond(body) });
        const expected = ' ---------a---b---|';
        expectObservable(chat(new FakeTransport(head), { timeouts })).toBe(expected, chunks);
      });
    });

    it('counts the wait for the key', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const key = cold('  ---k-------', { k: 'sk-1' });
        const head = cold('    ---h', { h: respond(NEVER) });
        const headSub = '   ---^-!';
        const expected = '  -----#';
        const stream = chat(new FakeTransport(head), { timeouts, apiKey: () => key });
        expectObservable(stream).toBe(expected, undefined, timeout('head'));
        expectSubscriptions(head.subscriptions).toBe(headSub);
      });
    });

    it('is ten minutes unless set', () => {
      marbles(({ expectObservable }) => {
        expectObservable(chat(new FakeTransport(NEVER))).toBe('600s #', undefined, timeout('head'));
      });
    });
  });

  describe('idleMs', () => {
    const timeouts = { idleMs: 5 };

    it('ends a silence after the head, and closes the connection', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const body = cold('       -----------a', bytes);
        const head = cold('     --h', { h: respond(body) });
        const subscription = '  ^------!';
        const bodySubscription = '--^----!';
        const expected = '      -------#';
        expectObservable(chat(new FakeTransport(head), { timeouts })).toBe(expected, undefined, timeout('idle'));
        expectSubscriptions(head.subscriptions).toBe(subscription);
        expectSubscriptions(body.subscriptions).toBe(bodySubscription);
      });
    });

    it('ends a silence between chunks, after the chunks before it', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const body = cold('    --a---b------f', bytes);
        const subscription = ' ^----------!';
        const expected = '     --a---b----#';
        const result = chat(new FakeTransport(respond(body)), { timeouts });
        expectObservable(result).toBe(expected, chunks, timeout('idle'));
        expectSubscriptions(body.subscriptions).toBe(subscription);
      });
    });

    it('takes comments and parts of events for life', () => {
      marbles(({ cold, expectObservable }) => {
        const body = cold('----c---c---.---c-----', bytes);
        const expected = ' ---------------------#';
        const result = chat(new FakeTransport(respond(body)), { timeouts });
        expectObservable(result).toBe(expected, chunks, timeout('idle'));
      });
    });

    it('does not end a stream that is complete before', () => {
      marbles(({ cold, expectObservable }) => {
        const body = cold('----a---D------', bytes);
        const expected = ' ----a---|';
        expectObservable(chat(new FakeTransport(respond(body)), { timeouts })).toBe(expected, chunks);
      });
    });

    it('waits while the gate is held, and then starts anew', () => {
      marbles(({ cold, expectObservable }) => {
        const gate = new FlowGate();
        const releases: (() => void)[] = [];
        cold('             --h-------------r--------').subscribe((mark) =>
          mark === 'h' ? releases.push(gate.hold()) : releases.pop()?.(),
        );
        const body = cold('-a-----------------------', bytes);
        const expected = ' -a-------------------#';
        const stream = chat(new FakeTransport(respond(body)), { timeouts }, { gate });
        expectObservable(stream).toBe(expected, chunks, timeout('idle'));
      });
    });

    it('does not begin while the gate is held', () => {
      marbles(({ cold, expectObservable }) => {
        const gate = new FlowGate();
        const release = gate.hold();
        cold('             -----------r').subscribe(release);
        const expected = ' ----------------#';
        const stream = chat(new FakeTransport(respond(NEVER)), { timeouts }, { gate });
        expectObservable(stream).toBe(expected, chunks, timeout('idle'));
      });
    });

    it('lets a silence pass that a held gate has made', () => {
      marbles(({ cold, expectObservable }) => {
        const gate = new FlowGate();
        const release = gate.hold();
        cold('             ----------r').subscribe(release);
        const body = cold('--a----------b----D', bytes);
        const expected = ' --a----------b----|';
        const stream = chat(new FakeTransport(respond(body)), { timeouts }, { gate });
        expectObservable(stream).toBe(expected, chunks);
      });
    });

    it('is five minutes unless set', () => {
      marbles(({ expectObservable }) => {
        const stream = chat(new FakeTransport(respond(NEVER)));
        expectObservable(stream).toBe('300s #', undefined, timeout('idle'));
      });
    });

    it('bounds the events too', () => {
      marbles(({ cold, expectObservable }) => {
        const body = cold('--a---------', bytes);
        const expected = ' --a----#';
        const events = { a: { data: JSON.stringify(chunks.a) } };
        const stream = chat(new FakeTransport(respond(body)), { timeouts });
        expectObservable(stream.events()).toBe(expected, events, timeout('idle'));
      });
    });

    it('bounds a response whose chunks nobody reads', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const head = cold('  --h', { h: respond(NEVER) });
        const subscription = '^------!';
        const expected = '   --h----#';
        const stream = chat(new FakeTransport(head), { timeouts });
        const response = { response: expect.objectContaining({ status: 200 }), chunks: expect.anything() };
        expectObservable(stream.withResponse()).toBe(expected, { h: response }, timeout('idle'));
        expectSubscriptions(head.subscriptions).toBe(subscription);
      });
    });
  });

  describe('chunkMs', () => {
    const timeouts = { chunkMs: 5 };

    it('ends a wait for the first chunk, and closes the connection', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const body = cold('         -----------a', bytes);
        const head = cold('       --h', { h: respond(body) });
        const subscription = '    ^------!';
        const bodySubscription = '--^----!';
        const expected = '        -------#';
        expectObservable(chat(new FakeTransport(head), { timeouts })).toBe(expected, undefined, timeout('chunk'));
        expectSubscriptions(head.subscriptions).toBe(subscription);
        expectSubscriptions(body.subscriptions).toBe(bodySubscription);
      });
    });

    it('ends a wait for the next chunk', () => {
      marbles(({ cold, expectObservable }) => {
        const body = cold('----a---b-------f', bytes);
        const expected = ' ----a---b----#';
        const result = chat(new FakeTransport(respond(body)), { timeouts });
        expectObservable(result).toBe(expected, chunks, timeout('chunk'));
      });
    });

    it('does not take comments for chunks', () => {
      marbles(({ cold, expectObservable }) => {
        const body = cold('--a-c-c-c-c-c-c', bytes);
        const expected = ' --a----#';
        const result = chat(new FakeTransport(respond(body)), { timeouts });
        expectObservable(result).toBe(expected, chunks, timeout('chunk'));
      });
    });

    it('waits while the gate is held, and then starts anew', () => {
      marbles(({ cold, expectObservable }) => {
        const gate = new FlowGate();
        const releases: (() => void)[] = [];
        cold('             --h-------------r--------').subscribe((mark) =>
          mark === 'h' ? releases.push(gate.hold()) : releases.pop()?.(),
        );
        const body = cold('-a-----------------c-----', bytes);
        const expected = ' -a-------------------#';
        const stream = chat(new FakeTransport(respond(body)), { timeouts }, { gate });
        expectObservable(stream).toBe(expected, chunks, timeout('chunk'));
      });
    });

    it('is none unless set', () => {
      marbles(({ cold, expectObservable }) => {
        const body = cold('a 200s c 200s c 200s c 200s D', bytes);
        const expected = ' a 800003ms |';
        expectObservable(chat(new FakeTransport(respond(body)))).toBe(expected, chunks);
      });
    });
  });

  describe('totalMs', () => {
    const timeouts = { totalMs: 9 };

    it('ends a wait for the head', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const head = cold('   ------------h', { h: respond(NEVER) });
        const subscription = '^--------!';
        const expected = '    ---------#';
        expectObservable(chat(new FakeTransport(head), { timeouts })).toBe(expected, undefined, timeout('total'));
        expectSubscriptions(head.subscriptions).toBe(subscription);
      });
    });

    it('ends a stream that flows', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const body = cold('         -a-b-a-b-a-b', bytes);
        const head = cold('       --h', { h: respond(body) });
        const bodySubscription = '--^------!';
        const expected = '        ---a-b-a-#';
        const result = chat(new FakeTransport(head), { timeouts });
        expectObservable(result).toBe(expected, chunks, timeout('total'));
        expectSubscriptions(body.subscriptions).toBe(bodySubscription);
      });
    });

    it('counts the wait for the key', () => {
      marbles(({ expectObservable }) => {
        const stream = chat(new FakeTransport(NEVER), { timeouts, apiKey: () => NEVER });
        expectObservable(stream).toBe('---------#', undefined, timeout('total'));
      });
    });

    it('runs while the gate is held', () => {
      const scheduler = new VirtualTimeScheduler(undefined, 100);
      const gate = new FlowGate();
      gate.hold();
      const error = jest.fn();
      chat(new FakeTransport(respond(NEVER)), { scheduler, timeouts }, { gate }).subscribe({ error });
      scheduler.flush();
      expect(error).toHaveBeenCalledWith(timeout('total'));
      expect(scheduler.frame).toBe(9);
    });

    it('may be longer than a timer can be', () => {
      marbles(({ expectObservable }) => {
        const stream = chat(new FakeTransport(respond(NEVER)), { timeouts: { idleMs: Infinity, totalMs: 2 ** 32 } });
        expectObservable(stream).toBe('4294967296ms #', undefined, timeout('total'));
      });
    });
  });

  describe('together', () => {
    it('let the first that passes end the stream, once', () => {
      marbles(({ cold, expectObservable }) => {
        const body = cold('---c---c---c---c', bytes);
        const expected = ' --------#';
        const stream = chat(new FakeTransport(respond(body)), { timeouts: { idleMs: 5, chunkMs: 8, totalMs: 11 } });
        expectObservable(stream).toBe(expected, undefined, timeout('chunk'));
      });
    });

    it('hold for each attempt anew', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const first = cold('  ---------', { h: respond(NEVER) });
        const body = cold('           --a--D', bytes);
        const second = cold('     ----h', { h: respond(body) });
        const firstSub = '    ^----!';
        const secondSub = '   -------^---------';
        const expected = '    -------------a--|';
        const timeouts = { responseMs: 5, totalMs: 10 };
        const stream = chat(new FakeTransport(first, second), { timeouts, retry: { initialDelayMs: 2, jitter: 0 } });
        expectObservable(stream).toBe(expected, chunks);
        expectSubscriptions(first.subscriptions).toBe(firstSub);
        expectSubscriptions(second.subscriptions).toBe(secondSub);
      });
    });

    it('may be set by the request, before those of the client', () => {
      marbles(({ expectObservable }) => {
        const options = { timeouts: { responseMs: 3, totalMs: 9 } };
        const result = chat(new FakeTransport(NEVER), options, { timeouts: { responseMs: 6 } });
        const other = chat(new FakeTransport(NEVER), options, { timeouts: { responseMs: Infinity } });
        expectObservable(result).toBe('------#', undefined, timeout('head'));
        expectObservable(other).toBe('---------#', undefined, timeout('total'));
      });
    });

    it('are switched off by Infinity', () => {
      marbles(({ cold, expectObservable }) => {
        const off = { responseMs: Infinity, idleMs: Infinity, chunkMs: Infinity, totalMs: Infinity };
        const body = cold('                 60000m a 60000m D', bytes);
        const head = cold('60000m h', { h: respond(body) });
        const expected = ' 60000m          60000m a 60000m |';
        expectObservable(chat(new FakeTransport(head), { timeouts: off })).toBe(expected, chunks);
        const dead = chat(new FakeTransport(NEVER), { timeouts: off });
        expectObservable(dead).toBe('');
      });
    });

    it('are the defaults where they are undefined', () => {
      marbles(({ expectObservable }) => {
        const unset = { responseMs: undefined, idleMs: undefined } as never;
        const silent = chat(new FakeTransport(respond(NEVER)), { timeouts: unset }, { timeouts: unset });
        expectObservable(silent).toBe('300s #', undefined, timeout('idle'));
        const fromClient = chat(new FakeTransport(NEVER), { timeouts: { responseMs: 7 } }, { timeouts: unset });
        expectObservable(fromClient).toBe('-------#', undefined, timeout('head'));
      });
    });

    it.each([0, -1, NaN, -Infinity])('are refused at once where they are no limits (%d)', (limit) => {
      const client = createClient({ apiKey: null });
      for (const name of ['connectMs', 'responseMs', 'idleMs', 'chunkMs', 'totalMs']) {
        const timeouts = { [name]: limit };
        expect(() => createClient({ timeouts })).toThrow(RangeError);
        expect(() => createClient({ timeouts })).toThrow(name);
        expect(() => client.chat.completions.stream(params, { timeouts })).toThrow(RangeError);
        expect(() => client.responses.stream({}, { timeouts })).toThrow(RangeError);
        expect(() => client.stream('/x', {}, { timeouts })).toThrow(RangeError);
      }
    });

    it('say which limit has passed', () => {
      marbles(({ expectObservable }) => {
        const stream = chat(new FakeTransport(respond(NEVER)), { timeouts: { idleMs: 7 } });
        const failure = expect.objectContaining({ message: expect.stringMatching(/\b7 ms\b.*idle|idle.*\b7 ms\b/i) });
        expectObservable(stream).toBe('-------#', undefined, failure);
      });
    });

    it('leave the request id on the error', () => {
      marbles(({ expectObservable }) => {
        const headers = { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' };
        const stream = chat(new FakeTransport(respond(NEVER, { headers })), { timeouts: { idleMs: 1 } });
        expectObservable(stream).toBe('-#', undefined, expect.objectContaining({ requestId: 'req_1' }));
      });
    });
  });

  describe('run on the scheduler of the client, and leave nothing behind', () => {
    const limits = { responseMs: 100, idleMs: 200, chunkMs: 300, totalMs: 400 };
    let scheduler: VirtualTimeScheduler;
    let body: Subject<Uint8Array>;
    let said: unknown[];
    const closed = jest.fn();

    /** Subscribes a stream whose head is there at once. */
    function subscribe(request?: RequestOptions, open = (stream: ChunkStream<object>) => stream.pipe()) {
      const fake = new FakeTransport(respond(body.pipe(finalize(closed))));
      const say = (what: unknown) => said.push(what);
      return open(chat(fake, { scheduler, timeouts: limits }, request)).subscribe({
        error: say,
        complete: () => say('complete'),
      });
    }

    beforeEach(() => {
      scheduler = new VirtualTimeScheduler();
      body = new Subject();
      said = [];
      closed.mockClear();
    });

    it('when they pass', () => {
      subscribe();
      expect(scheduler.actions.length).toBeGreaterThan(0);
      scheduler.flush();
      expect(said).toEqual([timeout('idle')]);
      expect(scheduler.frame).toBe(200);
      expect(scheduler.actions).toEqual([]);
      expect(closed).toHaveBeenCalledTimes(1);
    });

    it('when the stream completes', () => {
      subscribe();
      body.next(bytesOf(event('[DONE]')));
      expect(said).toEqual(['complete']);
      expect(scheduler.actions).toEqual([]);
    });

    it('when the stream fails', () => {
      subscribe();
      body.next(bytesOf(event('{')));
      expect(said).toEqual([expect.objectContaining({ kind: 'malformed' })]);
      expect(scheduler.actions).toEqual([]);
      expect(closed).toHaveBeenCalledTimes(1);
    });

    it('when the body ends', () => {
      subscribe();
      body.complete();
      expect(said).toEqual([expect.objectContaining({ kind: 'truncated' })]);
      expect(scheduler.actions).toEqual([]);
    });

    it('when the stream is unsubscribed', () => {
      subscribe().unsubscribe();
      expect(scheduler.actions).toEqual([]);
      expect(said).toEqual([]);
      expect(closed).toHaveBeenCalledTimes(1);
    });

    it('when the stream is unsubscribed while the gate is held', () => {
      const gate = new FlowGate();
      gate.hold();
      const subscription = subscribe({ gate });
      subscription.unsubscribe();
      gate.hold()();
      expect(scheduler.actions).toEqual([]);
    });

    it('when the gate opens after the stream has ended', () => {
      const gate = new FlowGate();
      const release = gate.hold();
      subscribe({ gate });
      body.next(bytesOf(event('[DONE]')));
      release();
      expect(scheduler.actions).toEqual([]);
    });

    it('when the events are read to their end', () => {
      subscribe({}, (stream) => stream.events());
      body.next(bytesOf(event('[DONE]')));
      expect(said).toEqual(['complete']);
      expect(scheduler.actions).toEqual([]);
    });

    it('when the response is unsubscribed', () => {
      subscribe({}, (stream) => stream.withResponse()).unsubscribe();
      expect(scheduler.actions).toEqual([]);
    });

    it('when a status error has been read', () => {
      const fake = new FakeTransport(respond('', { status: 500 }));
      chat(fake, { scheduler, timeouts: limits }).subscribe({ error: (error: unknown) => said.push(error) });
      expect(said).toEqual([expect.objectContaining({ kind: 'status' })]);
      expect(scheduler.actions).toEqual([]);
    });
  });

  it('ask for no timer that is longer than a timer can be', () => {
    const timers = jest.spyOn(globalThis, 'setInterval');
    const timeouts = { responseMs: 2 ** 32, totalMs: 2 ** 33 };
    chat(new FakeTransport(NEVER), { timeouts }).subscribe(unconcerned).unsubscribe();
    const delays = timers.mock.calls.map(([, delayMs]) => delayMs ?? 0);
    timers.mockRestore();
    expect(delays.length).toBeGreaterThan(0);
    expect(Math.max(...delays)).toBeLessThan(2 ** 31);
  });

  it('leave no timer in the process once the stream has ended', () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const timersBefore = timers();
    const body = new Subject<Uint8Array>();
    const ended = jest.fn();
    const fake = new FakeTransport(respond(body));
    chat(fake, { timeouts: { chunkMs: 1000, totalMs: 1000 } }).subscribe({ ...unconcerned, complete: ended });
    expect(timers()).toBeGreaterThan(timersBefore);
    body.next(bytesOf(event('[DONE]')));
    expect(ended).toHaveBeenCalledTimes(1);
    // What is left of the grace for the body does not keep the process.
    expect(timers()).toBe(timersBefore);
  });
});

describeWire('what came while the process was busy', (wire) => {
  it.each([{ idleMs: 100 }, { chunkMs: 100 }])('is no silence: %j', async (timeouts) => {
    const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('one '))));
    const stream = client.chat.completions.stream(params, { timeouts }).pipe(
      contentDeltas(),
      tap((text) => {
        if (text !== 'one ') return;
        wire.server.requestSockets[0]?.write(httpChunk(delta('two', 'stop')) + LAST_CHUNK);
        const end = performance.now() + 300;
        while (performance.now() < end);
      }),
    );
    expect(await record(stream)).toMatchObject({ values: ['one ', 'two'], isComplete: true, error: undefined });
  });

  it('is none either when it is busy again and again', async () => {
    const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('one '))));
    let count = 0;
    const stream = client.chat.completions.stream(params, { timeouts: { idleMs: 100 } }).pipe(
      tap(() => {
        const isLast = ++count === 4;
        wire.server.requestSockets[0]?.write(
          httpChunk(delta('more ', isLast ? 'stop' : null)) + (isLast ? LAST_CHUNK : ''),
        );
        const end = performance.now() + 300;
        while (performance.now() < end);
      }),
    );
    expect(await record(stream)).toMatchObject({ isComplete: true, error: undefined });
    expect(count).toBe(5);
  });

  it('does not save a stream that is silent indeed', async () => {
    const client = await wire.start(({ socket }) => socket.write(STREAM_HEAD + httpChunk(delta('one '))));
    const stream = client.chat.completions.stream(params, { timeouts: { idleMs: 100 } }).pipe(
      tap(() => {
        const end = performance.now() + 300;
        while (performance.now() < end);
      }),
    );
    expect(await record(stream)).toMatchObject({ error: { kind: 'timeout', phase: 'idle' }, endCount: 1 });
  });
});
