import { Subject } from 'rxjs';
import { fakeClient } from 'rxdelta/testing';
import { stoppableAnswer } from '../../docs/examples/cookbook/stoppableAnswer';
import { recipe } from './recipe';

describe('stoppableAnswer', () => {
  it('keeps the text and closes the connection when the button is pressed', () => {
    recipe('stop-button', 0, ({ hot, row, answer, expectRow, expectOpen }) => {
      const source = answer('answer');
      expectRow(stoppableAnswer(fakeClient([source]), 'Hello', hot(row('stop'))), 'text');
      expectOpen(source, 'open');
    });
  });

  it('hears nothing of the button after the end', () => {
    const stop = new Subject<void>();
    const source = fakeClient([[]]);
    stoppableAnswer(source, 'Hello', stop).subscribe();
    expect(stop.observed).toBe(false);
  });
});
