/** Where the usage stands: of the chunk, of a Response; Groq and Moonshot have places of their own. */
interface Reporting<U> {
  usage?: U | null;
  response?: { usage?: U | null } | null;
  x_groq?: { usage?: U | null } | null;
  choices?: ({ usage?: U | null } | null)[] | null;
}

/** The usage that a chunk reports, if it does. */
export function usageOf<U>(chunk: object): U | null | undefined {
  const { usage, response, x_groq, choices } = chunk as Reporting<U>;
  return usage ?? response?.usage ?? x_groq?.usage ?? choices?.[0]?.usage;
}
