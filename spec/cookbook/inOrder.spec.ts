import { defer, endWith } from 'rxjs';
import type { RequestOptions } from 'rxdelta';
import { fakeClient, fakeTransport, finish } from 'rxdelta/testing';
import { inOrder } from '../../docs/examples/cookbook/inOrder';
import { recipe } from './recipe';

describe('inOrder', () => {
  it('works on one sentence at a time', () => {
    recipe('results-in-order', 0, ({ row, answer, cold, expectRow, expectSubscriptions }) => {
      const transport = fakeTransport([answer('server').pipe(endWith(finish()))]);
      const client = fakeClient(transport);
      const work = (sentence: string) => cold(row('work'), { r: sentence.trim() });
      expectRow(inOrder(client, 'Hello', work, 0), 'results');
      const gate = defer(() => (client.calls[0]?.options as RequestOptions).gate!.open$);
      expectRow(gate, 'gate');
      expectSubscriptions(transport.subscriptions).toBe(row('open'));
    });
  });
});
