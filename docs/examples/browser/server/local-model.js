import { LLMock } from '@copilotkit/aimock';

const STORY = `\
A robot named Osa lived under a bridge and collected sounds. It had the creak of a gate, the first rain on a tin roof and \
three kinds of silence, each in a jar of its own.

One winter a girl came by who had lost her voice. Osa did not own a voice. But it opened the jar with the softest silence, \
and held it to her ear, and after a while she began to hum along.

The next morning there was a new jar on the shelf. Nobody but the two of them ever knew what was in it.`;

/** A server that speaks the API and knows one story, at about the pace of a small model. */
export async function startLocalModel() {
  const model = new LLMock({ host: '127.0.0.1' }).on(
    {},
    { content: STORY },
    {
      chunkSize: 5,
      streamingProfile: { ttft: 400, tps: 45, jitter: 0.5 },
    },
  );
  return { url: `${await model.start()}/v1` };
}
