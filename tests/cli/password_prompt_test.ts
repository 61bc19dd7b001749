import assert from "node:assert/strict";
import { askPassword, typedAhead } from "../../src/cli/password_prompt.ts";
import { FakeKeyboard } from "./keyboard_fixture.ts";

interface Result {
  /** The password, or why there is none. */
  readonly given: string;
  readonly shown: string;
  readonly calls: readonly string[];
}

async function ask(isTerminal: boolean, ...reads: (string | Uint8Array)[]): Promise<Result> {
  const keyboard = new FakeKeyboard(isTerminal, reads);
  let shown = "";
  const terminal = {
    out: () => assert.fail("standard output is for what was asked for"),
    err: (text: string) => void (shown += text),
  };
  let given: string;
  try {
    given = new TextDecoder().decode(await askPassword(keyboard, terminal));
  } catch (error) {
    given = `! ${(error as Error).message}`;
  }
  return { given, shown, calls: keyboard.calls };
}

const BOTH = "Password: \nOnce more: \n";
const LEFT_IN_ORDER = ["raw", "restored", "released"];

Deno.test("a terminal is asked twice and shows nothing of it", async () => {
  assert.deepEqual(await ask(true, "sec", "ret\r", "secret\n"), {
    given: "secret",
    shown: BOTH,
    calls: LEFT_IN_ORDER,
  });
  assert.equal((await ask(true, "typed ahead\rtyped ahead\r")).given, "typed ahead");
});

Deno.test("backspace takes back a character, Ctrl-U all of them", async () => {
  assert.equal((await ask(true, "\x7fa\u00f6\u20ac\x7f\x08b\r", "ab\r")).given, "ab");
  assert.equal((await ask(true, "wrong\x15right\r", "right\x04")).given, "right");
});

Deno.test("the terminal is restored on every way out", async () => {
  const first = "Password: \n";
  const cases: [string[], string, string][] = [
    [["one\r", "two\r"], "the two are not the same", BOTH],
    [["\r"], "it is empty", first],
    [["sec\x03"], "stopped", first],
    [["secret\r", "sec\x03"], "stopped", BOTH],
    [["\x04"], "stopped", first],
    [["sec"], "stopped", first],
    [["sec", "waits"], "stopped", first],
    [
      ["a\x1b[A\r", "a\x1b[A\r"],
      "it contains a control character, as an arrow key makes one",
      BOTH,
    ],
  ];
  for (const [reads, reason, shown] of cases) {
    const expected = { given: `! ${reason}`, shown, calls: LEFT_IN_ORDER };
    assert.deepEqual(await ask(true, ...reads), expected);
  }
});

Deno.test("standard input that is no terminal is one line, or its end", async () => {
  const cases: [(string | Uint8Array)[], string][] = [
    [["sec", "ret\n"], "secret"],
    [["secret\r\n"], "secret"],
    [["secret"], "secret"],
    [[" blanks count \n"], " blanks count "],
    [[], "! it is empty"],
    [["\n"], "! it is empty"],
    [["one\ntwo\n"], "! standard input has more than one line, not the same one twice"],
    [["one\none\none\n"], "! standard input has more than one line, not the same one twice"],
    [["secret\nsecret\n"], "secret"],
    [["secret\r\nsecret\r\n"], "secret"],
    [["a\0b"], "! it contains a control character, as an arrow key makes one"],
    [["x".repeat(65_536)], "! it has more than 65535 bytes"],
    [["x".repeat(65_535), "\r\n"], "x".repeat(65_535)],
  ];
  for (const [reads, given] of cases) {
    assert.deepEqual(await ask(false, ...reads), { given, shown: "", calls: [] });
  }
});

Deno.test("typedAhead() is a keyboard that gives a password once", async () => {
  for (const password of ["s3cret", "gr\u00fcn", "x".repeat(65_535)]) {
    const given = await askPassword(typedAhead(password), { out() {}, err() {} });
    assert.equal(new TextDecoder().decode(given), password);
  }
  await assert.rejects(
    askPassword(typedAhead(""), { out() {}, err() {} }),
    { message: "it is empty" },
  );
});
