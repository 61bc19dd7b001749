/**
 * What the tidy test relies on: every function is found, and its lines are counted right.
 */

import assert from "node:assert/strict";
import { functionLengths } from "./function_lengths.ts";

/** Names and lengths, in the order of their first lines. */
function measured(source: string): string[] {
  return functionLengths(source)
    .toSorted((a, b) => a.line - b.line || b.lines - a.lines)
    .map(({ name, line, lines }) => `${line}: ${lines} ${name}`);
}

Deno.test("functionLengths() counts from the first line of the header to the brace", () => {
  const source = `
/** A comment does not count. */
export async function one(
  first: number,
  second: { a: number; b: string },
): Promise<{ c: number }> {
  return { c: first };
}

function two(): "a" | "b" {
  return "a";
}

function three(): Map<
  string,
  Record<"a" | "b", number>
> {
  return new Map();
}
`;
  assert.deepEqual(measured(source), [
    "3: 6 export async function one(",
    "10: 3 function two(): ___ | ___ {",
    "14: 6 function three(): Map<",
  ]);
});

Deno.test("functionLengths() finds methods, constructors, accessors and computed names", () => {
  const source = `export class Thing extends Base<{ a: number }> {
  readonly #value = { a: 1 };

  constructor(value: number) {
    super(value);
  }

  get value(): number {
    return 1;
  }

  static async *items<T extends object>(from: T): AsyncGenerator<T> {
    yield from;
  }

  #hidden({ a, b }: { a: number; b: number } = { a: 1, b: 2 }): void {
    if (a > b) {
      b = a;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
  }
}
`;
  assert.deepEqual(measured(source), [
    "4: 3 constructor(value: number) {",
    "8: 3 get value(): number {",
    "12: 3 static async *items<T extends object>(from: T): AsyncGenerat",
    "16: 5 #hidden({ a, b }: { a: number; b: number } = { a: 1, b: 2 })",
    "22: 2 async [Symbol.asyncDispose](): Promise<void> {",
  ]);
});

Deno.test("functionLengths() finds arrow functions and object methods inside other functions", () => {
  const source = `Deno.test("name {", () => {
  const handlers = {
    first() {
      return 1;
    },
    second: async (a: number) => {
      await a;
    },
  };
});
`;
  assert.deepEqual(measured(source), [
    "1: 10 () => {",
    "3: 3 first() {",
    "6: 3 second: async (a: number) => {",
  ]);
});

Deno.test("functionLengths() takes control flow, types and literals for what they are", () => {
  const source = `interface Shape {
  area(): number;
}
type Pair = { left: number };
const table = {
  a: { b: [{ c: 1 }] },
};
for (const key of Object.keys(table)) {
  if (key === "a") {
    continue;
  } else {
    break;
  }
}
switch (table.a.b.length) {
  case 1: {
    break;
  }
  default: {
    break;
  }
}
try {
  throw new Error();
} catch (error) {
  console.log(error);
} finally {
  console.log();
}
`;
  assert.deepEqual(measured(source), []);
});

Deno.test("functionLengths() is not misled by braces in strings, templates and comments", () => {
  const source = `function tricky(a: number) {
  const text = "{" + '}' + \`{ \${[1].map((x) => {
    return { x };
  })} }\`;
  // {
  /* { */
  const pattern = /[/{]+\\}/g;
  return a / 2 / text.length + Number(pattern);
}
`;
  assert.deepEqual(measured(source), [
    "1: 9 function tricky(a: number) {",
    "2: 3 (x) => {",
  ]);
});

Deno.test("functionLengths() throws when brackets do not pair up", () => {
  assert.throws(() => functionLengths("function open() {"), /Cannot pair 1 brackets at the end/);
  assert.throws(() => functionLengths("}"), /Cannot pair "}" at 0/);
});
