import { endWith } from 'rxjs';
import { createClient } from 'rxdelta';
import { fakeTransport, finish } from 'rxdelta/testing';
import { inOrder } from '../../docs/examples/cookbook/inOrder';
import { recipe } from './recipe';

describe('inOrder', () => {
  it('works on one sentence at a time', () => {
    recipe('results-in-order', 0, ({ row, answer, cold, expectRow, expectSubscriptions }) => {
      const transport = fakeTransport([answer('server').pipe(endWith(finish()))]);
      const begun: string[] = [];
      const work = (sentence: string) => {
        begun.push(sentence);
        return cold(row('work'), { r: sentence.trim() });
      };
      const results = inOrder(createClient({ apiKey: 'key', transport }), 'Hello', work);
      expectRow(results, 'results');
      expectSubscriptions(transport.subscriptions).toBe(row('open'));
    });
  });
});
