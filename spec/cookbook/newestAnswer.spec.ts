import { APIConnectionError } from 'rxdelta';
import { fakeClient } from 'rxdelta/testing';
import { newestAnswer } from '../../docs/examples/cookbook/newestAnswer';
import { recipe } from './recipe';

describe('newestAnswer', () => {
  it('closes the answer to a prompt when the next one comes', () => {
    recipe('newest-prompt', 0, ({ hot, row, answer, expectRow, expectOpen, flush }) => {
      const [first, second] = [answer('answer to p'), answer('answer to q')];
      const client = fakeClient([first, second]);
      expectRow(hot(row('prompts')).pipe(newestAnswer(client)), 'text');
      expectOpen(first, 'open for p');
      expectOpen(second, 'open for q');
      flush();
      expect(client.calls).toMatchObject([
        { params: { messages: [{ content: 'p' }] } },
        { params: { messages: [{ content: 'q' }] } },
      ]);
    });
  });

  it('answers the next prompt after an answer that failed', () => {
    recipe('newest-prompt', 1, ({ hot, row, answer, expectRow }) => {
      const failed = answer('answer to p', new APIConnectionError('broke', { phase: 'body' }));
      const client = fakeClient([failed, answer('answer to q')]);
      expectRow(hot(row('prompts')).pipe(newestAnswer(client)), 'text');
    });
  });
});
