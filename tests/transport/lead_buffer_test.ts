import assert from "node:assert/strict";
import { LeadBuffer } from "../../src/transport/lead_buffer.ts";
import { FakeInner, latin1 } from "./fake_inner.ts";

Deno.test("LeadBuffer gives what lies behind the handshake, in parts if there is little room", async () => {
  const lead = new LeadBuffer(100);
  const source = new FakeInner().feed("head", "er|rest");
  assert.deepEqual([await lead.readMore(source), await lead.readMore(source)], [true, true]);
  assert.deepEqual(lead.bytes, latin1("header|rest"));
  lead.drop(7);
  const buffer = new Uint8Array(3);
  assert.deepEqual([lead.take(buffer), buffer], [3, latin1("res")]);
  assert.deepEqual([lead.take(buffer), buffer], [1, latin1("tes")]);
  assert.equal(lead.take(buffer), 0);
});

Deno.test("LeadBuffer grows to its limit and not beyond", async () => {
  const lead = new LeadBuffer(1500);
  const source = new FakeInner().feed(new Uint8Array(4000).fill(7));
  while (!lead.isFull) await lead.readMore(source);
  assert.deepEqual(lead.bytes, new Uint8Array(1500).fill(7));
});

Deno.test("LeadBuffer.readMore() says when the stream has ended", async () => {
  assert.equal(await new LeadBuffer(100).readMore(new FakeInner().end()), false);
});
