import assert from "node:assert/strict";
import { AnswerStream } from "../../src/control/answer_stream.ts";
import { Turns } from "../../src/control/turns.ts";

/** A stream whose clock stands still, and what it has written; its first turn has begun. */
async function streamTo(written: string[]): Promise<AnswerStream> {
  const write = (text: string) => Promise.resolve(void written.push(text));
  const turns = new Turns(() => 0);
  await turns.over();
  return new AnswerStream(write, turns);
}

Deno.test("AnswerStream writes items together, and the end of the answer behind them", async () => {
  const written: string[] = [];
  const stream = await streamTo(written);
  assert.equal(stream.put({ a: 1 }), undefined);
  assert.equal(stream.put({ b: "\n" }), undefined);
  assert.deepEqual(written, []);
  await stream.end({ ok: true, lines: ["done"] });
  assert.deepEqual(written, [
    '{"item":{"a":1}}\n{"item":{"b":"\\n"}}\n{"ok":true,"lines":["done"]}\n',
  ]);
});

Deno.test("AnswerStream makes its maker wait when much is to be written", async () => {
  const written: string[] = [];
  const stream = await streamTo(written);
  let waits = 0;
  for (let made = 0; made < 1000; made++) {
    const wait = stream.put({ text: "x".repeat(1000) });
    if (wait === undefined) continue;
    waits++;
    await wait;
  }
  assert.equal(waits, written.length);
  assert.equal(waits, 15);
  for (const text of written) assert.ok(text.length < 70_000, `${text.length} characters`);
});

Deno.test("AnswerStream stops its maker when nobody reads any more", async () => {
  const stream = await streamTo([]);
  stream.close();
  assert.throws(() => stream.put({}), /nobody reads it any more/);
  assert.throws(() => stream.rest(), /nobody reads it any more/);
});
