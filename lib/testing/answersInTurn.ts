/**
 * What is answered to requests: always the same, one after the other, or what a function says of each. An answer that is
 * itself a list stands in a list of answers.
 */
export type Answers<A, R> = Exclude<A, readonly unknown[]> | readonly A[] | ((request: R, index: number) => A);

/**
 * Makes a function that gives the answer to each request.
 *
 * @throws from that function, an Error when a list has come to its end, or a function gives nothing: a request that
 *   nobody expected
 */
export function answersInTurn<A, R>(answers: Answers<A, R>): (request: R) => A {
  let count = 0;
  return (request) => {
    const index = count++;
    const isAsked = typeof answers === 'function';
    if (!isAsked && !Array.isArray(answers)) return answers as A;
    const answer = isAsked
      ? (answers as (request: R, index: number) => A | undefined)(request, index)
      : (answers as readonly A[])[index];
    if (answer === undefined) {
      const reason = isAsked ? 'the function gave none' : `${(answers as readonly A[]).length} were prepared`;
      throw new Error(`Request ${index + 1} has no answer: ${reason}`);
    }
    return answer;
  };
}
