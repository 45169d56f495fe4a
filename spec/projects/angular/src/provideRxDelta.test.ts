import { Injectable, inject, provideEnvironmentInitializer, signal, effect } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { accumulateContent, type Client } from 'rxdelta';
import { injectClient, provideRxDelta, RXDELTA_CLIENT, withApiKey } from 'rxdelta/angular';
import { contentChunks, fakeClient, fakeTransport } from 'rxdelta/testing';
import { lastValueFrom, of, throwError, timer, map, type Observable } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const client = (): Client => TestBed.runInInjectionContext(injectClient);
const ask = (content = 'Hi') =>
  client().chat.completions.stream({ model: 'gpt-4o-mini', messages: [{ role: 'user', content }] });

/** The header that a request was sent with; the transport hides its value. */
@Injectable({ providedIn: 'root' })
class Session {
  readonly token = signal('first-token');
}

describe('injectClient', () => {
  it('gives the same client everywhere, also without provideRxDelta', () => {
    expect(client()).toBe(client());
    expect(Object.keys(client())).toEqual(['chat', 'responses', 'stream']);
  });

  it('gives the client of provideRxDelta, with its options', async () => {
    const transport = fakeTransport([contentChunks('Hello')]);
    TestBed.configureTestingModule({ providers: [provideRxDelta({ baseURL: '/api/openai', transport })] });
    expect(await lastValueFrom(ask().pipe(accumulateContent()))).toBe('Hello');
    expect(transport.requests).toMatchObject([{ url: '/api/openai/chat/completions', headers: {} }]);
    expect(transport.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it('gives the fake of a test', async () => {
    const fake = fakeClient([contentChunks('Hello')]);
    TestBed.configureTestingModule({
      providers: [provideRxDelta({ baseURL: '/api' }), { provide: RXDELTA_CLIENT, useValue: fake }],
    });
    expect(await lastValueFrom(ask().pipe(accumulateContent()))).toBe('Hello');
    expect(fake.calls).toHaveLength(1);
  });

  it('says where it works when there is no injection context', () => {
    expect(() => injectClient()).toThrow(/NG0203/);
  });
});

describe('withApiKey', () => {
  /** The authorization headers that a fetch is given. */
  const sent: (string | undefined)[] = [];
  const relay = 'http://127.0.0.1:9/v1';
  const transportOf = (statuses: number[]) => {
    const fake = fakeTransport(
      statuses.map((status) =>
        status === 200 ? contentChunks('Hello') : { status, headers: { 'retry-after-ms': '1' } },
      ),
    );
    return (request: Parameters<typeof fake>[0]) => {
      sent.push(request.headers['authorization']);
      return fake(request);
    };
  };

  beforeEach(() => {
    sent.length = 0;
  });

  it('asks within the injection context, anew for each attempt', async () => {
    TestBed.configureTestingModule({
      providers: [
        provideRxDelta(
          { baseURL: relay, transport: transportOf([503, 200]), retry: { onRetry: () => session.token.set('second') } },
          withApiKey(() => inject(Session).token()),
        ),
      ],
    });
    const session = TestBed.inject(Session);
    expect(await lastValueFrom(ask().pipe(accumulateContent()))).toBe('Hello');
    expect(sent).toEqual(['Bearer first-token', 'Bearer second']);
  });

  it.each<[string, () => string | PromiseLike<string> | Observable<string>]>([
    ['a string', () => 'token'],
    ['a promise', () => Promise.resolve('token')],
    ['the first value of an Observable', () => timer(1).pipe(map(() => 'token'))],
    ['the first of several values', () => of('token', 'other')],
  ])('takes %s', async (_, key) => {
    TestBed.configureTestingModule({
      providers: [provideRxDelta({ baseURL: relay, transport: transportOf([200]) }, withApiKey(key))],
    });
    await lastValueFrom(ask());
    expect(sent).toEqual(['Bearer token']);
  });

  it.each<[string, () => string | Observable<string>]>([
    [
      'throws',
      () => {
        throw new Error('Not signed in');
      },
    ],
    ['fails', () => throwError(() => new Error('Not signed in'))],
  ])('ends the stream with what the function %s with', async (_, key) => {
    TestBed.configureTestingModule({
      providers: [provideRxDelta({ baseURL: relay, transport: transportOf([]) }, withApiKey(key))],
    });
    await expect(lastValueFrom(ask())).rejects.toThrow('Not signed in');
    expect(sent).toEqual([]);
  });

  it('makes nothing depend on the signals that the function reads', () => {
    let runs = 0;
    TestBed.configureTestingModule({
      providers: [
        provideRxDelta(
          { baseURL: relay, transport: transportOf([200, 200]) },
          withApiKey(() => inject(Session).token()),
        ),
        provideEnvironmentInitializer(() => {
          const streams = injectClient();
          effect(() => {
            runs++;
            streams.chat.completions.stream({ model: 'gpt-4o-mini', messages: [] }).subscribe();
          });
        }),
      ],
    });
    TestBed.tick();
    TestBed.inject(Session).token.set('second');
    TestBed.tick();
    expect(runs).toBe(1);
    expect(sent).toEqual(['Bearer first-token']);
  });

  it.each([undefined, 'https://api.openai.com/v1', 'HTTPS://API.OPENAI.COM/v1', '//api.openai.com/v1'])(
    'leaves it to the client to refuse a key of OpenAI in a page: %s',
    (baseURL) => {
      TestBed.configureTestingModule({
        providers: [
          provideRxDelta(
            { baseURL },
            withApiKey(() => 'token'),
          ),
        ],
      });
      expect(client).toThrow('apiKey is not for browsers');
    },
  );

  it('obeys dangerouslyAllowBrowser', async () => {
    const options = { transport: transportOf([200]), dangerouslyAllowBrowser: true };
    TestBed.configureTestingModule({
      providers: [
        provideRxDelta(
          options,
          withApiKey(() => 'token'),
        ),
      ],
    });
    await lastValueFrom(ask());
    expect(sent).toEqual(['Bearer token']);
  });
});

describe('a key that stands in the code of a page', () => {
  beforeEach(() => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  it.each([
    ['apiKey', { apiKey: 'sk-secret', dangerouslyAllowBrowser: true }],
    ['a header', { headers: { Authorization: 'Bearer sk-secret' } }],
    ['a header of Azure', { headers: { 'api-key': 'sk-secret' } }],
  ])('is warned of, and not shown: %s', (_, options) => {
    TestBed.configureTestingModule({ providers: [provideRxDelta(options)] });
    client();
    client();
    expect(vi.mocked(console.warn).mock.calls).toEqual([[expect.stringMatching(/^rxdelta: .*API key/)]]);
    expect(JSON.stringify(vi.mocked(console.warn).mock.calls)).not.toContain('sk-secret');
  });

  it('is not warned of in production, nor where there is none, nor on a server', () => {
    const made = (options: Parameters<typeof provideRxDelta>[0]) => {
      TestBed.resetTestingModule().configureTestingModule({ providers: [provideRxDelta(options)] });
      client();
    };
    made({ baseURL: '/api', headers: { 'x-app': 'chat' } });
    const literal = { apiKey: 'sk-secret', dangerouslyAllowBrowser: true };
    vi.stubGlobal('ngDevMode', false);
    made(literal);
    vi.unstubAllGlobals();
    vi.stubGlobal('document', undefined);
    vi.stubGlobal('navigator', undefined);
    made(literal);
    expect(console.warn).not.toHaveBeenCalled();
  });
});
