import assert from "node:assert/strict";
import {
  labelled,
  rateText,
  roughDuration,
  timeText,
} from "../../../src/cli/control/control_text.ts";

Deno.test("roughDuration() says the two largest units", () => {
  const texts = [0, 0.9, 12, 60, 61, 3600, 3661, 90_000, 8 * 86_400 + 60, -5].map(roughDuration);
  assert.deepEqual(texts, ["0s", "0s", "12s", "1m", "1m 1s", "1h", "1h 1m", "1d 1h", "8d", "0s"]);
});

Deno.test("rateText() has one decimal where that matters", () => {
  assert.deepEqual([0, 0.04, 0.36, 12, 12.34, 123.4].map(rateText), [
    "0",
    "0",
    "0.4",
    "12",
    "12.3",
    "123",
  ]);
});

Deno.test("timeText() is local time to the second, or what is said for none", () => {
  assert.match(timeText("2026-11-23T08:00:00.000Z"), /^2026-11-2\dT\d\d:\d\d:00[+-]\d\d:\d\d$/);
  assert.deepEqual([timeText(null), timeText(null, "never")], ["-", "never"]);
});

Deno.test("labelled() aligns what follows the labels", () => {
  assert.deepEqual([...labelled([["A", "1"], ["Long", "2"], ["", "3"]])], [
    "A:     1",
    "Long:  2",
    "       3",
  ]);
});
