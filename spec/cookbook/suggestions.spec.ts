import { TestScheduler } from 'rxjs/testing';
import { APIStatusError } from 'rxdelta';
import { fakeClient } from 'rxdelta/testing';
import { suggestions } from '../../docs/examples/cookbook/suggestions';
import { recipe } from './recipe';

describe('suggestions', () => {
  it('makes no error of a suggestion that fails', () => {
    const client = fakeClient([new APIStatusError('busy', { status: 429 })]);
    new TestScheduler((actual, expected) => expect(actual).toEqual(expected)).run(({ cold, expectObservable }) => {
      expectObservable(cold('-a---|').pipe(suggestions(client, 2))).toBe('-e---|', { e: '' });
    });
    expect(client.calls).toHaveLength(1);
  });

  it('asks after a pause, and closes with the next key', () => {
    recipe('suggestions', 0, ({ hot, row, answer, expectRow, expectOpen, flush }) => {
      const [first, second] = [answer('answer to ab'), answer('answer to abc')];
      const client = fakeClient([first, second]);
      const input = hot(row('input'), { a: 'a', b: 'ab', c: 'abc', d: 'abc ' });
      expectRow(input.pipe(suggestions(client, 3)), 'suggested');
      expectOpen(first, 'open for ab');
      expectOpen(second, 'open for abc');
      flush();
      expect(client.calls).toHaveLength(2);
    });
  });
});
