// Shows the status and the headers of a response before its text. Run it: npx tsx docs/examples/response-headers.ts
import { switchMap, tap } from 'rxjs';
import { contentDeltas, createClient } from 'rxdelta';

const answer = createClient().chat.completions.stream({
  model: process.env.OPENAI_MODEL ?? 'gpt-4o-mini',
  messages: [{ role: 'user', content: 'Write a story about a robot' }],
});

answer
  .withResponse()
  .pipe(
    tap(({ response }) => {
      console.log(`Status: ${response.status}`);
      console.log(`Request id: ${response.requestId ?? 'none'}`);
      console.log(`Content type: ${response.headers['content-type'] ?? 'none'}`);
    }),
    // The body is read from here on.
    switchMap(({ chunks }) => chunks),
    contentDeltas(),
  )
  .subscribe({
    next: (text) => process.stdout.write(text),
    error: (error: unknown) => {
      console.error(String(error));
      process.exitCode = 1;
    },
    complete: () => console.log(),
  });
