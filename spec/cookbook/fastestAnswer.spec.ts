import { APIConnectionError, APIStatusError } from 'rxdelta';
import { fakeClient } from 'rxdelta/testing';
import { fastestAnswer } from '../../docs/examples/cookbook/fastestAnswer';
import { recipe } from './recipe';

const models = ['model 1', 'model 2'];

describe('fastestAnswer', () => {
  it('closes the connection of the model that is later', () => {
    recipe('race-models', 0, ({ answer, expectRow, expectOpen, flush }) => {
      const [first, second] = [answer('model 1'), answer('model 2')];
      const client = fakeClient([first, second]);
      expectRow(fastestAnswer(client, models, 'Hello'), 'text');
      expectOpen(first, 'open 1');
      expectOpen(second, 'open 2');
      flush();
      expect(client.calls).toMatchObject(models.map((model) => ({ params: { model } })));
    });
  });

  it('goes on without a model that fails, or that writes nothing', () => {
    recipe('race-models', 1, ({ answer, expectRow, cold }) => {
      const refused = new APIStatusError('busy', { status: 429 });
      const [first, second] = [answer('model 1', refused), answer('model 2')];
      expectRow(fastestAnswer(fakeClient([first, second]), models, 'Hello'), 'text');
      expectRow(fastestAnswer(fakeClient([cold<object>('|'), second]), models, 'Hello'), 'text');
    });
  });

  it('fails when the winner breaks, and when all have failed', () => {
    recipe('race-models', 2, ({ answer, expectRow, cold }) => {
      const broken = new APIConnectionError('broke', { phase: 'body' });
      const refused = new APIStatusError('busy', { status: 429 });
      expectRow(fastestAnswer(fakeClient([answer('model 1', broken), cold('--')]), models, 'Hello'), 'text', broken);
      const failures = [cold<object>('-#', {}, broken), cold<object>('----#', {}, refused)];
      expectRow(fastestAnswer(fakeClient(failures), models, 'Hello'), 'if both fail', refused);
    });
  });
});
