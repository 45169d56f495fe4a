import { inspect } from 'node:util';
import {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  APIStatusError,
  APIStreamError,
  APIUserAbortError,
  isAPIError,
  MalformedStreamError,
  StreamTruncatedError,
} from 'rxdelta';

const cause = new Error('behind it');
const common = { requestId: 'req_1', retryAfterMs: 7, cause };

interface Case {
  name: string;
  error: APIError;
  kind: string;
  chain: unknown[];
  retryable: boolean;
  fields: object;
}

const CASES: Case[] = [
  {
    name: 'APIConnectionError',
    error: new APIConnectionError('words', { ...common, phase: 'connect' }),
    kind: 'connection',
    chain: [APIConnectionError, APIError, Error],
    retryable: true,
    fields: { phase: 'connect' },
  },
  {
    name: 'APIConnectionTimeoutError',
    error: new APIConnectionTimeoutError('words', { ...common, phase: 'idle' }),
    kind: 'timeout',
    chain: [APIConnectionTimeoutError, APIConnectionError, APIError, Error],
    retryable: true,
    fields: { phase: 'idle' },
  },
  {
    name: 'StreamTruncatedError',
    error: new StreamTruncatedError('words', { ...common, chunkCount: 3, lastEventId: '7' }),
    kind: 'truncated',
    chain: [StreamTruncatedError, APIConnectionError, APIError, Error],
    retryable: true,
    fields: { phase: 'body', chunkCount: 3, lastEventId: '7' },
  },
  {
    name: 'APIStatusError',
    error: new APIStatusError('words', {
      ...common,
      status: 404,
      headers: { server: 'x' },
      code: 'c',
      type: 't',
      param: 'p',
    }),
    kind: 'status',
    chain: [APIStatusError, APIError, Error],
    retryable: false,
    fields: { status: 404, headers: { server: 'x' }, code: 'c', type: 't', param: 'p' },
  },
  {
    name: 'APIStreamError',
    error: new APIStreamError('words', { ...common, code: 'c', type: 't', param: 'p' }),
    kind: 'stream',
    chain: [APIStreamError, APIError, Error],
    retryable: false,
    fields: { code: 'c', type: 't', param: 'p' },
  },
  {
    name: 'MalformedStreamError',
    error: new MalformedStreamError('words', { ...common, reason: 'json' }),
    kind: 'malformed',
    chain: [MalformedStreamError, APIError, Error],
    retryable: false,
    fields: { reason: 'json' },
  },
  {
    name: 'APIUserAbortError',
    error: new APIUserAbortError('words', common),
    kind: 'abort',
    chain: [APIUserAbortError, APIError, Error],
    retryable: false,
    fields: {},
  },
];

const CLASSES = [...new Set(CASES.flatMap(({ chain }) => chain))] as (new () => Error)[];

describe.each(CASES)('$name', ({ name, error, kind, chain, retryable, fields }) => {
  it('has its kind and its name', () => {
    expect(error.kind).toBe(kind);
    expect(error.name).toBe(name);
    expect(error.constructor.name).toBe(name);
    expect(Object.prototype.toString.call(error)).toBe('[object Error]');
  });

  it('is an instance of its ancestors, and of no other class', () => {
    expect(CLASSES.filter((one) => error instanceof one)).toEqual(CLASSES.filter((one) => chain.includes(one)));
    expect(isAPIError(error)).toBe(true);
  });

  it('has the fields that it was given', () => {
    expect(error).toMatchObject({ message: 'words', retryable, requestId: 'req_1', retryAfterMs: 7, ...fields });
    expect(error.cause).toBe(cause);
  });

  it('goes into JSON with its name, its message and its fields, without stack and cause', () => {
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      name,
      message: 'words',
      kind,
      retryable,
      requestId: 'req_1',
      retryAfterMs: 7,
      ...fields,
    });
  });

  it('shows its name, its message and its cause when it is inspected', () => {
    const shown = inspect(error);
    expect(shown.split('\n')[0]).toBe(`${name}: words`);
    expect(shown).toContain(`kind: '${kind}'`);
    expect(shown).toContain('behind it');
    expect(String(error)).toBe(`${name}: words`);
    expect(error.stack?.split('\n')[0]).toBe(`${name}: words`);
  });
});

describe('APIError', () => {
  it('has no fields that nobody gave it', () => {
    const fields = (error: APIError) => Object.fromEntries(Object.entries(error));
    const error = new APIStatusError('words', { status: 400 });
    expect(fields(error)).toStrictEqual({ kind: 'status', status: 400, headers: {}, retryable: false });
    expect('cause' in error).toBe(false);
    expect(fields(new APIUserAbortError())).toStrictEqual({ kind: 'abort', retryable: false });
    expect(fields(new APIStreamError('words', { code: undefined }))).toStrictEqual({
      kind: 'stream',
      retryable: false,
    });
  });

  it('tells a field that the server gave as null from one that it did not give', () => {
    expect(new APIStatusError('words', { status: 400, code: null })).toHaveProperty('code', null);
    expect(new APIStatusError('words', { status: 400 })).not.toHaveProperty('code');
  });

  it('keeps a cause whatever it is', () => {
    expect(new APIUserAbortError('words', { cause: null })).toHaveProperty('cause', null);
    expect(new APIUserAbortError('words', { cause: 0 })).toHaveProperty('cause', 0);
  });

  it('lets its maker say whether it is retryable', () => {
    expect(new APIConnectionError('words', { phase: 'head', retryable: false }).retryable).toBe(false);
    expect(new MalformedStreamError('words', { reason: 'json', retryable: true }).retryable).toBe(true);
    expect(new APIStatusError('words', { status: 500, retryable: false }).retryable).toBe(false);
    expect(new APIStreamError('words', { code: 'rate_limit', retryable: false }).retryable).toBe(false);
    expect(new APIUserAbortError('words', { retryable: true }).retryable).toBe(true);
  });
});
