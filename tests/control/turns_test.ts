import assert from "node:assert/strict";
import { LONGEST_TURN_MS, Turns } from "../../src/control/turns.ts";

/** Connecting, asking and answering takes some ten turns. */
const MOST_TURNS = 50;

Deno.test("Turns lets work go on for a while, and then all others have their turn", async () => {
  let nowMs = 1000;
  const turns = new Turns(() => nowMs);
  await turns.over();
  assert.equal(turns.rest(), undefined);
  nowMs += LONGEST_TURN_MS - 1;
  assert.equal(turns.rest(), undefined);
  nowMs += 1;
  let others = false;
  setTimeout(() => others = true, 0);
  const over = turns.rest();
  assert.ok(over instanceof Promise);
  await over;
  while (!others) await turns.over();
  // The next turn begins when it is over.
  assert.equal(turns.rest(), undefined);
});

Deno.test("Turns has the first piece of work wait too: many may begin at once", async () => {
  const first = new Turns(() => 0).rest();
  assert.ok(first instanceof Promise);
  await first;
});

Deno.test("Turns lets one of many go on in each turn of the event loop", async () => {
  const order: string[] = [];
  const work = async (name: string) => {
    await new Turns(() => 0).over();
    order.push(name);
  };
  const all = [work("first"), work("second"), work("third")];
  setTimeout(() => order.push("a client"), 0);
  await Promise.all(all);
  assert.deepEqual(order, ["first", "a client", "second", "third"]);
});

Deno.test("Turns lets the sockets have their turn, however long the work is", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serve = async () => {
    using conn = await listener.accept();
    const buffer = new Uint8Array(4);
    const count = await conn.read(buffer) ?? 0;
    await conn.write(buffer.subarray(0, count));
  };
  const ask = async () => {
    const { port } = listener.addr as Deno.NetAddr;
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await conn.write(new Uint8Array(4));
    return await conn.read(new Uint8Array(4));
  };
  let answer: number | null | undefined;
  const both = Promise.all([serve(), ask()]).then(([, count]) => answer = count);
  const turns = new Turns();
  for (let turn = 0; turn < MOST_TURNS && answer === undefined; turn++) {
    let others = turns.rest();
    while (others === undefined) others = turns.rest();
    await others;
  }
  assert.equal(answer, 4);
  await both;
});
