import { runInThisContext } from 'node:vm';

/** The process itself: specs are given a copy, on which nothing is emitted. */
export const realProcess = runInThisContext('process') as NodeJS.Process;
