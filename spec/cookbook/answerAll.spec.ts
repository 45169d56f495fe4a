import { lastValueFrom } from 'rxjs';
import { APIConnectionError } from 'rxdelta';
import { fakeClient } from 'rxdelta/testing';
import { answerAll } from '../../docs/examples/cookbook/answerAll';
import { recipe } from './recipe';

describe('answerAll', () => {
  it('has two connections at a time', () => {
    recipe('several-at-once', 0, ({ answer, expectRow, expectOpen, flush }) => {
      const answers = ['answer 0', 'answer 1', 'answer 2'].map((name) => answer(name));
      const client = fakeClient(answers);
      expectRow(answerAll(client, ['p', 'q', 'r'], 2), 'results');
      answers.forEach((source, index) => expectOpen(source, `open ${index}`));
      flush();
      expect(client.calls).toMatchObject(['p', 'q', 'r'].map((content) => ({ params: { messages: [{ content }] } })));
    });
  });

  it('lets the others go on when one fails', () => {
    recipe('several-at-once', 1, ({ answer, expectRow }) => {
      const broken = new APIConnectionError('broke', { phase: 'body' });
      const client = fakeClient([answer('answer 0', broken), answer('answer 1')]);
      expectRow(answerAll(client, ['p', 'q'], 2), 'results');
    });
  });

  it('gives an empty text of an answer without any', async () => {
    expect(await lastValueFrom(answerAll(fakeClient([[]]), ['p'], 2))).toEqual({ index: 0, text: '' });
  });
});
