import { config, firstValueFrom, from, map, NEVER, of, take, toArray } from 'rxjs';
import { accumulateContent, APIConnectionError, createClient, type ClientOptions, type Transport } from 'rxdelta';
import {
  chunkMarbles,
  contentChunks,
  fakeTransport,
  finish,
  parseRecording,
  recordTransport,
  replayTransport,
  serializeRecording,
} from 'rxdelta/testing';
import { undiciTransport } from '../../../lib/transport/undiciTransport';
import { bytesOf } from '../../support/FakeTransport';
import { marbles } from '../../support/marbles';
import { record } from '../../support/record';
import { answer, httpChunk, sendAnswer } from '../../support/wire';
import { WireServer } from '../../support/WireServer';

const params = { model: 'm', messages: [{ role: 'user' as const, content: 'Hello' }] };

function chat(transport: Transport, options: ClientOptions = {}) {
  return createClient({ apiKey: 'sk-secret', baseURL: 'http://api.test/v1', transport, ...options }).chat.completions;
}

describe('recordTransport', () => {
  it('takes down a real exchange, byte for byte', async () => {
    const server = await WireServer.start(({ socket }) => sendAnswer(socket, 'Grüß ', 'Gott'));
    const { url } = server;
    const texts: string[] = [];
    const transport = recordTransport(undiciTransport(), { write: (text) => texts.push(text) });
    try {
      const text$ = chat(transport, { baseURL: server.url }).stream(params).pipe(accumulateContent(), toArray());
      expect(await firstValueFrom(text$)).toEqual(['Grüß ', 'Grüß Gott']);
      await server.until(() => texts.length > 0);
    } finally {
      await server.close();
    }
    const { recording } = transport;
    expect(parseRecording(texts.at(-1)!)).toEqual(recording);
    const [exchange] = recording.exchanges;
    expect(recording.exchanges).toHaveLength(1);
    expect(exchange).toMatchObject({
      request: { method: 'POST', url: `${url}/chat/completions`, body: { ...params, stream: true } },
      response: { status: 200, headers: { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' } },
      end: { how: 'complete' },
    });
    const lines = exchange!.response!.body.flatMap((piece) => ('text' in piece ? piece.text : []));
    expect(lines.join('')).toBe(answer('Grüß ', 'Gott'));
    expect(lines.every((line) => /^data: .*\n\n$/.test(line))).toBe(true);
    expect(serializeRecording(recording)).toBe(texts.at(-1));
  });

  it('notes the time of everything', () => {
    marbles(({ cold, expectObservable }) => {
      const inner = fakeTransport({ headAfterMs: 5, body: cold(...chunkMarbles('-a-(b|)', { b: finish() })) });
      const transport = recordTransport(inner);
      const stream = chat(transport).stream(params);
      expectObservable(stream).toBe(...chunkMarbles('------a-(b|)', { b: finish() }));
      cold('20ms x').subscribe(() => {
        const { response, end } = transport.recording.exchanges[0]!;
        expect(response?.afterMs).toBe(5);
        expect(response?.body.map(({ afterMs }) => afterMs)).toEqual([6, 8, 8]);
        expect(end).toEqual({ afterMs: 8, how: 'complete' });
      });
    });
    expect.assertions(4);
  });

  it('changes nothing of what passes', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(...chunkMarbles('-a-b-c'));
      const inner = fakeTransport(source);
      expectObservable(chat(recordTransport(inner)).stream(params), '^--!').toBe(...chunkMarbles('-a-'));
      expectSubscriptions(inner.subscriptions).toBe('^--!');
      expectSubscriptions(source.subscriptions).toBe('^--!');
    });
  });

  describe('notes the end', () => {
    const gone = new APIConnectionError('Gone', { phase: 'head', retryable: false });

    it('when the connection is not made', async () => {
      const transport = recordTransport(fakeTransport(gone));
      expect((await record(chat(transport).stream(params))).error).toBe(gone);
      const [exchange] = transport.recording.exchanges;
      expect(exchange).not.toHaveProperty('response');
      const error = { kind: 'connection', message: 'Gone', phase: 'head', retryable: false };
      expect(exchange?.end).toEqual({ how: 'error', afterMs: expect.any(Number), error });
    });

    it('when the body breaks', () => {
      marbles(({ cold, expectObservable }) => {
        const transport = recordTransport(fakeTransport(cold(...chunkMarbles('-a-#'))));
        expectObservable(chat(transport).stream(params)).toBe(
          ...chunkMarbles('-a-#', {}, expect.any(APIConnectionError)),
        );
        cold('9ms x').subscribe(() => {
          expect(transport.recording.exchanges[0]?.end).toMatchObject({
            how: 'error',
            afterMs: 3,
            error: { phase: 'body' },
          });
        });
      });
      expect.assertions(2);
    });

    it('when its reader closes it, and when it goes on', () => {
      marbles(({ cold, expectObservable }) => {
        const transport = recordTransport(fakeTransport(cold(...chunkMarbles('-a-b-c-d-e'))));
        expectObservable(chat(transport).stream(params).pipe(take(2))).toBe(...chunkMarbles('-a-(b|)'));
        cold('--x').subscribe(() => {
          expect(transport.recording.exchanges[0]?.end).toEqual({ how: 'open', afterMs: 2 });
        });
        cold('9ms x').subscribe(() => {
          expect(transport.recording.exchanges[0]?.end).toEqual({ how: 'closed', afterMs: 3 });
        });
      });
      expect.assertions(3);
    });
  });

  it('writes once for each exchange that has ended, with all of them', async () => {
    const texts: string[] = [];
    const inner = fakeTransport([contentChunks('One'), contentChunks('Two')]);
    const stream = chat(recordTransport(inner, { write: (text) => texts.push(text) })).stream(params);
    await record(stream);
    await record(stream);
    expect(texts.map((text) => parseRecording(text).exchanges.length)).toEqual([1, 2]);
  });

  describe('when write throws', () => {
    const full = new Error('The disk is full');
    const write = () => {
      throw full;
    };
    const reported: unknown[] = [];

    beforeEach(() => {
      reported.length = 0;
      config.onUnhandledError = (error) => reported.push(error);
    });
    afterEach(() => {
      config.onUnhandledError = null;
    });

    it('reports it, and the stream completes', async () => {
      const transport = recordTransport(fakeTransport([contentChunks('Hi')]), { write });
      expect((await record(chat(transport).stream(params))).isComplete).toBe(true);
      await new Promise((resolve) => setTimeout(resolve));
      expect(reported).toEqual([full]);
    });

    it('reports it, and the connection is closed', async () => {
      const inner = fakeTransport(NEVER);
      chat(recordTransport(inner, { write })).stream(params).subscribe().unsubscribe();
      await new Promise((resolve) => setTimeout(resolve));
      expect(reported).toEqual([full]);
      expect(inner.subscriptions[0]?.unsubscribedFrame).toBeLessThan(Infinity);
    });
  });

  it('takes each exchange down once, however many follow', async () => {
    const transport = recordTransport(fakeTransport(() => contentChunks('Hi')));
    const first = () => transport.recording.exchanges[0];
    await record(chat(transport).stream(params));
    const taken = first();
    await record(chat(transport).stream(params));
    expect(taken).toMatchObject({ end: { how: 'complete' } });
    expect(first()).toBe(taken);
  });

  it('keeps what came, also when the transport uses its buffer again', async () => {
    const buffer = new Uint8Array(1);
    const body = from('ab').pipe(map((letter) => (buffer.set(bytesOf(letter)), buffer)));
    const transport = recordTransport(() => of({ status: 200, headers: {}, url: '', body }));
    await record(chat(transport).stream(params));
    expect(transport.recording.exchanges[0]?.response?.body).toMatchObject([{ text: ['a'] }, { text: ['b'] }]);
  });

  it('keeps bytes that are no text', async () => {
    const euro = bytesOf('data: "€"\n\n');
    const transport = recordTransport(fakeTransport({ body: euro, cut: [8] }));
    await record(chat(transport).stream(params));
    expect(transport.recording.exchanges[0]?.response?.body).toEqual([
      { afterMs: expect.any(Number), base64: Buffer.from(euro.subarray(0, 8)).toString('base64') },
      { afterMs: expect.any(Number), base64: Buffer.from(euro.subarray(8)).toString('base64') },
    ]);
  });

  it('splits text at blank lines, whatever ends the lines, and keeps a byte order mark', async () => {
    const body = '\uFEFFdata: 1\n\ndata: 2\r\n\r\ndata: 3\r\rdata: 4\n';
    const transport = recordTransport(fakeTransport(body));
    await record(chat(transport).stream(params));
    expect(transport.recording.exchanges[0]?.response?.body).toMatchObject([
      { text: ['\uFEFFdata: 1\n\n', 'data: 2\r\n\r\n', 'data: 3\r\r', 'data: 4\n'] },
    ]);
  });

  describe('leaves out', () => {
    const secrets = {
      authorization: 'Bearer sk-secret',
      'api-key': 'azure-secret',
      'x-api-key': 'other-secret',
      'x-custom-token': 'custom-secret',
      cookie: 'a=cookie-secret; b=crumb-secret',
      'openai-organization': 'org-secret',
      'openai-project': 'proj-secret',
    };
    const query = { 'api-version': '1', key: 'query secret', token: 'token-secret', sig: 'sas-secret' };
    const answerHeaders = {
      'set-cookie': 'cf=set-secret; Expires=Thu, 01 Jan 2026 00:00:00 GMT, sid=second-secret; Path=/',
      'openai-organization': 'org-name-secret',
      'x-ratelimit-remaining-tokens': '99',
      'x-echo': 'you sent custom-secret, crumb-secret and user-secret',
      'x-session-token': 'session-secret',
    };

    it('credentials, cookies and who asked, wherever they stand', async () => {
      const error = { error: { message: 'Wrong key sk-secret, azure-secret, query secret or query%20secret' } };
      const transport = recordTransport(fakeTransport({ status: 401, headers: answerHeaders, body: error }));
      const url = 'http://me:user-secret@api.test/v1';
      const stream = chat(transport, { headers: secrets, query, baseURL: url }).stream({
        ...params,
        safety_identifier: 'the owner of sk-secret',
      });
      await record(stream);
      const text = serializeRecording(transport.recording);
      expect(text).not.toContain('secret');
      const [exchange] = transport.recording.exchanges;
      expect(exchange?.request).toEqual({
        method: 'POST',
        url: 'http://[redacted]@api.test/v1/chat/completions?api-version=1&key=[redacted]&token=[redacted]&sig=[redacted]',
        headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
        body: { ...params, safety_identifier: 'the owner of [redacted]', stream: true },
      });
      expect(exchange?.response?.headers).toEqual({
        'content-type': 'application/json',
        'x-ratelimit-remaining-tokens': '99',
        'x-echo': 'you sent [redacted], [redacted] and [redacted]',
      });
    });

    it('who asked, and what the server itself has set, where it repeats them', async () => {
      const words =
        'Slow down, org-secret with proj-secret of org-name-secret: set-secret, second-secret, session-secret';
      const body = { error: { message: words } };
      const headers = { ...answerHeaders, 'x-echo': undefined };
      const transport = recordTransport(fakeTransport({ status: 429, headers, body }));
      await record(chat(transport, { headers: secrets }).stream(params));
      expect(serializeRecording(transport.recording)).toContain('Slow down, **********');
      expect(serializeRecording(transport.recording)).not.toContain('secret');
    });

    it('the credentials of tools, in the request and where the server repeats them', async () => {
      const tool = {
        ...{ type: 'mcp' as const, server_label: 'files', server_url: 'https://files.test' },
        authorization: 'mcp-secret',
        headers: { Authorization: 'Bearer header-secret', 'X-Api-Key': 'a "quoted"-secret', 'X-Mode': 'plain' },
      };
      const parameters = { authentication: { type: 'api_key', key: 'search-secret' } };
      const asked = { ...params, tools: [tool], data_sources: [{ parameters }], metadata: { author: 'Tolkien' } };
      const transport = recordTransport(
        fakeTransport([{ body: JSON.stringify({ tools: [tool], author: 'Tolkien' }) }]),
      );
      const client = createClient({ apiKey: 'sk-secret', baseURL: 'http://api.test/v1', transport });
      await record(client.stream('/responses', asked));
      expect(serializeRecording(transport.recording)).not.toContain('secret');
      const [exchange] = transport.recording.exchanges;
      expect(exchange?.request.body).toEqual({
        ...asked,
        tools: [
          {
            ...tool,
            authorization: '[redacted]',
            headers: { Authorization: 'Bearer [redacted]', 'X-Api-Key': '[redacted]', 'X-Mode': 'plain' },
          },
        ],
        data_sources: [{ parameters: { authentication: { type: 'api_key', key: '[redacted]' } } }],
        stream: true,
      });
      expect(JSON.stringify(exchange?.response?.body)).toContain('Tolkien');
    });

    it('no word that JSON needs', async () => {
      const transport = recordTransport(fakeTransport([contentChunks('Hi')]));
      const headers = { 'x-token': 'null', 'x-key': '1763600000' };
      await record(chat(transport, { apiKey: null, headers }).stream(params));
      const { values } = await record(chat(replayTransport(transport.recording)).stream(params));
      expect(values).toEqual(contentChunks('Hi'));
    });

    it('secrets that share a part', async () => {
      const transport = recordTransport(fakeTransport('the one-secret-two'));
      await record(chat(transport, { headers: { 'x-key': 'one-secret', 'x-token': 'secret-two' } }).stream(params));
      expect(transport.recording.exchanges[0]?.response?.body).toMatchObject([{ text: ['the **************'] }]);
    });

    it('a credential that the body repeats, also where it is cut, with as many asterisks', async () => {
      const body = `: sk-secret\n\n: ä sk-secret\n\n`;
      for (let position = 0; position <= bytesOf(body).length; position++) {
        const transport = recordTransport(fakeTransport({ body, cut: [position] }));
        await record(chat(transport).stream(params));
        const pieces = transport.recording.exchanges[0]!.response!.body.map((piece) =>
          'text' in piece ? Buffer.from(piece.text.join('')) : Buffer.from(piece.base64, 'base64'),
        );
        expect(Buffer.concat(pieces).toString()).toBe(': *********\n\n: ä *********\n\n');
      }
    });

    it('a credential in the words of an error', async () => {
      const gone = new APIConnectionError('Gone with sk-secret', { phase: 'head' });
      const transport = recordTransport(fakeTransport(gone));
      await record(chat(transport).stream(params));
      expect(transport.recording.exchanges[0]?.end).toMatchObject({ error: { message: 'Gone with [redacted]' } });
    });
  });

  it('keeps what a server breaks off', async () => {
    const server = await WireServer.start(({ socket }) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n`);
      socket.write(httpChunk('data: {"choices":[]}\n\n'), () => setTimeout(() => socket.resetAndDestroy(), 20));
    });
    const transport = recordTransport(undiciTransport());
    try {
      const { error } = await record(chat(transport, { baseURL: server.url }).stream(params));
      expect(error).toMatchObject({ kind: 'connection', phase: 'body' });
    } finally {
      await server.close();
    }
    expect(transport.recording.exchanges[0]).toMatchObject({
      response: { body: [{ text: ['data: {"choices":[]}\n\n'] }] },
      end: { how: 'error', error: { kind: 'connection', phase: 'body', retryable: true } },
    });
  });
});
