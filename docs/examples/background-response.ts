// Leaves a Response that goes on at the server, and comes back for the rest. Run it: npx tsx docs/examples/background-response.ts
import { contentDeltas, createClient } from 'rxdelta';

const client = createClient();
let id = '';
let last = 0;

try {
  const events = client.responses.stream({
    model: process.env.OPENAI_MODEL ?? 'gpt-4o-mini',
    input: 'Write a story about a robot',
    background: true,
  });
  for await (const event of events) {
    last = event.sequence_number;
    if (event.type === 'response.created') id = event.response.id;
    if (event.type !== 'response.output_text.delta') continue;
    process.stdout.write(event.delta);
    break; // closes the connection; the model writes on
  }
  console.log(`\nLeft ${id} after event ${last}`);

  // These two are all that another program, or a page that was loaded again, needs.
  const rest = client.responses.resume(id, { startingAfter: last });
  await rest.pipe(contentDeltas()).forEach((text) => process.stdout.write(text));
  console.log('\nThe Response is complete');
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
}
