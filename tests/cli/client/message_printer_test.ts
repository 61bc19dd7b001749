import assert from "node:assert/strict";
import { createPrinter, MessageRate } from "../../../src/cli/client/message_printer.ts";
import { asBytes, asText } from "../../support/packet_text.ts";
import { publishPacket } from "./publish_packet.ts";
import { settingsOf } from "./tool_fixture.ts";

interface Surface {
  readonly isTerminal?: boolean;
  readonly hasColour?: boolean;
  readonly random?: () => number;
}

/** What is printed of messages, with these options of sub. */
async function printed(
  args: readonly string[],
  messages: readonly (readonly [topic: string, payload: string])[],
  { isTerminal = false, hasColour = true, random = () => 0 }: Surface = {},
): Promise<string> {
  let text = "";
  const push = (bytes: Uint8Array): void => void (text += asText(bytes));
  const { output } = settingsOf("sub", "-t", "#", ...args);
  const surface = { push, isTerminal, hasColour, random, rows: () => 24 };
  const print = await createPrinter(output, surface, () => {});
  for (const [topicName, payload] of messages) {
    print(publishPacket({ topicName, payload: asBytes(payload) }));
  }
  return text;
}

Deno.test("messages are printed as the options say", async () => {
  const messages = [["a", "1"], ["b", ""], ["c", "3"]] as const;
  assert.equal(await printed([], messages), "1\n3\n");
  assert.equal(await printed(["-v"], messages), "a 1\nb (null)\nc 3\n");
  assert.equal(await printed(["-N"], messages), "13");
  assert.equal(await printed(["-v", "-F", "%p@@%t"], messages), "1@a\n@b\n3@c\n");
});

Deno.test("a format that is wrong is told before anything is connected to", async () => {
  await assert.rejects(printed(["-F", "%Q"], []), { name: "ToolFailure", exitCode: 1 });
});

Deno.test("topics have a colour on a terminal only, where colours are wanted", async () => {
  const messages = [["a", "1"]] as const;
  const coloured = "\x1b[36ma\x1b[39m 1\n";
  assert.equal(await printed(["-v"], messages, { isTerminal: true }), coloured);
  assert.equal(await printed(["-v"], messages), "a 1\n");
  assert.equal(await printed(["-v"], messages, { isTerminal: true, hasColour: false }), "a 1\n");
  assert.equal(await printed([], messages, { isTerminal: true }), "1\n");
  assert.equal(await printed(["-v", "-F", "%t"], messages, { isTerminal: true }), "a\n");
});

Deno.test("--watch gives each topic its line on a terminal, and prints elsewhere", async () => {
  const messages = [["a", "1"], ["b", "2"], ["a", "3"]] as const;
  assert.equal(await printed(["-w"], messages), "1\n2\n3\n");
  const screen = await printed(["-w", "-v"], messages, { isTerminal: true });
  assert.match(screen, /^\p{Cc}\[2J.*\[1;1H.*a 1.*\[2;1H.*b 2.*\[1;1H.*a 3/su);
});

Deno.test("no control character of a message commands a terminal; elsewhere bytes are bytes", async () => {
  const messages = [["a\x1b[2J", "x\x07\ty"]] as const;
  const visible = "a\\x1b[2J x\\x07\ty\n";
  const terminal = { isTerminal: true, hasColour: false };
  assert.equal(await printed(["-v"], messages, terminal), visible);
  assert.equal(await printed(["-F", "%t %p"], messages, terminal), visible);
  assert.equal(
    await printed(["-v"], messages, { isTerminal: true }),
    `\x1b[36m${visible.replace(" ", "\x1b[39m ")}`,
  );
  assert.equal((await printed(["-w", "-v"], messages, terminal)).includes(visible.trimEnd()), true);
  assert.equal(await printed(["-v"], messages), "a\x1b[2J x\x07\ty\n");
});

Deno.test("--random-filter prints what chance lets through", async () => {
  const chances = [0.1, 0.25, 0.24, 0.9];
  const messages = [["t", "1"], ["t", "2"], ["t", "3"], ["t", "4"]] as const;
  const random = (): number => chances.shift() ?? 1;
  assert.equal(await printed(["--random-filter", "25"], messages, { random }), "1\n3\n");
});

Deno.test("--message-rate prints counts, and starts again with each", () => {
  let text = "";
  const rate = new MessageRate((bytes) => void (text += asText(bytes)));
  rate.start();
  rate.count();
  rate.count();
  rate.print();
  rate.print();
  rate.stop();
  assert.equal(text, "2\n0\n");
});
