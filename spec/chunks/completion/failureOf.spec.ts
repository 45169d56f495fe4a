import { APIStreamError } from 'rxdelta';
import { failureOf, streamError } from '../../../lib/chunks/completion/failureOf';
import { finish, responseEnd } from '../../support/chunks';

describe('failureOf', () => {
  it('gives the error that response.failed carries', () => {
    const failure = failureOf(
      responseEnd('failed', { error: { code: 'rate_limit_exceeded', message: 'Slow down' } }),
      'response.failed',
    );
    expect(failure).toBeInstanceOf(APIStreamError);
    expect(failure).toMatchObject({ message: 'Slow down', code: 'rate_limit_exceeded', retryable: true });
  });

  it.each([{}, { response: null }, { response: { error: null } }, responseEnd('failed')])(
    'gives an error with words of its own where there is none: %j',
    (chunk) => {
      const failure = failureOf(chunk, 'response.failed');
      expect(failure).toBeInstanceOf(APIStreamError);
      expect(failure?.message).toMatch(/\w/);
      expect(failure?.retryable).toBe(false);
    },
  );

  it.each(['completed', 'incomplete', 'cancelled'] as const)('gives nothing of response.%s', (status) => {
    expect(failureOf(responseEnd(status, { error: { message: 'no' } }), `response.${status}`)).toBeUndefined();
  });

  it('gives nothing of chat chunks', () => {
    expect(failureOf(finish(), undefined)).toBeUndefined();
  });
});

describe('streamError', () => {
  it('carries what the server says', () => {
    const error = streamError({ error: { message: 'Too much', code: 'overloaded', type: 'server_error', param: 'n' } });
    expect(error).toBeInstanceOf(APIStreamError);
    expect(error).toMatchObject({ message: 'Too much', code: 'overloaded', type: 'server_error', param: 'n' });
  });

  it.each([undefined, null, 7, {}, [], '  '])('has words of its own where the server says nothing: %p', (report) => {
    expect(streamError(report).message).toMatch(/\w/);
  });
});
