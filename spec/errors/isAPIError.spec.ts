import { inspect } from 'node:util';
import { defer, throwError } from 'rxjs';
import type * as rxdelta from 'rxdelta';
import { APIConnectionError, isAPIError } from 'rxdelta';
import { record } from '../support/record';

type Package = typeof rxdelta;

/** A second copy of the package, as a program has when it both imports and requires it. */
function loadCopy(): Package {
  let copy: Package | undefined;
  jest.isolateModules(() => {
    copy = jest.requireActual<Package>('rxdelta');
  });
  return copy!;
}

describe('isAPIError', () => {
  it.each([
    ['undefined', undefined],
    ['null', null],
    ['text', 'APIError'],
    ['a number', 7],
    ['an Error', new Error('words')],
    ['an object with the same fields', Object.assign({}, new APIConnectionError('words', { phase: 'head' }))],
    [
      'an Error with the same name',
      Object.assign(new Error('words'), { name: 'APIConnectionError', kind: 'connection' }),
    ],
    ['the class', APIConnectionError],
    ['a symbol', Symbol.for('rxdelta.APIError')],
  ])('says no to %s', (_, value) => {
    expect(isAPIError(value)).toBe(false);
  });

  it('says yes to a subclass', () => {
    class Mine extends APIConnectionError {}
    expect(isAPIError(new Mine('words', { phase: 'head' }))).toBe(true);
  });

  it('holds across copies of the package, where instanceof does not', () => {
    const copy = loadCopy();
    const error = new copy.APIConnectionError('words', { phase: 'head' });
    expect(error).not.toBeInstanceOf(APIConnectionError);
    expect(isAPIError(error)).toBe(true);
    expect(copy.isAPIError(new APIConnectionError('words', { phase: 'head' }))).toBe(true);
  });

  it('holds for what a copy decides by it', async () => {
    const error = new APIConnectionError('words', { phase: 'head' });
    let count = 0;
    const failing = defer(() => {
      count++;
      return throwError(() => error);
    });
    const recording = await record(failing.pipe(loadCopy().retryWithBackoff({ initialDelayMs: 0 })));
    expect(recording.error).toBe(error);
    expect(error.attempts).toBe(3);
    expect(count).toBe(3);
  });

  it('leaves no trace on the error that is shown', () => {
    const error = new APIConnectionError('words', { phase: 'head' });
    expect(Object.keys(error).sort()).toEqual(['kind', 'phase', 'retryable']);
    expect(inspect(error)).not.toContain('Symbol');
  });
});
