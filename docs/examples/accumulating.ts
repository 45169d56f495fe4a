// Builds the whole answer up from one request: its text so far, and more. Run it: npx tsx docs/examples/accumulating.ts
import { connect, count, forkJoin, last, tap } from 'rxjs';
import { accumulateCompletion, accumulateContent, createClient } from 'rxdelta';

const answer = createClient().chat.completions.stream({
  model: process.env.OPENAI_MODEL ?? 'gpt-4o-mini',
  messages: [{ role: 'user', content: 'Write a story about a robot' }],
});

answer
  .pipe(
    // Subscribing twice would make two requests; `connect` shares the chunks of one.
    connect((chunks) =>
      forkJoin({
        // Each value is the text so far: what a user interface would draw. The last one is the whole.
        text: chunks.pipe(
          accumulateContent(),
          tap((soFar) => console.log(`${soFar.length} characters so far`)),
          last(null, ''),
        ),
        // The same answer as the API gives it without `stream`.
        completion: chunks.pipe(accumulateCompletion(), last()),
        chunkCount: chunks.pipe(count()),
      }),
    ),
  )
  .subscribe({
    next: ({ text, completion, chunkCount }) => {
      const [choice] = completion.choices;
      console.log(`The answer came in ${chunkCount} chunks; finish reason: ${choice?.finish_reason}`);
      console.log(text);
    },
    error: (error: unknown) => {
      console.error(String(error));
      process.exitCode = 1;
    },
  });
