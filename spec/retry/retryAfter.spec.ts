import { retryAfter } from '../../lib/retry/retryAfter';

describe('retryAfter', () => {
  const now = Date.UTC(2026, 10, 20, 10, 0, 0);

  it.each([
    ['1500', 1500],
    ['0', 0],
    ['0.5', 0.5],
    [' 20 ', 20],
  ])('reads retry-after-ms %p in milliseconds', (text, milliseconds) => {
    expect(retryAfter({ 'retry-after-ms': text }, now)).toBe(milliseconds);
  });

  it.each([
    ['7', 7000],
    ['0', 0],
    ['1.5', 1500],
    [' 2 ', 2000],
    ['86400', 86_400_000],
  ])('reads retry-after %p in seconds', (text, milliseconds) => {
    expect(retryAfter({ 'retry-after': text }, now)).toBe(milliseconds);
  });

  it.each([
    ['Fri, 20 Nov 2026 10:00:30 GMT', 30_000],
    ['Friday, 20-Nov-26 10:00:30 GMT', 30_000],
    ['Fri, 20 Nov 2026 10:00:00 GMT', 0],
  ])('reads retry-after %p as a date', (text, milliseconds) => {
    expect(retryAfter({ 'retry-after': text }, now)).toBe(milliseconds);
  });

  it('believes retry-after-ms before retry-after', () => {
    expect(retryAfter({ 'retry-after-ms': '1500', 'retry-after': '7' }, now)).toBe(1500);
  });

  it('believes retry-after where retry-after-ms is garbage', () => {
    expect(retryAfter({ 'retry-after-ms': 'soon', 'retry-after': '7' }, now)).toBe(7000);
    expect(retryAfter({ 'retry-after-ms': '-1', 'retry-after': '7' }, now)).toBe(7000);
  });

  it('gives nothing where there is no such header', () => {
    expect(retryAfter({}, now)).toBeUndefined();
    expect(retryAfter({ 'x-request-id': '7' }, now)).toBeUndefined();
  });

  it.each([
    '',
    ' ',
    '-1',
    '-0.5',
    '+5',
    '1e3',
    '0x10',
    '1,5',
    '5, 10',
    '5s',
    '1m30s',
    'soon',
    'about 40',
    'in 2099',
    'NaN',
    'Infinity',
    '2026-11-32',
    '12/31/2099',
    '2099-01-01',
    '--',
    '1.',
    '.5',
  ])('gives nothing for %p', (text) => {
    expect(retryAfter({ 'retry-after': text }, now)).toBeUndefined();
    expect(retryAfter({ 'retry-after-ms': text }, now)).toBeUndefined();
  });

  it('gives nothing for a date that has passed', () => {
    expect(retryAfter({ 'retry-after': 'Fri, 20 Nov 2026 09:59:59 GMT' }, now)).toBeUndefined();
  });

  it('gives nothing for a date in retry-after-ms', () => {
    expect(retryAfter({ 'retry-after-ms': 'Fri, 20 Nov 2026 10:00:30 GMT' }, now)).toBeUndefined();
  });
});
