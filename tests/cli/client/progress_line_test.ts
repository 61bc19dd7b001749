import assert from "node:assert/strict";
import { bytesText, ProgressLine } from "../../../src/cli/client/progress_line.ts";

function progress(columns = 80) {
  const clock = { nowMs: 0 };
  const written: string[] = [];
  const surface = { write: (text: string) => void written.push(text), columns: () => columns };
  return { clock, written, line: new ProgressLine(surface, () => clock.nowMs) };
}

Deno.test("input that is done quickly shows no progress", () => {
  const { clock, written, line } = progress();
  line.add(1, 10);
  clock.nowMs = 499;
  line.add(1, 10);
  line.erase();
  assert.deepEqual(written, []);
});

Deno.test("long input shows messages, bytes and rates now and then, and leaves nothing", () => {
  const { clock, written, line } = progress();
  line.add(999_998, 5_000_000);
  clock.nowMs = 2000;
  line.add(2, 0);
  clock.nowMs = 2100;
  line.add(1, 1);
  clock.nowMs = 2500;
  line.add(0, 0);
  line.erase();
  line.erase();
  assert.deepEqual(written, [
    "\r1,000,000 messages, 5.0 MB, 2.5 MB/s, 500,000 messages/s\x1b[K",
    "\r1,000,001 messages, 5.0 MB, 2.0 MB/s, 400,000 messages/s\x1b[K",
    "\r\x1b[K",
  ]);
});

Deno.test("progress of one large message speaks of bytes only, and cuts no number", () => {
  for (const [columns, shown] of [[80, "12 MB, 12 MB/s"], [14, "12 MB"], [5, ""]] as const) {
    const { clock, written, line } = progress(columns);
    clock.nowMs = 1000;
    line.add(0, 12_345_678);
    assert.deepEqual(written, [`\r${shown}\x1b[K`]);
  }
});

Deno.test("bytesText() has units of a thousand", () => {
  assert.deepEqual(
    [0, 999, 1000, 9990, 10_000, 2_500_000_000, 3e15].map(bytesText),
    ["0 bytes", "999 bytes", "1.0 kB", "10.0 kB", "10 kB", "2.5 GB", "3000000 GB"],
  );
});
