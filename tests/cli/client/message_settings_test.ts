import assert from "node:assert/strict";
import { settingsOf } from "./tool_fixture.ts";

Deno.test("the options of sub set what they name", () => {
  const { messages, output } = settingsOf(
    ...[
      "sub",
      "-t",
      "a",
      "-t",
      "b/#",
      "-q",
      "1",
      "-T",
      "b/c",
      "-U",
      "d",
      "-C",
      "3",
      "-W",
      "2",
      "-E",
    ] as const,
    ...["--retain-as-published", "--retain-handling", "new", "--remove-retained", "-v", "-N"],
    ...["-F", "%p", "--pretty", "--random-filter", "50", "-w", "--quiet", "-d"],
  );
  assert.deepEqual([messages.topics, messages.filterOuts, messages.unsubscribes], [
    ["a", "b/#"],
    ["b/c"],
    ["d"],
  ]);
  assert.deepEqual(
    [messages.qos, messages.count, messages.timeoutMs, messages.exitAfterSubscribe],
    [1, 3, 2000, true],
  );
  assert.deepEqual(
    [messages.retainAsPublished, messages.retainHandling, messages.removeRetained],
    [true, 1, true],
  );
  assert.deepEqual(output, {
    verbose: true,
    format: "%p",
    noNewline: true,
    pretty: true,
    randomPercent: 50,
    messageRate: false,
    watch: true,
    latency: false,
    debug: true,
    quiet: true,
  });
});

Deno.test("-R asks for no retained messages", () => {
  const { messages } = settingsOf("sub", "-t", "a", "-R");
  assert.deepEqual([messages.noRetained, messages.retainHandling], [true, 2]);
});

Deno.test("pub has one topic, the last, and one payload", () => {
  const { messages } = settingsOf(
    ...[
      "pub",
      "-t",
      "a",
      "-t",
      "b",
      "-f",
      "x",
      "-r",
      "--repeat",
      "3",
      "--repeat-delay",
      ".5",
    ] as const,
  );
  assert.deepEqual([messages.topics, messages.retain], [["b"], true]);
  assert.deepEqual(messages.payload, { kind: "file", path: "x" });
  assert.deepEqual([messages.repeatCount, messages.repeatDelayMs], [3, 500]);
  for (const other of [["-n"], ["-l"], ["-s"], ["-f", "y"]]) {
    assert.throws(() => settingsOf("pub", "-t", "a", "-m", "x", ...other), {
      message: "only one of -m, -f, -l, -s and -n can be used at once",
    });
  }
});

Deno.test("--latency of rr sends at once", () => {
  const { output, connection } = settingsOf("rr", "-t", "a", "-e", "b", "-n", "--latency");
  assert.deepEqual([output.latency, connection.isNoDelay], [true, true]);
});

Deno.test("topics and numbers that are wrong are refused", () => {
  const cases: [RegExp, ...Parameters<typeof settingsOf>][] = [
    [/^'-t' does not take the topic 'a\/#': contains a wildcard$/, "pub", "-t", "a/#"],
    [/^'-t' does not take the topic '': it is empty$/, "pub", "-t", ""],
    [/^'-e' does not take the topic '\+': contains a wildcard$/, "rr", "-e", "+"],
    [/^'-t' does not take the Topic Filter 'a#': /, "sub", "-t", "a#"],
    [/^'-T' does not take the Topic Filter/, "sub", "-T", "#/a"],
    [/^'-U' does not take the Topic Filter/, "sub", "-U", "$share/x"],
    [/^'-L' does not take the topic 'a\/#'/, "pub", "-L", "mqtt://pi/a/#"],
    [/^'-C' does not take '0'/, "sub", "-C", "0"],
    [/^'-W' does not take '1.5'/, "sub", "-W", "1.5"],
    [/^'--repeat-delay' does not take '-1'/, "pub", "--repeat-delay", "-1"],
    [/^'--random-filter' does not take '0': .* from 0.1 to 100$/, "sub", "--random-filter", "0"],
    [
      /^'-R' and '--retained-only' leave nothing to print$/,
      "sub",
      "-t",
      "a",
      "-R",
      "--retained-only",
    ],
    [/^'--message-rate' prints no messages/, "sub", "-t", "a", "--message-rate", "-F", "%p"],
    [
      /^'-e' and '-D publish response-topic' say the same$/,
      ...["rr", "-t", "a", "-e", "b", "-n", "-D", "publish", "response-topic", "c"] as const,
    ],
  ];
  for (const [message, ...args] of cases) {
    assert.throws(() => settingsOf(...args), { name: "UsageError", message });
  }
});
