import { messageOf } from "../../src/error_text.ts";
import assert from "node:assert/strict";
import { openInner, writeAll } from "../../src/transport/transport.ts";
import { FakeInner, latin1, PEER } from "./fake_inner.ts";

Deno.test("openInner() keeps the accepted peer where the transport within adds nothing", async () => {
  const plain = new FakeInner();
  assert.equal(await openInner(plain, PEER), PEER);
  const silent = Object.assign(new FakeInner(), { open: () => Promise.resolve(undefined) });
  assert.equal(await openInner(silent, PEER), PEER);
  const other = { ...PEER, address: "203.0.113.9" };
  const talking = Object.assign(new FakeInner(), { open: () => Promise.resolve(other) });
  assert.equal(await openInner(talking, PEER), other);
});

Deno.test("writeAll() goes on until every byte is taken", async () => {
  const inner = new FakeInner();
  inner.sink.partBytes = 2;
  await writeAll(inner, latin1("hello"));
  assert.deepEqual(inner.sink.writes, ["he", "ll", "o"].map(latin1));
});

Deno.test("messageOf() gives the message of an Error and the text of anything else", () => {
  assert.deepEqual([new Error("no"), "text", 7].map(messageOf), ["no", "text", "7"]);
});
