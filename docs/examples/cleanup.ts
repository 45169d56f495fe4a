// Stops an answer early in four ways; each closes the connection. Run it: npx tsx docs/examples/cleanup.ts
import { finalize, Subject, takeUntil } from 'rxjs';
import { accumulateContent, createClient, isAPIError } from 'rxdelta';

// There is no form that blocks until the answer is there: JavaScript has one thread, and while that stood still nothing
// could be received. The nearest thing is `await lastValueFrom(…)`.
const abort = new AbortController();
const answer = createClient().chat.completions.stream(
  {
    model: process.env.OPENAI_MODEL ?? 'gpt-4o-mini',
    messages: [{ role: 'user', content: 'Count from 1 to 1000' }],
  },
  { signal: abort.signal },
);

try {
  // Whoever holds the subscription ends it. Nothing is heard from it afterwards; `finalize` runs all the same.
  await new Promise<void>((resolve, reject) => {
    const subscription = answer.pipe(finalize(resolve)).subscribe({
      next: () => subscription.unsubscribe(),
      error: reject,
    });
  });
  console.log('Closed by unsubscribe');

  // An Observable says when: it may stand for a button, a timer, a change of route.
  const stop = new Subject<void>();
  await answer.pipe(accumulateContent(), takeUntil(stop)).forEach((text) => {
    if (text.length > 20) stop.next();
  });
  console.log('Closed by takeUntil');

  // A loop is left, by `break`, `return` or a throw.
  for await (const chunk of answer) {
    if (chunk.choices[0]?.delta.content) break;
  }
  console.log('Closed by break');

  // An AbortSignal fires, for code that knows nothing of Observables. Unlike the others, it ends the stream with an error.
  await answer.forEach(() => abort.abort());
} catch (error) {
  if (isAPIError(error) && error.kind === 'abort') {
    console.log('Closed by the AbortSignal');
  } else {
    console.error(String(error));
    process.exitCode = 1;
  }
}
