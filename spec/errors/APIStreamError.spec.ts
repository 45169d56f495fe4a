import { APIStreamError } from 'rxdelta';

describe('APIStreamError', () => {
  it.each([
    ['rate_limit_exceeded', undefined],
    ['rate_limit_error', undefined],
    ['server_is_overloaded', undefined],
    ['slow_down', undefined],
    ['too_many_requests', undefined],
    [429, undefined],
    ['429', undefined],
    [503, undefined],
    [529, undefined],
    [undefined, 'overloaded_error'],
    [undefined, 'rate_limit_error'],
    [null, 'RateLimitError'],
    ['unknown', 'overloaded_error'],
  ])('of code %j and type %j is retryable', (code, type) => {
    expect(new APIStreamError('words', { code, type }).retryable).toBe(true);
  });

  it.each([
    [undefined, undefined],
    [null, null],
    ['server_error', 'server_error'],
    ['invalid_prompt', 'invalid_request_error'],
    [400, undefined],
    [4290, undefined],
    ['insufficient_quota', undefined],
    ['rate_limit_exceeded', 'insufficient_quota'],
    ['insufficient_quota', 'rate_limit_error'],
  ])('of code %j and type %j is not', (code, type) => {
    expect(new APIStreamError('words', { code, type }).retryable).toBe(false);
  });
});
