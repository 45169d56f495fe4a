/** Who is measured: as the table calls them, and the file in `contenders` that exports them under their name here. */
export const CONTENDERS = {
  rxdelta: { title: 'rxdelta', file: 'rxdelta' },
  floor: { title: 'floor, by hand', file: 'floor' },
  openai: { title: 'openai, iterated', file: 'openai' },
  openaiHelper: { title: 'openai, `.stream()` helper', file: 'openaiHelper' },
  openaiFrom: { title: 'openai in rxjs `from()`', file: 'openaiFrom' },
  aiSdk: { title: 'Vercel AI SDK', file: 'peers/aiSdk' },
  langchain: { title: 'LangChain', file: 'peers/langchain' },
  fetchEventSource: { title: 'fetch-event-source', file: 'peers/fetchEventSource' },
};

export type ContenderName = keyof typeof CONTENDERS;
