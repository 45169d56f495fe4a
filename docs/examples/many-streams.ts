// Asks many questions, three at a time; one that fails stops no other. Run it: npx tsx docs/examples/many-streams.ts
import { catchError, from, last, map, mergeMap, of, tap } from 'rxjs';
import { accumulateContent, createClient } from 'rxdelta';

const cities = ['Paris', 'Oslo', 'Rome', 'Vienna', 'Lisbon', 'Bern', 'Prague', 'Athens'];

// Each question is retried by itself before it counts as failed.
const client = createClient({ retry: { maxRetries: 2, initialDelayMs: 100 } });
const model = process.env.OPENAI_MODEL ?? 'gpt-4o-mini';

let open = 0;
let mostOpen = 0;

from(cities)
  .pipe(
    mergeMap((city) => {
      const messages = [{ role: 'user' as const, content: `What is ${city} known for? One sentence.` }];
      return client.chat.completions.stream({ model, messages }).pipe(
        tap({ subscribe: () => (mostOpen = Math.max(mostOpen, ++open)), finalize: () => open-- }),
        accumulateContent(),
        last(null, ''),
        map((text) => `${city}: ${text}`),
        catchError((error: unknown) => of(`${city}: failed, ${String(error)}`)),
      );
    }, 3),
  )
  .subscribe({
    next: (line) => console.log(line),
    complete: () => console.log(`All ${cities.length} done, at most ${mostOpen} at a time`),
  });
