import { readAPIErrorBody } from '../../../lib/chunks/completion/readAPIErrorBody';

describe('readAPIErrorBody', () => {
  const error = { message: 'No such model', type: 'invalid_request_error', param: 'model', code: 'model_not_found' };

  it.each([
    ['nested', { error }],
    ['flat', error],
    ['in an array of one', [{ error }]],
    ['flat in an array of one', [error]],
    ['beside other members', { error, request_id: 'req_1', status: 404 }],
  ])('finds an error that is %s', (_form, body) => {
    expect(readAPIErrorBody(body)).toEqual(error);
  });

  it.each([
    ['a string', 'No such model'],
    ['a nested string', { error: 'No such model' }],
    ['a detail', { detail: 'No such model' }],
    ['a message alone', { message: 'No such model' }],
  ])('takes the words from %s', (_form, body) => {
    expect(readAPIErrorBody(body)).toEqual({ message: 'No such model' });
  });

  it('takes the words that stand beside a code', () => {
    expect(readAPIErrorBody({ error: 'not_found', message: 'No such model' })).toEqual({
      message: 'No such model',
      code: 'not_found',
    });
  });

  it('keeps fields that are null, and a code that is a number', () => {
    const body = { message: 'Busy', type: null, param: null, code: 529 };
    expect(readAPIErrorBody({ error: body })).toEqual(body);
  });

  it('does not take the type of the event for that of the error', () => {
    expect(readAPIErrorBody({ type: 'error', message: 'Busy', code: 'server_error' })).toEqual({
      message: 'Busy',
      code: 'server_error',
    });
  });

  it('passes over fields of another type', () => {
    expect(readAPIErrorBody({ message: { text: 'Busy' }, code: ['a'], type: {}, param: true })).toEqual({});
  });

  it.each([undefined, null, '', '  ', 7, true, {}, [], [error, error], { error: true }, { error: {} }])(
    'finds nothing in %j',
    (body) => {
      expect(readAPIErrorBody(body)).toEqual({});
    },
  );

  it.each<[string, (inner: unknown) => unknown]>([
    ['lists', (inner) => [inner]],
    ['errors', (inner) => ({ error: inner })],
  ])('gives up on %s that are nested without end', (_, nest) => {
    let body: unknown = error;
    for (let level = 0; level < 100_000; level++) body = nest(body);
    expect(readAPIErrorBody(body)).toEqual({});
  });

  it('keeps no more than 1024 characters of the words', () => {
    const words = 'x'.repeat(5000);
    for (const body of [words, { error: words }, { error: { message: words } }, { detail: words }]) {
      expect(readAPIErrorBody(body).message?.length).toBeLessThanOrEqual(1025);
      // Without the last word, or the end of a very long one: it may be the beginning of a key.
      expect(readAPIErrorBody(body).message?.slice(0, 824)).toBe(words.slice(0, 824));
    }
  });
});
