/**
 * Sizes and durations: what is read as which number, what is refused, and the way back.
 */

import assert from "node:assert/strict";
import { formatDuration, formatSize, parseDuration, parseSize } from "../../src/config/units.ts";

Deno.test("parseSize() reads plain numbers as bytes and every unit as what it stands for", () => {
  const expected: [unknown, number][] = [
    [0, 0],
    [512, 512],
    ["512", 512],
    ["512 B", 512],
    ["100 kB", 100_000],
    ["64KiB", 65_536],
    ["1 MB", 1_000_000],
    ["16 MiB", 16_777_216],
    ["2GB", 2_000_000_000],
    ["1 GiB", 1_073_741_824],
    ["1.5 KiB", 1536],
    ["0.001 kB", 1],
  ];
  assert.deepEqual(expected.map(([written]) => [written, parseSize(written)]), expected);
});

Deno.test("parseSize() refuses what is not a size", () => {
  const refused = [
    "",
    " ",
    "sixteen",
    "16 mib",
    "16  MiB",
    "16 MiB ",
    "-1",
    "1 TB",
    "1e3",
    ".5 MB",
    NaN,
    Infinity,
    true,
    null,
    undefined,
    [],
    {},
  ];
  assert.deepEqual(refused.map(parseSize), refused.map(() => undefined));
});

Deno.test("parseDuration() reads plain numbers as seconds and every unit as milliseconds", () => {
  const expected: [unknown, number][] = [
    [10, 10_000],
    [0.5, 500],
    ["10", 10_000],
    ["250ms", 250],
    ["10s", 10_000],
    ["5 m", 300_000],
    ["5min", 300_000],
    ["2h", 7_200_000],
    ["30d", 2_592_000_000],
    ["1w", 604_800_000],
    ["never", Infinity],
  ];
  assert.deepEqual(expected.map(([written]) => [written, parseDuration(written)]), expected);
});

Deno.test("parseDuration() refuses what is not a duration", () => {
  const refused = ["", "s", "10 sec", "1M", "-5s", "Never", "1h30m", NaN, false, null, [], {}];
  assert.deepEqual(refused.map(parseDuration), refused.map(() => undefined));
});

Deno.test("formatSize() takes the largest unit that divides the number", () => {
  const expected: [number, string][] = [
    [0, "0 bytes"],
    [1, "1 byte"],
    [1000, "1 kB"],
    [1023, "1023 bytes"],
    [1024, "1 KiB"],
    [65_536, "64 KiB"],
    [16_777_216, "16 MiB"],
    [3_000_000, "3 MB"],
  ];
  assert.deepEqual(expected.map(([bytes]) => [bytes, formatSize(bytes)]), expected);
});

Deno.test("formatDuration() writes what parseDuration() reads back", () => {
  const durations = [0, 1, 250, 1000, 90_000, 120_000, 3_600_000, 5_184_000_000, Infinity];
  assert.deepEqual(durations.map(formatDuration), [
    "0s",
    "1ms",
    "250ms",
    "1s",
    "90s",
    "2m",
    "1h",
    "60d",
    "never",
  ]);
  assert.deepEqual(durations.map((ms) => parseDuration(formatDuration(ms))), durations);
});
