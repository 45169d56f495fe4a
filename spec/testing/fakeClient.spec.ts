import { expand, firstValueFrom, last, NEVER, retry, switchMap, take, toArray, type Observable } from 'rxjs';
import {
  accumulateContent,
  APIConnectionError,
  APIStatusError,
  APIUserAbortError,
  createClient,
  StreamTruncatedError,
  type Client,
} from 'rxdelta';
import type { Response } from 'rxdelta/openai';
import {
  chunkMarbles,
  contentChunk,
  contentChunks,
  fakeClient,
  fakeTransport,
  finish,
  recordTransport,
  replayTransport,
  responseEvents,
} from 'rxdelta/testing';
import { marbles } from '../support/marbles';
import { record } from '../support/record';

const params = { model: 'm', messages: [] };
const input = { model: 'm', input: 'Hello' };
const response = { id: 'resp_1', status: 'cancelled' } as Response;

describe('fakeClient', () => {
  it('answers with Observables, and shows the abort', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(...chunkMarbles('-a-b|', { a: 'Hel', b: 'lo' }));
      const client = fakeClient(source);
      const text$ = client.chat.completions.stream(params).pipe(accumulateContent());
      expectObservable(text$).toBe('-a-b|', { a: 'Hel', b: 'Hello' });
      expectObservable(text$, '^--!').toBe('-a-', { a: 'Hel' });
      expectSubscriptions(source.subscriptions).toBe(['^---!', '^--!']);
      expectSubscriptions(client.subscriptions).toBe(['^---!', '^--!']);
    });
  });

  it('answers each call in its turn, and one too many with an error', async () => {
    const client = fakeClient([new APIConnectionError('Gone', { phase: 'head' }), contentChunks('Hi')]);
    const stream = client.chat.completions.stream(params);
    expect(await firstValueFrom(stream.pipe(retry(1), toArray()))).toEqual(contentChunks('Hi'));
    expect((await record(stream)).error).toEqual(new Error('Request 3 has no answer: 2 were prepared'));
    expect(client.calls).toHaveLength(3);
  });

  it('answers by what a function says of the call', async () => {
    const client = fakeClient(({ method }, index) => [contentChunk(`${method} ${index}`)]);
    expect(await firstValueFrom(client.chat.completions.stream(params))).toEqual(
      contentChunk('chat.completions.stream 0'),
    );
    expect(await firstValueFrom(client.stream('/x', {}))).toEqual(contentChunk('stream 1'));
  });

  it('knows every method of a client, and what each was asked', async () => {
    const client = fakeClient([[response], [response], [response], [response], [response]]);
    const options = { headers: { 'x-a': 'b' } };
    const streams: Observable<object>[] = [
      client.chat.completions.stream(params, options),
      client.responses.stream(input),
      client.responses.resume('resp_1', { startingAfter: 4 }),
      client.responses.cancel('resp_1'),
      client.stream('/other', { a: 1 }),
    ];
    expect(client.calls).toEqual([]);
    for (const stream of streams) expect(await firstValueFrom(stream)).toBe(response);
    expect(client.calls).toEqual([
      { method: 'chat.completions.stream', params, options },
      { method: 'responses.stream', params: input },
      { method: 'responses.resume', responseId: 'resp_1', options: { startingAfter: 4 } },
      { method: 'responses.cancel', responseId: 'resp_1' },
      { method: 'stream', path: '/other', params: { a: 1 } },
    ]);
  });

  it('keeps what was asked, also when the program goes on with the same messages', async () => {
    const client = fakeClient((): object[] => contentChunks('Hi'));
    const messages = [{ role: 'user' as const, content: 'One' }];
    const stream = client.chat.completions.stream({ model: 'm', messages });
    await record(stream);
    messages.push({ role: 'user', content: 'Two' });
    await record(stream);
    expect(client.calls.map(({ params: asked }) => (asked as typeof params).messages.length)).toEqual([1, 2]);
  });

  it('is asked no more than a real client, where nobody listens any more', () => {
    const client = fakeClient(() => contentChunks('Hi'));
    const step = () => client.chat.completions.stream(params).pipe(last());
    step()
      .pipe(
        expand(() => step()),
        take(3),
      )
      .subscribe();
    expect(client.calls).toHaveLength(3);
    expect(client.subscriptions).toHaveLength(3);
  });

  it('gives streams that can be read in all ways, each of which is a call', async () => {
    const client = fakeClient((): object[] => contentChunks('Hi'));
    const stream = client.chat.completions.stream(params);
    const iterated: object[] = [];
    for await (const chunk of stream) iterated.push(chunk);
    expect(iterated).toEqual(contentChunks('Hi'));
    expect((await firstValueFrom(stream.withResponse())).response.status).toBe(200);
    expect(await firstValueFrom(stream.events())).toEqual({ data: JSON.stringify(contentChunks('Hi')[0]) });
    expect(client.calls).toHaveLength(3);
  });

  it('gives a response that lasts as long as its chunks', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(...chunkMarbles('-a-b|'));
      const client = fakeClient(source);
      const chunks$ = client.chat.completions
        .stream(params)
        .withResponse()
        .pipe(switchMap(({ chunks }) => chunks));
      expectObservable(chunks$).toBe(...chunkMarbles('-a-b|'));
      expectObservable(chunks$, '^--!').toBe(...chunkMarbles('-a-'));
      expectSubscriptions(source.subscriptions).toBe(['^---!', '^--!']);
      expectSubscriptions(client.subscriptions).toBe(['^---!', '^--!']);
    });
  });

  it('closes the chunks with their response, and ends the response where they are left', () => {
    marbles(({ cold, expectSubscriptions }) => {
      const source = cold(...chunkMarbles('-a-b-c'));
      const client = fakeClient(source);
      const open = () => client.responses.stream(input).withResponse();
      const response = open().subscribe(({ chunks }) => chunks.subscribe());
      let left = NEVER.subscribe();
      open().subscribe(({ chunks }) => (left = chunks.subscribe()));
      cold('--x').subscribe(() => response.unsubscribe());
      cold('---x').subscribe(() => left.unsubscribe());
      expectSubscriptions(source.subscriptions).toBe(['^-!', '^--!']);
      expectSubscriptions(client.subscriptions).toBe(['^-!', '^--!']);
    });
  });

  it('refuses chunks that were subscribed before, or whose response is closed, as a real client does', async () => {
    const answers = () => contentChunks('Hi');
    const kindsOf = async ({ chat }: Client) => {
      const stream = chat.completions.stream(params);
      const gone = (await firstValueFrom(stream.withResponse())).chunks;
      const read = await new Promise<Observable<object>>((resolve) => {
        stream.withResponse().subscribe(({ chunks }) => resolve(chunks));
      });
      const both = [record(read), record(read)];
      return (await Promise.all([...both, record(gone)])).map(({ error }) => error);
    };
    const abort = expect.any(APIUserAbortError);
    expect(await kindsOf(fakeClient(fakeTransport(answers)))).toEqual([undefined, abort, abort]);
    expect(await kindsOf(fakeClient(answers))).toEqual([undefined, abort, abort]);
  });

  it('fails before there is a response', async () => {
    const gone = new APIConnectionError('Gone', { phase: 'head' });
    const { values, error } = await record(fakeClient(gone).chat.completions.stream(params).withResponse());
    expect(values).toEqual([]);
    expect(error).toBe(gone);
  });

  it('passes for a client', async () => {
    const service = (client: Client) => client.chat.completions.stream(params).pipe(accumulateContent(), toArray());
    expect(await firstValueFrom(service(fakeClient([contentChunks('Hello')])))).toEqual(['Hell', 'Hello']);
  });

  describe('on a fake transport', () => {
    it('is a real client: it retries, and the calls are fewer than the requests', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const transport = fakeTransport([{ status: 429 }, cold(...chunkMarbles('-a-(b|)', { a: 'Hi', b: finish() }))]);
        const client = fakeClient(transport, { retry: { initialDelayMs: 10, jitter: 0 } });
        expectObservable(client.chat.completions.stream(params)).toBe(
          ...chunkMarbles('11ms a-(b|)', { a: 'Hi', b: finish() }),
        );
        expectSubscriptions(client.subscriptions).toBe('^ 12ms !');
        expectSubscriptions(transport.subscriptions).toBe(['(^!)', '10ms ^--!']);
      });
    });

    it('judges the end, and obeys options', async () => {
      const transport = fakeTransport(() => [contentChunk('Hel')]);
      const { chat } = fakeClient(transport);
      expect((await record(chat.completions.stream(params))).error).toBeInstanceOf(StreamTruncatedError);
      expect((await record(chat.completions.stream(params, { completion: 'lenient' }))).error).toBeUndefined();
    });

    it('knows every method', async () => {
      const transport = fakeTransport(({ url, method }) =>
        url.endsWith('/cancel')
          ? { body: { ...response } }
          : method === 'GET' || url.endsWith('/responses')
            ? responseEvents.text('Hi')
            : contentChunks('Hi'),
      );
      const client = fakeClient(transport);
      const texts = [
        client.chat.completions.stream(params),
        client.responses.stream(input),
        client.responses.resume('resp_1'),
      ];
      for (const stream of texts) {
        expect(await firstValueFrom((stream as Observable<any>).pipe(accumulateContent()))).toBe('Hi');
      }
      expect(await firstValueFrom(client.responses.cancel('resp_1'))).toEqual(response);
      expect(await firstValueFrom(client.stream('/other', { a: 1 }))).toEqual(contentChunks('Hi')[0]);
      expect(transport.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
        'POST http://api.test/v1/chat/completions',
        'POST http://api.test/v1/responses',
        'GET http://api.test/v1/responses/resp_1?stream=true',
        'POST http://api.test/v1/responses/resp_1/cancel',
        'POST http://api.test/v1/other',
      ]);
      expect(client.calls.map(({ method }) => method)).toEqual([
        'chat.completions.stream',
        'responses.stream',
        'responses.resume',
        'responses.cancel',
        'stream',
      ]);
    });

    it('takes a recording', async () => {
      const recorder = recordTransport(fakeTransport([contentChunks('Hi')]));
      await record(createClient({ apiKey: 'key', transport: recorder }).chat.completions.stream(params));
      const client = fakeClient(replayTransport(recorder.recording));
      expect(await firstValueFrom(client.chat.completions.stream(params).pipe(toArray()))).toEqual(contentChunks('Hi'));
    });

    it('asks where it is told to', async () => {
      const transport = fakeTransport({ status: 404 });
      const client = fakeClient(transport, { baseURL: '/api' });
      expect((await record(client.responses.cancel('resp_1'))).error).toBeInstanceOf(APIStatusError);
      expect(transport.requests[0]?.url).toBe('/api/responses/resp_1/cancel');
    });
  });
});
