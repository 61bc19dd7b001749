import assert from "node:assert/strict";
import { ByteOutput } from "../../../src/cli/client/byte_output.ts";
import { latin1 } from "./format_vectors.ts";

Deno.test("ByteOutput puts bytes, text and padding together", () => {
  const out = new ByteOutput();
  out.text("\u20ac ");
  out.byte(0xff);
  out.bytes(new Uint8Array([0, 1]));
  out.fill(0x2d, 3);
  out.fill(0x2d, 0);
  out.fill(0x2d, -1);
  assert.equal(latin1(out.take()), "\u00e2\u0082\u00ac \u00ff\u0000\u0001---");
  assert.equal(out.length, 0);
});

Deno.test("ByteOutput grows with what is written", () => {
  for (const size of [1023, 1024, 1025, 65_536, 65_537, 300_000]) {
    const out = new ByteOutput();
    out.fill(0x61, size);
    out.text("b".repeat(size));
    assert.equal(latin1(out.take()), "a".repeat(size) + "b".repeat(size));
    out.text("again");
    assert.equal(latin1(out.take()), "again");
  }
});

Deno.test("ByteOutput forgets what was written after a length that was read", () => {
  const out = new ByteOutput();
  out.text("kept");
  const { length } = out;
  out.text("forgotten");
  out.rewind(length);
  out.rewind(100);
  assert.equal(latin1(out.take()), "kept");
});

Deno.test("ByteOutput never writes to what it handed out", () => {
  const out = new ByteOutput();
  for (const size of [10, 100_000]) {
    out.fill(0x61, size);
    const taken = out.take();
    out.fill(0x62, size);
    out.take();
    assert.equal(latin1(taken), "a".repeat(size));
  }
});
