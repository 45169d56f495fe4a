import { accumulateContent, APIConnectionError, APIStatusError } from 'rxdelta';
import { chunkMarbles, contentChunk, finish, finishChunk, responseEvents } from 'rxdelta/testing';
import { TestScheduler } from 'rxjs/testing';
import { marbles } from '../../support/marbles';

describe('chunkMarbles', () => {
  it('makes chunks of strings, and leaves chunks as they are', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold(...chunkMarbles('-a-b-(c|)', { a: 'Hel', b: 'lo', c: finish() }));
      expectObservable(source).toBe('-a-b-(c|)', { a: contentChunk('Hel'), b: contentChunk('lo'), c: finishChunk() });
      expectObservable(source.pipe(accumulateContent())).toBe('-a-b-|', { a: 'Hel', b: 'Hello' });
    });
  });

  it('serves for the source and for the expectation', () => {
    marbles(({ hot, expectObservable }) => {
      const error = new APIStatusError('Too many', { status: 429 });
      const source = hot(...chunkMarbles('-a-^-b-#', { a: 'lost' }, error));
      expectObservable(source).toBe(...chunkMarbles('--b-#', {}, error));
    });
  });

  it('makes a chunk of a letter that has no value', () => {
    const [, values] = chunkMarbles('-x (yz) 10ms |', { z: 'last' });
    expect(values).toEqual({ x: contentChunk('x'), y: contentChunk('y'), z: contentChunk('last') });
  });

  it('takes no time for letters', () => {
    const [text, values] = chunkMarbles('10ms a 1.5s b 2m c 5 s|');
    expect(text).toBe('10ms a 1.5s b 2m c 5 s|');
    expect(Object.keys(values).sort()).toEqual(['5', 'a', 'b', 'c', 's']);
  });

  it('takes events of a Response', () => {
    const events = responseEvents.text('Hi', { every: 1 });
    marbles(({ cold, expectObservable }) => {
      const source = cold(...chunkMarbles('ab|', { a: events[4]!, b: events[5]! }));
      expectObservable(source.pipe(accumulateContent())).toBe('ab|', { a: 'H', b: 'Hi' });
    });
  });

  it('ends with a broken connection at # unless told otherwise', () => {
    const [, , error] = chunkMarbles('-#');
    expect(error).toBeInstanceOf(APIConnectionError);
    expect(error).toMatchObject({ phase: 'body', retryable: true });
  });

  it('works outside of run, where a frame is 10 ms', () => {
    const scheduler = new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
    const source = scheduler.createColdObservable(...chunkMarbles('-a-|', { a: 'Hel' }));
    scheduler.expectObservable(source).toBe(...chunkMarbles('-a-|', { a: 'Hel' }));
    scheduler.flush();
  });
});
