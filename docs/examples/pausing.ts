// Pauses an answer after its first sentence, and lets it go on. Run it: npx tsx docs/examples/pausing.ts
import { contentDeltas, createClient, FlowGate } from 'rxdelta';

const gate = new FlowGate();

const answer = createClient().chat.completions.stream(
  {
    model: process.env.OPENAI_MODEL ?? 'gpt-4o-mini',
    messages: [{ role: 'user', content: 'Write a story about a robot' }],
  },
  { gate },
);

let isPaused = false;

answer.pipe(contentDeltas()).subscribe({
  next: (text) => {
    process.stdout.write(text);
    if (isPaused || !/[.!?]/.test(text)) return;
    isPaused = true;
    const release = gate.hold();
    // What has been read already still comes; then nothing is read any more.
    setTimeout(() => {
      process.stdout.write('\n(a pause of a second)\n');
      release();
    }, 1_000);
  },
  error: (error: unknown) => {
    console.error(String(error));
    process.exitCode = 1;
  },
  complete: () => console.log(),
});
