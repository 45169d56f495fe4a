import { createClient, type Transport } from 'rxdelta';
import { firstValueFrom, of, throwError } from 'rxjs';
import { CallersError } from '../../lib/errors/CallersError';

describe('CallersError', () => {
  const words = 'these are words of the request';
  const makeError = () => Object.assign(new Error(words), { places: new Map([['a', 1]]), key: 'sk-secret-key' });
  const failing = (transport: Transport) =>
    firstValueFrom(
      createClient({ apiKey: 'sk-secret-key', baseURL: 'http://api.test/v1', transport }).chat.completions.stream({
        model: 'model',
        messages: [{ role: 'user', content: words }],
      }),
    );

  it.each<[string, (error: Error) => Transport]>([
    ['before the head', (error) => () => throwError(() => error)],
    ['in the body', (error) => () => of({ status: 200, headers: {}, url: '', body: throwError(() => error) })],
  ])('hands its cause on as it is, %s', async (_, fail) => {
    const error = makeError();
    await expect(failing(fail(new CallersError(undefined, { cause: error })))).rejects.toBe(error);
    expect(error).toEqual(makeError());
    expect(error.message).toBe(words);
  });

  it('is needed for that: another error is cleaned', async () => {
    const error = makeError();
    await expect(failing(() => throwError(() => error))).rejects.toBe(error);
    expect(error).toMatchObject({ message: '[redacted]', places: undefined, key: '[redacted]' });
  });
});
