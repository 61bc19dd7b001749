import assert from "node:assert/strict";
import { WatchScreen } from "../../../src/cli/client/watch_screen.ts";
import { asBytes, asText } from "../../support/packet_text.ts";

/** A terminal that knows the few sequences that the screen uses; it has no columns. */
class FakeScreen {
  rows = 5;
  lines: string[] = [];
  /** The line that the cursor is in, from 1. */
  line = 1;
  isWrapping = true;
  /** Bytes that came at all. */
  bytes = 0;

  readonly surface = {
    rows: () => this.rows,
    push: (bytes: Uint8Array): void => {
      this.bytes += bytes.length;
      for (const part of asText(bytes).split(/(\p{Cc}\[[?\d;]*[A-Za-z])/u)) this.#take(part);
    },
  };

  #take(part: string): void {
    const place = /^\p{Cc}\[(\d+);1H$/u.exec(part);
    if (place !== null) this.line = Number(place[1]);
    else if (part === "\x1b[2J") this.lines = [];
    else if (part === "\x1b[H") this.line = 1;
    else if (part === "\x1b[K") this.lines[this.line - 1] = "";
    else if (part.startsWith("\x1b[?7")) this.isWrapping = part.endsWith("h");
    else if (part !== "") {
      assert.equal(this.isWrapping, false, part);
      assert.doesNotMatch(part, /\p{Cc}/u);
      this.lines[this.line - 1] += part;
    }
  }
}

function screenOf(rows: number) {
  const fake = new FakeScreen();
  fake.rows = rows;
  const screen = new WatchScreen(fake.surface);
  const show = (topic: string, text: string) => screen.show(topic, asBytes(text));
  return { fake, show };
}

Deno.test("each topic keeps its line, and a message takes no more than that", () => {
  const { fake, show } = screenOf(24);
  show("a", "a 1\n");
  show("b", "two\nlines\r\n");
  show("a", "a 2\n");
  assert.deepEqual(fake.lines, ["a 2", "two lines "]);
  assert.deepEqual([fake.line, fake.isWrapping], [3, true]);
});

Deno.test("topics without a line are counted in the last one", () => {
  const { fake, show } = screenOf(4);
  for (const topic of ["a", "b", "c"]) show(topic, `${topic}\n`);
  assert.deepEqual([fake.lines, fake.line], [["a", "b", "c"], 4]);
  show("d", "d\n");
  show("e", "e\n");
  show("d", "d again\n");
  assert.deepEqual(fake.lines, [
    "a",
    "b",
    "c",
    "topics without a line: 2; enlarge the window",
  ]);
});

Deno.test("a terminal of another height gets all that it has room for", () => {
  const { fake, show } = screenOf(3);
  for (const topic of ["a", "b", "c", "d"]) show(topic, `${topic}\n`);
  fake.rows = 24;
  show("a", "a 2\n");
  assert.deepEqual(fake.lines, ["a 2", "b", "c", "d"]);
  fake.rows = 2;
  show("d", "d 2\n");
  assert.deepEqual(fake.lines, ["a 2", "topics without a line: 3; enlarge the window"]);
});

Deno.test("topics without end and messages of any size are not kept", () => {
  const { fake, show } = screenOf(3);
  for (let index = 0; index <= 1000; index++) show(`t/${index}`, `${index}\n`);
  assert.equal(fake.lines[2], "topics without a line: more than 998; enlarge the window");
  const before = fake.bytes;
  show("t/1", "x".repeat(100_000));
  assert.equal(fake.bytes - before < 5000, true);
});
