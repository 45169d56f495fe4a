/** What everybody asks. */
export const PROMPT = 'Write a story about a robot that learns to paint.';

/** The same as the messages of a chat. */
export const MESSAGES = [{ role: 'user' as const, content: PROMPT }];
