import { EMPTY, NEVER, Observable, of } from 'rxjs';
import {
  contentDeltas,
  createClient,
  type APIConnectionTimeoutError,
  type ClientOptions,
  type RequestOptions,
} from 'rxdelta';
import { FakeTransport, respond } from '../support/FakeTransport';
import { marbles } from '../support/marbles';
import { record } from '../support/record';
import { answer } from '../support/wire';

const params = { model: 'm', messages: [] };
const baseURL = 'http://server.test/v1';

describe('apiKey', () => {
  let environment: NodeJS.ProcessEnv;
  let fake: FakeTransport;

  beforeEach(() => {
    environment = process.env;
    process.env = {};
    fake = new FakeTransport(respond(answer('Hello')));
  });

  afterEach(() => {
    process.env = environment;
  });

  function stream(options: ClientOptions = {}, request?: RequestOptions) {
    return createClient({ baseURL, transport: fake.send, ...options }).chat.completions.stream(params, request);
  }

  /** The headers that are sent. */
  async function headers(options?: ClientOptions, request?: RequestOptions) {
    const { error } = await record(stream(options, request));
    if (error !== undefined) throw error;
    return fake.requests[0]!.headers;
  }

  describe('as a string', () => {
    it('is sent whole', async () => {
      expect((await headers({ apiKey: 'sk-1 2/3=' })).authorization).toBe('Bearer sk-1 2/3=');
    });

    it('comes before that of the environment', async () => {
      process.env.OPENAI_API_KEY = 'sk-environment';
      expect((await headers({ apiKey: 'sk-1' })).authorization).toBe('Bearer sk-1');
    });

    it.each(['authorization', 'Authorization'])('gives way to a header of the caller (%s)', async (name) => {
      expect((await headers({ apiKey: 'sk-1', headers: { [name]: 'Basic mine' } })).authorization).toBe('Basic mine');
    });

    it('gives way to a header of the request', async () => {
      expect((await headers({ apiKey: 'sk-1' }, { headers: { Authorization: 'Basic mine' } })).authorization).toBe(
        'Basic mine',
      );
    });

    it('is sent beside an api-key', async () => {
      expect(await headers({ apiKey: 'sk-1', headers: { 'API-Key': 'azure-key' } })).toMatchObject({
        authorization: 'Bearer sk-1',
        'api-key': 'azure-key',
      });
    });
  });

  describe('from the environment', () => {
    beforeEach(() => {
      process.env.OPENAI_API_KEY = 'sk-environment';
    });

    it('is sent when the options have none', async () => {
      expect((await headers()).authorization).toBe('Bearer sk-environment');
    });

    it('is not sent when the options say null', async () => {
      expect(await headers({ apiKey: null })).not.toHaveProperty('authorization');
    });

    it.each(['Authorization', 'api-key', 'API-KEY'])('is not sent beside %s', async (name) => {
      const own = { [name]: 'mine' };
      const values = Object.values(await headers({ headers: own }));
      expect(values).toContain('mine');
      expect(values).not.toContain('Bearer sk-environment');
    });

    it.each(['Authorization', 'api-key'])('is not sent beside %s of the request', async (name) => {
      const values = Object.values(await headers({}, { headers: { [name]: 'mine' } }));
      expect(values).toContain('mine');
      expect(values).not.toContain('Bearer sk-environment');
    });
  });

  describe('that is missing', () => {
    it.each([
      ['undefined', undefined],
      ['null', null],
      ['an empty string', ''],
    ])('for the default base URL is a TypeError at subscription, and nothing is sent (%s)', async (_, apiKey) => {
      const unkeyed = stream({ baseURL: undefined, apiKey });
      expect(await record(unkeyed)).toMatchObject({ values: [], error: expect.any(TypeError), endCount: 1 });
      expect(fake.requests).toEqual([]);
    });

    it('for the default base URL that is spelled out is the same', async () => {
      const { error } = await record(stream({ baseURL: 'https://api.openai.com/v1' }));
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toContain('OPENAI_API_KEY');
      expect(fake.requests).toEqual([]);
    });

    it.each(['authorization', 'api-key'])('for the default base URL is made up for by %s', async (name) => {
      expect(await headers({ baseURL: undefined, headers: { [name]: 'mine' } })).toHaveProperty(name, 'mine');
    });

    it.each([undefined, null, ''])('for another base URL is not sent (%j)', async (apiKey) => {
      expect(await headers({ apiKey })).not.toHaveProperty('authorization');
    });
  });

  describe('as a function', () => {
    it.each([
      ['a string', () => 'sk-1'],
      ['a Promise', () => Promise.resolve('sk-1')],
      ['an async function', async () => 'sk-1'],
      ['an Observable', () => of('sk-1')],
    ])('may give %s', async (_, apiKey) => {
      expect((await headers({ apiKey })).authorization).toBe('Bearer sk-1');
    });

    it('counts the first value of an Observable, and unsubscribes it', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const keys = cold('   --a--b--|', { a: 'sk-1', b: 'sk-2' });
        const subscription = '^-!';
        const expected = '    --(h|)';
        expectObservable(stream({ apiKey: () => keys }).pipe(contentDeltas())).toBe(expected, { h: 'Hello' });
        expectSubscriptions(keys.subscriptions).toBe(subscription);
      });
      expect(fake.requests.map((request) => request.headers.authorization)).toEqual(['Bearer sk-1']);
    });

    it('is asked once per subscription, and not before', async () => {
      let count = 0;
      const apiKey = jest.fn(() => `sk-${++count}`);
      const result = stream({ apiKey });
      expect(apiKey).not.toHaveBeenCalled();
      await record(result);
      await record(result);
      expect(apiKey).toHaveBeenCalledTimes(2);
      expect(fake.requests.map((request) => request.headers.authorization)).toEqual(['Bearer sk-1', 'Bearer sk-2']);
    });

    it('is asked before that of the environment counts', async () => {
      process.env.OPENAI_API_KEY = 'sk-environment';
      expect((await headers({ apiKey: () => 'sk-1' })).authorization).toBe('Bearer sk-1');
    });

    it('is not asked when the headers carry an authorization', async () => {
      const apiKey = jest.fn(() => 'sk-1');
      expect((await headers({ apiKey, headers: { Authorization: 'mine' } })).authorization).toBe('mine');
      expect(apiKey).not.toHaveBeenCalled();
    });

    it('is not asked when the signal has fired already', async () => {
      const apiKey = jest.fn(() => 'sk-1');
      const { error } = await record(stream({ apiKey }, { signal: AbortSignal.abort() }));
      expect(error).toMatchObject({ kind: 'abort' });
      expect(apiKey).not.toHaveBeenCalled();
    });

    const failure = new Error('The vault is locked');
    it.each([
      [
        'throws',
        () => {
          throw failure;
        },
      ],
      ['rejects', () => Promise.reject(failure)],
      ['gives an Observable that fails', () => new Observable<string>((keys) => keys.error(failure))],
    ])('that %s ends the stream with that very error', async (_, apiKey) => {
      const { error, endCount } = await record(stream({ apiKey }));
      expect(error).toBe(failure);
      expect(endCount).toBe(1);
      expect(fake.requests).toEqual([]);
    });

    it.each([
      ['an empty Observable', () => EMPTY],
      ['undefined', () => undefined],
      ['null', () => null],
      ['a number', () => 7],
      ['an object', () => ({ key: 'sk-1' })],
      ['a Promise of undefined', () => Promise.resolve(undefined)],
      ['an Observable of a number', () => of(7, 'sk-1')],
    ])('that gives %s ends the stream with a TypeError', async (_, apiKey) => {
      const { error, endCount } = await record(stream({ apiKey: apiKey as never }));
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).not.toContain('sk-1');
      expect(endCount).toBe(1);
      expect(fake.requests).toEqual([]);
    });

    it('that gives an empty string is a missing key', async () => {
      const { error } = await record(stream({ baseURL: undefined, apiKey: () => '' }));
      expect(error).toBeInstanceOf(TypeError);
      expect(fake.requests).toEqual([]);
    });

    it.each([
      ['a Promise', () => new Promise<string>(() => undefined)],
      ['an Observable', () => NEVER],
    ])('that never answers is ended by responseMs (%s)', (_, apiKey) => {
      marbles(({ expectObservable }) => {
        const result = stream({ apiKey, timeouts: { responseMs: 7 } });
        const timeout: Partial<APIConnectionTimeoutError> = { kind: 'timeout', phase: 'head' };
        expectObservable(result).toBe('-------#', undefined, expect.objectContaining(timeout));
      });
      expect(fake.requests).toEqual([]);
    });

    it('is no longer waited for when the stream is unsubscribed', () => {
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const keys = cold('       -----a|', { a: 'sk-1' });
        const unsubscription = '  ---!';
        const subscription = '    ^--!';
        expectObservable(stream({ apiKey: () => keys }), unsubscription).toBe('');
        expectSubscriptions(keys.subscriptions).toBe(subscription);
      });
      expect(fake.requests).toEqual([]);
    });
  });
});
