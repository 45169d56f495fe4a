/** What the local server has to say. */
export const STORY = `\
At the edge of the harbour stood a lighthouse that no ship needed any more, and in it lived a robot named Tamsin. \
Every evening she polished the lamp, wound the clockwork and wrote the same line into the log: nothing passed.

One night the fog came in so thick that even the satellites lost the coast. Far out a small boat was calling on every \
channel, and nobody answered. Tamsin had no radio. She had a lamp, two good arms, and four hundred nights of practice.

So she turned it by hand. Three long, one short, over and over, until her joints ran hot and her battery light went \
red. At dawn a girl in a yellow coat climbed the stairs and found her standing still, one hand on the crank.

The girl plugged her in, sat down beside her and opened the log. Under four hundred lines of nothing she wrote: \
something passed, and came home.`;
