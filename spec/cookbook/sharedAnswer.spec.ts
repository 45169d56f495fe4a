import { APIConnectionError } from 'rxdelta';
import { fakeClient } from 'rxdelta/testing';
import { sharedAnswer } from '../../docs/examples/cookbook/sharedAnswer';
import { recipe } from './recipe';

describe('sharedAnswer', () => {
  it('makes one request, and closes it when the last reader leaves', () => {
    recipe('two-readers', 0, ({ answer, expectRow, expectOpen, flush }) => {
      const source = answer('answer');
      const client = fakeClient([source]);
      const text = sharedAnswer(client, 'Hello');
      expectRow(text, 'gets 1', undefined, 'reader 1');
      expectRow(text, 'gets 2', undefined, 'reader 2');
      expectOpen(source, 'open');
      flush();
      expect(client.calls).toHaveLength(1);
    });
  });

  it('gives a whole answer again without a request', () => {
    recipe('two-readers', 1, ({ answer, expectRow, expectOpen }) => {
      const source = answer('answer');
      const text = sharedAnswer(fakeClient([source]), 'Hello');
      expectRow(text, 'gets 1', undefined, 'reader 1');
      expectRow(text, 'gets 2', undefined, 'reader 2');
      expectOpen(source, 'open');
    });
  });

  it('asks again after a failure', () => {
    recipe('two-readers', 2, ({ answer, expectRow }) => {
      const broken = new APIConnectionError('broke', { phase: 'body' });
      const text = sharedAnswer(fakeClient([answer('answer 1', broken), answer('answer 2')]), 'Hello');
      expectRow(text, 'gets 1', broken, 'reader 1');
      expectRow(text, 'gets 2', undefined, 'reader 2');
    });
  });
});
