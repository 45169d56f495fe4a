import { accumulateContent, createClient } from 'rxdelta';
import { chunkAssert, chunkMarbles, contentChunk, fakeTransport, finish } from 'rxdelta/testing';
import { TestScheduler } from 'rxjs/testing';

describe('rxdelta/testing under Jasmine', () => {
  it('compares chunks, and the subscriptions of a transport', () => {
    const scheduler = new TestScheduler(chunkAssert((actual, expected) => expect(actual).toEqual(expected)));
    scheduler.run(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(...chunkMarbles('-a-b-(c|)', { a: 'Hel', b: 'lo', c: finish() }));
      const transport = fakeTransport(source);
      const stream = createClient({ apiKey: 'key', transport }).chat.completions.stream({ model: 'm', messages: [] });
      expectObservable(stream.pipe(accumulateContent())).toBe('-a-b-|', { a: 'Hel', b: 'Hello' });
      expectObservable(stream, '^---!').toBe(...chunkMarbles('-a-b', { a: 'Hel', b: 'lo' }));
      expectObservable(cold('-a', { a: contentChunk('Hel') })).toBe('-a', {
        a: jasmine.objectContaining({ id: 'chatcmpl-1' }),
      });
      expectSubscriptions(transport.subscriptions).toBe(['^----!', '^---!']);
    });
  });
});
