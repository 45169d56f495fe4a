/**
 * The value of an expression of numbers, `+ - * / ^` and parentheses. The model wrote it, so it is read, never evaluated
 * as a program.
 *
 * @throws Error when it is no such expression
 */
export function calculate(expression: string): number {
  const tokens = expression.match(/\d+(?:\.\d+)?|\.\d+|\S/g) ?? [];
  let at = 0;
  const value = sum();
  if (at < tokens.length) throw new Error(`${tokens[at]} is not expected in ${expression}`);
  return value;

  function sum(): number {
    let left = product();
    for (let sign = take('+', '-'); sign; sign = take('+', '-')) left += sign === '+' ? product() : -product();
    return left;
  }

  function product(): number {
    let left = signed();
    for (let sign = take('*', '/'); sign; sign = take('*', '/')) {
      const right = signed();
      left = sign === '*' ? left * right : left / right;
    }
    return left;
  }

  function signed(): number {
    return take('-') ? -signed() : power();
  }

  function power(): number {
    const base = operand();
    return take('^') ? base ** signed() : base;
  }

  function operand(): number {
    if (take('(')) {
      const value = sum();
      if (!take(')')) throw new Error(`A parenthesis is not closed in ${expression}`);
      return value;
    }
    const number = Number(tokens[at++] ?? NaN);
    if (Number.isNaN(number)) throw new Error(`A number is missing in ${expression}`);
    return number;
  }

  function take(...wanted: string[]): string | undefined {
    const token = tokens[at];
    if (token === undefined || !wanted.includes(token)) return undefined;
    at++;
    return token;
  }
}
