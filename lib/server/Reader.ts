/** Whoever reads an answer, as a server has it. */
export interface Reader {
  /** Whether it is told when the reader has all, or has left; otherwise that is not waited for. */
  tellsEnd: boolean;
  /** Sends the head of a stream. */
  begin: (headers: Record<string, string>) => void;
  /** Sends text; false when the reader is too slow, until it is said that it has taken it. */
  write: (text: string) => boolean;
  /** Ends the stream in good order. */
  end: () => void;
  /** Answers with a document in place of a stream. */
  refuse: (status: number, headers: Record<string, string>, body: string) => void;
  /** Breaks off. */
  drop: () => void;
}
