/** Identical all the way down, as the compiler sees it: an `any` deep inside counts as a difference. */
export type IsIdentical<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
