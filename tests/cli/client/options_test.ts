import assert from "node:assert/strict";
import { CLIENT_OPTIONS, findOption, suggestFlag } from "../../../src/cli/client/options.ts";
import { CLIENT_TOOLS } from "../../../src/cli/client/tools.ts";

Deno.test("a flag is one option of a tool", () => {
  for (const tool of CLIENT_TOOLS) {
    const flags = CLIENT_OPTIONS.filter(({ tools }) => tools.includes(tool))
      .flatMap((option) => option.flags);
    assert.deepEqual(flags.filter((flag, index) => flags.indexOf(flag) !== index), []);
  }
});

Deno.test("every option has a description of one line that fits beside the flags", () => {
  const wrong = CLIENT_OPTIONS.filter(({ description }) =>
    !/^[^.\n][^\n]{3,71}[^.\n]$/.test(description)
  );
  assert.deepEqual(wrong.map(({ name }) => name), []);
});

Deno.test("each tool has the flags of Mosquitto's, and the few of ours", () => {
  const flagsOf = (tool: typeof CLIENT_TOOLS[number], group: string): string =>
    CLIENT_OPTIONS.filter((option) => option.tools.includes(tool) && option.group === group)
      .flatMap(({ flags }) => flags).join(" ");
  assert.equal(
    flagsOf("pub", "Message"),
    "-t --topic -m --message -f --file -l --stdin-line -s --stdin-file -n --null-message -q --qos " +
      "-r --retain --repeat --repeat-delay",
  );
  assert.equal(
    flagsOf("sub", "Subscription"),
    "-t --topic -q --qos -T --filter-out -U --unsubscribe -R --retained-only --remove-retained " +
      "--retain-as-published --retain-handling",
  );
  assert.equal(flagsOf("rr", "Output"), "-v --verbose -F -N --pretty --latency");
  assert.deepEqual(
    CLIENT_OPTIONS.filter(({ since }) => since === "here").map(({ name }) => name),
    ["webSocketPath"],
  );
});

Deno.test("findOption() finds a flag of the tool only", () => {
  assert.equal(findOption("pub", "--retain")?.name, "retain");
  assert.equal(findOption("sub", "--retain"), undefined);
  assert.equal(findOption("pub", "--retai"), undefined);
});

Deno.test("suggestFlag() finds a typing error, a value too near and a dash too few", () => {
  assert.equal(suggestFlag("pub", "--mesage"), "--message");
  assert.equal(suggestFlag("pub", "--retain-delay"), "--repeat-delay");
  assert.equal(suggestFlag("sub", "-p1883"), "-p 1883");
  assert.equal(suggestFlag("sub", "-q=1"), "-q 1");
  assert.equal(suggestFlag("sub", "-topic"), "--topic");
  assert.equal(suggestFlag("sub", "--nothing-like-it"), undefined);
});
