// Shows the server-sent events of an answer as they came, field by field. Run it: npx tsx docs/examples/raw-sse.ts
import { createClient, untilDone } from 'rxdelta';

const answer = createClient().chat.completions.stream({
  model: process.env.OPENAI_MODEL ?? 'gpt-4o-mini',
  messages: [{ role: 'user', content: 'Write a story about a robot' }],
});

answer
  .events()
  // The events are not judged on their way. This makes an end before [DONE] or a finish reason an error again.
  .pipe(untilDone())
  .subscribe({
    next: ({ event, data, id, retry }) => {
      if (event !== undefined) console.log(`event: ${event}`);
      console.log(`data: ${data}`);
      if (id !== undefined) console.log(`id: ${id}`);
      if (retry !== undefined) console.log(`retry: ${retry} ms`);
      console.log();
    },
    error: (error: unknown) => {
      console.error(String(error));
      process.exitCode = 1;
    },
    complete: () => console.log('The stream is complete.'),
  });
