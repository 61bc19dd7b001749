import assert from "node:assert/strict";
import { FORMAT_CODES, parseFormat } from "../../../src/cli/client/format_parse.ts";

const PLAIN = { left: false, zeros: false, width: 0, maximum: undefined, separator: " " };

Deno.test("parseFormat() takes a format apart", () => {
  assert.deepEqual(parseFormat("a%t\\n%-010.4:x@Y@@%%\\\\"), [
    { kind: "text", text: "a" },
    { kind: "value", code: "t", field: PLAIN },
    { kind: "text", text: "\n" },
    {
      kind: "value",
      code: "x",
      field: { left: true, zeros: true, width: 10, maximum: 4, separator: ":" },
    },
    { kind: "time", conversion: "Y" },
    { kind: "text", text: "@%\\" },
  ]);
});

Deno.test("parseFormat() reads a point without a number as a maximum of 0", () => {
  assert.deepEqual(parseFormat("%5.t"), [
    { kind: "value", code: "t", field: { ...PLAIN, width: 5, maximum: 0 } },
  ]);
});

Deno.test("parseFormat() knows every code and every escape", () => {
  for (const code of Object.keys(FORMAT_CODES)) {
    const expected = code === "%"
      ? { kind: "text", text: "%" }
      : { kind: "value", code, field: PLAIN };
    assert.deepEqual(parseFormat(`%${code}`), [expected]);
  }
  assert.deepEqual(parseFormat("\\\\\\0\\a\\e\\n\\r\\t\\v"), [
    { kind: "text", text: "\\\0\x07\x1b\n\r\t\v" },
  ]);
});

Deno.test("parseFormat() takes characters beyond 16 bits for one", () => {
  assert.deepEqual(parseFormat("@\u{1f600}x"), [
    { kind: "time", conversion: "\u{1f600}" },
    { kind: "text", text: "x" },
  ]);
});

const CODES = Object.keys(FORMAT_CODES).map((code) => `%${code}`).join(" ");

for (
  const [format, fault] of [
    ["%k", `"%k" at character 1 is no code; allowed are ${CODES}`],
    ["%t %5.2k", `"%5.2k" at character 4 is no code; allowed are ${CODES}`],
    ["\u{1f600}%\u{1f600}", `"%\u{1f600}" at character 2 is no code; allowed are ${CODES}`],
    ["%t %", '"%" at character 4 ends there; "%%" prints "%"'],
    ["%t %-", '"%-" at character 4 ends there; a code must follow'],
    ["%10.", '"%10." at character 1 ends there; a code must follow'],
    ["%.2:", '"%.2:" at character 1 ends there; a code must follow'],
    ["%__proto__", `"%__" at character 1 is no code; allowed are ${CODES}`],
    ["a@", '"@" at character 2 ends there; "@@" prints "@"'],
    ["\\", '"\\" at character 1 ends there; "\\\\" prints "\\"'],
    ["%t\\q", '"\\q" at character 3 is no escape; allowed are \\0 \\\\ \\a \\e \\n \\r \\t \\v'],
    ["%99999t", '"%99999t" at character 1 is too wide; at most 65535 is allowed'],
    ["%.99999f", '"%.99999f" at character 1 is too wide; at most 65535 is allowed'],
  ] as const
) {
  Deno.test(`parseFormat() refuses "${format}"`, () => {
    assert.throws(() => parseFormat(format), {
      message: `Cannot use format "${format}": ${fault}`,
    });
  });
}
