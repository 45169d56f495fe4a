/** What the local model knows. */
export const STORY = `\
## The last gardener

On the roof of an empty station a robot named **Wim** watered forty pots of beans. Nobody had asked for beans in eleven \
years, yet every morning it turned the valve, counted the leaves and wrote the number on the wall.

One evening the number was smaller than the day before. Wim searched the roof until it was dark, and found a trail of \
crumbs, a broken umbrella, and behind the water tank a boy who was fast asleep with his mouth full.

> "You count them?" the boy asked when he woke. "You never eat any?"

Wim thought about it for a whole minute, which is a long time for a robot. Then it went to the wall, crossed out the \
number and wrote, in large and careful letters: *enough for two*.`;

export const GUIDE = `\
### switchMap in one minute

\`switchMap\` turns every value of a source into a new stream, and **keeps only the latest**: when the next value comes, \
it unsubscribes from the stream before. With a request behind it, that means:

1. a question is asked, and its answer begins to stream,
2. the next question comes before the end,
3. the connection of the first one is *closed*, and nobody pays for words that nobody reads.

\`\`\`ts
const answer$ = question$.pipe(
  switchMap((content) =>
    client.chat.completions
      .stream({ model, messages: [{ role: 'user', content }] })
      .pipe(accumulateContent()),
  ),
);
\`\`\`

Its relatives differ in what they do with the one before:

| Operator     | While an answer is coming, the next question … |
| ------------ | ---------------------------------------------- |
| \`switchMap\`  | ends it                                        |
| \`concatMap\`  | waits for its end                              |
| \`mergeMap\`   | is answered beside it                          |
| \`exhaustMap\` | is not heard                                   |

So a search box wants \`switchMap\`, and a chat that must not lose a word wants \`concatMap\`.`;
