import { endWith, NEVER } from 'rxjs';
import { APIStatusError, createClient } from 'rxdelta';
import { fakeTransport, finish } from 'rxdelta/testing';
import { answerOrFallback } from '../../docs/examples/cookbook/answerOrFallback';
import { recipe, type Answer } from './recipe';

const models = ['slow', 'quick'] as const;
const limits = { firstMs: 3, chunkMs: 4 };

/** Asks the models, over a wire, for these answers. */
function ask(...answers: Parameters<typeof fakeTransport>[0] & unknown[]) {
  const transport = fakeTransport(answers);
  const client = createClient({ apiKey: 'key', transport });
  return { transport, text: answerOrFallback(client, models, 'Hello', limits) };
}

const whole = (source: Answer) => source.pipe(endWith(finish()));

describe('answerOrFallback', () => {
  it('asks the second model when the first has not written in time', () => {
    recipe('fallback-model', 0, ({ row, answer, expectRow, expectSubscriptions, flush }) => {
      const { transport, text } = ask(whole(answer('slow model')), whole(answer('quick model')));
      expectRow(text, 'text');
      expectSubscriptions(transport.subscriptions).toBe([row('open 1'), row('open 2')]);
      flush();
      expect(transport.requests).toMatchObject(models.map((model) => ({ body: { model } })));
    });
  });

  it('asks the second model when the first stalls', () => {
    recipe('fallback-model', 1, ({ row, answer, expectRow, expectSubscriptions }) => {
      const { transport, text } = ask(whole(answer('slow model')), whole(answer('quick model')));
      expectRow(text, 'text');
      expectSubscriptions(transport.subscriptions).toBe([row('open 1'), row('open 2')]);
    });
  });

  it('asks the second model when the first is busy, not when the request is wrong', () => {
    recipe('fallback-model', 2, ({ answer, expectRow }) => {
      const second = answer('quick model');
      expectRow(ask({ status: 503 }, whole(second)).text, 'text after 503');
      expectRow(ask({ status: 400 }, NEVER).text, 'text after 400', expect.any(APIStatusError));
    });
  });
});
