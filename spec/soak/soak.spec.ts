import { Judge } from './Judge';
import { LongProgram } from './LongProgram';

const MAX_MS = 90_000;

describe('200 streams at a time for 15 seconds, against a server of faults', () => {
  it(
    'end once each, give nothing but what was sent, and leave nothing',
    async () => {
      const program = new LongProgram('soak/main.ts', ['--streams', '200', '--seconds', '15'], MAX_MS);
      const code = await program.ended;
      const { stdout, stderr } = program;
      // The output says what was wrong, and by which seed to repeat it.
      expect({ code, stdout, stderr }).toEqual({
        code: 0,
        stderr: '',
        stdout: expect.stringMatching(/All is well\n$/),
      });
    },
    MAX_MS + 5_000,
  );
});

describe('the judge of an endurance test', () => {
  const stream = 0;
  const whole = { stream, attempt: 1, fault: 'none', text: 'all of it', isWhole: true };
  const cut = { stream, attempt: 0, fault: 'cut', text: 'part', isWhole: false };
  const judged = (sent: (typeof whole)[], ...ended: Parameters<Judge['hearClient']>[0]) => {
    const judge = new Judge();
    judge.hearServer(sent);
    judge.hearClient(ended);
    judge.judge(1);
    return judge.complaints;
  };

  it.each([
    ['a whole text', [whole], { stream, how: 'complete' as const, text: 'all of it' }],
    [
      'a part after a whole text that came too late',
      [whole, { ...cut, attempt: 2 }],
      { stream, how: 'error' as const, kind: 'truncated', text: 'part' },
    ],
    [
      'a whole text after a retry, whatever is said first',
      [whole, cut],
      { stream, how: 'complete' as const, text: 'all of it' },
    ],
    ['the beginning of one', [cut], { stream, how: 'error' as const, kind: 'truncated', text: 'pa' }],
    ['no text', [], { stream, how: 'left' as const, text: '' }],
    ['a limit that passed', [whole], { stream, how: 'error' as const, kind: 'timeout', text: 'all' }],
  ])('accepts %s', (_, sent, end) => {
    expect(judged(sent, end)).toEqual([]);
  });

  it.each([
    ['another text', [whole], { stream, how: 'complete' as const, text: 'all of' }],
    ['a part that passes for the whole', [cut], { stream, how: 'complete' as const, text: 'part' }],
    ['a part that was not sent', [cut], { stream, how: 'left' as const, text: 'art' }],
    ['two attempts in one', [cut, whole], { stream, how: 'error' as const, kind: 'timeout', text: 'partall' }],
    [
      'an error of an answer that was whole',
      [whole],
      { stream, how: 'error' as const, kind: 'truncated', text: 'all' },
    ],
    [
      'a whole text of which a retry made a part',
      [whole, { ...cut, attempt: 2 }],
      { stream, how: 'complete' as const, text: 'all of it' },
    ],
    ['an error that is not ours', [cut], { stream, how: 'error' as const, kind: 'TypeError', text: '' }],
  ])('finds %s', (_, sent, end) => {
    expect(judged(sent, end)).toHaveLength(1);
  });

  it('finds a stream that ended twice, and one that did not end', () => {
    const end = { stream, how: 'complete' as const, text: 'all of it' };
    expect(judged([whole], end, end)).toEqual(['Stream 0 ended 2 times: complete, complete']);
    expect(judged([whole])).toEqual(['Stream 0 ended 0 times: ']);
  });
});
